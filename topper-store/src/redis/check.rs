//! What a server must be and how it should be set, as it reports itself.

use std::time::Duration;

use redis::Value;

use super::{
    cluster::Map,
    connection::{Link, OpenError},
    finder::{Finder, takes_writes},
    rights::{self, Lacking, acl, info},
    sentinel,
    url::{Address, Settings},
};
use crate::{Report, cause::Cause, start};

/// Between attempts to reach a server that is starting.
const PAUSE: Duration = Duration::from_millis(200);

/// The oldest that is tested, and that still gets fixes.
const LEAST_VERSION: u32 = 7;

/// What was found, for the store.
pub(super) struct Ready {
    pub(super) finder: Finder,
    pub(super) links: Vec<Link>,
    pub(super) map: Option<Map>,
}

/// Connects, and reports each check; `None` if one has failed.
pub(super) async fn run(url: &str, report: &mut Report) -> Option<Ready> {
    let finder = match Settings::parse(url) {
        Ok(settings) => match Finder::new(settings) {
            Ok(finder) => finder,
            Err(error) => {
                report.failed("TLS", error, None);
                return None;
            }
        },
        Err(error) => {
            report.failed("URL", error.to_string(), None);
            return None;
        }
    };
    report.passed("URL", "valid for Redis");
    let reached = start::in_time(PAUSE, |error: &OpenError| error.can_pass, || reach(&finder));
    let mut servers = match reached.await {
        Ok(servers) => servers,
        Err(OpenError { error, .. }) => {
            match error.cause {
                Cause::Unusable(what) => {
                    report.failed("server", format!("{}: {what}", error.address), None)
                }
                _ => report.failed("connection", error.to_string(), None),
            }
            return None;
        }
    };
    report.passed("connection", servers.connected(finder.has_sentinels()));
    let acl = acl(servers.map.is_some(), finder.database());
    match servers.info.as_deref() {
        Some(info) => version(info, report),
        None => report.warned(
            "settings",
            "the Redis user may not run INFO, so the version and the settings are unknown",
            format!("grant it with `{acl}`; replace USER with the user's name"),
        ),
    }
    for link in &mut servers.links {
        let address = link.address.clone();
        let map = servers.map.as_ref();
        let is_ours = |slot| map.is_none_or(|map| map.primary(slot) == Some(&address));
        if let Err(lacking) = rights::check(link, is_ours).await {
            lacks(lacking, &address, &acl, report);
        }
    }
    if report.is_usable() {
        report.passed("rights", "each step of a lease works");
    }
    if let Some(info) = servers.info.as_deref()
        && let Some(link) = servers.links.first_mut()
    {
        durability(info, link, report).await;
    }
    let Servers { links, map, .. } = servers;
    report.is_usable().then_some(Ready { finder, links, map })
}

/// Those that were reached.
struct Servers {
    links: Vec<Link>,
    map: Option<Map>,
    info: Option<String>,
}

async fn reach(finder: &Finder) -> Result<Servers, OpenError> {
    let mut link = finder.open().await?;
    let address = link.address.clone();
    let info = info(&mut link).await.map_err(|failure| OpenError::of(&address, failure))?;
    let is_cluster = match info.as_deref().and_then(|info| field(info, "redis_mode")) {
        Some("sentinel") => return Err(is_sentinel(&mut link).await),
        Some(mode) => mode == "cluster",
        None => is_node(&mut link).await,
    };
    if !is_cluster {
        takes_writes(&mut link, "write").await?;
        return Ok(Servers { links: vec![link], map: None, info });
    }
    drop(link);
    let map = finder.map(&address).await.map_err(|error| match error.is("NOPERM") {
        true => {
            let acl = acl(true, 0);
            let what =
                format!("the Redis user lacks the right to CLUSTER SLOTS; grant it with `{acl}`");
            OpenError::new(&address, Cause::Unusable(what))
        }
        false => error,
    })?;
    let mut links = Vec::new();
    for primary in map.primaries() {
        let mut link = finder.open_node(&primary).await?;
        match takes_writes(&mut link, "write").await {
            // It has other keys, so that it is there.
            Err(error) if !error.is("MOVED") && !error.is("ASK") => return Err(error),
            _ => links.push(link),
        }
    }
    Ok(Servers { links, map: Some(map), info })
}

