//! The one place that reads the URL of a store. Its errors never contain a value from the URL.

use percent_encoding::percent_decode_str;

/// The parts of a URL such as `postgres://user:password@host:5432/database?sslmode=require`, decoded.
pub(crate) struct StoreUrl {
    pub(crate) scheme: String,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    /// Several for a database that moves between them. None for what has no host.
    pub(crate) hosts: Vec<Host>,
    /// Without the slash before it.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name or an address; of IPv6 without the brackets.
    pub(crate) name: String,
    pub(crate) port: Option<u16>,
}

/// Why a URL cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("the URL of the store is empty; it should look like {}", examples())]
    Empty,
    #[error("this is not the URL of a store; it should look like {}", examples())]
    UnknownScheme,
    #[error("URLs with {0}:// need the cargo feature `{1}`, which is off; switch it on")]
    MissingFeature(&'static str, &'static str),
    #[error("the URL contains a line break or another control character; remove it")]
    ControlCharacter,
    #[error(
        "the URL has an `@` after its host; in a password, write `/` as %2F, `?` as %3F, `#` as %23 \
         and `@` as %40"
    )]
    LateAt,
    #[error("the URL contains a `#`; write it as %23")]
    Fragment,
    #[error("the port in the URL is not a number from 1 to 65535; in a password, write `:` as %3A")]
    Port,
    #[error("the URL has no host; add one after `://`")]
    NoHost,
    #[error("the URL has several hosts; only PostgreSQL and Sentinel accept several")]
    SeveralHosts,
    #[error("the URL is not UTF-8 after decoding its % signs; write `%` as %25")]
    Encoding,
    #[error("the URL asks for TLS, which needs the cargo feature `tls`; switch it on")]
    NoTls,
    #[error("{0} in the URL is not supported{1}")]
    Parameter(String, &'static str),
    #[error("`{name}` in the URL is not valid; it must be {expected}")]
    Value { name: &'static str, expected: &'static str },
    #[error("a parameter in the URL has no value; in a value, write `&` as %26")]
    NoValue,
    /// The parameter, and why its file cannot be used.
    #[error("the file of `{0}` in the URL cannot be used: {1}")]
    File(&'static str, String),
    #[error("{0}")]
    RemembersNothing(&'static str),
}

impl UrlError {
    /// A scheme that no feature which is switched on knows.
    pub(crate) fn scheme(scheme: &str) -> Self {
        match scheme {
            "sqlite" => Self::MissingFeature("sqlite", "sqlite"),
            "postgres" | "postgresql" => Self::MissingFeature("postgres", "postgres"),
            "redis" | "rediss" | "redis+sentinel" | "rediss+sentinel" => {
                Self::MissingFeature("redis", "redis")
            }
            _ => Self::UnknownScheme,
        }
    }

    /// A parameter that no store knows. It may be a value that lost its name, so a strange one is not
    /// shown.
    pub(crate) fn parameter(name: &str) -> Self {
        Self::unsupported(name, "; remove it")
    }

    pub(crate) fn unsupported(name: &str, advice: &'static str) -> Self {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-[].".contains(c);
        let is_name = !name.is_empty() && name.len() <= 40 && name.chars().all(is_plain);
        let name = if is_name { format!("`{name}`") } else { "a parameter".to_owned() };
        Self::Parameter(name, advice)
    }
}

fn examples() -> String {
    [
        #[cfg(feature = "sqlite")]
        "sqlite://topper.db",
        #[cfg(feature = "postgres")]
        "postgres://user:password@host/database",
        #[cfg(feature = "redis")]
        "redis://:password@host/0",
        "memory:",
    ]
    .join(" or ")
}

/// What stands before the first colon, of a URL as it was pasted.
pub(crate) fn scheme(text: &str) -> Result<&str, UrlError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(UrlError::Empty);
    }
    text.split_once(':').map(|(scheme, _)| scheme).ok_or(UrlError::UnknownScheme)
}

impl StoreUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        let scheme = scheme(text)?;
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(UrlError::ControlCharacter);
        }
        let rest = text.get(scheme.len()..).and_then(|rest| rest.strip_prefix("://"));
        let rest = rest.ok_or(UrlError::UnknownScheme)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // Then what was taken for the host is a part of the password, and nothing of it is shown.
        if rest.contains('@') {
            return Err(UrlError::LateAt);
        }
        if rest.contains('#') {
            return Err(UrlError::Fragment);
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, authority),
        };
        let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
            None => (None, None),
            Some(Err(user)) => (Some(user), None),
            Some(Ok((user, password))) => (Some(user), Some(password)),
        };
        let decoded =
            |part: Option<&str>| part.filter(|part| !part.is_empty()).map(decode).transpose();
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            user: decoded(user)?,
            password: decoded(password)?,
            hosts: hosts
                .split(',')
                .filter(|host| !host.is_empty())
                .map(Host::parse)
                .collect::<Result<_, _>>()?,
            path: decode(path.strip_prefix('/').unwrap_or(path))?,
            query: pairs(query)?,
        })
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, UrlError> {
        let (name, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((address, "")) => (address, None),
            Some((address, port)) => (address, Some(port.strip_prefix(':').ok_or(UrlError::Port)?)),
            None => match text.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (text, None),
            },
        };
        let port = match port {
            None => None,
            Some(port) => Some(port.parse().ok().filter(|port| *port != 0).ok_or(UrlError::Port)?),
        };
        match decode(name)? {
            name if name.is_empty() => Err(UrlError::NoHost),
            name => Ok(Self { name, port }),
        }
    }
}

fn decode(text: &str) -> Result<String, UrlError> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| UrlError::Encoding)?;
    if decoded.chars().any(|c| c == '\0') {
        return Err(UrlError::ControlCharacter);
    }
    Ok(decoded.into_owned())
}

/// The path and the query of a URL such as `sqlite://topper.db?mode=rw`, decoded.
#[cfg(feature = "sqlite")]
pub(crate) fn file(text: &str) -> Result<(String, Vec<(String, String)>), UrlError> {
    let text = text.trim();
    let scheme = scheme(text)?;
    let rest = text.get(scheme.len()..).and_then(|rest| rest.strip_prefix(':')).unwrap_or("");
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = decode(path.strip_prefix("//").unwrap_or(path))?;
    if path.chars().any(char::is_control) {
        return Err(UrlError::ControlCharacter);
    }
    Ok((path, pairs(query)?))
}

fn pairs(query: &str) -> Result<Vec<(String, String)>, UrlError> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        // It may be the end of the value before.
        let (key, value) = pair.split_once('=').ok_or(UrlError::NoValue)?;
        Ok((decode(key)?, decode(value)?))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests;
