//! Reserving an address.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

use crate::ServeError;

/// How many connections may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;

/// Reserves an address, without listening yet.
///
/// Without a host, it is every IPv6 and IPv4 address, or every IPv4 address if there is no IPv6.
pub(crate) fn bind(host: Option<IpAddr>, port: u16) -> Result<(Socket, SocketAddr), ServeError> {
    let any = Ipv6Addr::UNSPECIFIED.into();
    let first = SocketAddr::new(host.unwrap_or(any), port);
    match (bind_to(first), host) {
        (Ok(bound), _) => Ok(bound),
        (Err(cause), None) if is_without_ipv6(&cause) => {
            let address = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port);
            bind_to(address).map_err(|cause| ServeError::Listen { address, cause })
        }
        (Err(cause), _) => Err(ServeError::Listen { address: first, cause }),
    }
}

/// A port that is in use is in use for both families.
fn is_without_ipv6(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn bind_to(address: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for connections of the previous process. On Windows, this would let
    // another process take the port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    let bound = socket.local_addr()?.as_socket().unwrap_or(address);
    Ok((socket, bound))
}

/// Starts to listen, without blocking.
pub(crate) fn listen(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn listens_on_both_families_by_default() {
        let (socket, address) = bind(None, 0).unwrap();
        let _listener = listen(socket).unwrap();
        TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())).unwrap();
        if address.is_ipv6() {
            TcpStream::connect((Ipv6Addr::LOCALHOST, address.port())).unwrap();
        }
    }

    #[test]
    fn names_the_address_that_is_taken() {
        let (socket, address) = bind(Some(Ipv4Addr::LOCALHOST.into()), 0).unwrap();
        let _listener = listen(socket).unwrap();
        let error = bind(Some(Ipv4Addr::LOCALHOST.into()), address.port()).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    }

    #[test]
    fn falls_back_only_where_ipv6_is_missing() {
        assert!(!is_without_ipv6(&io::ErrorKind::AddrInUse.into()));
        assert!(!is_without_ipv6(&io::ErrorKind::PermissionDenied.into()));
        assert!(is_without_ipv6(&io::ErrorKind::AddrNotAvailable.into()));
        // The error of a system without IPv6 has no kind of its own.
        assert!(is_without_ipv6(&io::Error::other("address family is not supported")));
    }
}
