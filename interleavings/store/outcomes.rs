//! Counts the log lines with the field `outcome`.

use std::cell::Cell;

use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::set_global_default,
};

thread_local! {
    // All tasks of a model are on one thread.
    static COUNTED: Cell<usize> = const { Cell::new(0) };
}

/// Before the first model: it counts the lines of all.
pub(super) fn listen() {
    set_global_default(Lines).unwrap();
}

/// How many there were since this was last asked.
pub(super) fn counted() -> usize {
    COUNTED.take()
}

struct Lines;

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "topper"
    }

    fn event(&self, event: &Event<'_>) {
        if event.fields().any(|field| field.name() == "outcome") {
            COUNTED.set(COUNTED.get() + 1);
        }
    }

    // There are no spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
