//! What is in a URL of PostgreSQL.

use std::{fmt::Write as _, fs, net::IpAddr, str::FromStr as _};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{
    StoreError,
    url::{Host, StoreUrl, UrlError},
};

/// One for each host, in the order they stand in.
pub(super) fn parse(url: &str) -> Result<Vec<PgConnectOptions>, StoreError> {
    StoreUrl::parse(url).and_then(|url| options(&url)).map_err(StoreError::new)
}

fn options(url: &StoreUrl) -> Result<Vec<PgConnectOptions>, UrlError> {
    let mut parameters = String::new();
    for (key, value) in checked(url)? {
        let (key, value) = (encoded(key), encoded(value));
        // Writing to a string does not fail.
        let _ = write!(parameters, "&{key}={value}");
    }
    let database = encoded(&url.path);
    let of_host = |host: String| {
        // All that is in it is known to sqlx, which logs what it does not know with its value.
        let text = format!("postgres:///{database}?{host}{parameters}");
        let options = PgConnectOptions::from_str(&text).map_err(|_| UrlError::Encoding)?;
        with_tls(options, url)
    };
    match hosts(url)?.as_slice() {
        [] => Ok(vec![of_host(String::new())?]),
        hosts => hosts
            .iter()
            .map(|host| match host.port {
                Some(port) => of_host(format!("host={}&port={port}", encoded(&host.name))),
                None => of_host(format!("host={}", encoded(&host.name))),
            })
            .collect(),
    }
}

/// A host in the query goes before one in front of it, as in libpq.
fn hosts(url: &StoreUrl) -> Result<Vec<Host>, UrlError> {
    let mut hosts = url.hosts.clone();
    for (key, value) in &url.query {
        match key.as_str() {
            "host" => {
                let names = value.split(',').filter(|name| !name.is_empty());
                hosts = names.map(|name| Host { name: name.to_owned(), port: None }).collect();
            }
            // With a name, too, it would be the name that a certificate is for.
            "hostaddr" if !hosts.is_empty() => {
                let advice = " together with a host; write the address instead of the host";
                return Err(UrlError::unsupported(key, advice));
            }
            "hostaddr" if value.parse::<IpAddr>().is_err() => {
                return Err(UrlError::Value { name: "hostaddr", expected: "an IP address" });
            }
            "hostaddr" => hosts = vec![Host { name: value.clone(), port: None }],
            _ => {}
        }
    }
    Ok(hosts)
}

/// What sqlx needs to know, besides the host.
fn checked(url: &StoreUrl) -> Result<Vec<(&str, &str)>, UrlError> {
    let mut parameters = Vec::new();
    parameters.extend(url.user.iter().map(|user| ("user", user.as_str())));
    parameters.extend(url.password.iter().map(|password| ("password", password.as_str())));
    let mut is_after_password = false;
    for (key, value) in &url.query {
        match (key.as_str(), value.as_str()) {
            ("host" | "hostaddr", _) => {}
            ("sslmode" | "ssl-mode", "disable" | "prefer" | "require")
            | ("sslmode" | "ssl-mode", "verify-ca" | "verify-full") => {
                parameters.push((key, value));
            }
            ("sslmode" | "ssl-mode", _) => {
                return Err(UrlError::Value {
                    name: "sslmode",
                    expected: "disable, prefer, require, verify-ca or verify-full",
                });
            }
            // The CAs that are compiled in are trusted in any case.
            ("sslrootcert", "system") => {}
            ("sslrootcert" | "ssl-root-cert" | "ssl-ca", file) => {
                parameters.push(("sslrootcert", readable("sslrootcert", file)?));
            }
            ("sslcert" | "ssl-cert", file) => {
                parameters.push(("sslcert", readable("sslcert", file)?));
            }
            ("sslkey" | "ssl-key", file) => parameters.push(("sslkey", readable("sslkey", file)?)),
            ("port", value) if !value.parse::<u16>().is_ok_and(|port| port != 0) => {
                return Err(UrlError::Port);
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
                    "; remove it, and use sslmode=verify-full to verify the server",
                ));
            }
            // No statement is prepared by the protocol.
            ("statement-cache-capacity", _) => {}
            ("port" | "dbname" | "user" | "password" | "application_name" | "options", value) => {
                is_after_password |= key == "password";
                parameters.push((key, value));
            }
            (key, value) if key.starts_with("options[") && key.ends_with(']') => {
                parameters.push((key, value));
            }
            // It may be what followed an `&` in the password.
            _ if is_after_password => return Err(UrlError::parameter("")),
            _ => return Err(UrlError::parameter(key)),
        }
    }
    Ok(parameters)
}

/// The name of a file that can be read, and has something in PEM in it.
fn readable<'a>(key: &'static str, file: &'a str) -> Result<&'a str, UrlError> {
    const PEM: &[u8] = b"-----BEGIN ";
    // sqlx takes a certificate itself, too.
    let is_pem = file.trim_start().as_bytes().starts_with(PEM) || {
        let bytes = fs::read(file).map_err(|error| UrlError::File(key, error.to_string()))?;
        bytes.windows(PEM.len()).any(|window| window == PEM)
    };
    let no_pem = || UrlError::File(key, "it is not in PEM format".to_owned());
    is_pem.then_some(file).ok_or_else(no_pem)
}

/// Refuses what would be less safe than it looks. The mode may be from the environment.
fn with_tls(options: PgConnectOptions, url: &StoreUrl) -> Result<PgConnectOptions, UrlError> {
    let is_root = |(key, _): &(String, String)| {
        matches!(key.as_str(), "sslrootcert" | "ssl-root-cert" | "ssl-ca")
    };
    let has_root = url.query.iter().any(is_root);
    match options.get_ssl_mode() {
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
            if !cfg!(feature = "tls") =>
        {
            Err(UrlError::NoTls)
        }
        // As in libpq.
        PgSslMode::Require if has_root => Ok(options.ssl_mode(PgSslMode::VerifyCa)),
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer if has_root => {
            let advice = " without sslmode=verify-full; add that";
            Err(UrlError::unsupported("sslrootcert", advice))
        }
        _ => Ok(options),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests;
