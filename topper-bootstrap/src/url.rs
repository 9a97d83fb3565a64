//! The URL that opens the widget.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Token;

/// All but the characters that mean nothing in any part of a URL (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A language of the widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Locale {
    /// English: `en`
    En,
    /// English of the United States: `en-US`
    EnUs,
    /// Portuguese: `pt`
    Pt,
    /// Portuguese of Brazil: `pt-BR`
    PtBr,
    /// Spanish: `es`
    Es,
    /// Spanish of Spain: `es-ES`
    EsEs,
}

impl Locale {
    /// The value in the URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::EnUs => "en-US",
            Self::Pt => "pt",
            Self::PtBr => "pt-BR",
            Self::Es => "es",
            Self::EsEs => "es-ES",
        }
    }
}

/// The URL that opens the widget, with what it shows first.
///
/// It has the token in it, so there is no `Display`, and `Debug` shows the environment only. Redirect
/// the user to it; do not log it.
///
/// # Examples
///
/// ```
/// # use topper_bootstrap::{Draft, Environment, Locale, Onramp, Recipient, Widget};
/// # let widget = Widget::builder(Environment::Production)
/// #     .widget_id("w").key_id("k").private_key(topper_testkit::TestKey::generate().private_jwk())
/// #     .build()?;
/// # let onramp = Onramp::spend("100.00".parse()?, "USD", Recipient::all_editable());
/// # let token = widget.sign(Draft::new(&onramp)?)?;
/// let url = token.url().locale(Locale::PtBr).user_email("ana@example.com").into_string();
/// assert!(url.starts_with("https://app.topperpay.com/?bt="));
/// assert!(url.ends_with("&locale=pt-BR&user_email=ana%40example.com"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct WidgetUrl {
    tokens: Vec<Token>,
    query: Vec<(&'static str, String)>,
}

impl WidgetUrl {
    pub(crate) fn new(token: &Token) -> Self {
        Self { tokens: vec![token.clone()], query: Vec::new() }
    }

    /// Lets the user switch to the other flow, with the token of the other widget. The first token's
    /// flow is the one that is shown (`active_flow`).
    ///
    /// # Errors
    ///
    /// When both tokens are for the same flow, or for different environments.
    pub fn and(mut self, other: &Token) -> Result<Self, UrlError> {
        let [first] = self.tokens.as_slice() else { return Err(UrlError::Flow) };
        if first.flow() == other.flow() {
            return Err(UrlError::Flow);
        }
        if first.environment() != other.environment() {
            return Err(UrlError::Environment);
        }
        let active = first.flow();
        self.tokens.push(other.clone());
        Ok(self.with("active_flow", active.as_str()))
    }

    /// The language (default: the browser's, else English).
    pub fn locale(self, locale: Locale) -> Self {
        self.with("locale", locale.as_str())
    }

    /// The theme: `light`, `dark`, or the name of your own.
    pub fn theme(self, theme: &str) -> Self {
        self.with("theme", theme)
    }

    /// The variant.
    pub fn variant(self, variant: &str) -> Self {
        self.with("variant", variant)
    }

    /// Starts with logging in, not with the amount (`initial_screen=authentication`).
    pub fn start_with_authentication(self) -> Self {
        self.with("initial_screen", "authentication")
    }

    /// Fills in the user's e-mail address where the user logs in.
    pub fn user_email(self, email: &str) -> Self {
        self.with("user_email", email)
    }

    /// Says that the widget is in a web view of an Android app.
    pub fn android_webview(self) -> Self {
        self.with("is_android_webview", "1")
    }

    /// Says that the widget is in a web view of an iOS app.
    pub fn ios_webview(self) -> Self {
        self.with("is_ios_webview", "1")
    }

    /// The URL's text.
    pub fn into_string(self) -> String {
        let mut url = String::new();
        for (place, token) in self.tokens.iter().enumerate() {
            // A token has no character that a query would take for something else.
            url.push_str(if place == 0 { token.environment().app_url() } else { ";" });
            url.push_str(if place == 0 { "?bt=" } else { "" });
            url.push_str(token.as_str());
        }
        for (name, value) in &self.query {
            url.extend(["&", name, "="]);
            url.extend(utf8_percent_encode(value, RESERVED));
        }
        url
    }

    /// Each parameter occurs once: the last value counts.
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.query.retain(|(present, _)| *present != name);
        self.query.push((name, value.to_owned()));
        self
    }
}

impl From<WidgetUrl> for String {
    fn from(url: WidgetUrl) -> Self {
        url.into_string()
    }
}

impl fmt::Debug for WidgetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = self.tokens.first().map(Token::environment);
        f.debug_struct("WidgetUrl").field("environment", &environment).finish_non_exhaustive()
    }
}

/// Why two tokens do not go into one URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// There is one token for each of the two flows.
    #[error("a URL has one token for each flow, and this flow has one already")]
    Flow,
    /// One is for the sandbox, the other for production.
    #[error("one token is for the sandbox and the other for production")]
    Environment,
}
