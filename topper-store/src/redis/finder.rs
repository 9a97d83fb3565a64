//! Where the servers of a store are, and how to connect to them.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    answer::{Failure, Meaning, meaning},
    cluster::{self, Map},
    connection::{Link, OpenError, Opener},
    script, sentinel,
    url::{Address, Place, Settings},
};
use crate::cause::Cause;

/// So that a node which is silent leaves time for the others.
const MAP_TIME: Duration = Duration::from_secs(1);

/// Finds the server, each time again.
pub(super) struct Finder {
    place: Place,
    opener: Opener,
    /// For Sentinels, which have logins of their own.
    sentinels: Opener,
}

impl Finder {
    /// What is wrong is a file for TLS.
    pub(super) fn new(settings: Settings) -> Result<Self, String> {
        let Settings { place, login, tls } = settings;
        #[cfg(feature = "tls")]
        let tls =
            tls.as_ref().map(super::tls::Tls::new).transpose().map_err(|it| it.to_string())?;
        #[cfg(not(feature = "tls"))]
        drop(tls);
        let opener = Opener {
            login,
            #[cfg(feature = "tls")]
            tls,
        };
        let login = match &place {
            Place::Server(_) => opener.login.clone(),
            Place::Sentinels { login, .. } => login.clone(),
        };
        let sentinels = Opener {
            login,
            #[cfg(feature = "tls")]
            tls: opener.tls.clone(),
        };
        Ok(Self { place, opener, sentinels })
    }

    pub(super) fn has_sentinels(&self) -> bool {
        matches!(self.place, Place::Sentinels { .. })
    }

    pub(super) fn database(&self) -> u32 {
        self.opener.login.database
    }

    /// Connects to the server, which may be any by now.
    pub(super) async fn open(&self) -> Result<Link, OpenError> {
        match &self.place {
            Place::Server(address) => self.opener.open(address).await,
            Place::Sentinels { addresses, service, .. } => {
                let primary = sentinel::primary(&self.sentinels, addresses, service).await?;
                self.opener.open(&primary).await
            }
        }
    }

    /// Connects to the server again, and makes sure that it takes writes.
    pub(super) async fn open_again(&self) -> Result<Link, OpenError> {
        let mut link = self.open().await?;
        takes_writes(&mut link, "write").await?;
        Ok(link)
    }

    pub(super) async fn open_node(&self, address: &Address) -> Result<Link, OpenError> {
        self.opener.open(address).await
    }

    /// Asks a node of a cluster which node has what.
    pub(super) async fn map(&self, node: &Address) -> Result<Map, OpenError> {
        let opening = timeout(MAP_TIME, self.opener.open(node)).await;
        let mut link =
            opening.unwrap_or_else(|_| Err(OpenError::new(node, Cause::TooSlow(MAP_TIME))))?;
        let map = cluster::map(&mut link).await.map_err(|failure| OpenError::of(node, failure))?;
        map.ok_or_else(|| {
            let error = OpenError::new(node, Cause::Unusable(INCOMPLETE.to_owned()));
            OpenError { can_pass: true, ..error }
        })
    }
}

const INCOMPLETE: &str =
    "some slots of its cluster have no primary; see `redis-cli --cluster check`";

/// Whether this is a server for our keys: a write that changes nothing says so.
pub(super) async fn takes_writes(link: &mut Link, id: &str) -> Result<(), OpenError> {
    let key = script::key(&script::probe(id));
    match link.ask(redis::cmd("DEL").arg(key)).await {
        Ok(_) => Ok(()),
        Err(Failure::Answer(error)) if meaning(&error, &link.address) == Meaning::Final => Ok(()),
        Err(failure) => Err(OpenError::of(&link.address, failure)),
    }
}
