//! Who may use the page: this machine's browser and scripts, and no other web page.
//!
//! A page of another site can send requests to this machine, and by DNS rebinding read the answers
//! as well. So the name in `Host` must be one of this server, and what changes something must come
//! from the page itself, or from a program that is not a browser.

use std::net::{IpAddr, SocketAddr};

use hyper::{
    Method, Request, StatusCode, Uri,
    header::{
        AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, LOCATION, ORIGIN,
        SET_COOKIE,
    },
};

use super::response::{Answer, Refusal, bytes};

const COOKIE_NAME: &str = "topper_inspector";

pub(super) struct Guard {
    address: SocketAddr,
    /// Needed where other machines can connect.
    token: Option<String>,
}

impl Guard {
    pub(super) fn new(address: SocketAddr) -> Result<Self, getrandom::Error> {
        let token = if address.ip().is_loopback() { None } else { Some(token()?) };
        Ok(Self { address, token })
    }

    /// Where to open the page.
    pub(super) fn url(&self) -> String {
        match &self.token {
            Some(token) => format!("http://{}/?token={token}", self.address),
            None => format!("http://{}/", self.address),
        }
    }

    /// Lets a request pass, or says why not.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Box<Answer>> {
        let host = header(request, HOST).unwrap_or_default();
        if !self.is_own(host) {
            return Err(Refusal::forbidden(
                "the Host header names another server; open the URL that topper printed",
            )
            .into());
        }
        self.check_token(request)?;
        let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_page = !request.uri().path().starts_with("/api/");
        let is_foreign = match site {
            None | Some(b"same-origin" | b"none") => false,
            Some(_) => !(is_read && is_page),
        };
        let origin = request.headers().get(ORIGIN);
        let is_foreign = is_foreign
            || origin
                .is_some_and(|origin| origin.as_bytes() != format!("http://{host}").as_bytes());
        if is_foreign {
            return Err(Refusal::forbidden("another web page may not use the inspector").into());
        }
        let is_json = header(request, CONTENT_TYPE).is_some_and(|it| {
            it.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
        });
        if !is_read && !is_json {
            let error = "add the header `Content-Type: application/json`";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error).into());
        }
        Ok(())
    }

    fn is_own(&self, host: &str) -> bool {
        let Some(name) = host.strip_suffix(&format!(":{}", self.address.port())) else {
            return false;
        };
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            // A name that leads here could be anybody's, an address could not.
            Ok(address) => address.is_loopback() || self.token.is_some(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        }
    }

    fn check_token<B>(&self, request: &Request<B>) -> Result<(), Box<Answer>> {
        let Some(token) = &self.token else { return Ok(()) };
        let of_cookie = header(request, COOKIE)
            .into_iter()
            .flat_map(|it| it.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        let of_header = header(request, AUTHORIZATION).and_then(|it| it.strip_prefix("Bearer "));
        if [of_cookie, of_header].into_iter().flatten().any(|given| is_same(given, token)) {
            return Ok(());
        }
        if of_query(request.uri()).is_some_and(|given| is_same(given, token)) {
            return Err(Box::new(to_page(token)));
        }
        let error = "open the URL that topper printed: it contains the token. Scripts send the token \
                     as `Authorization: Bearer TOKEN`";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, error).into())
    }
}

fn header<B>(request: &Request<B>, name: HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

fn of_query(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="))
}

/// Keeps the token in a cookie, and takes it out of the address bar.
fn to_page(token: &str) -> Answer {
    let mut answer = bytes("text/plain; charset=utf-8", "");
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let cookie = format!("{COOKIE_NAME}={token}; HttpOnly; SameSite=Strict; Path=/");
    answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compares without telling by its time where they differ.
fn is_same(given: &str, token: &str) -> bool {
    let pairs = given.bytes().zip(token.bytes());
    given.len() == token.len() && pairs.fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(address: &str) -> Guard {
        Guard::new(address.parse().unwrap()).unwrap()
    }

    fn status(guard: &Guard, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard.check(&request.body(()).unwrap()).map_or_else(|it| it.status().as_u16(), |()| 200)
    }

    #[test]
    fn answers_only_to_its_own_names() {
        let guard = guard("127.0.0.1:4040");
        for (host, expected) in [
            ("127.0.0.1:4040", 200),
            ("localhost:4040", 200),
            ("LOCALHOST:4040", 200),
            ("[::1]:4040", 200),
            ("127.0.0.1", 403),
            ("127.0.0.1:4041", 403),
            ("192.168.0.7:4040", 403),
            ("attacker.example:4040", 403),
            ("localhost.attacker.example:4040", 403),
            ("", 403),
        ] {
            assert_eq!(status(&guard, "GET", "/", &[("host", host)]), expected, "{host}");
        }
        assert_eq!(status(&guard, "GET", "/", &[]), 403);
    }

    #[test]
    fn lets_no_other_web_page_change_or_read_anything() {
        let guard = guard("127.0.0.1:4040");
        let host = ("host", "localhost:4040");
        let json = ("content-type", "application/json");
        for (method, path, headers, expected) in [
            ("POST", "/api/send", vec![json], 200),
            ("POST", "/api/send", vec![("content-type", "Application/JSON; charset=utf-8")], 200),
            ("POST", "/api/send", vec![json, ("origin", "http://localhost:4040")], 200),
            ("POST", "/api/send", vec![json, ("origin", "http://127.0.0.1:4040")], 403),
            ("POST", "/api/send", vec![json, ("origin", "http://localhost:4000")], 403),
            ("POST", "/api/send", vec![json, ("origin", "null")], 403),
            ("POST", "/api/send", vec![json, ("sec-fetch-site", "cross-site")], 403),
            ("POST", "/api/send", vec![json, ("sec-fetch-site", "same-site")], 403),
            ("POST", "/api/send", vec![json, ("sec-fetch-site", "same-origin")], 200),
            ("POST", "/api/send", vec![("content-type", "text/plain")], 415),
            ("DELETE", "/", vec![], 415),
            ("GET", "/api/deliveries", vec![("sec-fetch-site", "cross-site")], 403),
            ("GET", "/api/deliveries", vec![("origin", "https://attacker.example")], 403),
            ("GET", "/", vec![("sec-fetch-site", "cross-site")], 200),
        ] {
            let headers = [&[host], &headers[..]].concat();
            assert_eq!(status(&guard, method, path, &headers), expected, "{method} {headers:?}");
        }
    }

    #[test]
    fn asks_for_a_token_where_other_machines_can_connect() {
        let guard = guard("192.0.2.7:4040");
        let host = ("host", "192.0.2.7:4040");
        let token = guard.url().split_once("?token=").unwrap().1.to_owned();
        assert_eq!(token.len(), 32);
        let check = |path: &str, headers: &[(&str, &str)]| status(&guard, "GET", path, headers);
        assert_eq!(check("/", &[host]), 401);
        assert_eq!(check("/?token=", &[host]), 401);
        assert_eq!(check(&format!("/?token={token}0"), &[host]), 401);
        assert_eq!(check(&format!("/?token={token}"), &[host]), 303);
        assert_eq!(check("/", &[host, ("cookie", &format!("a=b; topper_inspector={token}"))]), 200);
        assert_eq!(check("/", &[host, ("authorization", &format!("Bearer {token}"))]), 200);
        assert_eq!(check("/", &[host, ("authorization", "Bearer 0")]), 401);
        let rebound =
            [("host", "attacker.example:4040"), ("authorization", &format!("Bearer {token}"))];
        assert_eq!(check("/", &rebound), 403);
    }
}
