//! What the URL of a store in Redis says.

use crate::url::{Host, StoreUrl, UrlError};

const SERVER_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// What is in a URL such as `redis://user:password@host:6379/0` or
/// `redis+sentinel://user:password@host:26379,host:26379/service/0`.
pub(super) struct Settings {
    pub(super) place: Place,
    pub(super) login: Login,
    /// Those of the files for TLS, when it is asked for.
    pub(super) tls: Option<Files>,
}

/// Where the server is.
pub(super) enum Place {
    /// At this address; or in a cluster that this one is a node of.
    Server(Address),
    /// Where these say that the service is.
    Sentinels { addresses: Vec<Address>, service: String, login: Login },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

#[derive(Clone, Default)]
pub(super) struct Login {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: u32,
}

/// PEM files: certificates of CAs, and a client certificate with its key.
#[derive(Default)]
pub(super) struct Files {
    pub(super) root_certificates: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
}

impl Settings {
    pub(super) fn parse(url: &str) -> Result<Self, UrlError> {
        let url = StoreUrl::parse(url)?;
        let (has_tls, has_sentinels) = match url.scheme.as_str() {
            "redis" => (false, false),
            "rediss" => (true, false),
            "redis+sentinel" => (false, true),
            "rediss+sentinel" => (true, true),
            _ => return Err(UrlError::UnknownScheme),
        };
        if has_tls && cfg!(not(feature = "tls")) {
            let scheme = if has_sentinels { "rediss+sentinel" } else { "rediss" };
            return Err(UrlError::MissingFeature(scheme, "tls"));
        }
        let mut files = Files::default();
        let mut sentinel = Login::default();
        for (name, value) in url.query {
            match name.as_str() {
                "sslrootcert" | "sslcert" | "sslkey" if !has_tls => {
                    return Err(UrlError::unsupported(&name, " without TLS; use rediss://"));
                }
                "sslrootcert" => files.root_certificates = Some(value),
                "sslcert" => files.certificate = Some(value),
                "sslkey" => files.key = Some(value),
                "sentinel_user" | "sentinel_password" if !has_sentinels => {
                    return Err(UrlError::unsupported(
                        &name,
                        " without Sentinel; use redis+sentinel://",
                    ));
                }
                "sentinel_user" => sentinel.user = Some(value),
                "sentinel_password" => sentinel.password = Some(value),
                _ => return Err(UrlError::parameter(&name)),
            }
        }
        if files.certificate.is_some() != files.key.is_some() {
            let expected = "used together with `sslkey`";
            return Err(UrlError::Value { name: "sslcert", expected });
        }
        let (service, database) = match (has_sentinels, url.path.split_once('/')) {
            (false, _) => ("", url.path.as_str()),
            (true, None) => (url.path.as_str(), ""),
            (true, Some((service, database))) => (service, database),
        };
        let login = Login { user: url.user, password: url.password, database: number(database)? };
        for (login, name) in [(&login, "user"), (&sentinel, "sentinel_user")] {
            if login.user.is_some() && login.password.is_none() {
                let expected = "used together with a password, as in redis://user:password@host or \
                                redis://:password@host";
                return Err(UrlError::Value { name, expected });
            }
        }
        let port = if has_sentinels { SENTINEL_PORT } else { SERVER_PORT };
        let mut addresses = url.hosts.into_iter().map(|host| Address::new(host, port));
        let place = if has_sentinels {
            if service.is_empty() {
                let expected =
                    "the first part of the path, as in redis+sentinel://host:26379/SERVICE/0";
                return Err(UrlError::Value { name: "service", expected });
            }
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() {
                return Err(UrlError::NoHost);
            }
            Place::Sentinels { addresses, service: service.to_owned(), login: sentinel }
        } else {
            let place = Place::Server(addresses.next().ok_or(UrlError::NoHost)?);
            if addresses.next().is_some() {
                return Err(UrlError::SeveralHosts);
            }
            place
        };
        Ok(Self { place, login, tls: has_tls.then_some(files) })
    }
}

fn number(database: &str) -> Result<u32, UrlError> {
    let expected = "a number, as in redis://host/0";
    match database.trim_end_matches('/') {
        "" => Ok(0),
        number => number.parse().map_err(|_| UrlError::Value { name: "database", expected }),
    }
}

impl Address {
    fn new(host: Host, port: u16) -> Self {
        Self { host: host.name, port: host.port.unwrap_or(port) }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "tls")]
    #[test]
    fn sentinels_have_a_login_of_their_own_and_tls_as_the_servers() {
        let query = "sentinel_user=other&sentinel_password=word";
        let url = format!("rediss+sentinel://user:secret@one,two:1/service/3?{query}");
        let Settings { place, login, tls } = Settings::parse(&url).unwrap();
        assert!(tls.is_some());
        assert_eq!(login.user.as_deref(), Some("user"));
        assert_eq!(login.password.as_deref(), Some("secret"));
        assert_eq!(login.database, 3);
        let Place::Sentinels { addresses, service, login } = place else { panic!("a server") };
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["one:26379", "two:1"]);
        assert_eq!(service, "service");
        assert_eq!(login.user.as_deref(), Some("other"));
        assert_eq!(login.password.as_deref(), Some("word"));
    }
}
