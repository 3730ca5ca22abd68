//! What can go wrong in the centre's administration, by what the person who asked can do about it.

/// Setting the centre up, letting workstations in and shutting them out.
#[derive(Debug, thiserror::Error)]
pub enum CentralError {
    /// The address does not read as one.
    #[error("the address of the centre's database can't be read")]
    Address {
        /// What sqlx said.
        #[source]
        source: sqlx::Error,
    },
    /// No connection, or none that can be trusted.
    #[error("the centre's database does not answer, or not as the one it should be")]
    Unreachable {
        /// What sqlx said.
        #[source]
        source: sqlx::Error,
    },
    /// The server answers and refuses the account.
    #[error("the centre's database refuses this account")]
    SignInRefused {
        /// What PostgreSQL said.
        #[source]
        source: sqlx::Error,
    },
    /// The account may not do this; it must be a member of `seekwell_centre`, or whoever set the centre up.
    #[error("this account may not do that")]
    NotAllowed {
        /// What PostgreSQL said.
        #[source]
        source: sqlx::Error,
    },
    /// The centre's schema is not there yet.
    #[error("the centre is not set up in this database; migrate it first")]
    NotSetUp,
    /// A newer program set the centre up.
    #[error("the centre has schema version {version}, newer than this program knows")]
    Newer {
        /// Its newest migration.
        version: i32,
    },
    /// One of its migrations is not the one that this program carries.
    #[error("schema version {version} of the centre is not the one that this program knows")]
    Foreign {
        /// The migration.
        version: i32,
    },
    /// A migration failed, and with it everything that it had done.
    #[error("migration {version} failed; the database is as it was before it")]
    Migration {
        /// The migration.
        version: i32,
        /// What PostgreSQL said.
        #[source]
        source: sqlx::Error,
    },
    /// No clinic has that name.
    #[error("there is no clinic of that name")]
    NoSuchClinic,
    /// No workstation has that id.
    #[error("there is no workstation with that id")]
    NoSuchWorkstation,
    /// Another clinic has that name.
    #[error("another clinic has that name")]
    ClinicTaken,
    /// Another workstation of the clinic has that name.
    #[error("another workstation of the clinic has that name")]
    WorkstationTaken,
    /// A name or a bucket that breaks a rule of the schema.
    #[error("{rule} is empty, too long or not of the right form")]
    Invalid {
        /// The rule's name, such as `clinic_bucket`.
        rule: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness {
        /// What it said.
        what: getrandom::Error,
    },
    /// Anything else that PostgreSQL or sqlx said.
    #[error("the centre's database did not do it")]
    Failed {
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
}

impl CentralError {
    /// The schema says "no data found" of whatever a function was asked for; here it was a clinic.
    pub(super) fn about_clinic(error: Self) -> Self {
        match error {
            Self::NoSuchWorkstation => Self::NoSuchClinic,
            error => error,
        }
    }
}

impl From<sqlx::Error> for CentralError {
    /// By PostgreSQL's error codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    fn from(source: sqlx::Error) -> Self {
        let Some(said) = source.as_database_error() else {
            return match source {
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                    Self::Unreachable { source }
                }
                source => Self::Failed { source },
            };
        };
        let code = said.code().unwrap_or_default();
        match (&*code, said.constraint()) {
            // A class for connections, "starting up", and "too many".
            (code, _) if code.starts_with("08") || matches!(code, "57P03" | "53300") => {
                Self::Unreachable { source }
            }
            (code, _) if code.starts_with("28") => Self::SignInRefused { source },
            // No such schema, function or table.
            ("3F000" | "42883" | "42P01", _) => Self::NotSetUp,
            ("42501", _) => Self::NotAllowed { source },
            ("P0002", _) => Self::NoSuchWorkstation,
            ("23505", Some("clinic_name_taken")) => Self::ClinicTaken,
            ("23505", Some("workstation_name_taken")) => Self::WorkstationTaken,
            ("23514" | "22023", rule) => Self::Invalid {
                rule: rule.unwrap_or("a value").to_owned(),
            },
            _ => Self::Failed { source },
        }
    }
}
