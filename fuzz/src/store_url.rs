//! The URL of a store.

use std::fmt::{Debug, Display};

use crate::{
    postgres_options, redis_url,
    url::{self, StoreUrl},
};

/// Long enough that no word of a message is one by accident.
const SECRET: &str = "s3cr3t-q7x";

/// No error shows a password, or a value of a parameter.
///
/// The input is a URL; `%s` in it stands for a secret.
pub fn store_url(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let text = text.replace("%s", SECRET);
    let pairs = text.split(['&', '?']).filter_map(|pair| pair.split_once('='));
    if pairs.into_iter().any(|(name, _)| name.contains(SECRET)) {
        // The name of a parameter is shown.
        return;
    }
    is_hidden(StoreUrl::parse(&text).err());
    is_hidden(url::file(&text).err());
    is_hidden(redis_url::Settings::parse(&text).err());
    // Parameters can name a file, which may be one that never ends.
    if !text.to_ascii_lowercase().contains("ssl") && !text.contains('%') {
        is_hidden(postgres_options::parse(&text).err());
    }
}

fn is_hidden(error: Option<impl Debug + Display>) {
    let Some(error) = error else { return };
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(SECRET), "a secret is shown");
}
