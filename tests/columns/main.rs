//! From a page to columns, and from columns to files and back.

mod csv;
mod decode;
mod files;
mod folder;
mod jsonl;
mod pages;
