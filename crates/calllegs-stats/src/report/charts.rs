//! Drawings, a family in each file: each takes results and gives a part of the page, or nothing where there is nothing to
//! draw.

pub(super) mod callbacks;
pub(super) mod days;
pub(super) mod heatmap;
pub(super) mod load;
pub(super) mod reasons;
pub(super) mod transfers;
pub(super) mod waits;
