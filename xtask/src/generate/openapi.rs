//! OpenAPI 3.1: the events as webhooks, the signature header, and every answer.

use std::{collections::BTreeMap, error::Error};

use serde_json::{Map, Value, json};
use topper_core::{EventName, Reply, event::Flow, protocol::SIGNATURE_HEADER};

use super::{
    code, pretty, prose,
    reference::{redelivery, verdict},
    schema::{self, EventSchema, KNOWN_EVENT, Schemas, published},
    vector,
};

/// As Topper spells it.
const HEADER: &str = "X-Topper-JWS-Signature";
const SECURITY: &str = "signature";

pub(super) fn document(schemas: &Schemas) -> Result<String, Box<dyn Error>> {
    let webhooks = schemas
        .events
        .iter()
        .map(|event| Ok((event.name.as_str().to_owned(), webhook(event)?)))
        .collect::<Result<Map<String, Value>, Box<dyn Error>>>()?;
    let mut document = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Topper webhooks",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "What Topper sends to a webhook's URL, and what a receiver answers.",
            "description": about(),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [server()],
        "security": [{SECURITY: []}],
        "tags": tags(),
        "webhooks": webhooks,
        "components": {
            "securitySchemes": {SECURITY: security_scheme()},
            "parameters": {"Signature": signature(schemas)?},
            "responses": responses()?,
            "schemas": types(schemas),
        },
    });
    refer_to_components(&mut document);
    Ok(pretty(&published(document)))
}

fn about() -> String {
    format!(
        "Each event is a `POST` whose body is signed: the header `X-Topper-JWS-Signature` is a \
         detached JWS over the exact bytes of the body. Verify it before you read anything in \
         the body.\n\n\
         {} For each response, its description and `x-topper-tries-again` say what Topper does.\n\n\
         Topper can add events, fields and values without notice, so the schemas are open. A body \
         matches the schema `Event`: it is a `KnownEvent`, whose `name` decides the shape of its \
         `data`, or an `UnknownEvent`, whose name is not listed here.",
        redelivery(),
    )
}

/// The types, the events, and their unions: `KnownEvent` by the name, `Event` for any.
fn types(schemas: &Schemas) -> Map<String, Value> {
    let mut types = schemas.definitions();
    let mapping: Map<String, Value> = schemas
        .events
        .iter()
        .map(|event| {
            let schema = format!("#/components/schemas/{}", event.type_name());
            (event.name.as_str().to_owned(), schema.into())
        })
        .collect();
    if let Some(known) = types.get_mut(KNOWN_EVENT).and_then(Value::as_object_mut) {
        let discriminator = json!({"propertyName": "name", "mapping": mapping});
        known.insert("discriminator".to_owned(), discriminator);
    }
    types.insert("Event".to_owned(), schema::any_event());
    types
}

/// A webhook has no path: the whole URL is the customer's.
fn server() -> Value {
    json!({
        "url": "https://{host}/{path}",
        "description": "The URL that you gave Topper for the webhook. Every event goes to it.",
        "variables": {
            "host": {"default": "receiver.invalid", "description": "The host of your receiver."},
            "path": {"default": "topper", "description": "The path of your receiver."},
        },
    })
}

/// OpenAPI has no type for a signature over the body; `apiKey` says where it is.
fn security_scheme() -> Value {
    json!({
        "type": "apiKey",
        "in": "header",
        "name": HEADER,
        "description": format!(
            "Not a shared secret, though OpenAPI calls it `apiKey`: a signature over the bytes of \
             the body, to be verified with the public key of the webhook. See the parameter \
             `{HEADER}`."
        ),
    })
}

fn webhook(event: &EventSchema) -> Result<Value, Box<dyn Error>> {
    let mut examples = Map::new();
    for (index, example) in event.examples.iter().enumerate() {
        examples.insert(format!("example-{}", index + 1), json!({"value": example}));
    }
    let responses: Map<String, Value> = by_status()
        .keys()
        .map(|status| {
            (
                status.to_string(),
                json!({"$ref": format!("#/components/responses/{}", name(*status))}),
            )
        })
        .collect();
    let mut operation = format!("{:?}", event.name);
    operation.get_mut(..1).into_iter().for_each(|first| first.make_ascii_lowercase());
    Ok(json!({
        "post": {
            "operationId": operation,
            "summary": prose::cell(&event.when),
            "description": description(event),
            "tags": [tag(event.name)],
            "parameters": [{"$ref": "#/components/parameters/Signature"}],
            "requestBody": {
                "required": true,
                "content": {
                    "application/json": {
                        "schema": {"$ref": format!("#/components/schemas/{}", event.type_name())},
                        "examples": examples,
                    },
                },
            },
            "responses": responses,
        },
    }))
}

