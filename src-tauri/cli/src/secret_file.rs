//! A secret that is handed over in a file.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
};

use seekwell_core::vault::sync_directory;

use crate::error::CliError;

/// A new file that only its owner reads; it goes again unless it was written.
pub(crate) struct SecretFile<'a> {
    path: &'a Path,
    file: File,
    written: bool,
}

impl<'a> SecretFile<'a> {
    pub(crate) fn create(path: &'a Path) -> Result<Self, CliError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| CliError::Unwritable {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path,
            file,
            written: false,
        })
    }

    /// Durable when this returns, its name too: what is in it is not shown again.
    pub(crate) fn write(&mut self, secret: &str) -> Result<(), CliError> {
        writeln!(self.file, "{secret}")
            .and_then(|()| self.file.sync_all())
            .map_err(|source| CliError::Unwritable {
                path: self.path.to_owned(),
                source,
            })?;
        let directory = match self.path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        };
        sync_directory(directory).map_err(seekwell_core::error::Error::from)?;
        self.written = true;
        Ok(())
    }
}

impl Drop for SecretFile<'_> {
    fn drop(&mut self) {
        if !self.written {
            let _ = std::fs::remove_file(self.path);
        }
    }
}
