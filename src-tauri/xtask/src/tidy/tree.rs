//! The text files of a checkout, as git sees them, or as a test writes them down.

use std::collections::BTreeMap;

use crate::workspace::{Outcome, Workspace};

/// Path (with forward slashes, from the root) to content.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// What is committed or about to be: tracked files and new ones that are not ignored. Files that are not
    /// UTF-8 are pictures and models, and no rule is about those.
    pub(crate) fn of(workspace: &Workspace) -> Outcome<Self> {
        let mut list = workspace.command("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = workspace.read(&mut list)?;
        let mut files = BTreeMap::new();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            if let Ok(content) = std::fs::read_to_string(workspace.path(path)) {
                files.insert(path.to_owned(), content);
            }
        }
        Ok(Self { files })
    }

    /// All files, in the order of their paths.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_str()))
    }

    /// The files below a folder whose names end in one of `endings`.
    pub(crate) fn below<'a>(
        &'a self,
        folder: &'a str,
        endings: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files().filter(move |(path, _)| {
            path.starts_with(folder) && endings.iter().any(|ending| path.ends_with(ending))
        })
    }

    /// One file's content.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|(path, content)| (path.to_owned(), content.to_owned()))
                .collect(),
        }
    }
}
