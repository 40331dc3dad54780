//! Typed fields: the table's line with the type of its values, and whether the server filters and sorts by it. Not here:
//! the conditions that fields make ([`filter`](crate::filter)).

use std::{fmt, marker::PhantomData};

use super::FieldInfo;

/// A field of listing `R` with values `V`, which may stand in filters when `F` is [`Filterable`], in sorts when
/// `S` is [`Sortable`].
///
/// The constants of a listing (`CallLegs::DURATION`) are of this type; methods that the server would answer with
/// `filter_prohibited` or `sort_prohibited` do not compile:
///
/// ```compile_fail
/// use calllegs_core::CallLegs;
/// let at = chrono::NaiveDateTime::default();
/// let filter = CallLegs::START_TIME.equals(at); // the server refuses to filter by this field
/// ```
pub struct Field<R, V, F, S> {
    info: &'static FieldInfo,
    types: Types<R, V, F, S>,
}

type Types<R, V, F, S> = PhantomData<fn() -> (R, V, F, S)>;

impl<R, V, F, S> Field<R, V, F, S> {
    /// The constant of a generated table: its types are those of the line that `info` is.
    pub const fn generated(info: &'static FieldInfo) -> Self {
        Self { info, types: PhantomData }
    }

    /// The runtime description of the field.
    pub const fn info(self) -> &'static FieldInfo {
        self.info
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        self.info.name()
    }

    /// Lets the field stand in filters although the tables say no. For the day when the tables are wrong.
    pub const fn assume_filterable(self) -> Field<R, V, Filterable, S> {
        Field::generated(self.info)
    }

    /// Lets the field stand in sorts although the tables say no. For the day when the tables are wrong.
    pub const fn assume_sortable(self) -> Field<R, V, F, Sortable> {
        Field::generated(self.info)
    }
}

impl<R, V, F, S> Clone for Field<R, V, F, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, V, F, S> Copy for Field<R, V, F, S> {}

impl<R, V, F, S> fmt::Debug for Field<R, V, F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.info.name())
    }
}

/// Marks a field that may stand in `filter`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Filterable {}

/// Marks a field that may not stand in `filter`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum NotFilterable {}

/// Marks a field that may stand in `sort`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Sortable {}

/// Marks a field that may not stand in `sort`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum NotSortable {}

/// What the mark of a field has to say before it may stand in `filter`: [`Filterable`].
#[diagnostic::on_unimplemented(
    message = "the server refuses to filter by this field",
    label = "not filterable",
    note = "it would answer `filter_prohibited` (-32602)",
    note = "if the tables are wrong, use `Field::assume_filterable`"
)]
pub trait AllowsFilter: sealed::Sealed {}
impl AllowsFilter for Filterable {}

/// What the mark of a field has to say before it may stand in `sort`: [`Sortable`].
#[diagnostic::on_unimplemented(
    message = "the server refuses to sort by this field",
    label = "not sortable",
    note = "it would answer `sort_prohibited` (-32602)",
    note = "if the tables are wrong, use `Field::assume_sortable`"
)]
pub trait AllowsSort: sealed::Sealed {}
impl AllowsSort for Sortable {}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed {}
    impl Sealed for super::Filterable {}
    impl Sealed for super::NotFilterable {}
    impl Sealed for super::Sortable {}
    impl Sealed for super::NotSortable {}
}
