//! What an adapter, or a program without one, says of a request before its body is read.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

/// A request's head: who sent it, and its headers.
///
/// A trait and not a struct, so that headers are looked up where they are and nothing is copied.
/// [`Head`] is one that is ready to use.
///
/// It is implemented for what headers often are: slices, vectors and arrays of pairs of a name and a
/// value, maps of names to values, and, with the feature `http`, `http::HeaderMap`. None of these
/// has a [`peer`](Self::peer).
pub trait RequestHead {
    /// The IP address of the socket's other end; `None` when there is no socket. Never an address
    /// from a header: the verifier reads those itself, from proxies it trusts.
    fn peer(&self) -> Option<IpAddr>;

    /// The values of every line of a header, in the order received. `name` is in lower case; the
    /// names of a request's headers may be in any case.
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
    /// A head with headers of any type that implements [`RequestHead`].
    ///
    /// `peer` is the IP address of the socket's other end, or `None` when there is no socket, as in a
    /// function of a cloud provider. Never take it from a header such as `X-Forwarded-For`: the
    /// verifier reads these itself, from proxies it trusts.
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
