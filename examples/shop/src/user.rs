//! Who is logged in.

use std::fmt::Write as _;

use axum::http::{HeaderMap, header::COOKIE};
use topper::store::sqlx::{self, SqlitePool};

const NAME: &str = "shop";

pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
}

/// The user of a request, if one is logged in.
pub(crate) async fn of(
    database: &SqlitePool,
    headers: &HeaderMap,
) -> Result<Option<User>, sqlx::Error> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|it| it.split_once('='));
    let Some((_, secret)) = pairs.find(|(name, _)| name.trim() == NAME) else { return Ok(None) };
    let row: Option<(i64, String)> = sqlx::query_as(
        "SELECT u.id, u.name FROM shop_login l JOIN shop_user u ON u.id = l.user WHERE l.secret = ?",
    )
    .bind(secret)
    .fetch_optional(database)
    .await?;
    Ok(row.map(|(id, name)| User { id, name }))
}

/// Logs a user in, and returns the cookie for it.
///
/// There is no password, so that the example stays small: do not copy this function.
pub(crate) async fn log_in(
    database: &SqlitePool,
    name: &str,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let user: i64 = sqlx::query_scalar(
        "INSERT INTO shop_user (name) VALUES (?) \
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id",
    )
    .bind(name)
    .fetch_one(database)
    .await?;
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let mut secret = String::new();
    for byte in bytes {
        write!(secret, "{byte:02x}")?;
    }
    sqlx::query("INSERT INTO shop_login (secret, user) VALUES (?, ?)")
        .bind(&secret)
        .bind(user)
        .execute(database)
        .await?;
    // Lax: another site cannot make the browser buy something.
    Ok(format!("{NAME}={secret}; HttpOnly; SameSite=Lax; Path=/"))
}
