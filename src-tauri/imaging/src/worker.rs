//! Decoding in processes that hold no key: the same program started again with [`FLAG`].
//!
//! A worker is a child with an all but empty environment: photos come in on its standard input, answers go out
//! on its standard output, and its standard error leads nowhere. Before the first
//! photo it gives up what it does not need (see `confine`) and says so; one that says nothing gets no photo. One worker serves one job at a time; there
//! are as many as processor cores, started when first needed. A worker that dies, hangs or answers
//! nonsense is ended and the next job starts another: it costs the photo it was working on, and no
//! other.
//!
//! A phone lets no program start another. There the same jobs run on threads of this process, and only in a build without
//! the C decoder.

mod confine;
mod frame;
mod serve;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Prepared, Refusal, Resample};
use frame::{Answer, Job};
use seekwell_clinical::{Measured, Outline, Scale};

pub use confine::{Confinement, confine};
pub use serve::serve;

/// The argument that makes the program a worker: `main` looks for it before anything else and calls
/// [`serve`].
pub const FLAG: &str = "--imaging-worker";

/// How long a worker may take for one photo. A 100-megapixel one takes under two seconds.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The worker processes of this program. Dropping it ends them.
///
/// Every method may be cancelled by dropping its future; the worker that was busy with it is ended.
#[derive(Debug)]
pub struct Workers {
    place: Place,
    deadline: Duration,
    slots: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

/// Where jobs are done.
#[derive(Debug)]
enum Place {
    /// In processes: that program, started with those arguments.
    Processes {
        program: PathBuf,
        arguments: Vec<OsString>,
    },
    /// On threads of this process.
    #[cfg(any(test, not(feature = "turbo")))]
    Threads,
}

impl Workers {
    /// Threads of this process, where there can be no other. Nothing limits their memory but what the decoders allow
    /// themselves, and a job that is over its time is given up, not ended.
    #[cfg(any(test, not(feature = "turbo")))]
    pub fn in_process() -> Self {
        Self::at(Place::Threads)
    }

    /// Workers that are this very program, which must call [`serve`] when started with [`FLAG`].
    ///
    /// # Errors
    /// If the operating system does not say where the program is.
    pub fn for_current_exe() -> io::Result<Self> {
        // On Linux the link leads to the running file even after an update has put another in its place.
        let program = if cfg!(target_os = "linux") {
            "/proc/self/exe".into()
        } else {
            std::env::current_exe()?
        };
        Ok(Self::start(program, [FLAG]))
    }

    /// Workers that are `program` with `arguments`. None is started before it is needed.
    pub fn start(program: PathBuf, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self::at(Place::Processes {
            program,
            arguments: arguments.into_iter().map(Into::into).collect(),
        })
    }

