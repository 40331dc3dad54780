//! A run that is tried and given up: whether a server takes what a run would put. Not here: what is made (`make`).

use super::{Postgres, Trouble, make};

impl Postgres {
    /// Makes what a run would make, takes a lease and puts no rows, and gives all of it up; whether the tables were there.
    pub(super) fn rehearse(&mut self) -> Result<bool, Trouble> {
        self.seen = None;
        self.connect()?;
        let (is_there, creates) = (self.has_tables(), self.creates);
        if !creates {
            // It makes nothing, and says what is missing.
            self.create()?;
        }
        let (names, here, is_partitioned) = (self.names.clone(), self.here.clone(), self.is_partitioned);
        let address = self.address.text.clone();
        let mut transaction = self.client()?.transaction()?;
        if creates {
            make(&mut transaction, &names, &address, is_partitioned)?;
        }
        here.take(&mut transaction, &names, "calllegs:try", "try")?;
        let legs = names.legs();
        transaction.batch_execute(&format!("INSERT INTO {legs} SELECT * FROM {legs} WHERE false"))?;
        transaction.rollback()?;
        Ok(is_there)
    }
}
