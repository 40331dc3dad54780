//! One page of a sweep, as a call.

use std::{fmt, sync::Arc};

use crate::{
    call::{Call, Params},
    error::Error,
    filter::Filter,
    projection::{Projection, RowKey},
    query::{Page, PageRequest, Selection},
    rpc::Metadata,
    schema::FieldInfo,
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
pub struct PageCall<R, P: Projection<R>> {
    pub(super) selection: Arc<Selection<R, P>>,
    pub(super) columns: Arc<[&'static FieldInfo]>,
    /// Of a question: what rows have to match beside the filter of the query.
    pub(super) condition: Option<Filter<R>>,
    pub(super) page: PageRequest,
}

impl<R, P: Projection<R>> PageCall<R, P> {
    /// The first page of a window, and no question about rows.
    pub(super) fn begins_a_window(&self) -> bool {
        self.condition.is_none() && self.page.offset == 0
    }
}

impl<R, P: Projection<R>> fmt::Debug for PageCall<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageCall(")?;
        if let Some(period) = self.page.period {
            write!(f, "{period:?}, ")?;
        }
        write!(f, "offset {})", self.page.offset)
    }
}

impl<R, P: Projection<R>> Call for PageCall<R, P> {
    type Reply = Page<Placed<P::Row>>;

    fn method(&self) -> &str {
        self.selection.method.name
    }

    fn encode(&self, params: &mut Params) -> Result<(), Error> {
        self.selection.encode_page(&self.page, &self.columns, self.condition.as_ref(), params)
    }

    fn decode(&self, data: &str, metadata: &Metadata) -> Result<Self::Reply, Error> {
        self.selection.decode_page(&self.columns, data, metadata, |row, mark| {
            Ok(Placed { key: mark.key?, digest: mark.digest, row })
        })
    }

    fn cost(&self) -> u32 {
        self.selection.method.cost
    }

    fn takes_user_id(&self) -> bool {
        self.selection.method.takes("user_id")
    }

    fn user_id(&self) -> Option<u64> {
        self.selection.user_id
    }
}
