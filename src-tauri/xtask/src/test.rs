//! `cargo xtask test`: everything that must hold before a change is taken.

use std::path::Path;

use crate::steps::Steps;
use crate::workspace::{Outcome, Workspace};
use crate::{codegen, machine, run, tidy, ui};

/// Takes every step, also after one has failed, and reports at the end.
pub(crate) fn test(workspace: &Workspace) -> Outcome {
    let mut steps = Steps::default();
    prepare(workspace, &mut steps);
    steps.take("format", || {
        workspace.run(workspace.cargo().args(["fmt", "--all", "--check"]))
    });
    steps.take("tidy", || tidy::report(workspace));
    steps.take("lints", || {
        workspace.run(workspace.cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    });
    steps.take("UI check", || {
        workspace.run(workspace.npm().args(["run", "--silent", "check"]))
    });
    steps.take("UI tests", || {
        workspace.run(workspace.npm().args(["run", "--silent", "test"]))
    });
    steps.take("bindings are fresh", || codegen::check(workspace));
    steps.take("Rust tests", || rust_tests(workspace));
    steps.take("examples in the documentation", || {
        workspace.run(
            workspace
                .cargo()
                .args(["test", "--quiet", "--workspace", "--doc"]),
        )
    });
    if cfg!(target_os = "linux") {
        steps.take("window tests", || window_tests(workspace));
        // The README's other command: nobody should find it broken first.
        steps.take("main job in a virtual display", || {
            run::build(workspace).and_then(|()| run::drive(workspace))
        });
        steps.take("two windows and a centre in virtual displays", || {
            run::build(workspace).and_then(|()| run::drive_two(workspace))
        });
    }
    steps.report()
}

/// What has to be there before anything can be built, tested or run.
pub(crate) fn prepare(workspace: &Workspace, steps: &mut Steps) -> bool {
    let mut ready = steps.take("packages of the machine", || machine::packages(workspace));
    if cfg!(target_os = "linux") {
        ready &= steps.take("tauri-driver", || machine::tauri_driver(workspace));
    }
    ready &= steps.take("packages of the UI", || ui::packages(workspace));
    // The shell embeds the built UI, so this comes before the first look at Rust.
    ready & steps.take("build of the UI", || ui::build(workspace))
}

/// Unit tests and every test file, save those that open a window.
fn rust_tests(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
    for name in test_files(&workspace.path("src-tauri"))? {
        if !is_window_test(&name) && name != "bindings" {
            command.args(["--test", &name]);
        }
    }
    workspace.run(&mut command)
}

/// Two at a time, however many cores there are: each has a desktop, a browser and the program to itself, and waits for them most of its
/// time.
fn window_tests(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo();
    command.args([
        "test",
        "--workspace",
        "--no-fail-fast",
        "--test",
        "window_*",
        "--",
        "--test-threads",
        "2",
    ]);
    workspace.run(&mut command)
}

fn is_window_test(name: &str) -> bool {
    name.starts_with("window_")
}

/// The names of the integration tests: a file, or a folder with a `main.rs`, in each package's `tests` folder.
fn test_files(packages: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    let mut folders = vec![packages.join("tests")];
    let entries = std::fs::read_dir(packages).map_err(|error| format!("{}: {error}", packages.display()))?;
    folders.extend(entries.flatten().map(|entry| entry.path().join("tests")));
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let tests = entries.flatten().map(|entry| entry.path());
        let tests = tests.filter(|path| is_rust(path) || path.join("main.rs").is_file());
        names.extend(tests.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A suite that is a folder was left out once, and nobody noticed: nothing failed.
    #[test]
    fn suites_in_folders_are_not_forgotten() {
        let names = test_files(&Workspace::here().path("src-tauri")).unwrap();
        for suite in [
            "analysis_suite",
            "surface",
            "durability",
            "window_suite",
            "bindings",
        ] {
            assert!(
                names.iter().any(|name| name == suite),
                "{suite} is not in {names:?}"
            );
        }
        assert!(
            !names.iter().any(|name| name == "workshop"),
            "a part of a suite is no suite"
        );
    }
}
