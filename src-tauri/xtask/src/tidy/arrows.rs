//! Which module of the core may know which, and which part of the UI may know which.

use std::collections::BTreeSet;

use super::Finding;
use super::source::{Keep, blanked, is_word, uses};
use super::tree::Tree;

/// Each module of the core and what it may import: the table of ARCHITECTURE.md. What an import may itself
/// import is within reach too; `address`, `clock`, `later` and `clinical` import nothing. What `clinical` and `imaging` import is the
/// compiler's to say: they are packages of their own.
const ARROWS: &[(&str, &[&str])] = &[
    ("address", &[]),
    ("clinical", &[]),
    ("clock", &[]),
    ("later", &[]),
    ("imaging", &["clinical"]),
    ("vault", &["clinical", "clock"]),
    ("store", &["clinical", "clock"]),
    ("analysis", &["address", "clinical", "imaging", "clock", "later"]),
    ("capture", &["imaging", "vault", "store"]),
    ("accounts", &["store", "vault"]),
    ("sync", &["address", "store", "vault", "later"]),
    // Joins every module's errors into the codes that the window knows.
    (
        "error",
        &[
            "imaging", "vault", "store", "analysis", "capture", "accounts", "sync", "clock",
        ],
    ),
    (
        "workstation",
        &["analysis", "capture", "accounts", "sync", "error"],
    ),
];

/// Arrows that are not in the table, modules that are not either, and parts of the UI that look the wrong way.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, content) in tree.below("src-tauri/core/src/", &[".rs"]) {
        let module = module_path(path);
        // `lib.rs` declares the modules, and programs in `bin` stand outside of them.
        let Some(from) = module.first().filter(|name| !matches!(**name, "lib" | "bin")) else {
            continue;
        };
        let Some(allowed) = reach(from) else {
            found.push(Finding::new(
                path,
                0,
                format!("the module `{from}` is not in the table of modules"),
            ));
            continue;
        };
        for (line, to) in imports(&blanked(content, Keep::CodeOnly), module.len()) {
            if to != *from && is_module(&to) && !allowed.contains(to.as_str()) {
                found.push(Finding::new(path, line, format!("`{from}` must not know `{to}`")));
            }
        }
    }
    found.extend(ui(tree));
    found
}

fn is_module(name: &str) -> bool {
    ARROWS.iter().any(|(module, _)| *module == name)
}

fn reach(from: &str) -> Option<BTreeSet<&'static str>> {
    let direct = ARROWS.iter().find(|(module, _)| *module == from)?.1;
    let mut all: BTreeSet<&str> = direct.iter().copied().collect();
    for to in direct {
        all.extend(reach(to).unwrap_or_default());
    }
    Some(all)
}

/// `src-tauri/core/src/store/patients.rs` → `["store", "patients"]`.
fn module_path(path: &str) -> Vec<&str> {
    let below = path
        .trim_start_matches("src-tauri/core/src/")
        .trim_end_matches(".rs");
    below.split('/').collect()
}

/// The top-level names reached through `crate::` or through enough `super::`, with their lines.
fn imports(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, after) in uses(code, "crate") {
        found.extend(names(after).into_iter().map(|name| (line, name)));
    }
    for (line, after) in uses(code, "super") {
        let mut supers = 1;
        let mut rest = after;
        while let Some(next) = rest.strip_prefix("::super") {
            supers += 1;
            rest = next;
        }
        if supers >= depth {
            found.extend(names(rest).into_iter().map(|name| (line, name)));
        }
    }
    found
}

/// The first name after `::`, or each of them where a brace opens.
fn names(after: &str) -> Vec<String> {
    let Some(rest) = after.strip_prefix("::") else {
        return Vec::new();
    };
    let word = |text: &str| -> String { text.trim_start().chars().take_while(|c| is_word(*c)).collect() };
    let Some(group) = rest.trim_start().strip_prefix('{') else {
        return vec![word(rest)];
    };
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                all.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// `design` and `ipc` → `features` → `app`; a feature imports no other feature.
fn ui(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, content) in tree.below("ui/src/", &[".ts", ".tsx"]) {
        let here: Vec<&str> = path.trim_start_matches("ui/src/").split('/').collect();
        if is_test(path) {
            continue;
        }
        for (line, specifier) in specifiers(&blanked(content, Keep::Strings)) {
            let Some(there) = resolve(&here, &specifier) else {
                continue;
            };
            if let Some(reason) = wrong_way(&here, &there.iter().map(String::as_str).collect::<Vec<_>>()) {
                found.push(Finding::new(
                    path,
                    line,
                    format!("imports `{specifier}`: {reason}"),
                ));
            }
        }
    }
    found
}

