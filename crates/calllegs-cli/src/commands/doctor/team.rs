//! `doctor` for the customers of a partner: who is ready, and what to click for the others. Not here: how customers are chosen
//! (`customers`).

use calllegs_core::{CallLegs, Query};
use chrono::{DateTime, Utc};

use super::{door, report::Report};
use crate::{
    account::{
        connect::Connection,
        identity::{self, Need},
        server_clock,
        session::Line,
    },
    cli::{Common, CustomerArgs},
    commands::customers,
    failure::{Exit, Failure},
    lang::say,
    ui::{diagnostics, terminal::Terminal, text::counted},
};

/// Points for each: whose account it is, and one leg.
const COST: u64 = 2;

/// Tries the door of each.
pub(super) fn examine(
    args: &CustomerArgs,
    common: &Common,
    connection: &Connection,
    line: &mut Line,
    terminal: &Terminal,
    machine: DateTime<Utc>,
    report: &mut Report,
) -> Result<(), Failure> {
    let now = server_clock::now(common, machine);
    let given = identity::given(common, now)?;
    let chosen = match customers::choose(args, common, connection, line) {
        Ok(chosen) => chosen,
        Err(failure) => return report.fail("customers", &failure),
    };
    customers::announce(chosen.len(), COST, terminal, line)?;
    let mut ready = 0_u64;
    for customer in &chosen {
        let found = (|| {
            let own = connection.acting_for(customer.user, customer.account)?.forgetful();
            let context = own.context();
            line.wait(async {
                // Without a zone: a day more or less does not matter.
                let query = Query::<CallLegs>::new(door::day(now.naive_utc())?).limit(1);
                let legs = own.client.call(query).await;
                legs.map_err(|error| diagnostics::explain(&error, &context))?;
                let owner = identity::find(given.as_ref(), Need::Zone, &own, &context, terminal, now).await;
                match owner {
                    Ok(owner) => Ok(owner.zone.to_string()),
                    Err(failure) if failure.exit == Exit::Usage => {
                        Ok(say!("its zone has to be given by --tz").to_owned())
                    }
                    Err(failure) => Err(failure),
                }
            })
        })();
        match found {
            Ok(zone) => {
                let account = customer.account.map(|account| identity::name_of(connection, account));
                let account = account.map_or_else(String::new, |account| format!("{account}, "));
                report.ok(&customer.name, format!("{account}{zone}"))?;
                ready += 1;
            }
            Err(failure) => {
                let ends = customers::ends_all(failure.exit);
                report.fail(&customer.name, &failure)?;
                if ends {
                    return Ok(());
                }
            }
        }
    }
    let all = chosen.len() as u64;
    if ready == all {
        return report.ok("customers", say!("{customers} ready", customers = counted(all, "customer")));
    }
    report.ends_with(Exit::Incomplete);
    report.warn(
        "customers",
        say!("{ready} of {all} ready", ready, all),
        say!("mend what is said above, each in its own account"),
    )
}
