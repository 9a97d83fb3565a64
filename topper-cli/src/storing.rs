//! The inbox of a store, as an operator sees and changes it.

pub(crate) mod place;
pub(crate) mod refused;
pub(crate) mod stored;
pub(crate) mod verified;
