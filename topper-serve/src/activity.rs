//! What a connection is doing, and its deadlines.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// The time from the first byte of a head to its last, and from a new connection to its first byte.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(5);
/// The time from an answer to the next request. Load balancers keep connections for up to a minute. The
/// side with the shorter time closes the connection, so this must be longer: otherwise the server could
/// close it while a request is on its way.
pub(crate) const IDLE_TIME: Duration = Duration::from_secs(75);

/// Which deadline a connection has missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// A head is not complete, or has not started.
    Head,
    /// There is no next request.
    Idle,
}

/// What a connection is doing.
#[derive(Debug)]
pub(crate) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    in_flight: usize,
    /// When the last answer ended, or the connection started.
    idle_since: Instant,
    /// When the incomplete head started.
    head_since: Option<Instant>,
    /// Whether there was a request.
    is_used: bool,
    is_http2: bool,
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            in_flight: 0,
            idle_since: Instant::now(),
            head_since: None,
            is_used: false,
            is_http2: false,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a complete head.
    pub(crate) fn request(self: &Arc<Self>, is_http2: bool) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.head_since = None;
        state.is_used = true;
        state.is_http2 = is_http2;
        InFlight(Arc::clone(self))
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.state().is_http2
    }

    fn read(&self) {
        let mut state = self.state();
        if state.in_flight == 0 {
            state.head_since.get_or_insert_with(Instant::now);
        }
    }

    /// Which deadline is missed. While a server is leaving, idle connections stay open: closing one
    /// could cross a request that is on its way.
    pub(crate) fn overdue(&self, is_leaving: bool) -> Option<Overdue> {
        let state = self.state();
        if state.in_flight > 0 {
            return None;
        }
        let head_since = if state.is_http2 {
            // HTTP/2 frames between requests are not the start of a head.
            None
        } else {
            state.head_since.or((!state.is_used).then_some(state.idle_since))
        };
        match head_since {
            Some(since) => (since.elapsed() >= HEAD_TIME).then_some(Overdue::Head),
            None => {
                (!is_leaving && state.idle_since.elapsed() >= IDLE_TIME).then_some(Overdue::Idle)
            }
        }
    }
}

/// A request until the end of its answer.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.idle_since = Instant::now();
    }
}

/// A socket that records when something was read.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) socket: TcpStream,
    pub(crate) activity: Arc<Activity>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.activity.read();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_head_has_5_s_and_so_has_its_first_byte() {
        let activity = Activity::new();
        advance(Duration::from_secs(4)).await;
        activity.read();
        assert_eq!(activity.overdue(false), None);
        advance(Duration::from_secs(4)).await;
        activity.read();
        assert_eq!(activity.overdue(false), None);
        advance(Duration::from_secs(1)).await;
        assert_eq!(activity.overdue(true), Some(Overdue::Head));

        let silent = Activity::new();
        advance(HEAD_TIME).await;
        assert_eq!(silent.overdue(false), Some(Overdue::Head));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_in_flight_is_never_overdue() {
        let activity = Activity::new();
        let in_flight = activity.request(false);
        activity.read();
        advance(IDLE_TIME * 2).await;
        assert_eq!(activity.overdue(false), None);
        drop(in_flight);
        assert_eq!(activity.overdue(false), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_has_75_s_and_stays_while_the_server_leaves() {
        let activity = Activity::new();
        drop(activity.request(false));
        advance(IDLE_TIME).await;
        assert_eq!(activity.overdue(true), None);
        assert_eq!(activity.overdue(false), Some(Overdue::Idle));
        // Half of a second head.
        activity.read();
        advance(HEAD_TIME).await;
        assert_eq!(activity.overdue(true), Some(Overdue::Head));
    }

    #[tokio::test(start_paused = true)]
    async fn frames_of_http2_between_requests_are_no_head() {
        let activity = Activity::new();
        drop(activity.request(true));
        activity.read();
        advance(HEAD_TIME).await;
        assert_eq!(activity.overdue(false), None);
    }
}
