//! The worker's own loop.

use std::io::{self, BufWriter, stdin, stdout};
use std::process::ExitCode;

use super::confine::confine;
use super::frame::{self, Answer, Job};
use crate::Refusal;

/// Serves jobs from standard input until it is closed, which happens when the program ends.
///
/// The caller does nothing before and returns from `main` with the code: 0, or 1 if the process could
/// not be confined or a pipe broke.
pub fn serve() -> ExitCode {
    // Messages of panics would name nothing of use to anybody, and standard error leads nowhere.
    std::panic::set_hook(Box::new(|_| {}));
    let served = warm_up().and_then(|()| confine()).and_then(|_| serve_jobs());
    if served.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn serve_jobs() -> io::Result<()> {
    // An answer in one go: every piece that leaves by itself wakes the program once more.
    let (mut input, mut output) = (stdin().lock(), BufWriter::with_capacity(1 << 18, stdout().lock()));
    frame::send_hello(&mut output)?;
    while let Some((job, file)) = frame::receive_job(&mut input)? {
        frame::send_answer(&mut output, done(&job, &file))?;
    }
    Ok(())
}

/// Does one job, in whichever process this is.
pub(super) fn done(job: &Job, file: &[u8]) -> Result<Answer, Refusal> {
    match job {
        Job::Prepare => crate::prepare(file).map(|prepared| Answer::Prepared(Box::new(prepared))),
        Job::Full => crate::full(file).map(Answer::Bytes),
        Job::Pixels {
            width,
            height,
            resample,
        } => crate::pixels(file, *width, *height, *resample).map(Answer::Bytes),
        Job::Measure { outline, scale } => {
            crate::measure(file, outline.clone(), *scale).map(Answer::Measured)
        }
    }
}

/// Prepares a grey square once, so that what libraries look up when first used (processor features,
/// settings) is looked up while the process still may.
fn warm_up() -> io::Result<()> {
    crate::self_test().map_err(io::Error::other)
}
