//! The reference: pages of tables.

use std::error::Error;

use topper_core::{
    Error as RequestError, Reply,
    protocol::{ADDRESSES, MAX_RETRIES, RETRY_WINDOW, SIGNATURE_HEADER, TIMEOUT},
};

use super::{Files, bootstrap, code, manifest, prose, schema::Schemas};

mod event;

const FOLDER: &str = "docs/reference";
/// The crates whose features users switch, in the order of the page.
const CRATES: [&str; 12] = [
    "topper",
    "topper-core",
    "topper-axum",
    "topper-actix",
    "topper-warp",
    "topper-rocket",
    "topper-tower",
    "topper-serve",
    "topper-store",
    "topper-bootstrap",
    "topper-testkit",
    "topper-conformance",
];
/// The pages, in the order of the table of contents.
const PAGES: [(&str, &str); 9] = [
    ("onramp.md", "On-ramp orders"),
    ("offramp.md", "Off-ramp orders"),
    ("orders.md", "Payments, states and recurring orders"),
    ("users.md", "Users"),
    ("answers.md", "Answers and errors"),
    ("environment.md", "Environment variables"),
    ("features.md", "Cargo features"),
    ("sources.md", "Source addresses"),
    ("files.md", "Schemas, OpenAPI and vectors"),
];

/// All pages.
pub(super) fn files(schemas: &Schemas) -> Result<Files, Box<dyn Error>> {
    let texts = [
        event::orders(schemas, "onramp")?,
        event::orders(schemas, "offramp")?,
        event::orders_in_words(schemas)?,
        event::users(schemas)?,
        answers_page()?,
        format!(
            "`Verifier::from_env()` reads these. An empty variable counts as not set.\n\n{}\n\
             ## Bootstrap tokens\n\n`Widget::from_env()` of `topper::bootstrap` reads these.\n\n{}",
            variables()?,
            widget_variables()?,
        ),
        features_page()?,
        sources_page()?,
        files_page(schemas),
    ];
    let pages = PAGES.into_iter().zip(texts).map(|((name, title), text)| {
        (format!("{FOLDER}/{name}"), format!("# {title}\n\n{}\n", text.trim_end()))
    });
    Ok(pages.collect())
}

/// Their part of the table of contents.
pub(super) fn summary() -> String {
    PAGES.map(|(name, title)| format!("- [{title}](reference/{name})\n")).concat()
}

/// The table of all answers.
pub(super) fn answers() -> Result<String, Box<dyn Error>> {
    let documented = code::variants("topper-core/src/reply.rs", "Reply")?;
    let mut table = "| situation | status | Topper | body |\n|---|---|---|---|\n".to_owned();
    for &reply in Reply::ALL {
        let variant = format!("{reply:?}");
        let docs =
            documented.iter().find(|it| it.name == variant).ok_or("an answer without docs")?;
        let situation = lower(&prose::cell(&prose::first(&docs.docs)));
        let verdict = verdict(reply);
        table.push_str(&format!(
            "| {situation} | {} | {verdict} | `{}` |\n",
            reply.status(),
            reply.code()
        ));
    }
    Ok(table)
}

/// What Topper does after an answer.
pub(super) fn verdict(reply: Reply) -> &'static str {
    match reply.status() {
        200 => "is done",
        _ if reply.is_retried() => "tries again",
        _ => "gives up",
    }
}

/// When Topper sends an event again.
pub(super) fn redelivery() -> String {
    format!(
        "Topper waits {} s for an answer. It tries again after a timeout, `408`, `409`, `429` and \
         `5XX`, up to {MAX_RETRIES} times in about {} hours; **after any other status the event is \
         never redelivered**.",
        TIMEOUT.as_secs(),
        RETRY_WINDOW.as_secs() / 3600,
    )
}

/// The table of the environment variables.
pub(super) fn variables() -> Result<String, Box<dyn Error>> {
    variables_of("topper-core/src/verifier/env.rs")
}

/// The table of those of a widget.
pub(super) fn widget_variables() -> Result<String, Box<dyn Error>> {
    variables_of("topper-bootstrap/src/widget/env.rs")
}

fn variables_of(path: &str) -> Result<String, Box<dyn Error>> {
    let mut table = "| variable | value | default |\n|---|---|---|\n".to_owned();
    for variable in code::constants(path, "Variable")? {
        let docs = prose::text(&variable.docs);
        let (value, default) = docs
            .split_once("\n\nDefault: ")
            .ok_or_else(|| format!("{} has no default", variable.name))?;
        let (value, default) = (lower_unless_code(&prose::cell(value)), prose::cell(default));
        table.push_str(&format!("| `{}` | {value} | {default} |\n", variable.name));
    }
    Ok(table)
}

/// The table of a crate's features.
pub(super) fn features(package: &str) -> Result<String, Box<dyn Error>> {
    let mut table = "| feature | what for |\n|---|---|\n".to_owned();
    for feature in manifest::features(package)? {
        let default = if feature.is_default { " (default)" } else { "" };
        let meaning = lower_unless_code(&prose::cell(&feature.meaning));
        table.push_str(&format!("| `{}`{default} | {meaning} |\n", feature.name));
    }
    Ok(table)
}

