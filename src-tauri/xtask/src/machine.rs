//! What the machine must have beyond git, Rust and Node. On Debian and Ubuntu it is installed, after being
//! named; elsewhere it is printed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::workspace::{Outcome, Workspace};

/// Debian's and Ubuntu's names, grouped by what needs them.
const PACKAGES: &[&str] = &[
    // compilers: OpenSSL for SQLCipher is built from source, libjpeg-turbo with cmake and nasm
    "build-essential",
    "pkg-config",
    "cmake",
    "nasm",
    "clang",
    "perl",
    // the window
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
    // the window tests' desktop, and the keyring that the program asks for its key
    "webkit2gtk-driver",
    "xvfb",
    "dbus",
    "dbus-x11",
    "libglib2.0-bin",
    "gnome-keyring",
    "libsecret-tools",
    "fonts-noto-core",
    // the tests that compare with Pillow and replay a power cut
    "python3",
    "python3-venv",
    "strace",
    // the centre that the tests start for themselves
    "postgresql",
];

/// Drives the window tests; the newest of the series that goes with Tauri 2.
const TAURI_DRIVER: &str = "2.1.0";

/// Installs the packages that are missing. A machine that has them all is left alone: no apt, no root.
pub(crate) fn packages(workspace: &Workspace) -> Outcome {
    if !cfg!(target_os = "linux") {
        eprintln!("{}", advice());
        return Ok(());
    }
    if !on_path("dpkg-query") || !on_path("apt-get") {
        eprintln!(
            "This is not Debian or Ubuntu. Install what these packages are called here: {}",
            PACKAGES.join(" ")
        );
        return Ok(());
    }
    let missing = missing(workspace, PACKAGES)?;
    install(workspace, &missing)
}

/// Installs packages that only one task needs.
pub(crate) fn also(workspace: &Workspace, packages: &[&str]) -> Outcome {
    if !on_path("dpkg-query") || !on_path("apt-get") {
        eprintln!("This task needs what Debian calls {}", packages.join(" "));
        return Ok(());
    }
    let missing = missing(workspace, packages)?;
    install(workspace, &missing)
}

/// Builds tauri-driver into `target/tools` unless it is there.
pub(crate) fn tauri_driver(workspace: &Workspace) -> Outcome {
    let tools = workspace.path("target/tools");
    let have = workspace
        .read(
            workspace
                .cargo()
                .args(["install", "--list", "--root"])
                .arg(&tools),
        )
        .unwrap_or_default();
    if have.contains(&format!("tauri-driver v{TAURI_DRIVER}:")) {
        return Ok(());
    }
    eprintln!("building tauri-driver {TAURI_DRIVER} into {}", tools.display());
    let mut command = workspace.cargo();
    command.stdout(Stdio::from(std::io::stderr()));
    command.args(["install", "tauri-driver", "--locked", "--version", TAURI_DRIVER]);
    workspace.run(command.arg("--root").arg(&tools))
}

/// Whether a program of this name is on the path.
pub(crate) fn on_path(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder: PathBuf| folder.join(program).is_file())
}

fn missing<'a>(workspace: &Workspace, packages: &[&'a str]) -> Outcome<Vec<&'a str>> {
    let mut query = workspace.command("dpkg-query");
    query
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\\n"])
        .args(packages);
    // It fails as soon as one name is unknown to it; what it printed about the others still holds.
    let output = query.output().map_err(|error| format!("dpkg-query: {error}"))?;
    let installed = installed(&String::from_utf8_lossy(&output.stdout));
    Ok(packages
        .iter()
        .copied()
        .filter(|package| !installed.contains(*package))
        .collect())
}

fn installed(listing: &str) -> BTreeSet<String> {
    listing
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .map(str::to_owned)
        .collect()
}

fn install(workspace: &Workspace, missing: &[&str]) -> Outcome {
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!(
        "Missing on this machine, to be installed with apt: {}",
        missing.join(" ")
    );
    let root = workspace.read(workspace.command("id").arg("-u"))?.trim() == "0";
    if !root && !on_path("sudo") {
        return Err(format!(
            "run this as root, then try again: apt-get install {}",
            missing.join(" ")
        ));
    }
    let apt = |arguments: &[&str]| -> Command {
        // sudo takes assignments before the command, as env does.
        let mut command = workspace.command(if root { "env" } else { "sudo" });
        command.arg("DEBIAN_FRONTEND=noninteractive").arg("apt-get");
        command.args(["-qq", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
        // Standard output belongs to the task: a benchmark's is JSON.
        command.stdout(Stdio::from(std::io::stderr()));
        command
    };
    workspace.run(&mut apt(&["update"]))?;
    workspace.run(apt(&["install", "--yes", "--no-install-recommends"]).args(missing))
}

fn advice() -> &'static str {
    if cfg!(target_os = "macos") {
        "On macOS: xcode-select --install; brew install cmake nasm python. The window tests run on Linux."
    } else {
        "On Windows: the Visual Studio build tools with C++, WebView2, CMake, NASM, Strawberry Perl and Python \
         (winget install Kitware.CMake NASM.NASM StrawberryPerl.StrawberryPerl). The window tests run on Linux."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_fully_installed_counts() {
        let listing = "cmake installed\nnasm config-files\nclang not-installed\nxvfb half-configured\n";
        assert_eq!(installed(listing).into_iter().collect::<Vec<_>>(), ["cmake"]);
    }
}
