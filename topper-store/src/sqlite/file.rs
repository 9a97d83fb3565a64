//! The files that a connection has open, and whether they are still the ones at their paths.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::statement;

/// The file that a store began with. It takes no other.
pub(super) struct Place {
    path: PathBuf,
    identity: Identity,
    wal: PathBuf,
}

/// Device and number of a file, where files have them, and when it was made, where that is known: a
/// number is given to another file when its own is gone.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64, Option<SystemTime>);

/// A connection, and the WAL that it writes to. What is in there is lost with that, too.
pub(super) struct Open {
    pub(super) connection: SqliteConnection,
    wal: Option<Identity>,
    is_durable: bool,
}

impl Open {
    /// Opens the file, and makes it and its tables where the options say so.
    pub(super) async fn prepare(
        options: &SqliteConnectOptions,
    ) -> Result<(Place, Self), OpenError> {
        let mut connection = options.connect().await?;
        // Also what has another name, such as a pool in memory.
        let path: String = sqlx::query_scalar("SELECT file FROM pragma_database_list LIMIT 1")
            .fetch_one(&mut connection)
            .await?;
        if path.is_empty() {
            return Err(OpenError::InMemory);
        }
        statement::migrate(&mut connection).await?;
        let path = PathBuf::from(path);
        let identity = Identity::of(&path).map_err(|_| OpenError::Gone(path.clone()))?;
        let mut wal = OsString::from(&path);
        wal.push("-wal");
        let place = Place { path, identity, wal: wal.into() };
        let mut open = Self::new(connection).await?;
        place.remember_wal(&mut open)?;
        Ok((place, open))
    }

    /// Opens the file again.
    pub(super) async fn again(
        options: &SqliteConnectOptions,
        place: &Place,
    ) -> Result<Self, OpenError> {
        place.check_file()?;
        Ok(Self::new(options.connect().await?).await?)
    }

    /// From now on the writer waits for others by itself.
    async fn new(mut connection: SqliteConnection) -> Result<Self, sqlx::Error> {
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await?;
        Ok(Self { connection, wal: None, is_durable: true })
    }

    /// Whether a commit waits until it is on the disk. One that does brings all before it there, too.
    pub(super) async fn be_durable(&mut self, is_durable: bool) -> Result<(), sqlx::Error> {
        if self.is_durable != is_durable {
            let pragma = if is_durable {
                "PRAGMA synchronous = FULL"
            } else {
                "PRAGMA synchronous = NORMAL"
            };
            sqlx::query(pragma).execute(&mut self.connection).await?;
            self.is_durable = is_durable;
        }
        Ok(())
    }
}

impl Place {
    /// Before and after each commit: what is written to a file that was deleted or replaced is
    /// forgotten with the process.
    pub(super) fn check(&self, open: &Open) -> Result<(), OpenError> {
        self.check_file()?;
        let Some(wal) = open.wal else { return Ok(()) };
        match Identity::of(&self.wal) {
            Ok(identity) if identity == wal => Ok(()),
            _ => Err(OpenError::NoWal(self.wal.clone())),
        }
    }

    /// After the first commit: from then on there is a WAL, until the last connection is closed.
    pub(super) fn remember_wal(&self, open: &mut Open) -> Result<(), OpenError> {
        if open.wal.is_none() {
            let identity = Identity::of(&self.wal);
            open.wal = Some(identity.map_err(|_| OpenError::NoWal(self.wal.clone()))?);
        }
        Ok(())
    }

    /// Whether the file itself is still the same.
    pub(super) fn check_file(&self) -> Result<(), OpenError> {
        match Identity::of(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            _ => Err(OpenError::Gone(self.path.clone())),
        }
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino(), metadata.created().ok()))
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self(0, 0, metadata.created().ok()))
    }
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(
        "a database in memory forgets all events when the program ends, and they would be processed \
         again; use a file, such as sqlite://topper.db"
    )]
    InMemory,
    #[error(
        "{} was deleted or replaced while it was in use; put the file back, or restart the program to \
         start without its events",
        .0.display()
    )]
    Gone(PathBuf),
    #[error("{} was deleted or replaced while it was in use; it is a part of the database", .0.display())]
    NoWal(PathBuf),
    /// It is not among the causes: what it says is said, with advice.
    #[error("{}", words(.0))]
    Sqlite(sqlx::Error),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl OpenError {
    /// Another program writes to the file just now.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error) if code(error) == Some(5))
    }
}

/// Of its extended codes, the code itself: 5 for SQLITE_BUSY.
fn code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?.parse::<u32>().ok()?;
    Some(code & 0xff)
}

fn words(error: &sqlx::Error) -> String {
    let Some(database) = error.as_database_error() else { return error.to_string() };
    let advice = match code(error) {
        Some(5) => "; another program held its write lock for too long",
        Some(8) => "; check that this program may write to the file and to its folder",
        Some(10 | 11) => "; check the disk, and restore a backup",
        Some(13) => "; free space on the disk",
        Some(14) => "; check that its folder exists, and that this program may write to it",
        Some(26) => "; use another file",
        _ => "",
    };
    format!("SQLite answered: {}{advice}", database.message())
}

#[cfg(test)]
mod tests;
