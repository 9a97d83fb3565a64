//! The file that a connection has open, and whether it is still the one at its path.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::statement;

/// A connection, and the file that was at the path when it was made.
pub(super) struct Open {
    pub(super) connection: SqliteConnection,
    path: PathBuf,
    identity: Option<Identity>,
}

/// Device and number of a file; unknown where files have none.
#[derive(PartialEq, Eq)]
struct Identity(u64, u64);

impl Open {
    /// Opens the file, and makes it and its tables where the options say so.
    pub(super) async fn prepare(options: &SqliteConnectOptions) -> Result<Self, OpenError> {
        let mut connection = options.connect().await?;
        // Also what has another name, such as a pool in memory.
        let path: String = sqlx::query_scalar("SELECT file FROM pragma_database_list LIMIT 1")
            .fetch_one(&mut connection)
            .await?;
        if path.is_empty() {
            return Err(OpenError::InMemory);
        }
        statement::migrate(&mut connection).await?;
        Self::new(connection, path.into())
    }

    /// Opens the file again.
    pub(super) async fn again(options: &SqliteConnectOptions) -> Result<Self, OpenError> {
        let options = options.clone().create_if_missing(false);
        let path = options.get_filename().to_owned();
        if !path.exists() {
            return Err(OpenError::Gone(path));
        }
        Self::new(options.connect().await?, path)
    }

    fn new(connection: SqliteConnection, path: PathBuf) -> Result<Self, OpenError> {
        let identity = Identity::of(&path).map_err(|_| OpenError::Gone(path.clone()))?;
        Ok(Self { connection, path, identity })
    }

    /// What was written to a file that was deleted or replaced is forgotten with the process.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        match Identity::of(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            _ => Err(OpenError::Gone(self.path.clone())),
        }
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Option<Self>> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(path)?;
        Ok(Some(Self(metadata.dev(), metadata.ino())))
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Option<Self>> {
        fs::metadata(path).map(|_| None)
    }
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(
        "a database in memory forgets all events when the program ends, and they would be processed \
         again; name a file, such as sqlite://topper.db"
    )]
    InMemory,
    #[error(
        "{} was deleted or replaced while it was in use; put the file back, or restart the program to \
         begin without its events",
        .0.display()
    )]
    Gone(PathBuf),
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
}

impl OpenError {
    /// Another program writes to the file just now.
    pub(super) fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        // SQLITE_BUSY and its extended codes.
        let code = error.as_database_error().and_then(|error| error.code());
        code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
    }
}
