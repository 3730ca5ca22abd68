//! Words that must not be in the repository.

use super::Finding;
use super::source::{Keep, blanked};
use super::tree::Tree;

/// Source that people wrote; the rest (lock files, documents, pictures) has its own rules.
const SOURCE: &[&str] = &[
    ".rs", ".ts", ".tsx", ".js", ".mjs", ".html", ".css", ".sql", ".toml", ".sh", ".py",
];

/// This folder has to name what it forbids.
const THIS: &str = "src-tauri/xtask/src/tidy";

/// These look whether a bucket is open to everybody, and have to know how that is written.
const LOOKING: &[&str] = &[
    "src-tauri/core/src/sync/bucket/settings.rs",
    "src-tauri/core/tests/blobs_suite/bucket.rs",
    "src-tauri/testkit/src/gcs/bucket.rs",
    "src-tauri/testkit/tests/gcs.rs",
];

/// Browser storage, public buckets, loose ends, paths of somebody's machine, and lock files that name a host.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, content) in tree.below("", SOURCE).filter(|(path, _)| !path.starts_with(THIS)) {
        for word in ["make_public", "allUsers", "allAuthenticatedUsers"] {
            if !LOOKING.contains(&path) {
                found.extend(lines_with(path, content, word, "images are private"));
            }
        }
        found.extend(loose_ends(path, content));
    }
    for (path, content) in tree.below("ui/src/", &[".ts", ".tsx"]) {
        if !path.contains(".test.") && !path.starts_with("ui/src/test/") {
            let code = blanked(content, Keep::Strings);
            for word in ["localStorage", "sessionStorage", "indexedDB"] {
                found.extend(lines_with(
                    path,
                    &code,
                    word,
                    "the window keeps nothing: use a command",
                ));
            }
        }
    }
    for (path, content) in tree.files().filter(|(path, _)| !path.starts_with(THIS)) {
        found.extend(machine_paths(path, content));
    }
    found.extend(lock_files(tree));
    found
}

fn lines_with(path: &str, content: &str, word: &str, reason: &str) -> Vec<Finding> {
    let lines = (1..).zip(content.lines()).filter(|(_, line)| line.contains(word));
    lines
        .map(|(line, _)| Finding::new(path, line, format!("`{word}`: {reason}")))
        .collect()
}

/// Work that was left for later: only with a link to where it is tracked.
fn loose_ends(path: &str, content: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let linked = line.contains("https://");
        let loose = ["FIXME", "XXX", "HACK"]
            .into_iter()
            .find(|word| line.contains(word));
        let later = line.contains("TODO").then_some("TODO").filter(|_| !linked);
        if let Some(word) = loose.or(later) {
            found.push(Finding::new(
                path,
                number,
                format!("`{word}`: do it, or link to where it is tracked"),
            ));
        }
    }
    if path.ends_with(".rs") {
        let code = blanked(content, Keep::CodeOnly);
        for word in ["todo!", "dbg!", "unimplemented!"] {
            found.extend(lines_with(path, &code, word, "not in what we ship"));
        }
    }
    found
}

/// A path into somebody's home folder or workplace means that it works there and nowhere else.
fn machine_paths(path: &str, content: &str) -> Vec<Finding> {
    // A test may invent a home folder; nobody invents the other two.
    let is_test = path.contains(".test.") || path.contains("/test/") || path.contains("/tests/");
    let folders: &[&str] = if is_test {
        &["root", "work"]
    } else {
        &["home", "Users", "root", "work"]
    };
    let homes: Vec<String> = folders.iter().map(|folder| format!("/{folder}/")).collect();
    let mut found = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let is_home =
            |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "/._-}~$*".contains(c));
        let unix = homes
            .iter()
            .any(|home| line.match_indices(home.as_str()).any(|(at, _)| is_home(at)));
        if unix || !is_test && line.contains("C:\\Users\\") {
            found.push(Finding::new(path, number, "an absolute path of one machine"));
        }
    }
    found
}

/// Lock files pin versions and checksums; where the files come from is for each machine's settings.
fn lock_files(tree: &Tree) -> Vec<Finding> {
    let npm = tree.get("ui/package-lock.json").unwrap_or_default();
    let mut found = lines_with(
        "ui/package-lock.json",
        npm,
        "\"resolved\"",
        "a lock file names no download host",
    );
    let index = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let cargo = tree.get("Cargo.lock").unwrap_or_default();
    let other = (1..)
        .zip(cargo.lines())
        .filter(|(_, line)| line.starts_with("source = ") && *line != index);
    found.extend(other.map(|(line, _)| Finding::new("Cargo.lock", line, "only crates.io")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, content: &str) -> usize {
        findings(&Tree::from([(path, content)])).len()
    }

    #[test]
    fn browser_storage_is_found_in_the_window_and_nowhere_else() {
        assert_eq!(count("ui/src/app/App.tsx", "window['localStorage'].x = 1;"), 1);
        assert_eq!(count("ui/src/app/App.tsx", "// no localStorage here"), 0);
        assert_eq!(
            count("ui/src/app/App.test.tsx", "expect(localStorage.length).toBe(0);"),
            0
        );
        assert_eq!(
            count(
                "src-tauri/core/src/capture/browser.rs",
                "//! Reads what localStorage held."
            ),
            0
        );
    }

    #[test]
    fn public_buckets_and_loose_ends_are_found() {
        assert_eq!(count("src-tauri/core/src/sync/gcs.rs", "//! x\nmake_public()"), 1);
        assert_eq!(count("a.rs", "//! x\n// TODO later"), 1);
        assert_eq!(count("a.rs", "//! x\n// TODO(https://example.test/7) later"), 0);
        assert_eq!(count("a.ts", "// FIXME"), 1);
        assert_eq!(count("a.rs", "//! x\ntodo!()"), 1);
        assert_eq!(count("a.rs", "//! x\ndbg!(1)"), 1);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        assert_eq!(count("README.md", "cd /home/mai/seekwell"), 1);
        assert_eq!(count("a.py", "open('/root/x')"), 1);
        assert_eq!(
            count("ui/src/test/demoClinic.ts", "data_dir: '/home/mai/seekwell'"),
            0
        );
        assert_eq!(count("a.toml", "path = 'C:\\Users\\mai'"), 1);
        assert_eq!(
            count("README.md", "https://example.test/home/x and $HOME/home/x"),
            0
        );
    }

    #[test]
    fn lock_files_name_no_host() {
        assert_eq!(
            count(
                "ui/package-lock.json",
                "{\n\"resolved\": \"https://mirror.test/a.tgz\"\n}"
            ),
            1
        );
        assert_eq!(
            count("Cargo.lock", "source = \"git+https://example.test/a\"\n"),
            1
        );
        assert_eq!(
            count(
                "Cargo.lock",
                "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
            ),
            0
        );
    }
}
