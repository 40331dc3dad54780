//! Which reports a sync is asked for. Not here: how they are read (`account`, `listings`).

use calllegs_core::schema::MethodInfo;
use calllegs_store::{
    listings::{has_windows, takes_legs_alone},
    windows::Shared,
};

use crate::{
    failure::Failure,
    input::listing::{is_legs, method},
    lang::say,
};

/// The reports that a sync is asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Legs among them, or nothing else was said.
    pub(super) legs: bool,
    pub(super) listings: Vec<&'static MethodInfo>,
}

impl Asked {
    /// Reads the names.
    ///
    /// # Errors
    /// Of a name that is none, a report that no database keeps, and one that needs parameters.
    pub(super) fn read(names: &[String]) -> Result<Self, Failure> {
        let mut asked = Self { legs: names.is_empty(), listings: Vec::new() };
        for name in names {
            if is_legs(name) {
                asked.legs = true;
                continue;
            }
            let method = method(name)?;
            has_windows(method)?;
            let own = ["access_token", "date_from", "date_till"];
            let mut required = method.params.iter().filter(|param| param.required);
            if let Some(param) = required.find(|param| !own.contains(&param.name)) {
                return Err(Failure::usage(say!("{name} is not kept in a database", name = method.name))
                    .because(say!(
                        "it needs `{param}`, and a table would hold the rows of one value of it",
                        param = param.name
                    ))
                    .next(say!("calllegs get --report writes them to a file, with --param")));
            }
            if !asked.listings.iter().any(|known| known.name == method.name) {
                asked.listings.push(method);
            }
        }
        Ok(asked)
    }

    /// What is counted.
    pub(super) const fn noun(&self) -> &'static str {
        if self.listings.is_empty() { "leg" } else { "row" }
    }

    /// Refuses places that keep legs alone, before anything is spent.
    pub(super) fn check(&self, places: &[Shared]) -> Result<(), Failure> {
        for place in places.iter().filter(|_| !self.listings.is_empty()) {
            let mut place = place.lock();
            if place.listings().is_none() {
                return Err(Failure::from(takes_legs_alone(place.address())).unspent());
            }
        }
        Ok(())
    }
}