fn answers_page() -> Result<String, Box<dyn Error>> {
    let mut page = format!(
        "The whole of the response body is a stable code. {}\n\n{}\n\
         ## Errors of a request\n\n\
         `Error` says why a delivery was not accepted, and `Error::reply` returns the answer.\n\n\
         | error | message | when |\n|---|---|---|\n",
        redelivery(),
        answers()?
    );
    for variant in code::variants("topper-core/src/error.rs", "Error")? {
        let message = match variant.name.as_str() {
            // Their messages name the header.
            "SignatureMissing" => RequestError::SignatureMissing.to_string(),
            "SignatureMalformed" => {
                variant.message.unwrap_or_default().replace('…', SIGNATURE_HEADER)
            }
            _ => variant.message.unwrap_or_default(),
        };
        let when = prose::cell(&prose::text(&variant.docs));
        page.push_str(&format!("| `{}` | {} | {when} |\n", variant.name, prose::cell(&message)));
    }
    for (title, intro, path, name) in [
        (
            "Rules of the signature header",
            "`JwsError` says which rule a signature header breaks.",
            "topper-core/src/jws.rs",
            "JwsError",
        ),
        (
            "Errors at start",
            "`ConfigError` says why a configuration cannot be used. It occurs at start, never at a \
             delivery. No message shows a key or a value.",
            "topper-core/src/config_error.rs",
            "ConfigError",
        ),
        (
            "Problems of a public key",
            "`KeyError` says why a public key cannot be used; it is part of `ConfigError::Key`.",
            "topper-core/src/key_error.rs",
            "KeyError",
        ),
    ] {
        page.push_str(&format!(
            "\n## {title}\n\n{intro}\n\n| error | message | when |\n|---|---|---|\n"
        ));
        for variant in code::variants(path, name)? {
            let message = prose::cell(&variant.message.unwrap_or_default());
            let when = prose::cell(&prose::text(&variant.docs));
            page.push_str(&format!("| `{}` | {message} | {when} |\n", variant.name));
        }
    }
    Ok(page)
}

fn features_page() -> Result<String, Box<dyn Error>> {
    let mut page =
        "All features are additive: every combination compiles. If both back ends are on, \
                    `aws-lc` verifies.\n"
            .to_owned();
    for package in CRATES {
        page.push_str(&format!("\n## {package}\n\n{}", features(package)?));
    }
    Ok(page)
}

fn sources_page() -> Result<String, Box<dyn Error>> {
    let addresses: String = ADDRESSES.iter().map(|address| format!("- `{address}`\n")).collect();
    let docs = code::documentation("topper-core/src/protocol.rs", "ADDRESSES")?;
    let docs = prose::text(&docs);
    let mut page =
        format!("{docs}\n\n{addresses}\n## Modes\n\n| mode | effect of the address |\n|---|---|\n");
    for mode in code::variants("topper-core/src/source.rs", "SourceMode")? {
        let meaning = prose::cell(&prose::text(&mode.docs));
        page.push_str(&format!("| `{}` | {} |\n", mode.name, lower(&meaning)));
    }
    let proxies = code::documentation("topper-core/src/source/proxy.rs", "TrustedProxies")?;
    page.push_str(&format!("\n## Behind proxies\n\n{}\n", prose::text(&proxies)));
    Ok(page)
}

fn files_page(schemas: &Schemas) -> String {
    let mut page = "For programs in any language. They are generated from the code that decodes and \
                    verifies, and they are as open as that code: unknown fields, values and names \
                    are valid.\n\n\
                    - [openapi.json](../openapi.json): OpenAPI 3.1 with all events as webhooks\n\
                    - [known-event.json](../schemas/known-event.json): JSON Schema 2020-12 of the union of the \
                    events below, for code generators: `name` decides the type of `data`\n\
                    - [event.json](../schemas/event.json): any event, also one with an unknown name\n\
                    - [envelope.json](../schemas/envelope.json): what all events have in common\n\
                    - [index.json](../schemas/index.json): the list of schemas\n\
                    - [signature vectors](../vectors/index.md)\n\n\
                    For TypeScript, `npx json-schema-to-typescript known-event.json` or \
                    `npx openapi-typescript openapi.json` creates a type `KnownEvent` that a `switch` on \
                    `name` narrows. You can also receive an event with another name, so first compare \
                    the name with those below. Amounts are decimals with many digits: do not convert \
                    them to `number`.\n\n\
                    In Rust, `topper::schema` has the same schemas, by the event's name (feature `schema`).\n\n\
                    | event | schema |\n|---|---|\n"
        .to_owned();
    for event in &schemas.events {
        let file = event.file();
        page.push_str(&format!("| `{}` | [{file}](../schemas/{file}) |\n", event.name));
    }
    page.push_str(
        "\n## Bootstrap tokens\n\nThe claims of the tokens that your server signs, with all that is \
         required of them:\n\n",
    );
    for file in bootstrap::FILES {
        page.push_str(&format!("- [{file}](../schemas/{file})\n"));
    }
    page
}

/// Without its capital letter: the cell of a table is no sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}

/// The same, except for a word such as `JWK`.
fn lower_unless_code(text: &str) -> String {
    let is_word = text.chars().nth(1).is_some_and(|second| second.is_lowercase() || second == ' ');
    if is_word { lower(text) } else { text.to_owned() }
}
