//! URLs with a secret in them, right and wrong.

/// What becomes of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is wrong, which is said at once, without a connection.
    Wrong,
    /// Nobody lets it in.
    Refused,
    /// It works.
    Works,
}

/// Where the servers are, as `host:port`.
pub(super) struct Servers {
    pub(super) nobody: String,
    pub(super) postgres: String,
    pub(super) redis: String,
}

/// In each URL `{c}` is the secret, which no character of is encoded.
const WRONG: [&str; 53] = [
    // A password with raw characters that cut a URL.
    "postgres://user:{c}/{c}@host/db",
    "postgres://user:{c}?{c}@host/db",
    "postgres://user:{c}#{c}@host/db",
    "postgres://user:{c}@{c}/{c}@host/db",
    "postgres://user:{c}\n{c}@host/db",
    "postgres://user:{c}\t{c}@host/db",
    "postgres://user:{c}%00{c}@host/db",
    "postgres://user:{c}%FF{c}@host/db",
    "redis://:{c}/{c}@host/0",
    "redis://:{c}?{c}@host/0",
    "redis://:{c}#{c}@host/0",
    "redis://:{c}\r\n{c}@host/0",
    "redis://host/0?password={c}&{c}",
    "rediss://:{c}/{c}@host/0",
    "redis+sentinel://:{c}/{c}@one,two/primary/0",
    "redis+sentinel://:{c}#{c}@one,two/primary/0",
    // Parameters.
    "postgres://host/db?sslpassword={c}",
    "postgres://host/db?password={c}&{c}",
    "postgres://host/db?password={c}&{c}={c}",
    "postgres://host/db?password={c}#{c}",
    "postgres://host/db?user=u&password={c}@{c}",
    "postgres://host/db?password={c}&passfile={c}",
    "postgres://host/db?{c}",
    "postgres://host/db?{c} {c}={c}",
    "postgres://host/db?sslmode={c}",
    "postgres://host/db?sslrootcert=/{c}",
    "postgres://host/db?port={c}",
    "postgres://host/db?hostaddr={c}",
    "postgres:///db?hostaddr={c}",
    "postgres://host/db?target_session_attrs={c}",
    "postgres://host/db?channel_binding={c}",
    "postgres://host/db?password={c}&sslkey=/{c}&sslmode=require",
    "sqlite://never.db?key={c}",
    "sqlite://never.db?mode={c}",
    "sqlite://never.db?{c}",
    "sqlite://user:{c}@ho\nst/db",
    // Ports and hosts.
    "postgres://user:{c}@host:{c}/db",
    "postgres://user:{c}@host:99999/db",
    "postgres://user:{c}@one:{c},two/db",
    "postgres://user:{c}@one:1,two:{c}{c}/db",
    "postgres://user:{c}@:5432/db",
    "postgres://user:{c}/db",
    "postgres://user:{c}",
    "redis://:{c}/0",
    "redis://user:{c}",
    // Schemes.
    "mysql://user:{c}@host/db",
    "{c}://host/db",
    "user:{c}@host/db",
    "{c}",
    "postgres:user:{c}@host/db",
    "postgres//user:{c}@host/db",
    "redis:{c}@host",
    "host=host user=user password={c}",
];

const REFUSED: [&str; 22] = [
    "postgres://user:{c}@{c}@{nobody}/db",
    "postgres://user:{c}:{c}@{nobody}/db",
    "postgres://user:{c}%{c}@{nobody}/db",
    "postgres://user:{c} {c}@{nobody}/db",
    "postgres://user:{c}ü{c}@{nobody}/db",
    "postgres://user:%4B{c}%2F{c}@{nobody}/db",
    "postgres://{nobody}/db?user={c}&password={c}",
    "postgres://{nobody}/{c}?options=-c%20x={c}&application_name={c}",
    "postgres://user:{c}@{nobody},{nobody}/db",
    "postgres://user:{c}@{nobody}/db?sslmode=verify-full",
    "postgres:///db?host=/no-such-folder&password={c}",
    "postgres://passworded_user:{c}@{postgres}/postgres",
    "postgres://postgres:{c}@{postgres}/no-such-database",
    "postgres://postgres:{c}@{postgres}/postgres?options=-c%20x={c}",
    "postgres://postgres:{c}@{postgres}/postgres?sslmode=verify-full",
    "redis://user:{c}@{nobody}/0",
    "redis://:{c}@{c}@{nobody}/0",
    "redis://:{c}%2F{c}@{nobody}/0",
    "rediss://:{c}@{nobody}/0",
    "rediss://:{c}@{redis}/0",
    "redis://user:{c}@{redis}/0",
    "redis+sentinel://:{c}@{nobody},{nobody}/primary/0",
];

const WORKS: [&str; 3] = [
    "postgres://postgres:{c}%2F{c}@{postgres}/postgres?options=-c%20a.b={c}",
    "  postgres://postgres:{c}@{postgres}/postgres?sslmode=disable&application_name={c}\r\n",
    "redis://{redis}/0",
];

/// All, each with a secret of its own.
pub(super) fn all(servers: &Servers) -> Vec<(String, Fate)> {
    let fates = [Fate::Wrong, Fate::Refused, Fate::Works];
    let lists = [&WRONG[..], &REFUSED, &WORKS];
    let cases = fates.into_iter().zip(lists);
    cases
        .flat_map(|(fate, urls)| urls.iter().map(move |url| (*url, fate)))
        .enumerate()
        .map(|(number, (url, fate))| {
            let url = url
                .replace("{c}", &format!("{}{number}x", super::CANARY))
                .replace("{nobody}", &servers.nobody)
                .replace("{postgres}", &servers.postgres)
                .replace("{redis}", &servers.redis);
            (url, fate)
        })
        .collect()
}
