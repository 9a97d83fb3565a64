//! Servers whose clock is not the host's: leases go by theirs.

use std::{path::Path, time::Duration};

use topper_store::{Claim, EventKey, Lease, Store};

use crate::server::Clock;

const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
/// Were a lease told by the host's clock, it would be over at once, or never.
const CLOCKS: [&str; 2] = ["+40d", "-40d"];

/// `None`, and a line that says so, without the library that shifts a process' clock.
fn library() -> Option<()> {
    if Path::new(LIBRARY).exists() {
        return Some(());
    }
    let required = std::env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_some();
    assert!(!required, "libfaketime is not installed");
    println!("skipped: libfaketime is not installed");
    None
}

fn clock(shift: &str) -> Clock {
    Clock { library: LIBRARY.to_owned(), shift: shift.to_owned() }
}

fn lease() -> Lease {
    Lease::new(EventKey::new("default", "id")).unwrap()
}

async fn keeps_terms(store: impl Store) {
    let term = Duration::from_secs(2);
    assert!(store.claim(&lease(), term).await.unwrap().is_new());
    assert_eq!(store.claim(&lease(), term).await.unwrap(), Claim::InProgress);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(store.claim(&lease(), term).await.unwrap(), Claim::InProgress);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let owner = lease();
    assert!(store.claim(&owner, term).await.unwrap().is_new());
    store.renew(&owner, term).await.unwrap();
    assert_eq!(store.claim(&lease(), term).await.unwrap(), Claim::InProgress);
    store.complete(&owner).await.unwrap();
    assert_eq!(store.claim(&lease(), term).await.unwrap(), Claim::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_of_postgres_go_by_its_clock() {
    use crate::server::postgres::Own;
    for shift in CLOCKS {
        if library().is_none() {
            return;
        }
        let Some(server) = Own::start_at(clock(shift), &["-c", "fsync=off"]).await else { return };
        let url = server.database().await;
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let store = topper_store::PostgresStore::new(&pool).await.unwrap();
        let days: i32 = sqlx::query_scalar("SELECT abs(current_date - $1::text::date)")
            .bind(today())
            .fetch_one(&pool)
            .await
            .unwrap();
        assert!((39..=41).contains(&days), "its clock is {days} days off");
        keeps_terms(store).await;
    }
}

/// The host's date, from `date`.
fn today() -> String {
    let output = std::process::Command::new("date").arg("+%F").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// libfaketime does not get along with how Redis allocates, so here the receiver's clock is another:
/// this program is started anew with it.
#[tokio::test(flavor = "multi_thread")]
async fn leases_of_redis_go_by_its_clock() {
    for shift in CLOCKS {
        if library().is_none() {
            return;
        }
        let Some(url) = crate::server::redis::database().await else { return };
        let output = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["clock::has_another_clock_than_redis", "--exact", "--nocapture"])
            .envs([("LD_PRELOAD", LIBRARY), ("FAKETIME", shift), (URL, &url)])
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .output()
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
}

const URL: &str = "TOPPER_TEST_CLOCK_URL";

/// Not a test by itself: without the variable it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn has_another_clock_than_redis() {
    let Ok(url) = std::env::var(URL) else { return };
    let client = redis::Client::open(url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let (seconds, _): (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await.unwrap();
    let host = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let days = host.as_secs().abs_diff(seconds) / 86_400;
    assert!((39..=41).contains(&days), "its clock is {days} days off");
    keeps_terms(topper_store::RedisStore::connect(&url).await.unwrap()).await;
}
