//! `export`: one image of a photo, in the clear, where somebody asked for it.

use std::{fs::OpenOptions, io::Write, path::Path, process::ExitCode};

use seekwell_core::{
    clinical::PhotoId,
    vault::write_durably,
    workstation::{Rendition, Workstation},
};
use serde::Serialize;

use crate::{
    arguments::Export,
    error::CliError,
    output::{Named, Output},
    place,
};

#[derive(Serialize)]
struct Exported<'a> {
    photo: PhotoId,
    file: Named<'a>,
    bytes: usize,
}

pub(crate) async fn run(
    workstation: &Workstation,
    acting: Option<&str>,
    export: &Export,
    output: Output,
) -> Result<ExitCode, CliError> {
    let caller = place::reader(workstation, acting).await?;
    let rendition = match (export.original, export.derivative) {
        (true, _) => Rendition::Original,
        (_, true) => Rendition::Derivative,
        _ => Rendition::Thumbnail,
    };
    let image = workstation.image(&caller, export.photo, rendition).await?;
    refuse_to_replace(export)?;
    write(&export.output, &image)?;
    let exported = Exported {
        photo: export.photo,
        file: Named(&export.output),
        bytes: image.len(),
    };
    output.answer(&exported, || {
        format!("{} bytes written to {}", image.len(), export.output.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What is no file (a pipe, a device) is never replaced, and needs no leave.
fn refuse_to_replace(export: &Export) -> Result<(), CliError> {
    let there = export.output.symlink_metadata().is_ok();
    let replaceable = export
        .output
        .metadata()
        .is_ok_and(|there| !there.is_file() && !there.is_dir());
    if there && !replaceable && !export.force {
        return Err(CliError::FileThere {
            path: export.output.clone(),
        });
    }
    Ok(())
}

/// A file appears whole or not at all. What is no file (a pipe, a device) is written to and never replaced.
fn write(path: &Path, image: &[u8]) -> Result<(), CliError> {
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut open| open.write_all(image))
            .map_err(|source| CliError::Unwritable {
                path: path.to_owned(),
                source,
            });
    }
    write_durably(path, image).map_err(|error| CliError::Core(error.into()))
}
