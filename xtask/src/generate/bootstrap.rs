//! The JSON Schemas of the claims of bootstrap tokens.

use serde_json::Value;
use topper_bootstrap::{Offramp, Onramp};

use super::{
    Files, pretty,
    schema::{describe, published},
};

/// Those of either flow.
pub(super) const FILES: [&str; 2] = ["bootstrap.onramp.json", "bootstrap.offramp.json"];
const COMMENT: &str = "Made from the types of topper-bootstrap by `cargo xtask generate`.";

pub(super) fn files() -> Files {
    let [onramp, offramp] = FILES;
    let schemas =
        [(onramp, schemars::schema_for!(Onramp)), (offramp, schemars::schema_for!(Offramp))];
    let file = |(name, schema): (&str, schemars::Schema)| {
        let mut schema = published(schema.to_value());
        describe(&mut schema);
        if let Value::Object(fields) = &mut schema {
            fields.insert("$comment".to_owned(), COMMENT.into());
        }
        (format!("docs/schemas/{name}"), pretty(&schema))
    };
    schemas.into_iter().map(file).collect()
}
