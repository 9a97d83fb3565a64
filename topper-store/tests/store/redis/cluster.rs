//! Clusters, by the URL of one node.

use std::{path::Path, process::Command, time::Duration};

use tokio::time::{sleep, timeout};
use topper_store::{Claim, EventKey, Lease, RedisStore, Store as _};

use super::{AT_ONCE, assert_refused, point, warnings};
use crate::{
    load::Load,
    server::{Port, program, redis::Own},
};

const TERM: Duration = Duration::from_secs(60);

struct Cluster {
    nodes: Vec<Own>,
    /// The ports that they talk to each other on.
    _buses: Vec<Port>,
}

impl Cluster {
    /// So many nodes, three of them primaries and the others replicas.
    async fn start(count: usize) -> Option<Self> {
        let tool = program("redis-cli", &["/usr/local/bin".into()])?;
        let (mut nodes, mut buses) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let (node, bus) = node().await?;
            nodes.push(node);
            buses.push(bus);
        }
        let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let create = ["--cluster", "create"].map(str::to_owned).into_iter().chain(addresses);
        let replicas = if count > 3 { "1" } else { "0" };
        run(
            &tool,
            create.chain(["--cluster-replicas", replicas, "--cluster-yes"].map(str::to_owned)),
        );
        let cluster = Self { nodes, _buses: buses };
        let wait = async {
            for node in &cluster.nodes {
                while node.cluster_info("cluster_state").await != "ok"
                    || node.cluster_info("cluster_known_nodes").await != count.to_string()
                {
                    sleep(Duration::from_millis(50)).await;
                }
            }
        };
        timeout(Duration::from_secs(30), wait).await.unwrap();
        Some(cluster)
    }

    fn node(&self, number: usize) -> &Own {
        self.nodes.get(number).unwrap()
    }
}

/// A server that is not in a cluster yet.
async fn node() -> Option<(Own, Port)> {
    let bus = Port::reserve();
    let port = bus.number().to_string();
    let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500"];
    let options = [options.as_slice(), &["--cluster-port", &port]].concat();
    Some((Own::start(&options).await?, bus))
}

fn run(program: &Path, arguments: impl Iterator<Item = String>) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

impl Own {
    async fn cluster_info(&self, name: &str) -> String {
        let mut connection = self.connection().await;
        let info: String =
            redis::cmd("CLUSTER").arg("INFO").query_async(&mut connection).await.unwrap();
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    }

    async fn slot(&self, key: &str) -> u16 {
        let mut connection = self.connection().await;
        redis::cmd("CLUSTER").arg("KEYSLOT").arg(key).query_async(&mut connection).await.unwrap()
    }

    async fn id(&self) -> String {
        let mut connection = self.connection().await;
        redis::cmd("CLUSTER").arg("MYID").query_async(&mut connection).await.unwrap()
    }
}