/// Tests and what only they use may look anywhere.
fn is_test(path: &str) -> bool {
    path.contains(".test.") || path.starts_with("ui/src/test/") || path.contains("/demo")
}

fn wrong_way(here: &[&str], there: &[&str]) -> Option<&'static str> {
    match (here, there) {
        (["design" | "ipc", ..], ["features" | "app", ..]) => {
            Some("design and ipc know neither features nor app")
        }
        (["features", ..], ["app", ..]) => Some("a feature does not know the app around it"),
        (["features", mine, _, ..], ["features", other, ..]) if mine != other => {
            Some("a feature knows no other feature")
        }
        _ => None,
    }
}

/// The module names in `from "…"`, `import "…"` and `import("…")`.
fn specifiers(code: &str) -> Vec<(usize, String)> {
    let quoted = |after: &str| -> Option<String> {
        let text = after.trim_start_matches([' ', '(']);
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        text[1..].split(quote).next().map(str::to_owned)
    };
    let after_words = ["from", "import"].into_iter().flat_map(|word| uses(code, word));
    after_words
        .filter_map(|(line, after)| Some((line, quoted(after)?)))
        .collect()
}

/// The path below `ui/src` that a relative specifier, or one that begins with `@/`, names.
fn resolve(here: &[&str], specifier: &str) -> Option<Vec<String>> {
    if let Some(below) = specifier.strip_prefix("@/") {
        return Some(below.split('/').map(str::to_owned).collect());
    }
    if !specifier.starts_with('.') {
        return None;
    }
    let mut there: Vec<String> = here[..here.len() - 1]
        .iter()
        .map(|part| (*part).to_owned())
        .collect();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => drop(there.pop()),
            part => there.push(part.to_owned()),
        }
    }
    Some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(file: &str, content: &str) -> Vec<String> {
        let path = format!("src-tauri/core/src/{file}");
        let tree = Tree::from([(path.as_str(), content)]);
        findings(&tree)
            .iter()
            .map(|finding| format!("{}: {}", finding.line, finding.message))
            .collect()
    }

    #[test]
    fn an_arrow_that_is_not_in_the_table_is_found_however_it_is_written() {
        let expected = ["2: `store` must not know `vault`"];
        assert_eq!(core("store.rs", "//! x\nuse crate::vault::Key;"), expected);
        assert_eq!(
            core(
                "store/patients.rs",
                "//! x\nuse crate::{clinical::Patient, vault};"
            ),
            expected
        );
        assert_eq!(
            core("store/patients.rs", "//! x\nuse super::super::vault::Key;"),
            expected
        );
        assert_eq!(
            core("store.rs", "//! x\nfn f() -> crate::vault::Key { g() }"),
            expected
        );
        assert_eq!(
            core("clinical.rs", "//! x\nuse crate::clock;"),
            ["2: `clinical` must not know `clock`"]
        );
    }

    #[test]
    fn arrows_of_the_table_and_mentions_in_comments_are_fine() {
        assert!(
            core(
                "capture.rs",
                "//! crate::sync\nuse crate::{clinical, imaging, store::{self, vault}, clock};"
            )
            .is_empty()
        );
        assert!(core("store/patients.rs", "//! x\nuse super::{vault, sync};").is_empty());
        assert!(core("workstation.rs", "//! x\nuse crate::sync;").is_empty());
        assert!(core("lib.rs", "//! x\npub use crate::sync;").is_empty());
    }

    #[test]
    fn a_module_outside_the_table_is_found() {
        assert_eq!(
            core("helpers.rs", "//! x"),
            ["0: the module `helpers` is not in the table of modules"]
        );
    }

    #[test]
    fn the_ui_flows_one_way() {
        let looks = |from: &str, to: &str| {
            let content = format!("import {{ a }} from \"{to}\";\n");
            !findings(&Tree::from([(from, content.as_str())])).is_empty()
        };
        assert!(looks("ui/src/features/result/Result.tsx", "../history/Timeline"));
        assert!(looks("ui/src/features/result/Result.tsx", "@/app/App"));
        assert!(looks("ui/src/design/Field.tsx", "../features/result/Result"));
        assert!(!looks("ui/src/features/result/Result.tsx", "./Bars"));
        assert!(!looks("ui/src/features/result/Result.tsx", "../../design/Field"));
        assert!(!looks("ui/src/app/App.tsx", "../features/result/Result"));
        assert!(!looks(
            "ui/src/features/result/Result.test.tsx",
            "../history/Timeline"
        ));
    }
}
