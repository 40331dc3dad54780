//! Legs as a user's file has them, and what is counted of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod half_hours;
mod legs;
mod order;
mod pitfalls;
