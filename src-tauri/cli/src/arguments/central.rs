//! What `central` takes: the centre's own administration.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use uuid::Uuid;

#[derive(Args)]
pub(crate) struct Server {
    /// The centre's database, as postgres://user:password@host:port/database; what it leaves out comes from PostgreSQL's own
    /// environment
    #[arg(long, value_name = "URL", env = "SEEKWELL_CENTRE_URL", hide_env_values = true)]
    pub url: String,
    /// The authority that signed the server's certificate, as PEM; otherwise one that browsers trust
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Central {
    /// Bring the database's tables and functions up to date. A second time changes nothing
    Migrate {
        #[command(flatten)]
        server: Server,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Add a clinic
    AddClinic {
        #[command(flatten)]
        server: Server,
        /// What people call it
        #[arg(long)]
        name: String,
        /// The bucket of its images
        #[arg(long)]
        bucket: String,
    },
    /// Let a new workstation in: prints the code, which is good once
    Enroll(Enroll),
    /// Make the bucket of the images, or see whether it is as it should be
    Bucket(BucketArguments),
    /// Clinics and workstations
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Shut a workstation out at once
    Revoke {
        #[command(flatten)]
        server: Server,
        /// Its id
        #[arg(value_name = "WORKSTATION")]
        workstation: Uuid,
    },
}

#[derive(Args)]
#[command(group(ArgGroup::new("do").required(true).args(["create", "check"])))]
pub(crate) struct BucketArguments {
    /// Make it, or mend what is not as it should be
    #[arg(long)]
    pub create: bool,
    /// Only look
    #[arg(long)]
    pub check: bool,
    /// Its name [default: GCS_BUCKET_NAME]
    #[arg(long)]
    pub name: Option<String>,
    /// The project it belongs to [default: GOOGLE_CLOUD_PROJECT, or the service account's]
    #[arg(long)]
    pub project: Option<String>,
    /// Where the images lie, such as ASIA-SOUTHEAST1
    #[arg(long)]
    pub location: Option<String>,
}

#[derive(Args)]
pub(crate) struct Enroll {
    #[command(flatten)]
    pub server: Server,
    /// The clinic's name
    #[arg(long)]
    pub clinic: String,
    /// What the workstation is called
    #[arg(long)]
    pub name: String,
    /// The server's name as workstations reach it, where it is another one than in the URL
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// The service account with which the workstation reaches the bucket, as JSON [default: what
    /// GOOGLE_APPLICATION_CREDENTIALS names]
    #[arg(long, value_name = "FILE")]
    pub service_account: Option<PathBuf>,
    /// Another image store than Google's, such as an emulator [default: STORAGE_EMULATOR_HOST]
    #[arg(long, value_name = "URL")]
    pub storage_endpoint: Option<String>,
    /// Write the code there, readable by its owner alone, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub code_out: Option<PathBuf>,
}