fn lease(id: &str) -> Lease {
    Lease::new(EventKey::new("default", id)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_every_key_from_any_node() {
    let Some(cluster) = Cluster::start(3).await else { return };
    for node in &cluster.nodes {
        let store = RedisStore::connect(&node.url()).await.unwrap();
        for number in 0..100 {
            // With braces, between which the server looks for what it hashes.
            let lease = lease(&format!("{}-{{{number}}}-{{}}", node.port()));
            assert!(store.claim(&lease, TERM).await.unwrap().is_new());
            store.complete(&lease).await.unwrap();
            assert_eq!(store.claim(&lease, TERM).await.unwrap(), Claim::Done);
        }
        assert_eq!(warnings(&node.url()).await, Vec::<String>::new());
    }
    for node in &cluster.nodes {
        assert_ne!(node.info("db0").await, "", "a node has no keys");
    }
    let said = point(&cluster.node(0).url(), "connection").await;
    assert!(said.starts_with("connection: to the primaries of a cluster: 127.0.0.1:"), "{said}");
    for node in &cluster.nodes {
        assert!(said.contains(&format!("127.0.0.1:{}", node.port())), "{said}");
    }
    assert_refused(&format!("{}/1", cluster.node(0).url()), &["only database 0"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_node_that_takes_no_writes() {
    let Some(cluster) = Cluster::start(3).await else { return };
    cluster.node(2).command("CONFIG SET min-replicas-to-write 1").await;
    let place = format!("SET on 127.0.0.1:{} failed", cluster.node(2).port());
    let cause = [place.as_str(), "NOREPLICAS", "min-replicas-to-write"];
    assert_refused(&cluster.node(0).url(), &cause).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_when_a_primary_dies() {
    let Some(mut cluster) = Cluster::start(6).await else { return };
    // The URL names the very node.
    let store = RedisStore::connect(&cluster.node(0).url()).await.unwrap();
    let load = Load::start(store.clone(), AT_ONCE);
    load.goes_on_within(Duration::from_secs(5)).await;
    // Nothing may be lost that it has acknowledged.
    cluster.node(0).command("CLIENT PAUSE 60000 WRITE").await;
    let wait = async {
        while cluster.node(0).info("slave0").await.is_empty()
            || !has_caught_up(cluster.node(0)).await
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), wait).await.unwrap();
    cluster.nodes.first_mut().unwrap().kill();
    // Meanwhile the keys of the others are there.
    let claims = (0..30).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { store.claim(&lease(&format!("meanwhile-{number}")), TERM).await })
    });
    let claims: Vec<_> = claims.collect();
    let mut made = 0;
    for claim in claims {
        made += usize::from(claim.await.unwrap().is_ok());
    }
    assert!((10..30).contains(&made), "{made} of 30 claims were made");
    load.goes_on_within(Duration::from_secs(30)).await;
    load.end().await;
}

async fn has_caught_up(primary: &Own) -> bool {
    let offset = primary.info("master_repl_offset").await;
    primary.info("slave0").await.contains(&format!("offset={offset},"))
}

#[tokio::test(flavor = "multi_thread")]
async fn follows_slots_that_move() {
    let Some(cluster) = Cluster::start(3).await else { return };
    let store = RedisStore::connect(&cluster.node(0).url()).await.unwrap();
    // All of one slot.
    let ids: Vec<_> = (0..20).map(|number| format!("{{moving}}{number}")).collect();
    let slot = cluster.node(0).slot("topper:7:default:{moving}0").await;
    let (from, to) = (usize::from(slot) * 3 / 16384, (usize::from(slot) * 3 / 16384 + 1) % 3);
    let (from, to) = (cluster.node(from), cluster.node(to));
    let claim_and_complete = async |ids: &[String]| {
        for id in ids {
            let lease = lease(id);
            assert!(store.claim(&lease, TERM).await.unwrap().is_new());
            assert!(store.claim(&lease, TERM).await.unwrap().is_new());
            store.complete(&lease).await.unwrap();
        }
    };
    claim_and_complete(ids.get(..5).unwrap()).await;
    to.command(&format!("CLUSTER SETSLOT {slot} IMPORTING {}", from.id().await)).await;
    from.command(&format!("CLUSTER SETSLOT {slot} MIGRATING {}", to.id().await)).await;
    // What is not there is sent on.
    claim_and_complete(ids.get(5..10).unwrap()).await;
    let keys: Vec<_> =
        (0..5).map(|number| format!("topper:7:default:{{moving}}{number}")).collect();
    from.command(&format!("MIGRATE 127.0.0.1 {}  0 5000 KEYS {}", to.port(), keys.join(" "))).await;
    for node in [to, from] {
        node.command(&format!("CLUSTER SETSLOT {slot} NODE {}", to.id().await)).await;
    }
    claim_and_complete(ids.get(10..).unwrap()).await;
    for id in ids {
        assert_eq!(store.claim(&lease(&id), TERM).await.unwrap(), Claim::Done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_a_node_that_is_added() {
    let Some(cluster) = Cluster::start(3).await else { return };
    let store = RedisStore::connect(&cluster.node(0).url()).await.unwrap();
    let Some((added, bus)) = node().await else { return };
    let (own, id) = (cluster.node(0), added.id().await);
    own.command(&format!("CLUSTER MEET 127.0.0.1 {} {}", added.port(), bus.number())).await;
    let knows_all = async {
        for node in cluster.nodes.iter().chain([&added]) {
            while node.cluster_info("cluster_known_nodes").await != "4"
                || node.cluster_info("cluster_state").await != "ok"
            {
                sleep(Duration::from_millis(20)).await;
            }
        }
    };
    timeout(Duration::from_secs(30), knows_all).await.unwrap();
    let slot = own.slot("topper:7:default:{moving}").await;
    for node in [&added].into_iter().chain(&cluster.nodes) {
        node.command(&format!("CLUSTER SETSLOT {slot} NODE {id}")).await;
    }
    let lease = lease("{moving}");
    let claimed = async {
        while store.claim(&lease, TERM).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
        store.complete(&lease).await.unwrap();
        assert_eq!(store.claim(&lease, TERM).await.unwrap(), Claim::Done);
    };
    timeout(Duration::from_secs(10), claimed).await.unwrap();
    assert_ne!(added.info("db0").await, "", "the node has no keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn needs_the_rights_on_every_node() {
    let Some(cluster) = Cluster::start(3).await else { return };
    let acl = "ACL SETUSER few ~topper:* +set +get +del +eval +info +cluster|slots +asking";
    for node in &cluster.nodes {
        node.command("ACL SETUSER few on >s3cret").await;
        node.command(&acl.replace(" +info", "")).await;
    }
    let url = format!("redis://few:s3cret@127.0.0.1:{}", cluster.node(1).port());
    RedisStore::connect(&url).await.unwrap();
    cluster.node(2).command("ACL SETUSER few -eval").await;
    let node = format!("127.0.0.1:{}", cluster.node(2).port());
    assert_refused(&url, &["the right to EVAL", &node, &acl.replace("few", "USER")]).await;
    cluster.node(2).command("ACL DELUSER few").await;
    assert_refused(&url, &["WRONGPASS", &node]).await;
    cluster.node(1).command("ACL SETUSER few -cluster|slots").await;
    assert_refused(&url, &["CLUSTER SLOTS", "+cluster|slots"]).await;
}
