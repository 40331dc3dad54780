//! For which customers of a partner a command is run, and how that ends: a closed door stops none of the others. Not here:
//! how customers are listed (`accounts`), what is done for them.

use calllegs_core::filter::nearest;

use crate::{
    account::{connect::Connection, session::Line},
    cli::{Common, CustomerArgs},
    commands::accounts::{self, Customer},
    failure::{Exit, Failure},
    lang::say,
    ui::{
        echo::shown,
        terminal::Terminal,
        text::{clean, counted},
    },
};

/// Customers that are asked without a word.
const FEW: usize = 20;

/// A customer, by the user that is acted for.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// As people know it.
    pub(crate) name: String,
    pub(crate) user: u64,
    /// Its account, where the list was asked.
    pub(crate) account: Option<u64>,
}

/// Whether there may be several.
pub(crate) fn are_asked(args: &CustomerArgs, common: &Common) -> bool {
    args.all_customers || !args.customer.is_empty() || common.user_id.len() > 1
}

/// The partner itself: nobody is acted for.
pub(crate) fn as_partner(common: &Common) -> Common {
    Common { user_id: Vec::new(), ..common.clone() }
}

/// The customers that were asked for. Where they are named by their users, nothing is asked.
pub(crate) fn choose(
    args: &CustomerArgs,
    common: &Common,
    connection: &Connection,
    line: &mut Line,
) -> Result<Vec<Chosen>, Failure> {
    if !args.all_customers && args.customer.is_empty() {
        let mut users = common.user_id.clone();
        users.sort_unstable();
        users.dedup();
        let named = |user| Chosen { name: say!("user {user}", user), user, account: None };
        return Ok(users.into_iter().map(named).collect());
    }
    let mut customers = line.wait(accounts::all(connection))?;
    if let Some(name) = args.customer.iter().find(|name| !customers.iter().any(|known| is_named(known, name)))
    {
        let names = customers.iter().flat_map(|customer| &customer.users);
        let names: Vec<_> = names.map(|user| (user.name.to_lowercase(), &user.name)).collect();
        let near = nearest(&name.trim().to_lowercase(), names.iter().map(|(folded, _)| folded.as_str()));
        let near = names.iter().find(|(folded, _)| Some(folded.as_str()) == near);
        let near =
            near.map_or_else(String::new, |(_, name)| say!("did you mean {value}? ", value = shown(name)));
        return Err(Failure::usage(say!(
            "no customer has a user of the name or id {value}",
            value = shown(name)
        ))
        .because(say!("customers are found by the names of their users, their ids, and their own"))
        .next(say!("{near}calllegs accounts lists them", near)));
    }
    if !args.all_customers {
        customers.retain(|customer| args.customer.iter().any(|name| is_named(customer, name)));
    }
    let chosen = |customer: Customer| {
        let user = customer.users.first()?.id;
        Some(Chosen { name: clean(customer.name()).into_owned(), user, account: Some(customer.customer) })
    };
    Ok(customers.into_iter().filter_map(chosen).collect())
}

/// Whether it is the customer that is meant: by the name of a user, however its letters are written, or an id that
/// `accounts` prints.
fn is_named(customer: &Customer, name: &str) -> bool {
    let (folded, id) = (name.trim().to_lowercase(), name.trim().parse().ok());
    id == Some(customer.customer)
        || customer.users.iter().any(|user| id == Some(user.id) || user.name.trim().to_lowercase() == folded)
}

/// Says what many customers cost at least, and asks where somebody can answer.
pub(crate) fn announce(
    count: usize,
    points_each: u64,
    terminal: &Terminal,
    line: &mut Line,
) -> Result<(), Failure> {
    if count <= FEW {
        return Ok(());
    }
    let [count, points] = [count as u64, count as u64 * points_each].map(|count| count);
    let said = say!(
        "{customers}, {points} or more",
        customers = counted(count, "customer"),
        points = counted(points, "point")
    );
    if !terminal.asks() {
        terminal.note(&say!("{said}; Ctrl-C stops it, and --max-points bounds it", said));
        return Ok(());
    }
    if line.wait(async { Ok(terminal.ask(&say!("{said}. Go on?", said), true).await) })? {
        return Ok(());
    }
    Err(Failure::new(Exit::Interrupted, say!("stopped before more points were spent"))
        .next(say!("name some customers with --customer, or bound the run with --max-points")))
}

/// What ends the run for the other customers too.
pub(crate) const fn ends_all(exit: Exit) -> bool {
    matches!(
        exit,
        Exit::Points
            | Exit::Destination
            | Exit::Interrupted
            | Exit::Terminated
            | Exit::HungUp
            | Exit::PipeClosed
            | Exit::Bug
    )
}

/// How a run for customers ends: what stopped it, or who is not ready. `done` of them are complete, with what was bought for
/// them where legs were read.
pub(crate) fn end(
    total: usize,
    done: usize,
    stopped: Option<Failure>,
    mut failed: Vec<(String, Failure)>,
    reads: bool,
) -> Result<(), Failure> {
    if let Some(failure) = stopped {
        let kept =
            say!("{done} of {customers} are complete", done, customers = counted(total as u64, "customer"));
        return Err(Failure { kept: Some(kept), ..failure });
    }
    // Nothing of the one command is right for anybody.
    if done == 0
        && failed.len() == total
        && failed.iter().all(|(_, failure)| failure.exit == Exit::Usage)
        && let Some((_, failure)) = failed.pop()
    {
        return Err(failure);
    }
    if failed.is_empty() {
        return Ok(());
    }
    let told = |(name, failure): &(String, Failure)| {
        let next = failure.next.as_ref().map_or_else(String::new, |next| format!(" ({next})"));
        format!("{name}: {}{next}", failure.what)
    };
    let told: Vec<_> = failed.iter().map(told).collect();
    Err(Failure::new(
        Exit::Incomplete,
        say!("{done} of {total} are complete; not ready:\n  {told}", done, total, told = told.join("\n  ")),
    )
    .because(say!("each of them has its own door"))
    .next(if reads {
        say!("mend what is said, then run the command again: what is complete is not bought again")
    } else {
        say!("mend what is said, then run the command again")
    }))
}
