//! What can be said on the command line.

mod central;

use std::path::PathBuf;

use clap::{
    ArgGroup, Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser, builder::TypedValueParser,
};
use seekwell_core::clinical::{AnalysisId, BodySite, PatientId, PhotoId, PhotoKind, Sex, Side};
use uuid::Uuid;

pub(crate) use central::{BucketArguments, Central, Enroll, Server};

/// SeekWell without a window: registers patients, keeps photos and their analyses, checks that all is whole.
#[derive(Parser)]
#[command(
    name = "seekwell",
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// Everything the workstation keeps is below it [default: the same as the window's]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// One JSON document on standard output, errors as JSON on standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// The device key in a file of 32 bytes, where there is no keyring: who reads the disk then reads the key
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Who does it, and is recorded as the author. May be left out while only one person is registered
    #[arg(long = "as", global = true, value_name = "EMAIL")]
    pub acting: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Set up a new workstation: its clinic, its first person, its keys. The password is asked for, or read from standard
    /// input
    Init(Init),
    /// Register and find patients
    #[command(subcommand)]
    Patient(Patient),
    /// Keep photos of one spot of a patient's skin, and analyse them
    Open(Open),
    /// A patient's photos with their analyses and notes, newest first
    History(History),
    /// The clinic's urgent cases that nobody has acknowledged, made here or at another workstation
    Urgent(Urgent),
    /// Record that you have seen an urgent analysis and take care of it, or have reviewed another
    Acknowledge {
        /// The analysis' id
        #[arg(value_name = "ANALYSIS")]
        analysis: AnalysisId,
    },
    /// Write one image of a photo to a file
    Export(Export),
    /// Install and list models
    #[command(subcommand)]
    Model(Model),
    /// Analyse the photos that wait
    Analyse(Analyse),
    /// Where the Space is, and who is asked first
    #[command(subcommand)]
    Settings(Settings),
    /// Record what a patient said about having photos analysed elsewhere
    Consent(Consent),
    /// Read everything: database pages, every photo's seal, rows against files
    Check,
    /// Give this machine a new device key where the old one is gone
    Recover(Recover),
    /// Connect this workstation to the centre, with the code that `central enroll` printed
    Connect(Connect),
    /// Send what waits and fetch what is new
    Sync(SyncArguments),
    /// How far things have come on their way to the centre
    Status,
    /// Fields that were changed in two places
    Conflicts,
    /// Let go what was kept for its years: at the centre, in the bucket, and then here
    Retention(RetentionArguments),
    /// Let originals leave this machine that the centre has; looking at one fetches it again
    Purge {
        /// Only those that were kept more than so many days ago
        #[arg(long, value_name = "DAYS")]
        older_than: u16,
    },
    /// Say that nothing of a patient may be deleted, or that it may again. For an administrator or a doctor
    Hold(Hold),
    /// What was never sent of records that somebody else deleted
    Leftovers {
        /// Let this one go for good. For an administrator or a doctor
        #[arg(long, value_name = "RECORD")]
        let_go: Option<Uuid>,
    },
    /// The centre's own administration: its database, its clinics, its workstations
    #[command(subcommand)]
    Central(Central),
}

