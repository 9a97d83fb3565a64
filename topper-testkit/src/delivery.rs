//! A delivery: what Topper would send.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use topper_core::{Error, RequestHead, Verifier, Webhook, protocol::SIGNATURE_HEADER};

use crate::{Answer, TestKey, exchange};

/// A request with headers and a body, genuine or forged; it is sent as a `POST`.
///
/// Its fields are public, so that a test can break any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The address it comes from, if you pass it to a verifier without sending it. By default it is
    /// one of Topper's.
    pub peer: Option<IpAddr>,
    /// The header lines, in order. `Host` and `Content-Length` are added on sending.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Delivery {
    /// Creates a delivery whose body is signed as Topper signs it.
    pub fn signed(key: &TestKey, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::unsigned(body.clone()).header(SIGNATURE_HEADER, key.sign(&body))
    }

    /// Creates a delivery without a signature.
    pub fn unsigned(body: impl Into<Vec<u8>>) -> Self {
        Self {
            peer: Some(IpAddr::V4(Ipv4Addr::new(35, 188, 196, 183))),
            headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
            body: body.into(),
        }
    }

    /// Adds a header line, and keeps others of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Removes every line of a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// Replaces the body, and keeps the headers, including the signature.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Replaces the signature header, and keeps the body.
    #[must_use]
    pub fn with_signature(self, token: impl Into<Vec<u8>>) -> Self {
        self.without_header(SIGNATURE_HEADER).header(SIGNATURE_HEADER, token)
    }

    /// Replaces the address that it comes from.
    #[must_use]
    pub fn from_peer(mut self, peer: impl Into<Option<IpAddr>>) -> Self {
        self.peer = peer.into();
        self
    }

    /// Verifies it in the same steps as an adapter: admit, push, verify.
    ///
    /// # Errors
    ///
    /// When the verifier refuses it.
    pub fn verify(&self, verifier: &Verifier) -> Result<Webhook, Error> {
        let mut admitted = verifier.admit(self)?;
        admitted.push(&self.body)?;
        admitted.verify()
    }

    /// Returns the bytes of an HTTP/1.1 request with `Connection: close`.
    pub fn to_http1(&self, path: &str) -> Vec<u8> {
        let head =
            self.head(path, &format!("connection: close\r\ncontent-length: {}", self.body.len()));
        [head, self.body.clone()].concat()
    }

    /// Returns the same request with a chunked body, in chunks of at most `most` bytes.
    pub fn to_http1_chunked(&self, path: &str, most: usize) -> Vec<u8> {
        let mut request = self.head(path, "connection: close\r\ntransfer-encoding: chunked");
        for chunk in self.body.chunks(most.max(1)) {
            request.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        request.extend(b"0\r\n\r\n");
        request
    }

    /// Returns the bytes of a request's head; `framing` is the header lines that say how the body
    /// ends.
    pub fn head(&self, path: &str, framing: &str) -> Vec<u8> {
        let mut head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        head.extend([framing.as_bytes(), b"\r\n\r\n"].concat());
        head
    }

    /// Sends it over its own connection, and waits for the answer.
    ///
    /// # Errors
    ///
    /// When the connection fails, or no readable answer comes within 4 s, as long as Topper waits.
    pub async fn send(&self, to: SocketAddr, path: &str) -> io::Result<Answer> {
        exchange(to, self.to_http1(path)).await
    }
}

impl RequestHead for Delivery {
    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.headers.iter();
        lines
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }
}
