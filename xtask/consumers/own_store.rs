use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use topper::store::{Claim, EventKey, Lease, LeaseError, Once, Seen, Store, StoreError};
use topper::{Head, Outcome, Retry, Verifier, Webhook};

mod http;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = Verifier::from_env()?;
    let once = Once::new(Table::default());
    http::serve(async |request: http::Request| {
        match verifier.verify(&Head::new(Some(request.peer), &request.headers), &request.body) {
            Ok(webhook) => once.run(webhook, process).await,
            Err(error) => error.reply(),
        }
    })
    .await?;
    Ok(())
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}

/// The owner of each event's lease, and when it expires: `None` once the event is done.
#[derive(Default)]
struct Table(Mutex<HashMap<EventKey, (Vec<u8>, Option<Instant>)>>);

impl Table {
    fn rows(&self) -> MutexGuard<'_, HashMap<EventKey, (Vec<u8>, Option<Instant>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Table {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let mut rows = self.rows();
        match rows.get(lease.key()) {
            Some((_, None)) => return Ok(Claim::Done),
            Some((owner, Some(expires))) if owner != lease.owner() && *expires > Instant::now() => {
                return Ok(Claim::InProgress);
            }
            _ => {}
        }
        let expires = Some(Instant::now() + term);
        rows.insert(lease.key().clone(), (lease.owner().to_vec(), expires));
        Ok(Claim::New(Seen::first()))
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        match self.rows().get_mut(lease.key()) {
            Some((owner, Some(expires))) if owner == lease.owner() => {
                *expires = Instant::now() + term;
                Ok(())
            }
            _ => Err(LeaseError::Lost),
        }
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        let mut rows = self.rows();
        match rows.get(lease.key()) {
            Some((owner, _)) if owner != lease.owner() => Err(LeaseError::Lost),
            _ => {
                rows.insert(lease.key().clone(), (lease.owner().to_vec(), None));
                Ok(())
            }
        }
    }

    async fn release(&self, lease: &Lease, _: Option<&str>) -> Result<(), LeaseError> {
        let mut rows = self.rows();
        match rows.get(lease.key()) {
            Some((owner, Some(_))) if owner == lease.owner() => {
                rows.remove(lease.key());
                Ok(())
            }
            _ => Err(LeaseError::Lost),
        }
    }
}
