//! The two arguments: where data is, and where the key is.

use std::{ffi::OsString, path::PathBuf};

use seekwell_core::{vault::KeyPlace, workstation};

/// What the program was started with.
pub(crate) struct Arguments {
    pub(crate) data_dir: PathBuf,
    pub(crate) keys: KeyPlace,
}

impl Arguments {
    /// `[--data-dir DIR] [--key-file FILE]`, in any order.
    pub(crate) fn read(mut given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let (mut data_dir, mut keys) = (None, KeyPlace::Keyring);
        while let Some(name) = given.next() {
            let mut value = || {
                given
                    .next()
                    .map(PathBuf::from)
                    .ok_or(format!("{} needs a path", name.display()))
            };
            match name.to_str() {
                Some("--data-dir") => data_dir = Some(value()?),
                Some("--key-file") => keys = KeyPlace::File(value()?),
                _ => {
                    return Err(format!(
                        "{} is not known; usage: [--data-dir DIR] [--key-file FILE]",
                        name.display()
                    ));
                }
            }
        }
        let data_dir = match data_dir {
            Some(chosen) => chosen,
            None => workstation::default_data_dir().ok_or("there is no home directory; use --data-dir")?,
        };
        Ok(Self { data_dir, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, String> {
        Arguments::read(words.iter().map(OsString::from))
    }

    #[test]
    fn both_arguments_are_taken_in_any_order_and_others_refused() {
        let both = read(&["--key-file", "k", "--data-dir", "d"]).unwrap();
        assert_eq!(
            (both.data_dir, both.keys),
            ("d".into(), KeyPlace::File("k".into()))
        );
        assert_eq!(read(&["--data-dir", "d"]).unwrap().keys, KeyPlace::Keyring);
        assert!(read(&["--data-dir"]).is_err());
        assert!(read(&["--debug"]).is_err());
    }
}
