//! What files are called and how they open.

use super::Finding;
use super::tree::Tree;

/// Names that say nothing about what is inside; they fill up with whatever had no place.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "types", "misc", "manager",
];

/// Rust files that do not open with `//!`, empty names, barrels, and migrations out of order or without a reason.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, content) in tree.below("", &[".rs", ".ts", ".tsx"]) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name);
        if path.ends_with(".rs") && !content.starts_with("//!") {
            found.push(Finding::new(
                path,
                1,
                "open with a sentence (`//!`) about what this file is for",
            ));
        }
        if name == "mod.rs" {
            found.push(Finding::new(path, 0, "call it foo.rs beside foo/, not mod.rs"));
        }
        if path.starts_with("ui/src/") && stem == "index" {
            found.push(Finding::new(path, 0, "no barrels: import from the file itself"));
        }
        if EMPTY_NAMES.contains(&stem.to_ascii_lowercase().as_str()) {
            found.push(Finding::new(path, 0, "name it after what it holds"));
        }
    }
    for folder in ["migrations/local/", "migrations/central/"] {
        found.extend(migrations(tree, folder));
    }
    found
}

/// Migrations count from 0001 without a gap, and open with the reason as a comment.
fn migrations(tree: &Tree, folder: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (expected, (path, content)) in (1..).zip(tree.below(folder, &[".sql"])) {
        let name = path.trim_start_matches(folder);
        let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
        if digits != format!("{expected:04}") || !name[digits.len()..].starts_with('_') {
            found.push(Finding::new(
                path,
                0,
                format!("expected the number {expected:04}_ here"),
            ));
        }
        if !content.starts_with("-- ") {
            found.push(Finding::new(path, 1, "open with the reason as a comment"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, content: &str) -> usize {
        findings(&Tree::from([(path, content)])).len()
    }

    #[test]
    fn every_rust_file_opens_with_a_sentence() {
        assert_eq!(count("src-tauri/src/lib.rs", "use a;\n//! late"), 1);
        assert_eq!(count("src-tauri/src/lib.rs", "//! The shell.\nuse a;"), 0);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert_eq!(count("src-tauri/core/src/store/mod.rs", "//! x"), 1);
        assert_eq!(count("src-tauri/core/src/utils.rs", "//! x"), 1);
        assert_eq!(count("ui/src/design/index.ts", ""), 1);
        assert_eq!(count("ui/src/types.ts", ""), 1);
        assert_eq!(count("ui/src/design/Field.tsx", ""), 0);
    }

    #[test]
    fn migrations_are_numbered_and_say_why() {
        assert_eq!(count("migrations/local/0001_patients.sql", "-- Patients.\n"), 0);
        assert_eq!(
            count("migrations/local/0001_patients.sql", "CREATE TABLE p (id);\n"),
            1
        );
        assert_eq!(count("migrations/local/0002_patients.sql", "-- Patients.\n"), 1);
        assert_eq!(count("migrations/central/1_patients.sql", "-- Patients.\n"), 1);
        let gap = Tree::from([
            ("migrations/local/0001_a.sql", "-- a\n"),
            ("migrations/local/0003_b.sql", "-- b\n"),
        ]);
        assert_eq!(findings(&gap).len(), 1);
    }
}
