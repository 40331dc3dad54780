//! From a page to columns, and from columns to files and back.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod csv;
mod decode;
mod files;
mod folder;
mod jsonl;
mod pages;
