//! Who is at the two ends of a leg, as the texts of a store. Not here: who they are (`cast`).

use super::{
    call::{Leg, Role},
    cast::{Cast, Contact},
};
use crate::store::{StoreBuilder, TextId};

/// The parties of one leg.
pub(super) struct Parties {
    /// The outside party, whether or not it shows its number.
    pub(super) contact: Option<Contact>,
    /// Its number, unless that is withheld.
    pub(super) subscriber: Option<TextId>,
    /// The number of the employee.
    pub(super) extension: Option<TextId>,
    /// The rented number; none within the house.
    pub(super) number: Option<TextId>,
    pub(super) calling: Option<TextId>,
    pub(super) called: Option<TextId>,
}

impl Parties {
    pub(super) fn of(leg: &Leg, cast: &mut Cast, texts: &mut StoreBuilder) -> Self {
        let contact = leg.caller.map(|caller| cast.contact(caller, texts));
        let extension = leg.employee.and_then(|index| cast.extension(index, texts));
        // Who is at the other end of an employee's leg.
        let peer = leg.peer.and_then(|index| cast.extension(index, texts));
        let number = cast.line(leg.via).filter(|_| contact.is_some()).map(|line| line.number);
        let phone = contact.as_ref().map(|contact| contact.phone);
        let subscriber = phone.filter(|_| leg.disclosed);
        let is_operator = leg.role != Role::Subscriber;
        let far = if is_operator { extension } else { phone };
        let (calling, called) = match (leg.inward, is_operator) {
            // The caller reaches the rented number; an employee dials out.
            (true, false) => (subscriber, number),
            (true, true) => (far, phone.or(peer)),
            // The platform rings an employee for the caller, or the subscriber for an employee.
            (false, true) => (subscriber.or(peer), far),
            (false, false) => (number, far),
        };
        Self { contact, subscriber, extension, number, calling, called }
    }
}