/// Only a node of a cluster sends keys elsewhere.
async fn is_node(link: &mut Link) -> bool {
    for number in 0..16 {
        let tried = takes_writes(link, &format!("write-{number}")).await;
        if tried.is_err_and(|error| error.is("MOVED") || error.is("ASK")) {
            return true;
        }
    }
    false
}

async fn is_sentinel(link: &mut Link) -> OpenError {
    let service = sentinel::services(link).await.into_iter().next();
    let service = service.unwrap_or_else(|| "SERVICE".to_owned());
    let address = &link.address;
    let what = format!(
        "it is a Sentinel, which has no data; use the URL redis+sentinel://{address}/{service}/0, \
         and add the other Sentinels with commas",
    );
    OpenError::new(address, Cause::Unusable(what))
}

impl Servers {
    fn connected(&self, has_sentinels: bool) -> String {
        let addresses: Vec<_> = self.links.iter().map(|link| link.address.to_string()).collect();
        let addresses = addresses.join(", ");
        match (&self.map, has_sentinels) {
            (Some(_), _) => format!("to the primaries of a cluster: {addresses}"),
            (None, true) => format!("to {addresses}, the primary according to the Sentinels"),
            (None, false) => format!("to {addresses}"),
        }
    }
}

fn version(info: &str, report: &mut Report) {
    // Valkey says so too, for programs that know Redis only.
    let Some(version) = field(info, "redis_version") else { return };
    let major = version.split('.').next().and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| major < LEAST_VERSION) {
        let advice = format!("use Redis {LEAST_VERSION} or later, or Valkey");
        return report.failed("version", format!("the server is Redis {version}"), advice);
    }
    report.passed(
        "version",
        match field(info, "valkey_version") {
            Some(valkey) => format!("Valkey {valkey}"),
            None => format!("Redis {version}"),
        },
    );
}

fn lacks(lacking: Lacking, address: &Address, acl: &str, report: &mut Report) {
    match lacking {
        Lacking::Rights(rights) => report.failed(
            "rights",
            format!("the Redis user lacks the right to {} on {address}", rights.join(", ")),
            format!("grant it with `{acl}`; replace USER with the user's name"),
        ),
        Lacking::Step(step, cause) => {
            report.failed("rights", format!("{step} on {address} failed: {cause}"), None);
        }
        Lacking::Random(error) => report.failed("rights", format!("{:?}", error), None),
    }
}

async fn durability(info: &str, link: &mut Link, report: &mut Report) {
    let forgets = "if the server crashes it loses events, and they may be processed again";
    if field(info, "aof_enabled") == Some("0") {
        report.warned(
            "durability",
            format!("`appendonly` is no: {forgets}"),
            "set `appendonly yes` and `appendfsync always`",
        );
    } else if let Some(sync) = setting(link, "appendfsync").await.filter(|sync| sync != "always") {
        let found = format!("`appendfsync` is {sync}: {forgets}");
        report.warned("durability", found, "set `appendfsync always`");
    } else {
        report.passed("durability", "each write is appended to a file");
    }
    let is_limited = field(info, "maxmemory").is_some_and(|limit| limit != "0");
    match field(info, "maxmemory_policy") {
        Some(policy) if is_limited && policy != "noeviction" => report.warned(
            "memory",
            format!(
                "`maxmemory-policy` is {policy}: when the memory is full the server evicts events, \
                 and they may be processed again"
            ),
            "set `maxmemory-policy noeviction`",
        ),
        _ => report.passed("memory", "the server evicts no events"),
    }
}

/// Where it may be seen: many a hosted server does not show it.
async fn setting(link: &mut Link, name: &str) -> Option<String> {
    let answer = link.ask(redis::cmd("CONFIG").arg("GET").arg(name)).await.ok()?;
    let Value::Array(pair) = answer else { return None };
    let [_, value] = pair.as_slice() else { return None };
    sentinel::text(value).map(str::to_owned)
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
}
