//! What a server must be, and should be, told from its own words.

use redis::{ErrorKind, RedisError, aio::ConnectionManager};

/// `SET` takes `NX` and `GET` together since then.
const LEAST_VERSION: u32 = 7;

pub(super) async fn server(connection: &mut ConnectionManager) -> Result<(), RedisError> {
    let info: String = redis::cmd("INFO").query_async(connection).await?;
    let version = field(&info, "redis_version").and_then(|version| version.split('.').next());
    if version.and_then(|major| major.parse().ok()).is_some_and(|major: u32| major < LEAST_VERSION)
    {
        return Err((ErrorKind::InvalidClientConfig, "the server is older than Redis 7").into());
    }
    if field(&info, "aof_enabled") == Some("0") {
        tracing::warn!(
            target: "topper",
            "Redis has `appendonly no`: when it ends unexpectedly, it forgets events, and they may run twice",
        );
    }
    let is_limited = field(&info, "maxmemory").is_some_and(|limit| limit != "0");
    if is_limited && field(&info, "maxmemory_policy").is_some_and(|policy| policy != "noeviction") {
        tracing::warn!(
            target: "topper",
            "Redis evicts keys when its memory is full: it forgets events, and they may run twice; \
             set `maxmemory-policy noeviction`",
        );
    }
    Ok(())
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
}