#[derive(Args)]
#[command(group(ArgGroup::new("from").required(true).args(["code", "file"])))]
pub(crate) struct Connect {
    /// The code
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SyncArguments {
    /// One round, until nothing more can be sent or fetched
    #[arg(long, required = true)]
    pub once: bool,
}

#[derive(Args)]
#[command(group(ArgGroup::new("do").required(true).multiple(true).args(["dry_run", "apply", "patients", "photos"])))]
pub(crate) struct RetentionArguments {
    /// Only say what would go
    #[arg(long, conflicts_with_all = ["apply", "patients", "photos"])]
    pub dry_run: bool,
    /// Do it, once the centre has confirmed each deletion. For an administrator
    #[arg(long, conflicts_with_all = ["patients", "photos"])]
    pub apply: bool,
    /// Set after how many years without a contact a patient goes with everything, 10 or more; 0 for never. For an administrator
    #[arg(long, value_name = "YEARS")]
    pub patients: Option<u16>,
    /// The same for photos with their analyses and notes
    #[arg(long, value_name = "YEARS")]
    pub photos: Option<u16>,
}

#[derive(Args)]
#[command(group(ArgGroup::new("state").required(true).args(["on", "off"])))]
pub(crate) struct Hold {
    /// The patient's id
    #[arg(value_name = "PATIENT")]
    pub patient: PatientId,
    /// Nothing may be deleted
    #[arg(long)]
    pub on: bool,
    /// It may again
    #[arg(long)]
    pub off: bool,
}

#[derive(Args)]
pub(crate) struct Init {
    /// The clinic's name
    #[arg(long, value_name = "NAME")]
    pub clinic: String,
    /// What the first person signs in with
    #[arg(long)]
    pub email: String,
    /// The first person's name
    #[arg(long, value_name = "NAME")]
    pub full_name: String,
    /// Write the recovery key there, readable by its owner alone, and count it as confirmed. Otherwise it is shown once, and
    /// the window goes on asking for a confirmed one
    #[arg(long, value_name = "FILE")]
    pub recovery_key_out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Patient {
    /// Register a patient. One who might be there already is never refused: look with `patient find` first
    Add(PatientAdd),
    /// Patients in whose name, phone or national id every word occurs, regardless of accents and letter case
    Find {
        /// Any part of them; nothing for those who were seen last
        #[arg(value_name = "TEXT", default_value = "")]
        text: String,
    },
}

#[derive(Args)]
pub(crate) struct PatientAdd {
    /// Full name
    #[arg(long)]
    pub name: String,
    /// Year (1961) or date (1961-03-12)
    #[arg(long)]
    pub born: Option<String>,
    /// As the national register has it
    #[arg(long, ignore_case = true, value_parser = words(Sex::ALL, Sex::as_word))]
    pub sex: Option<Sex>,
    /// In any grouping
    #[arg(long)]
    pub phone: Option<String>,
    /// National identity number
    #[arg(long)]
    pub national_id: Option<String>,
    /// In any form
    #[arg(long)]
    pub address: Option<String>,
}

#[derive(Args)]
pub(crate) struct Open {
    /// JPEG, PNG, WebP, TIFF or BMP. A bad one names its reason, and the others go on
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Whose skin
    #[arg(long, value_name = "ID")]
    pub patient: PatientId,
    /// Where on the body
    #[arg(long, value_parser = words(BodySite::ALL, BodySite::as_word))]
    pub site: BodySite,
    /// On which side
    #[arg(long, value_parser = words(Side::ALL, Side::as_word))]
    pub side: Side,
    /// What the spot is called. Photos of the same label, site and side belong to the same lesion; without a label each
    /// call makes a new one
    #[arg(long, value_name = "LABEL")]
    pub lesion: Option<String>,
    /// A note under the analysis of each photo that is kept. One that was stored before gets none, and its `message` says so
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// How they were taken
    #[arg(long, default_value = "clinical", value_parser = words(PhotoKind::ALL, PhotoKind::as_word))]
    pub kind: PhotoKind,
    /// Whether a dermatoscope had crossed polarisers
    #[arg(long, value_name = "true|false")]
    pub polarised: Option<bool>,
    /// Whether its glass was on the skin
    #[arg(long, value_name = "true|false")]
    pub contact: Option<bool>,
}

#[derive(Args)]
pub(crate) struct History {
    /// Whose
    #[arg(long, value_name = "ID")]
    pub patient: PatientId,
    /// At most so many photos
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
    /// The `next` of the page before
    #[arg(long, value_name = "CURSOR")]
    pub before: Option<String>,
}

#[derive(Args)]
pub(crate) struct Urgent {
    /// Those that somebody has acknowledged, and who, instead
    #[arg(long)]
    pub acknowledged: bool,
    /// Those that are not urgent and wait for a doctor's review, instead
    #[arg(long, conflicts_with = "acknowledged")]
    pub review: bool,
    /// At most so many cases
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
    /// The `next` of the page before
    #[arg(long, value_name = "CURSOR")]
    pub before: Option<String>,
}

#[derive(Args)]
#[command(group(ArgGroup::new("image").required(true).args(["original", "derivative", "thumbnail"])))]
pub(crate) struct Export {
    /// The photo's id
    #[arg(value_name = "PHOTO")]
    pub photo: PhotoId,
    /// As it came, byte for byte
    #[arg(long)]
    pub original: bool,
    /// JPEG within 1024 px
    #[arg(long)]
    pub derivative: bool,
    /// JPEG within 256 px
    #[arg(long)]
    pub thumbnail: bool,
    /// Where to. The file is not encrypted any more. One that is there already is left as it is
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace the file that is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Subcommand)]
pub(crate) enum Model {
    /// Copy a model, model.onnx and config.json, and let it analyse from now on
    Install {
        /// The folder that they are in, or a .zip of them
        #[arg(value_name = "DIR|ZIP")]
        folder: PathBuf,
    },
    /// What is installed
    List,
    /// Let an installed one analyse from now on. What others said stays
    Use {
        /// The SHA-256 of its network, as `model list` shows it
        #[arg(value_name = "SHA256")]
        sha256: String,
    },
    /// Remove an installed one. What it said stays
    Remove {
        /// The SHA-256 of its network, as `model list` shows it
        #[arg(value_name = "SHA256")]
        sha256: String,
    },
}

#[derive(Args)]
#[command(group(ArgGroup::new("what").required(true).args(["pending", "photo"])))]
pub(crate) struct Analyse {
    /// All that wait
    #[arg(long)]
    pub pending: bool,
    /// This photo. One that has its analysis gets a second opinion, with `--with`
    #[arg(long, value_name = "ID")]
    pub photo: Option<PhotoId>,
    /// Ask only the model in use, or only the Space. Otherwise the one that is preferred and can be asked
    #[arg(long, value_name = "WHO")]
    pub with: Option<With>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum With {
    /// The model in use
    Device,
    /// The Space
    Space,
}

#[derive(Subcommand)]
pub(crate) enum Settings {
    /// What is set
    List,
    /// Change one of them. For an administrator
    Set {
        /// Which
        #[arg(value_name = "NAME")]
        name: SettingName,
        /// To what; empty to have none. A token is read from standard input and never from here
        #[arg(value_name = "VALUE")]
        value: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SettingName {
    /// The address of the Space's page
    SpaceUrl,
    /// The token that the Space asks for
    SpaceToken,
    /// Who is asked first: device or space
    Prefer,
}

#[derive(Args)]
#[command(group(ArgGroup::new("said").required(true).args(["given", "refused"])))]
pub(crate) struct Consent {
    /// The patient's id
    #[arg(value_name = "PATIENT")]
    pub patient: PatientId,
    /// Photos may be analysed elsewhere
    #[arg(long)]
    pub given: bool,
    /// They may not, or not any more
    #[arg(long)]
    pub refused: bool,
}

#[derive(Args)]
pub(crate) struct Recover {
    /// A file that holds the recovery key, in any grouping
    #[arg(long, value_name = "FILE")]
    pub recovery_key_file: PathBuf,
}

/// A value that is one of an enumeration's words.
fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    as_word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|known| as_word(*known))).try_map(move |word| {
        all.iter()
            .copied()
            .find(|known| as_word(*known).eq_ignore_ascii_case(&word))
            .ok_or("not one of the words")
    })
}
