//! JSON Schemas of the claims of a token: what the types say, and the rules between fields.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::{Offramp, Onramp, RecipientEditMode, offramp, onramp};

/// The claims of a token: who and when, and the configuration.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is there for its schema")]
struct Signed<C> {
    /// When the token was issued, in seconds since 1970.
    iat: u64,
    /// The token's id: the `bootstrapTokenId` of the session's webhooks.
    #[schemars(length(min = 1))]
    jti: String,
    /// The id of the widget.
    #[schemars(length(min = 1))]
    sub: String,
    #[schemars(flatten)]
    configuration: C,
}

/// The claims of an on-ramp token, with all that is required of them. Further claims are valid.
impl JsonSchema for Onramp {
    fn schema_name() -> Cow<'static, str> {
        "OnrampClaims".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Signed::<onramp::Claims>::json_schema(generator).to_value();
        let text = "The claims of a bootstrap token whose user buys crypto.";
        name(&mut schema, "OnrampClaims", text, json!(["iat", "jti", "sub", "target"]));
        exactly_one_amount(&mut schema);
        put(&mut schema, "/properties/source", "dependentRequired", json!({"amount": ["asset"]}));
        // Which fields those are depends on the edit mode.
        take(&mut schema, "/properties/target", "required");
        let modes = RecipientEditMode::ALL.iter().filter(|mode| !mode.required().is_empty());
        let modes: Vec<Value> = modes.map(|mode| required(*mode)).collect();
        put(&mut schema, "/properties/target", "allOf", modes.into());
        finished(schema)
    }
}

/// The claims of an off-ramp token, with all that is required of them. Further claims are valid.
impl JsonSchema for Offramp {
    fn schema_name() -> Cow<'static, str> {
        "OfframpClaims".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Signed::<offramp::Claims>::json_schema(generator).to_value();
        let text = "The claims of a bootstrap token whose user sells crypto.";
        name(&mut schema, "OfframpClaims", text, json!(["iat", "jti", "sub", "source"]));
        exactly_one_amount(&mut schema);
        put(&mut schema, "/properties/source", "required", json!(["asset"]));
        finished(schema)
    }
}

fn name(schema: &mut Value, title: &str, description: &str, required: Value) {
    put(schema, "", "title", title.into());
    put(schema, "", "description", description.into());
    put(schema, "", "required", required);
    // Some validators assert a format, and none knows this one.
    take(schema, "/properties/iat", "format");
}

/// A number over zero. Not every validator can look ahead, hence the two cases.
const AMOUNT: &str = r"^(0*[1-9][0-9]*(\.[0-9]+)?|0+\.0*[1-9][0-9]*)$";

/// One of both sides has an amount, as text: what is received may be a number, what is sent not.
fn exactly_one_amount(schema: &mut Value) {
    let mut sides = Vec::new();
    for side in ["source", "target"] {
        let amount = format!("/properties/{side}/properties/amount");
        put(schema, &amount, "type", "string".into());
        put(schema, &amount, "pattern", AMOUNT.into());
        sides.push(json!({
            "required": [side],
            "properties": {side: {"type": "object", "required": ["amount"]}},
        }));
    }
    put(schema, "", "oneOf", sides.into());
}

/// What an edit mode requires. Without a mode it is the default one.
fn required(mode: RecipientEditMode) -> Value {
    let mut has_mode = json!({"properties": {"recipientEditMode": {"const": mode.as_str()}}});
    if mode != RecipientEditMode::NotEditable {
        put(&mut has_mode, "", "required", json!(["recipientEditMode"]));
    }
    json!({"if": has_mode, "then": {"required": mode.required()}})
}

fn put(schema: &mut Value, place: &str, name: &str, value: Value) {
    if let Some(Value::Object(fields)) = schema.pointer_mut(place) {
        fields.insert(name.to_owned(), value);
    }
}

fn take(schema: &mut Value, place: &str, name: &str) {
    if let Some(Value::Object(fields)) = schema.pointer_mut(place) {
        fields.remove(name);
    }
}

fn finished(mut schema: Value) -> Schema {
    never_null(&mut schema);
    Schema::try_from(schema).unwrap_or_default()
}

/// A field that is not set is left out, and never null.
fn never_null(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(values)) = fields.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if let Some(Value::Array(all)) = fields.get_mut("anyOf") {
                all.retain(|it| it.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(only)] = all.as_slice() {
                    // The description of the field counts, not that of its type.
                    let mut only = only.clone();
                    fields.remove("anyOf");
                    only.append(fields);
                    *fields = only;
                }
            }
            fields.values_mut().for_each(never_null);
        }
        Value::Array(values) => values.iter_mut().for_each(never_null),
        _ => {}
    }
}
