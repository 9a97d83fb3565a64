//! Ctrl-C.

use std::{future::Future, pin::Pin};

/// Completes when the program must end.
pub(crate) type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Watches for Ctrl-C and SIGTERM from this moment on.
///
/// Watched from the beginning of a command, no such signal is missed: neither does it end the
/// program where something would be left half-done, nor is it swallowed.
pub(crate) fn watch() -> Ended {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        {
            return Box::pin(async move {
                tokio::select! {
                    _ = interrupt.recv() => (),
                    _ = terminate.recv() => (),
                }
            });
        }
    }
    Box::pin(async {
        // Without a handler nothing is waited for: the signal ends the program.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// From here on Ctrl-C ends the program only where [`watch`] is waited for: what is being written is
/// written whole.
pub(crate) fn shield() {
    #[cfg(unix)]
    drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()));
}
