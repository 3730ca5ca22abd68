//! What can go wrong with the database, by what the caller can do about it.

/// The encrypted database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It should be there and is not.
    #[error("the database is not in the data directory")]
    Missing,
    /// The file is there and holds no tables: somebody or something emptied it.
    #[error("the database is empty")]
    Emptied,
    /// A first run met an existing database.
    #[error("there is a database already; it is never made anew")]
    AlreadyThere,
    /// Its pages do not authenticate, or its structure is broken.
    #[error("the database is damaged")]
    Damaged {
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A newer program wrote it.
    #[error("the database has schema version {version}, newer than this program knows")]
    Newer {
        /// Its newest migration.
        version: i64,
    },
    /// One of its migrations is not the one that this program carries.
    #[error("schema version {version} of the database is not the one that this program knows")]
    Foreign {
        /// The migration.
        version: i64,
    },
    /// No room.
    #[error("the disk is full")]
    Full {
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// The file or its directory can't be written.
    #[error("the database can't be written")]
    ReadOnly {
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// The record is not there.
    #[error("there is no {what} with that id")]
    NotFound {
        /// Which kind of record.
        what: &'static str,
    },
    /// Somebody else changed the record since it was read.
    #[error("the {what} was changed by somebody else; it now has revision {revision}")]
    ChangedMeanwhile {
        /// Which kind of record.
        what: &'static str,
        /// Its revision now.
        revision: u32,
    },
    /// Only an analysis that the policy calls urgent, or wants reviewed, is acknowledged.
    #[error("nobody has to look at that analysis")]
    NotUrgent,
    /// The e-mail address belongs to somebody.
    #[error("that e-mail address is taken")]
    EmailTaken,
    /// A stored word or number means nothing to this program.
    #[error("the column {column} holds a value that this program does not know")]
    Unreadable {
        /// The column.
        column: &'static str,
    },
    /// A migration failed for another reason.
    #[error("the database could not be brought up to date")]
    Migration {
        /// What sqlx said.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// Anything else that SQLite or sqlx said.
    #[error("the database did not answer")]
    Failed {
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
}

impl StoreError {
    /// Whether it lies with the record that was to be written: a value that is not allowed, a reference to nothing.
    pub(super) fn is_about_the_record(&self) -> bool {
        const CONSTRAINT: i32 = 19;
        match self {
            Self::Unreadable { .. } | Self::NotFound { .. } => true,
            Self::Failed { source } => primary_code(source) == Some(CONSTRAINT),
            _ => false,
        }
    }
}

/// SQLite's primary result code (<https://www.sqlite.org/rescode.html>).
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    Some(code.parse::<i32>().ok()? & 0xff)
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        match primary_code(&source) {
            Some(11 | 26) => Self::Damaged { source },
            Some(13) => Self::Full { source },
            Some(8 | 14 | 3) => Self::ReadOnly { source },
            _ => Self::Failed { source },
        }
    }
}