    fn at(place: Place) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            place,
            deadline: DEADLINE,
            slots: Semaphore::new(cores),
            idle: Mutex::default(),
        }
    }

    /// The same with at most `count` processes at once instead of one per core.
    #[must_use]
    pub fn limited_to(self, count: usize) -> Self {
        Self {
            slots: Semaphore::new(count.max(1)),
            ..self
        }
    }

    /// The same with another limit than [`DEADLINE`] for each photo.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// [`super::prepare`] in a worker.
    ///
    /// # Errors
    /// Its refusals, and those of a worker that dies, hangs or can't be started.
    pub async fn prepare(&self, original: &[u8]) -> Result<Prepared, Refusal> {
        match self.run(&Job::Prepare, original).await? {
            Answer::Prepared(prepared) => Ok(*prepared),
            Answer::Bytes(_) | Answer::Measured(_) => Err(Refusal::DecoderDied),
        }
    }

    /// [`super::measure`] in a worker.
    ///
    /// # Errors
    /// As [`Workers::prepare`].
    pub async fn measure(
        &self,
        derivative: &[u8],
        outline: Option<Outline>,
        scale: Option<Scale>,
    ) -> Result<Option<Measured>, Refusal> {
        let job = Job::Measure {
            outline: outline.clone(),
            scale,
        };
        match self.run(&job, derivative).await? {
            // What a person drew is measured as it was drawn; a worker that says otherwise is not believed.
            Answer::Measured(measured)
                if outline.is_none() || outline.as_ref() == measured.as_ref().map(|one| &one.outline) =>
            {
                Ok(measured)
            }
            _ => Err(Refusal::DecoderDied),
        }
    }

    /// [`super::full`] in a worker.
    ///
    /// # Errors
    /// As [`Workers::prepare`].
    pub async fn full(&self, original: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.bytes(&Job::Full, original).await
    }

    /// [`super::pixels`] in a worker.
    ///
    /// # Errors
    /// As [`Workers::prepare`].
    pub async fn pixels(
        &self,
        derivative: &[u8],
        width: u32,
        height: u32,
        resample: Resample,
    ) -> Result<Vec<u8>, Refusal> {
        let bytes = self
            .bytes(
                &Job::Pixels {
                    width,
                    height,
                    resample,
                },
                derivative,
            )
            .await?;
        let expected = u64::from(width) * u64::from(height) * 3;
        // A worker is not trusted: it may have become the photo's.
        if bytes.len() as u64 == expected {
            Ok(bytes)
        } else {
            Err(Refusal::DecoderDied)
        }
    }

    async fn bytes(&self, job: &Job, file: &[u8]) -> Result<Vec<u8>, Refusal> {
        match self.run(job, file).await? {
            Answer::Bytes(bytes) => Ok(bytes),
            Answer::Prepared(_) | Answer::Measured(_) => Err(Refusal::DecoderDied),
        }
    }

    async fn run(&self, job: &Job, file: &[u8]) -> Result<Answer, Refusal> {
        if file.len() as u64 > super::MAX_FILE {
            let megabytes = file.len().div_ceil(1024 * 1024).try_into().unwrap_or(u32::MAX);
            return Err(Refusal::FileTooLarge { megabytes });
        }
        let _slot = self.slots.acquire().await.map_err(|closed| no_worker(&closed))?;
        match &self.place {
            Place::Processes { program, arguments } => {
                self.run_in_worker(program, arguments, job, file).await
            }
            #[cfg(any(test, not(feature = "turbo")))]
            Place::Threads => self.run_on_thread(job.clone(), file.to_vec()).await,
        }
    }

    #[cfg(any(test, not(feature = "turbo")))]
    async fn run_on_thread(&self, job: Job, file: Vec<u8>) -> Result<Answer, Refusal> {
        let thread = tokio::task::spawn_blocking(move || serve::done(&job, &file));
        match timeout(self.deadline, thread).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Refusal::DecoderDied),
            Err(_) => Err(self.timed_out()),
        }
    }

    async fn run_in_worker(
        &self,
        program: &Path,
        arguments: &[OsString],
        job: &Job,
        file: &[u8],
    ) -> Result<Answer, Refusal> {
        if let Some(mut worker) = self.take_idle() {
            match timeout(self.deadline, worker.run(job, file)).await {
                Ok(Ok(answer)) => return self.done(worker, answer),
                Err(_) => return Err(self.timed_out()),
                // It may have been dead or dying since before: the photo gets one that nothing else
                // has touched, and that one's death is the photo's doing.
                Ok(Err(_)) => drop(worker),
            }
        }
        let mut worker = match timeout(self.deadline, Worker::ready(program, arguments)).await {
            Ok(worker) => worker.map_err(|error| no_worker(&error))?,
            Err(elapsed) => return Err(no_worker(&elapsed)),
        };
        match timeout(self.deadline, worker.run(job, file)).await {
            Ok(Ok(answer)) => self.done(worker, answer),
            Ok(Err(_)) => Err(Refusal::DecoderDied),
            Err(_) => Err(self.timed_out()),
        }
    }

    fn take_idle(&self) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    fn done(&self, worker: Worker, answer: Result<Answer, Refusal>) -> Result<Answer, Refusal> {
        // A decoder that tripped may have left its process in any state.
        if !matches!(answer, Err(Refusal::DecoderFailed { .. } | Refusal::OutOfMemory)) {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(worker);
        }
        answer
    }

    fn timed_out(&self) -> Refusal {
        Refusal::TimedOut {
            seconds: self.deadline.as_secs().try_into().unwrap_or(u32::MAX),
        }
    }
}

