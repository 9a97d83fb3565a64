//! Wallets: their tags.

use serde::Serialize;
use topper_core::event::TagType;

/// What a chain wants next to an address: a memo, a destination tag.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
pub(crate) struct Tag {
    /// What the chain calls it.
    r#type: TagType,
    /// The tag.
    value: String,
}

impl Tag {
    pub(crate) fn new(r#type: TagType, value: impl Into<String>) -> Self {
        Self { r#type, value: value.into() }
    }

    pub(crate) fn value(&self) -> &String {
        &self.value
    }
}
