//! Who writes an account: a row that is this run's while it is there. It is no lock of the session, so that a pool of
//! connections between this program and the server changes nothing.

use std::fs;

use postgres::{Transaction, types::Type};

use super::{statements::Names, trouble::Trouble};
use crate::error::{Error, ErrorKind};

/// A run that did not renew its lease for so many seconds is gone.
const LONGEST: i64 = 15 * 60;

/// This process, as other machines know it.
#[derive(Clone, Debug)]
pub(super) struct Here {
    pid: i64,
    host: String,
    /// In which the number of a process means that process: the machine since it was started, and the container.
    machine: String,
}

impl Here {
    pub(super) fn new() -> Self {
        let host = host();
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        let space = fs::read_link("/proc/self/ns/pid");
        let machine = match (boot, space) {
            (Ok(boot), Ok(space)) => format!("{} {}", boot.trim(), space.display()),
            _ => host.clone(),
        };
        Self { pid: i64::from(std::process::id()), host, machine }
    }

    /// Takes the lease of an account; tells whose it was, if that run is gone.
    pub(super) fn take(
        &self,
        transaction: &mut Transaction<'_>,
        names: &Names,
        account: &str,
        run_id: &str,
    ) -> Result<Option<String>, Trouble> {
        let row = [
            (&account as &(dyn postgres::types::ToSql + Sync), Type::TEXT),
            (&run_id, Type::TEXT),
            (&self.pid, Type::INT8),
            (&self.host, Type::TEXT),
            (&self.machine, Type::TEXT),
        ];
        let key = [(&account as &(dyn postgres::types::ToSql + Sync), Type::TEXT)];
        let free = transaction.query_typed_opt(&names.holder("FOR UPDATE SKIP LOCKED"), &key)?;
        let Some(holder) = free.as_ref().map(Holder::read).transpose()? else {
            // There is no lease, or its run is writing at this moment: to insert one would wait for it.
            let holder = transaction.query_typed_opt(&names.holder(""), &key)?;
            if holder.is_none() && transaction.execute_typed(&names.take_lease(), &row)? == 1 {
                return Ok(None);
            }
            return Err(busy(account, holder.as_ref().map(Holder::read).transpose()?.as_ref()).into());
        };
        let is_ours = holder.run_id == run_id && holder.pid == self.pid && holder.machine == self.machine;
        let why = if is_ours {
            None
        } else if self.knows_dead(&holder) {
            Some("that process is gone")
        } else if holder.renewed > LONGEST {
            Some("it was not renewed for 15 minutes")
        } else {
            return Err(busy(account, Some(&holder)).into());
        };
        transaction.execute_typed(&names.take_over(), &row)?;
        Ok(why.map(|why| {
            format!(
                "{account} was leased by process {} on {}: {why}, so it was taken over",
                holder.pid, holder.host
            )
        }))
    }

    /// Renews the lease and holds it until the end of the transaction; an error when it is another run's by now.
    pub(super) fn renew(
        &self,
        transaction: &mut Transaction<'_>,
        names: &Names,
        account: &str,
        run_id: &str,
    ) -> Result<(), Trouble> {
        let own = self.own(&account, &run_id);
        if transaction.execute_typed(&names.renew(), &own)? == 1 {
            return Ok(());
        }
        let holder = transaction.query_typed_opt(&names.holder(""), &own[..1])?;
        Err(busy(account, holder.as_ref().map(Holder::read).transpose()?.as_ref())
            .because("the lease of this run was not renewed for 15 minutes, and another took it")
            .into())
    }

    pub(super) fn release(
        &self,
        transaction: &mut Transaction<'_>,
        names: &Names,
        account: &str,
        run_id: &str,
    ) -> Result<(), Trouble> {
        let own = self.own(&account, &run_id);
        transaction.execute_typed(&names.release(), &own)?;
        Ok(())
    }

    /// What tells a lease of this run from all others.
    fn own<'v>(
        &'v self,
        account: &'v &str,
        run_id: &'v &str,
    ) -> [(&'v (dyn postgres::types::ToSql + Sync), Type); 4] {
        [(account, Type::TEXT), (run_id, Type::TEXT), (&self.pid, Type::INT8), (&self.machine, Type::TEXT)]
    }

    fn knows_dead(&self, holder: &Holder) -> bool {
        holder.machine == self.machine && holder.pid != self.pid && is_dead(holder.pid)
    }
}

struct Holder {
    run_id: String,
    pid: i64,
    host: String,
    machine: String,
    /// Seconds since.
    taken: i64,
    renewed: i64,
}

impl Holder {
    fn read(row: &postgres::Row) -> Result<Self, postgres::Error> {
        Ok(Self {
            run_id: row.try_get(0)?,
            pid: row.try_get(1)?,
            host: row.try_get(2)?,
            machine: row.try_get(3)?,
            taken: row.try_get(4)?,
            renewed: row.try_get(5)?,
        })
    }
}

fn busy(account: &str, holder: Option<&Holder>) -> Error {
    let error = Error::new(ErrorKind::Busy, format!("another run is writing {account}"));
    let error = match holder {
        Some(Holder { run_id, pid, host, taken, renewed, .. }) => error.because(format!(
            "process {pid} on {host} has it since {taken} s, run {run_id}, last seen {renewed} s ago"
        )),
        None => error,
    };
    error.next("wait for its end; a run that is gone loses it after 15 minutes")
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// Whether no process has this number.
#[cfg(unix)]
fn is_dead(pid: i64) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_dead(_: i64) -> bool {
    false
}
