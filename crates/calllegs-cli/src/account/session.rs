//! An account that is entered: its connection, whose it is, and when it is there; and what calls run on. Not here: how each
//! of them is found (`connect`, `identity`).

use std::sync::Arc;

use calllegs_arrow::Zone;
use chrono::{DateTime, Utc};
use tokio::runtime::Runtime;

use crate::{
    account::{
        connect::{self, Connection},
        identity::{self, AccountIdentity, Need},
    },
    clock::Clock,
    failure::Failure,
    signals::Interruptions,
    ui::terminal::Terminal,
};

/// What the calls of one thread run on, and what stops them.
pub(crate) struct Line {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) interruptions: Interruptions,
}

impl Line {
    pub(crate) fn open() -> Result<Self, Failure> {
        connect::runtime().map(Arc::new).map(Self::on)
    }

    /// For another thread of the same run: a signal stops both.
    pub(crate) fn another(&self) -> Self {
        Self::on(Arc::clone(&self.runtime))
    }

    fn on(runtime: Arc<Runtime>) -> Self {
        let interruptions = runtime.block_on(async { Interruptions::watch() });
        Self { runtime, interruptions }
    }

    /// Does the work, unless the user stops the run before it is done.
    pub(crate) fn wait<T>(&mut self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.runtime.block_on(self.interruptions.or(work))
    }
}

/// An account that is entered.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    pub(crate) owner: AccountIdentity,
    pub(crate) clock: Clock,
}

impl Session {
    /// Asks whose account it is; a zone that is given is the one that dates are meant in.
    pub(crate) fn open(
        connection: Connection,
        line: &mut Line,
        given: Option<&Zone>,
        terminal: &Terminal,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let context = connection.context();
        let owner = line.wait(identity::find(given, Need::Name, &connection, &context, terminal, now))?;
        let clock = Clock { now, zone: owner.zone.clone(), dates: owner.dates.clone() };
        Ok(Self { connection, owner, clock })
    }

    /// Brand and account, as in `uis:1103`.
    pub(crate) fn account(&self) -> &str {
        self.owner.account.as_deref().unwrap_or_default()
    }
}
