//! Says what is wrong with a token, without its private key.

use std::{fmt, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use topper_core::event::Flow;

mod claims;
mod finding;
mod header;
pub(crate) mod private;
mod time;
mod verify;

pub use finding::{Finding, Level};
pub use verify::{TokenKey, TokenKeyError};

/// The longest token that is looked at. A URL of this length works nowhere.
const MOST_BYTES: usize = 16 * 1024;

/// Reads bootstrap tokens of any origin, and lists the rules that they break.
///
/// It never needs the private key, and trusts nothing that it reads.
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
/// use topper_bootstrap::{Draft, Environment, Finding, Inspector, Onramp, Recipient, Widget};
///
/// # let widget = Widget::builder(Environment::Sandbox)
/// #     .widget_id("w").key_id("k").private_key(topper_testkit::TestKey::generate().private_jwk())
/// #     .build()?;
/// let onramp = Onramp::spend("100.00".parse()?, "USD", Recipient::all_editable());
/// let token = widget.sign(Draft::new(&onramp)?)?;
///
/// let inspection = Inspector::new().now(SystemTime::now()).inspect(token.as_str());
/// assert_eq!(inspection.findings(), []);
/// assert_eq!(inspection.id(), Some(token.id()));
///
/// let inspection = Inspector::new().inspect("not a token");
/// assert_eq!(inspection.findings(), [Finding::Shape]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Inspector {
    flow: Option<Flow>,
    now: Option<SystemTime>,
    key: Option<TokenKey>,
}

impl Inspector {
    /// Looks at what the token says alone: neither at the time nor at the signature.
    pub fn new() -> Self {
        Self::default()
    }

    /// The flow of the widget. The token does not name it, so without this it is the one that the
    /// claims look like.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flow = Some(flow);
        self
    }

    /// Looks at the age of the token, too.
    pub fn now(mut self, now: SystemTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Verifies the signature, too.
    pub fn key(mut self, key: TokenKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Reads a token. White space around it does not matter.
    pub fn inspect(&self, token: &str) -> Inspection {
        let token = token.trim();
        let mut findings = Vec::new();
        if token.len() > MOST_BYTES {
            findings.push(Finding::TooLong { most: MOST_BYTES });
            return Inspection::empty(findings);
        }
        if token.contains(';') {
            findings.push(Finding::Several);
            return Inspection::empty(findings);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = *parts else {
            findings.push(Finding::Shape);
            return Inspection::empty(findings);
        };
        let [header_bytes, claims_bytes, signature_bytes] =
            [header, claims, signature].map(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let (Some(header_bytes), Some(claims_bytes), Some(signature_bytes)) =
            (header_bytes, claims_bytes, signature_bytes)
        else {
            findings.push(Finding::Shape);
            return Inspection::empty(findings);
        };
        let header_fields = object(&header_bytes);
        if header_fields.is_none() {
            findings.push(Finding::Header);
        }
        let claims_fields = object(&claims_bytes);
        if claims_fields.is_none() {
            findings.push(Finding::Claims);
        }
        let header_fields = header_fields.unwrap_or_default();
        if !header_fields.is_empty() {
            header::check(&header_fields, &mut findings);
        }
        let flow = claims_fields.as_ref().map(|claims| {
            let flow = self.flow.clone().unwrap_or_else(|| claims::flow(claims));
            time::check(claims, self.now, &mut findings);
            claims::check(claims, &flow, &mut findings);
            flow
        });
        let is_signed = self.key.as_ref().map(|key| {
            let is_signed = key.matches(header, &claims_bytes, &signature_bytes);
            if !is_signed {
                findings.push(Finding::Signature);
            }
            is_signed
        });
        Inspection { header: header_fields, claims: claims_fields, flow, is_signed, findings }
    }
}

/// What a token says, and what is wrong with it.
///
/// `Debug` shows the findings only.
#[derive(Clone)]
pub struct Inspection {
    header: Map<String, Value>,
    claims: Option<Map<String, Value>>,
    flow: Option<Flow>,
    is_signed: Option<bool>,
    findings: Vec<Finding>,
}

impl Inspection {
    fn empty(findings: Vec<Finding>) -> Self {
        Self { header: Map::new(), claims: None, flow: None, is_signed: None, findings }
    }

    /// What is wrong, the header first. None is good.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether there is no finding.
    pub fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }

    /// The `alg` of the header, as received: escape it before you show it.
    pub fn algorithm(&self) -> Option<&str> {
        self.header.get("alg").and_then(Value::as_str)
    }

    /// The `kid` of the header, as received: escape it before you show it.
    pub fn key_id(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// The `jti`, as received: the `bootstrapTokenId` of the session's webhooks.
    pub fn id(&self) -> Option<&str> {
        self.claim("jti").and_then(Value::as_str)
    }

    /// The `sub`, as received: the widget's id.
    pub fn widget_id(&self) -> Option<&str> {
        self.claim("sub").and_then(Value::as_str)
    }

    /// The `iat`: when it was issued, in seconds since 1970.
    pub fn issued_at(&self) -> Option<u64> {
        self.claim("iat").and_then(Value::as_u64)
    }

    /// The flow that was given, or that the claims look like.
    pub fn flow(&self) -> Option<Flow> {
        self.flow.clone()
    }

    /// Whether the signature matches; nothing when no key was given.
    pub fn is_signed(&self) -> Option<bool> {
        self.is_signed
    }

    /// The header as JSON, indented. Private parts of keys are left out.
    pub fn header_json(&self) -> String {
        pretty(&self.header)
    }

    /// The claims as JSON, indented. Private parts of keys, and the token of an identity check that
    /// was done elsewhere, are left out. What JSON escapes is escaped; other text is as received.
    pub fn claims_json(&self) -> Option<String> {
        self.claims.as_ref().map(pretty)
    }

    fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.as_ref()?.get(name)
    }
}

impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspection")
            .field("findings", &self.findings)
            .field("flow", &self.flow)
            .field("is_signed", &self.is_signed)
            .finish_non_exhaustive()
    }
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}

fn pretty(fields: &Map<String, Value>) -> String {
    let mut value = Value::Object(fields.clone());
    private::remove(&mut value);
    for name in ["reusableKyc", "reusableKYC"] {
        if let Some(token) = value.get_mut(name).and_then(|kyc| kyc.get_mut("token")) {
            *token = private::LEFT_OUT.into();
        }
    }
    format!("{value:#}")
}
