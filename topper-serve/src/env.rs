//! Settings from environment variables.

use std::{
    env,
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use crate::{ServeError, Server};

/// The maximum of `SHUTDOWN_DELAY`, in seconds.
const MOST_DELAY: u64 = 3600;

impl Server {
    /// Reads the settings from environment variables.
    ///
    /// | variable | value | default |
    /// |---|---|---|
    /// | `HOST` | the address to listen on | `::`, which is IPv6 and IPv4; `0.0.0.0` where there is no IPv6 |
    /// | `PORT` | the port to listen on | `3000` |
    /// | `ADMIN_PORT` | the port of `/livez`, `/readyz` and `/metrics` | none: they are not answered |
    /// | `ADMIN_HOST` | the address of the admin port | `127.0.0.1` |
    /// | `SHUTDOWN_DELAY` | how many seconds the server keeps accepting requests after SIGTERM, 0 to 3600 | `10` |
    ///
    /// An empty variable counts as not set.
    ///
    /// # Errors
    ///
    /// When a variable is invalid. The message names it and shows what it should look like. It never
    /// shows the value.
    pub fn from_env() -> Result<Self, ServeError> {
        Self::from_vars(|name| env::var_os(name))
    }

    /// Reads the same variables as [`from_env`](Self::from_env) from another place, such as a secret
    /// store.
    ///
    /// # Errors
    ///
    /// The same as for [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```
    /// use topper::serve::Server;
    ///
    /// let error = Server::from_vars(|name| (name == "PORT").then(|| "http".into())).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "environment variable PORT: not a port; it should look like 3000",
    /// );
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ServeError> {
        let mut server = Self::new();
        let address = "not an IP address";
        if let Some(host) = read(&lookup, "HOST", address, "::, 0.0.0.0 or 127.0.0.1", host)? {
            server = server.host(host);
        }
        if let Some(port) = read(&lookup, "PORT", "not a port", "3000", port)? {
            server = server.port(port);
        }
        let host = read(&lookup, "ADMIN_HOST", address, "127.0.0.1 or 0.0.0.0", host)?;
        if let Some(port) = read(&lookup, "ADMIN_PORT", "not a port", "9464", port)? {
            server = server.admin((host.unwrap_or(Ipv4Addr::LOCALHOST.into()), port));
        }
        let problem = "not a number of seconds from 0 to 3600";
        if let Some(delay) = read(&lookup, "SHUTDOWN_DELAY", problem, "10", delay)? {
            server = server.shutdown_delay(delay);
        }
        Ok(server)
    }
}

/// The value of a variable, if it is set and not empty.
fn read<T>(
    lookup: impl Fn(&str) -> Option<OsString>,
    name: &'static str,
    problem: &'static str,
    example: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ServeError> {
    let Some(value) = lookup(name) else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Some("") => Ok(None),
        value => {
            value.and_then(parse).map(Some).ok_or(ServeError::Variable { name, problem, example })
        }
    }
}

fn host(value: &str) -> Option<IpAddr> {
    let bare = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
    bare.unwrap_or(value).parse().ok()
}

fn port(value: &str) -> Option<u16> {
    value.parse().ok()
}

fn delay(value: &str) -> Option<Duration> {
    let seconds = value.parse().ok().filter(|seconds| *seconds <= MOST_DELAY)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn server(variables: &[(&str, &str)]) -> Result<Server, ServeError> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        Server::from_vars(|name| variables.get(name).map(OsString::from))
    }

    #[test]
    fn reads_every_variable() {
        let set = server(&[
            ("HOST", "[::1]"),
            ("PORT", " 8080 "),
            ("ADMIN_HOST", "0.0.0.0"),
            ("ADMIN_PORT", "9464"),
            ("SHUTDOWN_DELAY", "0"),
        ])
        .unwrap();
        assert_eq!(set.host, Some("::1".parse().unwrap()));
        assert_eq!((set.port, set.leave_for), (8080, Duration::ZERO));
        assert_eq!(set.admin, Some("0.0.0.0:9464".parse().unwrap()));
    }

    #[test]
    fn has_defaults_and_no_admin_port() {
        let set = server(&[("HOST", ""), ("ADMIN_HOST", "0.0.0.0")]).unwrap();
        assert_eq!((set.host, set.port, set.admin), (None, 3000, None));
        assert_eq!(set.leave_for, Duration::from_secs(10));
        let set = server(&[("ADMIN_PORT", "9464")]).unwrap();
        assert_eq!(set.admin, Some("127.0.0.1:9464".parse().unwrap()));
    }

    #[test]
    fn names_the_variable_and_never_its_value() {
        for (name, value) in [
            ("HOST", "example.org"),
            ("PORT", "70000"),
            ("ADMIN_HOST", "localhost:1"),
            ("ADMIN_PORT", "-1"),
            ("SHUTDOWN_DELAY", "10s"),
            ("SHUTDOWN_DELAY", "3601"),
        ] {
            let error = server(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("environment variable {name}: not a")), "{error}");
            assert!(error.contains("; it should look like "), "{error}");
            assert!(!error.contains(value) || value == "10s", "{error}");
        }
    }
}
