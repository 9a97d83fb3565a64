//! A widget: who signs, and for which Topper.

use std::{fmt, sync::Arc, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use topper_core::Backend;
use zeroize::Zeroizing;

use crate::{
    Algorithm, Draft, Environment, SignError, Token, WidgetError, backend, key::PrivateKey, token,
};

mod env;

/// One of your widgets at Topper, with the key that signs its bootstrap tokens.
///
/// Made once, at start: every mistake in the configuration is an error there. Cheap to clone.
/// `Debug` shows the ids, the environment and the algorithm; the private key is never shown, in no
/// error and no log either.
///
/// The text of the key is overwritten in memory once it is read, and the key itself when the last
/// clone is dropped. What the program has of it elsewhere, such as an environment variable, stays.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{Draft, Environment, Onramp, Recipient, Widget};
///
/// # let private_jwk = topper_testkit::TestKey::generate().private_jwk();
/// let widget = Widget::builder(Environment::Sandbox)
///     .widget_id("b0a1e8c2-6d0f-4b8e-9a39-2b8f5d1c7e64")
///     .key_id("3f2c9d4e-8a57-4d0b-b6f1-0c5e7a9d1b23")
///     .private_key(private_jwk)
///     .build()?;
///
/// let recipient = Recipient::not_editable("ETH", "ethereum", "0x52908400098527886E0F7030069857D2E4169EE7");
/// let draft = Draft::new(&Onramp::spend("100.00".parse()?, "USD", recipient))?;
/// // Here: store `draft.id()` with the user. It is how you know later whose event it is.
/// let token = widget.sign(draft)?;
/// let url = token.url().into_string();
/// assert!(url.starts_with("https://app.sandbox.topperpay.com/?bt=ey"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Widget(Arc<Parts>);

struct Parts {
    environment: Environment,
    widget_id: String,
    key_id: String,
    key: PrivateKey,
}

impl Widget {
    /// A widget whose settings come from code.
    pub fn builder(environment: Environment) -> WidgetBuilder {
        WidgetBuilder {
            environment,
            widget_id: String::new(),
            key_id: String::new(),
            private_key: Zeroizing::default(),
            algorithm: None,
            backend: backend::default(),
        }
    }

    /// The widget's id: the `sub` of its tokens.
    pub fn id(&self) -> &str {
        &self.0.widget_id
    }

    /// The id that Topper gave for the public key: the `kid` of its tokens.
    pub fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// Sandbox or production.
    pub fn environment(&self) -> Environment {
        self.0.environment
    }

    /// How its tokens are signed.
    pub fn algorithm(&self) -> Algorithm {
        self.0.key.algorithm
    }

    /// The public key as a JWK in JSON, which is what Topper gets. It holds nothing of the private
    /// one.
    pub fn public_jwk(&self) -> &str {
        &self.0.key.public_jwk
    }

    /// Signs a token, issued now. Topper takes it once, and for minutes only: sign when the user
    /// opens the widget.
    ///
    /// # Errors
    ///
    /// When the back end cannot sign, or the machine's clock is before 1970.
    pub fn sign(&self, draft: Draft) -> Result<Token, SignError> {
        self.sign_at(draft, SystemTime::now())
    }

    /// The same with a time of issue of your choice, for tests.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_at(&self, draft: Draft, issued_at: SystemTime) -> Result<Token, SignError> {
        let parts = &self.0;
        let issued_at = issued_at
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_err(|_| SignError::Clock)?
            .as_secs();
        let header =
            json!({"alg": parts.key.algorithm.as_str(), "kid": parts.key_id, "typ": "JWT"});
        let (id, flow, mut claims) = draft.into_parts();
        claims.insert("iat".to_owned(), issued_at.into());
        claims.insert("jti".to_owned(), id.as_str().into());
        claims.insert("sub".to_owned(), parts.widget_id.as_str().into());
        let claims = serde_json::Value::Object(claims);
        let mut text = URL_SAFE_NO_PAD.encode(header.to_string());
        text.push('.');
        text.push_str(&URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature =
            parts.key.signer.try_sign(text.as_bytes()).map_err(|_| SignError::Backend)?;
        text.push('.');
        text.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(token::new(id, flow, parts.environment, text))
    }
}

impl fmt::Debug for Widget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Widget")
            .field("environment", &self.environment())
            .field("id", &self.id())
            .field("key_id", &self.key_id())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// The settings of a [`Widget`], before they are checked.
///
/// `Debug` shows nothing of the private key.
#[derive(Clone)]
#[must_use]
pub struct WidgetBuilder {
    environment: Environment,
    widget_id: String,
    key_id: String,
    private_key: Zeroizing<String>,
    algorithm: Option<Algorithm>,
    backend: Backend,
}

impl WidgetBuilder {
    /// The widget's id.
    pub fn widget_id(mut self, id: impl Into<String>) -> Self {
        self.widget_id = id.into();
        self
    }

    /// The id that Topper gave for the public key.
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.key_id = id.into();
        self
    }

    /// The private key: the text of a JWK, or PEM (PKCS#8, SEC 1 or PKCS#1).
    ///
    /// Quotation marks and white space around it do not matter, nor does base64 of it; in PEM the
    /// ends of lines may be the two characters `\n`.
    pub fn private_key(mut self, text: impl Into<String>) -> Self {
        self.private_key = Zeroizing::new(text.into());
        self
    }

    /// How to sign with an RSA key that does not say so itself (default: RS256). The curve of any
    /// other key has one algorithm.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// The library that signs (default: aws-lc-rs, if its feature is on).
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Checks the settings and the key.
    ///
    /// # Errors
    ///
    /// When a setting is missing, or the key cannot be used: it is a public one, an RSA key of fewer
    /// than 2,048 bits, on another curve than its `alg` says, or of an algorithm that Topper does
    /// not take or the back end does not offer.
    pub fn build(self) -> Result<Widget, WidgetError> {
        let widget_id = present("the widget id", &self.widget_id)?.to_owned();
        let key_id = present("the key id", &self.key_id)?.to_owned();
        present("the private key", &self.private_key)?;
        let key = PrivateKey::parse(&self.private_key, self.algorithm, self.backend)?;
        Ok(Widget(Arc::new(Parts { environment: self.environment, widget_id, key_id, key })))
    }
}

impl fmt::Debug for WidgetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WidgetBuilder")
            .field("environment", &self.environment)
            .field("widget_id", &self.widget_id)
            .field("key_id", &self.key_id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn present<'a>(name: &'static str, value: &'a str) -> Result<&'a str, WidgetError> {
    match value.trim() {
        "" => Err(WidgetError::Missing(name)),
        value => Ok(value),
    }
}
