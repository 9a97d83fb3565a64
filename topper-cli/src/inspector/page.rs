//! The page, while it is served.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::timeout};

use super::{Inspector, Kept, Server};

/// Pages that do not let go are left behind after this time.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

pub(crate) struct Page {
    inspector: Arc<Inspector>,
    serving: JoinHandle<()>,
}

impl Page {
    pub(crate) fn serve(server: Server, inspector: Arc<Inspector>) -> Self {
        let serving = tokio::spawn(server.serve(Arc::clone(&inspector)));
        Self { inspector, serving }
    }

    pub(crate) fn keep(&self, kept: Kept) {
        self.inspector.keep(kept);
    }

    pub(crate) async fn end(self) {
        self.inspector.end();
        let _ = timeout(LAST_ANSWERS, self.serving).await;
    }
}
