//! `calllegs accounts`: the customers of a partner and their users. Not here: what is done for them (`sync`).

use std::sync::Arc;

use calllegs_core::{
    CustomerUser, CustomerUsers, Query,
    pager::{Pager, Progress},
};
use serde::Serialize;

use crate::{
    account::{
        connect::{self, Connection},
        customer_cache,
        session::Line,
    },
    cli::{AccountsArgs, Common},
    failure::{Exit, Failure},
    ui::{
        diagnostics, stdout, table,
        terminal::Terminal,
        text::{clean, counted},
    },
};

/// A customer of a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Customer {
    pub(crate) customer: u64,
    pub(crate) users: Vec<User>,
}

/// Somebody on whose behalf a partner can ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
}

impl Customer {
    /// The name of its first user.
    pub(crate) fn name(&self) -> &str {
        self.users.first().map_or("", |user| &user.name)
    }
}

/// Runs the command.
pub(crate) fn run(args: &AccountsArgs, common: &Common, terminal: &Arc<Terminal>) -> Result<(), Failure> {
    let connection = connect::find(common, terminal)?;
    let customers = Line::open()?.wait(all(&connection))?;
    let names = customers.iter().flat_map(|customer| &customer.users).map(|user| user.name.clone());
    // A shell completes what it can.
    let _best_effort = customer_cache::keep(&connection.print, names.collect());
    if args.json {
        stdout::print_json(&customers)?;
    } else {
        let rows = customers.iter().flat_map(|customer| {
            customer.users.iter().map(|user| {
                vec![customer.customer.to_string(), user.id.to_string(), clean(&user.name).into_owned()]
            })
        });
        table::print(&["customer", "user", "name"].map(str::to_owned), rows.collect())?;
    }
    let spent = connection.client.usage().spent;
    let [customers, spent] = [counted(customers.len() as u64, "customer"), counted(spent.into(), "point")];
    terminal.note(&format!("{customers}, {spent}"));
    Ok(())
}

/// A customer that is not listed would be left out of everything that is done for all of them.
fn incomplete(what: &str) -> Failure {
    Failure::new(Exit::Incomplete, format!("get.customer_users: {what}"))
        .because("customers that are not known would be left out without a word")
        .next("run the command again, or name one user with --user-id")
}

/// All customers, in the order of their ids.
///
/// # Errors
/// Of the API, and when the list is not complete.
pub(crate) async fn all(connection: &Connection) -> Result<Vec<Customer>, Failure> {
    let explain = |error| diagnostics::explain(&error, &connection.context());
    let mut pager = Pager::new(Query::<CustomerUsers>::all());
    let mut customers: Vec<Customer> = Vec::new();
    while let Some(call) = pager.next_call() {
        let page = connection.client.call(call).await.map_err(explain)?;
        let progress = pager.absorb(&page);
        if let Progress::Shortfall { .. } | Progress::Ceiling { .. } = progress {
            return Err(incomplete("the server counts more users than it gives"));
        }
        for CustomerUser { id, name, customer_id, .. } in page.rows {
            let (Some(id), Some(customer)) = (id, customer_id) else {
                return Err(incomplete("a user has no readable id or customer"));
            };
            let user = User { id: id.get(), name: name.map_or_else(String::new, Into::into) };
            match customers.iter_mut().find(|known| known.customer == customer.get()) {
                Some(known) => known.users.push(user),
                None => customers.push(Customer { customer: customer.get(), users: vec![user] }),
            }
        }
    }
    customers.sort_by_key(|customer| customer.customer);
    Ok(customers)
}
