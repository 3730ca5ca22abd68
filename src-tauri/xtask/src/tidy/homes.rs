//! Dependencies that live in one place only, so that they can be replaced, reviewed and kept away from keys.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::source::{Keep, blanked, uses};
use super::tree::Tree;

/// A crate, as Rust code names it, and the beginnings of the paths where it may be named.
const HOMES: &[(&str, &[&str])] = &[
    // Clinical queries in the store, the central ones behind the sync port and in the centre's administration, the UI's
    // preferences in the shell.
    (
        "sqlx",
        &[
            "src-tauri/core/src/store",
            "src-tauri/core/src/sync/postgres.rs",
            "src-tauri/core/src/sync/central",
            "src-tauri/src/",
        ],
    ),
    ("libsqlite3_sys", &["src-tauri/core/src/store"]),
    ("keyring", &["src-tauri/core/src/vault/key.rs"]),
    ("google_cloud_storage", STORAGE),
    ("google_cloud_auth", STORAGE),
    ("google_cloud_gax", STORAGE),
    ("reqwest", NETWORK),
    ("rten", &["src-tauri/core/src/analysis"]),
    ("turbojpeg", &["src-tauri/imaging/src"]),
    ("tauri", SHELL),
    ("tauri_build", SHELL),
    ("tauri_plugin_dialog", SHELL),
    ("tauri_plugin_fs", SHELL),
    ("tauri_plugin_single_instance", SHELL),
    ("tauri_plugin_sql", SHELL),
    ("tauri_specta", SHELL),
];

/// What speaks HTTP: the bucket, the Space, and the rule for addresses.
const NETWORK: &[&str] = &[
    "src-tauri/core/src/sync/gcs.rs",
    "src-tauri/core/src/sync/gcs/",
    "src-tauri/core/src/sync/bucket.rs",
    "src-tauri/core/src/analysis/space.rs",
    "src-tauri/core/src/analysis/space/",
    "src-tauri/core/src/address.rs",
];

/// The bucket: its adapter, and its administration.
const STORAGE: &[&str] = &[
    "src-tauri/core/src/sync/gcs.rs",
    "src-tauri/core/src/sync/gcs/",
    "src-tauri/core/src/sync/bucket.rs",
];

const SHELL: &[&str] = &["src-tauri/src/", "src-tauri/build.rs", "src-tauri/tests/"];

/// Crates and npm packages that are named outside of their home, and a core that depends on Tauri after all.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, content) in tree.below("src-tauri/", &[".rs"]) {
        // Tests look behind the curtain, and benchmarks drive a dependency as a peer.
        let drives = ["src-tauri/testkit/", "src-tauri/bench/"];
        if path.contains("/tests/") || drives.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let code = blanked(content, Keep::CodeOnly);
        for (name, homes) in HOMES {
            let strays = uses(&code, name).filter(|(_, after)| after.starts_with("::"));
            if !homes.iter().any(|home| path.starts_with(home)) {
                found.extend(strays.map(|(line, _)| {
                    Finding::new(path, line, format!("`{name}` belongs in {}", homes.join(", ")))
                }));
            }
        }
    }
    for (path, content) in tree.below("ui/src/", &[".ts", ".tsx"]) {
        if !path.starts_with("ui/src/ipc/") && !path.contains(".test.") && !path.starts_with("ui/src/test/") {
            let code = blanked(content, Keep::Strings);
            let lines = (1..)
                .zip(code.lines())
                .filter(|(_, line)| line.contains("@tauri-apps/"));
            found.extend(
                lines.map(|(line, _)| Finding::new(path, line, "`@tauri-apps` belongs in ui/src/ipc")),
            );
        }
    }
    found.extend(core_reaches_tauri(tree));
    found
}

/// The lock file tells what the core depends on, however far away.
fn core_reaches_tauri(tree: &Tree) -> Vec<Finding> {
    let lock = tree.get("Cargo.lock").unwrap_or_default();
    let depends = dependencies(lock);
    let mut reached = BTreeSet::from(["seekwell-core"]);
    let mut open = vec!["seekwell-core"];
    while let Some(name) = open.pop() {
        for next in depends.get(name).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    let tauri = reached
        .into_iter()
        .filter(|name| *name == "tauri" || name.starts_with("tauri-") || *name == "wry");
    tauri
        .map(|name| {
            Finding::new(
                "src-tauri/core/Cargo.toml",
                0,
                format!("the core reaches `{name}`"),
            )
        })
        .collect()
}

/// Package name to the names it depends on, over all its versions.
fn dependencies(lock: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let name = package
            .lines()
            .find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let listed = package
            .lines()
            .filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\","));
        let names = listed.filter_map(|entry| entry.split(' ').next());
        all.entry(name.unwrap_or_default()).or_default().extend(names);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(path: &str, content: &str) -> bool {
        !findings(&Tree::from([(path, content)])).is_empty()
    }

    #[test]
    fn a_crate_outside_of_its_home_is_found() {
        assert!(is_found("src-tauri/core/src/capture.rs", "use sqlx::query;"));
        assert!(is_found(
            "src-tauri/core/src/vault/seal.rs",
            "keyring::use_store()"
        ));
        assert!(is_found(
            "src-tauri/core/src/workstation.rs",
            "fn f(app: tauri::App) {}"
        ));
        assert!(is_found(
            "src-tauri/cli/src/main.rs",
            "use tauri_plugin_sql::DbPool;"
        ));
        assert!(is_found(
            "src-tauri/core/src/sync/worker.rs",
            "use google_cloud_storage::client;"
        ));
        assert!(is_found(
            "ui/src/features/capture/Drop.tsx",
            "import { open } from '@tauri-apps/plugin-dialog';"
        ));
    }

    #[test]
    fn at_home_and_in_comments_it_is_fine() {
        assert!(!is_found(
            "src-tauri/core/src/store/patients.rs",
            "use sqlx::query;"
        ));
        assert!(!is_found(
            "src-tauri/core/src/vault/key.rs",
            "use keyring::Entry;"
        ));
        assert!(!is_found("src-tauri/src/lib.rs", "use tauri::App;"));
        assert!(!is_found(
            "src-tauri/core/src/capture.rs",
            "// sqlx::query\nlet keyring = 1;"
        ));
        assert!(!is_found(
            "ui/src/ipc/dialog.ts",
            "import { open } from '@tauri-apps/plugin-dialog';"
        ));
    }

    #[test]
    fn a_core_that_reaches_tauri_is_found_however_far() {
        let lock = "[[package]]\nname = \"seekwell-core\"\ndependencies = [\n \"middle\",\n]\n\n\
                    [[package]]\nname = \"middle\"\ndependencies = [\n \"tauri 2.1.0\",\n]\n";
        assert!(is_found("Cargo.lock", lock));
        assert!(!is_found("Cargo.lock", &lock.replace("tauri 2.1.0", "tokio")));
    }
}
