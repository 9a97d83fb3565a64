//! Ports for servers.

use std::{
    io,
    net::TcpListener,
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below those that Linux gives to connections: a server that is started again must find its port free.
const FIRST: u16 = 10_000;
const COUNT: u16 = 22_000;

/// Returns a port of 127.0.0.1 that was free a moment ago, and that no connection takes by itself.
///
/// # Errors
///
/// When none is free.
pub fn free_port() -> io::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Programs that run at the same time begin far from each other.
    let first = u16::try_from(process::id() % 997).unwrap_or_default() * 22;
    for _ in 0..COUNT {
        let next = u32::from(first) + u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from(next % u32::from(COUNT)).unwrap_or_default();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no port is free"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_is_another() {
        let mut ports: Vec<u16> = (0..20).map(|_| free_port().unwrap()).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 20);
    }
}
