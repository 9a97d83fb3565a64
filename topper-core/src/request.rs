//! What is known of a request before its body is read.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

/// The head of a request: the address of its sender, and its headers.
///
/// It is a trait so that headers are looked up without copying them. [`Head`] implements it.
///
/// It is also implemented for common types of headers: slices, vectors and arrays of pairs of a name
/// and a value, maps from names to values, and, with the feature `http`, `http::HeaderMap`. None of
/// these has a [`peer`](Self::peer).
pub trait RequestHead {
    /// The IP address of the socket's other end; `None` if there is no socket. Never return an address
    /// from a header: the verifier reads these headers itself, from trusted proxies only.
    fn peer(&self) -> Option<IpAddr>;

    /// The values of all lines of a header, in the order received. `name` is in lower case. The names
    /// in the request may be in any case.
    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;
}

/// The head of a request: the address of the socket's other end, and the headers.
///
/// # Examples
///
/// ```
/// use std::net::IpAddr;
///
/// use topper::{Head, RequestHead as _};
///
/// let peer: IpAddr = "203.0.113.7".parse()?;
/// let head = Head::new(Some(peer), &[("X-Topper-JWS-Signature", "eyJh..c2ln")]);
/// assert_eq!(head.header("x-topper-jws-signature").count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Head<'a, H: ?Sized> {
    peer: Option<IpAddr>,
    headers: &'a H,
}

impl<'a, H: RequestHead + ?Sized> Head<'a, H> {
    /// Creates a head with headers of any type that implements [`RequestHead`].
    ///
    /// `peer` is the IP address of the socket's other end, or `None` if there is no socket, as in a
    /// cloud function. Never take it from a header such as `X-Forwarded-For`: the verifier reads these
    /// headers itself, from trusted proxies only.
    pub fn new(peer: Option<IpAddr>, headers: &'a H) -> Self {
        Self { peer, headers }
    }
}

impl<H: RequestHead + ?Sized> RequestHead for Head<'_, H> {
    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.header(name)
    }
}

impl<H: ?Sized> Clone for Head<'_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: ?Sized> Copy for Head<'_, H> {}

/// The address of the socket's other end, among the extensions of an `http::Request`.
///
/// `topper_serve::serve` puts it there, and the service of `topper-tower` looks for it there. A server
/// of your own inserts it for each request.
#[cfg(feature = "http")]
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub std::net::SocketAddr);

#[cfg(feature = "http")]
impl RequestHead for http::HeaderMap {
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.get_all(name).iter().map(http::HeaderValue::as_bytes)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHead for [(N, V)] {
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        of_name(self.iter().map(|(name, value)| (name, value)), name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> RequestHead for [(N, V); COUNT] {
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHead for Vec<(N, V)> {
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, S> RequestHead for HashMap<N, V, S> {
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        of_name(self.iter(), name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHead for BTreeMap<N, V> {
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        of_name(self.iter(), name)
    }
}

fn of_name<'a, N: AsRef<str> + 'a, V: AsRef<[u8]> + 'a>(
    headers: impl Iterator<Item = (&'a N, &'a V)>,
    name: &'a str,
) -> impl Iterator<Item = &'a [u8]> {
    headers
        .filter(move |(other, _)| other.as_ref().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_ref())
}
