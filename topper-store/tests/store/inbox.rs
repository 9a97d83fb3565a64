//! The inboxes, on real files and real servers.

mod memory;
