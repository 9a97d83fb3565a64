//! The inboxes, on real files and real servers.

mod kill;
mod memory;
