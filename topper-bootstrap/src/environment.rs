//! Sandbox and production.

use std::{fmt, str::FromStr};

use crate::WidgetError;

/// Which Topper a widget belongs to. Each has widgets, keys and webhooks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// For tests, without real money: `app.sandbox.topperpay.com`.
    Sandbox,
    /// Real money: `app.topperpay.com`.
    Production,
}

impl Environment {
    /// `sandbox` or `production`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    /// Where the widget is opened, without its query.
    pub const fn app_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://app.sandbox.topperpay.com/",
            Self::Production => "https://app.topperpay.com/",
        }
    }

    /// Where Topper's REST API is, which [`api`](crate::api) uses. Source: Topper's page
    /// "Environments".
    pub const fn api_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://api.sandbox.topperpay.com/",
            Self::Production => "https://api.topperpay.com/",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = WidgetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "sandbox" => Ok(Self::Sandbox),
            "production" => Ok(Self::Production),
            _ => Err(WidgetError::Environment),
        }
    }
}
