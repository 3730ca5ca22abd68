//! What goes through the pipes between the program and a worker.
//!
//! Every message is a head and a body. The head is a 32-bit little-endian length and as many bytes of
//! JSON; it says how many bytes of body follow. The worker's side blocks, the program's side does not.
//! The program believes no length that it did not expect.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout};

use crate::{DERIVATIVE_SIDE, MAX_FILE, OriginalFacts, PIPELINE, Prepared, Refusal, Resample};
use seekwell_clinical::{Measured, Outline, Quality, Scale};

/// What a worker is asked to do with the bytes that follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Job {
    Prepare,
    Full,
    Pixels {
        width: u32,
        height: u32,
        resample: Resample,
    },
    Measure {
        outline: Option<Outline>,
        scale: Option<Scale>,
    },
}

/// What a worker answers if it does not refuse.
#[derive(Debug)]
pub(super) enum Answer {
    Prepared(Box<Prepared>),
    Bytes(Vec<u8>),
    Measured(Option<Measured>),
}

#[derive(Serialize, Deserialize)]
struct JobHead {
    job: Job,
    file: u64,
}

#[derive(Serialize, Deserialize)]
enum AnswerHead {
    Prepared {
        facts: OriginalFacts,
        width: u32,
        height: u32,
        derivative: u64,
        thumbnail: u64,
        quality: Quality,
        measured: Option<Measured>,
    },
    Bytes(u64),
    Measured(Option<Measured>),
    Refused(Refusal),
}

/// The first thing that a worker says: that it is confined, and which pipeline it runs.
#[derive(Serialize, Deserialize)]
struct Hello {
    pipeline: String,
}

/// No head of ours is longer: an outline of 500 corners takes up to 16 kB.
const LONGEST_HEAD: u32 = 32 * 1024;

/// A derivative is three bytes a pixel before it is encoded, and a JPEG can't be much larger than that.
const LONGEST_DERIVATIVE: u64 = 4 * DERIVATIVE_SIDE as u64 * DERIVATIVE_SIDE as u64;

/// Says that this worker is ready.
pub(super) fn send_hello(pipe: &mut impl Write) -> io::Result<()> {
    pipe.write_all(&head(&Hello {
        pipeline: PIPELINE.to_owned(),
    })?)?;
    pipe.flush()
}

/// Waits for a worker to be ready. One of another pipeline is none.
pub(super) async fn receive_hello(pipe: &mut ChildStdout) -> io::Result<()> {
    let Hello { pipeline } = parse(&receive_head(pipe).await?)?;
    if pipeline == PIPELINE {
        Ok(())
    } else {
        Err(io::Error::other("it is another version's"))
    }
}

/// Sends a job and its file to a worker.
pub(super) async fn send_job(pipe: &mut ChildStdin, job: &Job, file: &[u8]) -> io::Result<()> {
    let head = head(&JobHead {
        job: job.clone(),
        file: file.len() as u64,
    })?;
    pipe.write_all(&head).await?;
    pipe.write_all(file).await?;
    pipe.flush().await
}

/// The next job, or `None` if the program closed the pipe.
pub(super) fn receive_job(pipe: &mut impl Read) -> io::Result<Option<(Job, Vec<u8>)>> {
    let mut length = [0; 4];
    match pipe.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut json = vec![0; head_length(length)?];
    pipe.read_exact(&mut json)?;
    let JobHead { job, file: length } = parse(&json)?;

    let mut file = reserve(length, MAX_FILE)?;
    pipe.take(length).read_to_end(&mut file)?;
    if file.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((job, file)))
}

/// Sends a worker's answer.
pub(super) fn send_answer(pipe: &mut impl Write, answer: Result<Answer, Refusal>) -> io::Result<()> {
    match answer {
        Ok(Answer::Prepared(prepared)) => {
            let Prepared {
                facts,
                derivative,
                derivative_width,
                derivative_height,
                thumbnail,
                quality,
                measured,
            } = *prepared;
            pipe.write_all(&head(&AnswerHead::Prepared {
                facts,
                width: derivative_width,
                height: derivative_height,
                derivative: derivative.len() as u64,
                thumbnail: thumbnail.len() as u64,
                quality,
                measured,
            })?)?;
            pipe.write_all(&derivative)?;
            pipe.write_all(&thumbnail)?;
        }
        Ok(Answer::Bytes(bytes)) => {
            pipe.write_all(&head(&AnswerHead::Bytes(bytes.len() as u64))?)?;
            pipe.write_all(&bytes)?;
        }
        Ok(Answer::Measured(measured)) => pipe.write_all(&head(&AnswerHead::Measured(measured))?)?,
        Err(refusal) => pipe.write_all(&head(&AnswerHead::Refused(refusal))?)?,
    }
    pipe.flush()
}

/// A worker's answer.
pub(super) async fn receive_answer(pipe: &mut ChildStdout) -> io::Result<Result<Answer, Refusal>> {
    match parse(&receive_head(pipe).await?)? {
        AnswerHead::Refused(refusal) => Ok(Err(refusal)),
        AnswerHead::Bytes(length) => Ok(Ok(Answer::Bytes(body(pipe, length, MAX_FILE).await?))),
        AnswerHead::Measured(measured) => Ok(Ok(Answer::Measured(measured))),
        AnswerHead::Prepared {
            facts,
            width,
            height,
            derivative,
            thumbnail,
            quality,
            measured,
        } => {
            if ![width, height]
                .iter()
                .all(|side| (1..=DERIVATIVE_SIDE).contains(side))
            {
                return Err(nonsense());
            }
            Ok(Ok(Answer::Prepared(Box::new(Prepared {
                facts,
                derivative_width: width,
                derivative_height: height,
                derivative: body(pipe, derivative, LONGEST_DERIVATIVE).await?,
                thumbnail: body(pipe, thumbnail, LONGEST_DERIVATIVE).await?,
                quality,
                measured,
            }))))
        }
    }
}

async fn receive_head(pipe: &mut ChildStdout) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    pipe.read_exact(&mut length).await?;
    let mut json = vec![0; head_length(length)?];
    pipe.read_exact(&mut json).await?;
    Ok(json)
}

async fn body(pipe: &mut ChildStdout, length: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = reserve(length, limit)?;
    pipe.take(length).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn head(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| nonsense())?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

fn head_length(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length);
    if length > LONGEST_HEAD {
        return Err(nonsense());
    }
    usize::try_from(length).map_err(|_| nonsense())
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> io::Result<T> {
    serde_json::from_slice(json).map_err(|_| nonsense())
}

fn reserve(length: u64, limit: u64) -> io::Result<Vec<u8>> {
    if length > limit {
        return Err(nonsense());
    }
    let length = usize::try_from(length).map_err(|_| nonsense())?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    Ok(bytes)
}

fn nonsense() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