/// The name, and for an order its state.
fn description(event: &EventSchema) -> String {
    let mut description = format!("`{}`", event.name);
    let status = event.examples.iter().find_map(|it| it.pointer("/data/status")?.as_str());
    if let Some(status) = status {
        description.push_str(&format!(" with `data.status` `{status}`"));
    }
    if event.name.is_terminal() {
        description.push_str("; the order has come to an end");
    }
    description + "."
}

const ONRAMP: &str = "On-ramp orders";
const OFFRAMP: &str = "Off-ramp orders";
const USERS: &str = "Users";

fn tag(name: EventName) -> &'static str {
    match name.flow() {
        Some(Flow::CryptoOnramp) => ONRAMP,
        Some(_) => OFFRAMP,
        None => USERS,
    }
}

fn tags() -> Value {
    json!([
        {"name": ONRAMP, "description": "The user buys crypto."},
        {"name": OFFRAMP, "description": "The user sells crypto."},
        {"name": USERS, "description": "Accounts and identity checks."},
    ])
}

fn signature(schemas: &Schemas) -> Result<Value, Box<dyn Error>> {
    let event = schemas.events.first().ok_or("there are no events")?;
    let body = event.examples.first().ok_or("an event without example")?.to_string();
    Ok(json!({
        "name": HEADER,
        "in": "header",
        "required": true,
        "description": format!(
            "A detached JWS in compact form (RFC 7515, appendix F): \
             `BASE64URL(header) \"..\" BASE64URL(signature)`, signed over \
             `BASE64URL(header) \".\" BASE64URL(body)` with the private key whose public one Topper \
             shows for the webhook's URL; ES256. The name of the header is case-insensitive: `{SIGNATURE_HEADER}`."
        ),
        "schema": {
            "type": "string",
            "pattern": r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$",
            "maxLength": 8192,
        },
        "example": vector::sign(body.as_bytes())?,
    }))
}

/// One for each status, with the codes it can have.
fn responses() -> Result<Map<String, Value>, Box<dyn Error>> {
    let documented = code::variants("topper-core/src/reply.rs", "Reply")?;
    let mut responses = Map::new();
    for (status, replies) in by_status() {
        let first = replies.first().copied().ok_or("a status without answers")?;
        let mut description = format!("Topper {}.\n", verdict(first));
        let mut examples = Map::new();
        for reply in &replies {
            let variant = format!("{reply:?}");
            let docs = documented.iter().find(|it| it.name == variant);
            let docs = &docs.ok_or("an answer without docs")?.docs;
            description.push_str(&format!("\n- `{}`: {}", reply.code(), prose::first(docs)));
            examples.insert(reply.code().to_owned(), json!({"value": reply.code()}));
        }
        let codes: Vec<&str> = replies.iter().map(|reply| reply.code()).collect();
        responses.insert(
            name(status),
            json!({
                "description": description,
                "x-topper-tries-again": first.is_retried(),
                "content": {
                    "text/plain": {
                        "schema": {"type": "string", "enum": codes},
                        "examples": examples,
                    },
                },
            }),
        );
    }
    Ok(responses)
}

fn by_status() -> BTreeMap<u16, Vec<Reply>> {
    let mut by_status = BTreeMap::<u16, Vec<Reply>>::new();
    for &reply in Reply::ALL {
        by_status.entry(reply.status()).or_default().push(reply);
    }
    by_status
}

fn name(status: u16) -> String {
    format!("Status{status}")
}

/// `#/$defs/` of a schema that stands alone is `#/components/schemas/` here.
fn refer_to_components(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = reference.replace("#/$defs/", "#/components/schemas/");
            }
            members.values_mut().for_each(refer_to_components);
        }
        Value::Array(values) => values.iter_mut().for_each(refer_to_components),
        _ => {}
    }
}
