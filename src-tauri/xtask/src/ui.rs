//! The window's own code: its packages and its build, each made again only when what it is made of changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::workspace::{Outcome, Workspace, write};

/// Installs exactly what `package-lock.json` names, unless that was done for this very lock file.
pub(crate) fn packages(workspace: &Workspace) -> Outcome {
    let wanted = fingerprint(&[workspace.path("ui/package-lock.json")])?;
    let stamp = workspace.path("ui/node_modules/.seekwell-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    run(workspace, &["ci", "--no-audit", "--no-fund"])?;
    write(&stamp, wanted)
}

/// Builds `ui/dist`, which the shell embeds. Writing the same files again would make cargo compile the shell
/// again, so an unchanged UI is left alone.
pub(crate) fn build(workspace: &Workspace) -> Outcome {
    let mut sources = Vec::new();
    for entry in list(&workspace.path("ui"))? {
        let name = entry
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if entry.is_file() {
            sources.push(entry);
        } else if !matches!(name.as_str(), "node_modules" | "dist") {
            collect(&entry, &mut sources)?;
        }
    }
    sources.sort();
    let wanted = fingerprint(&sources)?;
    let stamp = workspace.path("target/ui-build.stamp");
    let built = workspace.path("ui/dist/index.html").is_file();
    if built && fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    run(workspace, &["run", "--silent", "build"])?;
    write(&stamp, wanted)
}

/// What npm prints is for people: a task's standard output may be JSON.
fn run(workspace: &Workspace, words: &[&str]) -> Outcome {
    let mut npm = workspace.npm();
    workspace.run(npm.args(words).stdout(Stdio::from(std::io::stderr())))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    for entry in list(folder)? {
        if entry.is_dir() {
            collect(&entry, files)?;
        } else {
            files.push(entry);
        }
    }
    Ok(())
}

fn list(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

/// One number for names and contents. It only has to notice change, so the standard library's hash will do.
fn fingerprint(files: &[PathBuf]) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let content = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        file.hash(&mut hasher);
        content.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
