//! Tests of the typed events.

mod decimal;
mod enumeration;
mod envelope;
mod fixture;
mod order;
mod secret;
mod unknown;