/// Lets a photo pass in a few pieces: at the usual 64 kB the two processes take turns fifty times for one. As much as
/// Linux lets anybody have; where it says no, the photo passes all the same.
#[cfg(target_os = "linux")]
fn widen(input: &ChildStdin, output: &ChildStdout) {
    const WIDE: usize = 1 << 20;
    let _ = rustix::pipe::fcntl_setpipe_size(input, WIDE);
    let _ = rustix::pipe::fcntl_setpipe_size(output, WIDE);
}

#[cfg(not(target_os = "linux"))]
fn widen(_input: &ChildStdin, _output: &ChildStdout) {}

fn no_worker(error: &dyn std::error::Error) -> Refusal {
    Refusal::NoWorker {
        what: error.to_string(),
    }
}

/// One process; dropping it kills it.
#[derive(Debug)]
struct Worker {
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

/// What a child still finds in its environment: where shared libraries are, and on Windows the system.
const KEPT_VARIABLES: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"];

/// Has glibc keep what the last photo took, up to 64 MB, for the next one, instead of handing it back and fetching it
/// again page by page: that was a tenth of a 12-megapixel photo's time. Other allocators don't read these.
const ALLOCATOR: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "67108864"),
];

impl Worker {
    /// One that has said that it is confined and of this program's version. One that can't be, says nothing and ends.
    async fn ready(program: &Path, arguments: &[OsString]) -> io::Result<Self> {
        let mut worker = Self::start(program, arguments)?;
        frame::receive_hello(&mut worker.output).await?;
        Ok(worker)
    }

    fn start(program: &Path, arguments: &[OsString]) -> io::Result<Self> {
        let kept = KEPT_VARIABLES
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(kept)
            .envs(ALLOCATOR)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        #[cfg(windows)]
        {
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(CREATE_NO_WINDOW);
        }
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a child without pipes"));
        };
        widen(&input, &output);
        Ok(Self {
            _child: child,
            input,
            output,
        })
    }

    /// One job. The outer result is about the process, the inner one about the photo.
    async fn run(&mut self, job: &Job, file: &[u8]) -> io::Result<Result<Answer, Refusal>> {
        frame::send_job(&mut self.input, job, file).await?;
        frame::receive_answer(&mut self.output).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phone's road: the same answers, the same refusals, and a limit on the time.
    #[tokio::test]
    async fn threads_do_what_processes_do() {
        let workers = Workers::in_process();
        let mut square = crate::Raster::blank(600, 400, crate::raster::Ink::Rgb).unwrap();
        square.samples.fill(90);
        let photo = crate::encode::jpeg(&square, 90, crate::encode::Chroma::Full).unwrap();

        assert_eq!(
            workers.prepare(&photo).await.unwrap(),
            crate::prepare(&photo).unwrap()
        );
        assert_eq!(workers.full(&photo).await.unwrap(), crate::full(&photo).unwrap());
        assert_eq!(
            workers.measure(&photo, None, None).await,
            crate::measure(&photo, None, None)
        );
        let pixels = workers.pixels(&photo, 7, 5, Resample::Bilinear).await.unwrap();
        assert_eq!(pixels.len(), 7 * 5 * 3);
        assert!(matches!(
            workers.prepare(b"<html></html>").await,
            Err(Refusal::NotAnImage { .. })
        ));

        let hurried = Workers::in_process().with_deadline(Duration::ZERO);
        assert!(matches!(
            hurried.prepare(&photo).await,
            Err(Refusal::TimedOut { .. })
        ));
    }
}
