//! What is in a URL of PostgreSQL.

use std::{fmt::Write as _, str::FromStr as _};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{
    StoreError,
    url::{Host, StoreUrl, UrlError},
};

/// One for each host, in the order they stand in.
pub(super) fn parse(url: &str) -> Result<Vec<PgConnectOptions>, StoreError> {
    let url = StoreUrl::parse(url).map_err(StoreError::new)?;
    let mut parameters = String::new();
    for (key, value) in checked(&url).map_err(StoreError::new)? {
        let (key, value) = (encoded(key), encoded(value));
        // Writing to a string does not fail.
        let _ = write!(parameters, "{key}={value}&");
    }
    let database = encoded(&url.path);
    // All that is in it is known to sqlx, which logs what it does not know with its value.
    let of_host = |host: Option<&Host>| {
        let plain = host.filter(|host| is_plain(&host.name)).map_or("", |host| &host.name);
        let text = format!("postgres://{plain}/{database}?{parameters}");
        let options = PgConnectOptions::from_str(&text);
        let mut options = options.map_err(|_| StoreError::new(UrlError::Encoding))?;
        if let Some(host) = host {
            options = match host.name.starts_with('/') {
                true => options.socket(&host.name),
                false => options.host(&host.name),
            };
            if let Some(port) = host.port {
                options = options.port(port);
            }
        }
        Ok(options)
    };
    let options: Vec<_> = match url.hosts.as_slice() {
        [] => vec![of_host(None)?],
        hosts => hosts.iter().map(|host| of_host(Some(host))).collect::<Result<_, StoreError>>()?,
    };
    match options.iter().all(|options| is_possible(options.get_ssl_mode())) {
        true => Ok(options),
        false => Err(StoreError::new(UrlError::NoTls)),
    }
}

fn is_possible(mode: PgSslMode) -> bool {
    let needs_tls =
        matches!(mode, PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull);
    cfg!(feature = "tls") || !needs_tls
}

/// What sqlx needs to know.
fn checked(url: &StoreUrl) -> Result<Vec<(&str, &str)>, UrlError> {
    let mut parameters = Vec::new();
    parameters.extend(url.user.iter().map(|user| ("user", user.as_str())));
    parameters.extend(url.password.iter().map(|password| ("password", password.as_str())));
    for (key, value) in &url.query {
        match (key.as_str(), value.as_str()) {
            ("sslmode" | "ssl-mode", value) if PgSslMode::from_str(value).is_err() => {
                return Err(UrlError::Value {
                    name: "sslmode",
                    expected: "disable, prefer, require, verify-ca or verify-full",
                });
            }
            ("port", value) if value.parse::<u16>().is_err() => return Err(UrlError::Port),
            ("hostaddr", value) if value.parse::<std::net::IpAddr>().is_err() => {
                return Err(UrlError::Value { name: "hostaddr", expected: "an IP address" });
            }
            // A store is always written to, so it is checked whatever this says.
            ("target_session_attrs", "any" | "read-write" | "primary") => {}
            ("target_session_attrs", _) => {
                return Err(UrlError::Value {
                    name: "target_session_attrs",
                    expected: "read-write or primary, since events are written",
                });
            }
            ("channel_binding", "disable" | "prefer") => {}
            ("channel_binding", _) => {
                return Err(UrlError::unsupported(
                    key,
                    "; leave it out, and let sslmode=verify-full make sure of the server",
                ));
            }
            // No statement is prepared by the protocol.
            ("statement-cache-capacity", _) => {}
            (
                "sslmode" | "ssl-mode" | "sslrootcert" | "ssl-root-cert" | "ssl-ca" | "sslcert"
                | "ssl-cert" | "sslkey" | "ssl-key" | "host" | "hostaddr" | "port" | "dbname"
                | "user" | "password" | "application_name" | "options",
                value,
            ) => parameters.push((key, value)),
            (key, value) if key.starts_with("options[") && key.ends_with(']') => {
                parameters.push((key, value));
            }
            _ => return Err(UrlError::parameter(key)),
        }
    }
    Ok(parameters)
}

/// What needs no encoding, and no brackets.
fn is_plain(host: &str) -> bool {
    host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
