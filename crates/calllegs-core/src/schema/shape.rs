//! How a listing can be read whole, and a listing that is chosen at run time. Not here: the reading ([`sweep`](crate::sweep)).

use super::{FieldInfo, Kind, MethodInfo};
use crate::value::word::serde_words;

/// How a listing can be read whole: what a [`Sweep`](crate::sweep::Sweep) does follows from the tables of the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Over a period, and rows have a number of their own and a start that the server sorts by: windows follow each other
    /// where the last row was.
    Hops,
    /// Page by page by offset: without a period, or over one that must not be cut because rows are sums over it or have
    /// nothing that places them in it.
    Offset,
    /// One answer, without pages.
    Single,
    /// Over a period, and rows have a number of their own and a start that the server does not sort by: windows that are
    /// short enough for their pages.
    Windows,
}

impl Shape {
    /// All shapes.
    pub const ALL: &'static [Self] = &[Self::Hops, Self::Offset, Self::Single, Self::Windows];

    /// The lower-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hops => "hops",
            Self::Offset => "offset",
            Self::Single => "single",
            Self::Windows => "windows",
        }
    }
}

serde_words!(Shape, "shape");

impl MethodInfo {
    /// How its listing can be read whole.
    pub fn shape(&self) -> Shape {
        if !self.takes("offset") || !self.takes("limit") {
            return Shape::Single;
        }
        match (self.number(), self.order()) {
            (Some(_), Some(order)) if self.is_over_period() => {
                if order.is_sortable(None) && self.takes("sort") { Shape::Hops } else { Shape::Windows }
            }
            _ => Shape::Offset,
        }
    }

    /// The one field of numbers that tells a row apart, if there is one.
    pub(crate) fn number(&self) -> Option<&'static FieldInfo> {
        let mut identity = self.identity();
        let field = identity.next().filter(|_| identity.next().is_none())?;
        (matches!(field.kind(), Kind::Id | Kind::Number) && !field.is_decimal()).then_some(field)
    }

    /// The same, if the server filters by it.
    pub(crate) fn filterable_number(&self) -> Option<&'static FieldInfo> {
        self.number().filter(|field| field.is_filterable(None) && self.takes("filter"))
    }

    /// The same, if the server sorts by it.
    pub(crate) fn sortable_number(&self) -> Option<&'static FieldInfo> {
        self.number().filter(|field| field.is_sortable(None) && self.takes("sort"))
    }
}

/// The listing of a method that is chosen at run time, as tools do: [`Query::of`](crate::Query::of). It is no
/// [`Listing`](super::Listing): which method it is of, the query says.
///
/// ```
/// use calllegs_core::{Query, RequestId, rpc, schema::{AnyListing, Listing}, CustomerUsers};
///
/// let query = Query::<AnyListing>::of(CustomerUsers::METHOD); // or of a method of `calllegs-reports`
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"id":7, "login":"anna"}]}}"#;
/// let page = rpc::reply(&query, RequestId::new(1), reply)?;
/// assert_eq!(page.rows[0].get(), r#"{"id":7, "login":"anna"}"#);
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum AnyListing {}
