//! One page of a sweep, as a call.

use std::fmt;

use crate::{
    call::{Call, Params},
    error::Error,
    projection::{Projection, RowKey},
    query::{Ask, Order, Page, Query},
    rpc::Metadata,
    schema::{FieldInfo, Report},
    window::Period,
};

/// A row of a sweep's page, with its key.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Placed<T> {
    /// What tells it apart.
    pub key: RowKey,
    /// What tells copies of it apart: [`Mark::digest`](crate::projection::Mark::digest).
    pub digest: u64,
    /// The row.
    pub row: T,
}

/// One page of a sweep. Its rows carry their keys; those that have none are [`Page::unplaced`].
pub struct PageCall<R: Report, P: Projection<R>> {
    pub(super) query: Query<R, P>,
    pub(super) period: Period,
    pub(super) columns: Vec<&'static FieldInfo>,
    pub(super) sort: Vec<(&'static FieldInfo, Order)>,
    pub(super) limit: u32,
    pub(super) offset: u32,
}

impl<R: Report, P: Projection<R>> fmt::Debug for PageCall<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageCall({:?}, offset {})", self.period, self.offset)
    }
}

impl<R: Report, P: Projection<R>> Call for PageCall<R, P> {
    type Reply = Page<Placed<P::Row>>;

    fn method(&self) -> &str {
        self.query.method()
    }

    fn encode(&self, params: &mut Params) -> Result<(), Error> {
        let ask = Ask {
            period: Some(self.period),
            columns: &self.columns,
            sort: &self.sort,
            limit: Some(self.limit),
            offset: self.offset,
        };
        self.query.encode_as(&ask, params)
    }

    fn decode(&self, data: &str, metadata: &Metadata) -> Result<Self::Reply, Error> {
        self.query.decode_as(&self.columns, data, metadata, |row, mark| {
            Ok(Placed { key: mark.key?, digest: mark.digest, row })
        })
    }

    fn cost(&self) -> u32 {
        self.query.cost()
    }

    fn takes_user_id(&self) -> bool {
        self.query.takes_user_id()
    }

    fn user_id(&self) -> Option<u64> {
        self.query.user_id
    }
}
