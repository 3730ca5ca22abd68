//! `cargo xtask run`: the program on a demo clinic. Before a person where there is a display; where there is
//! none, in a virtual one and driven through the main job. `--with-centre`: two workstations and the centre between them.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::steps::Steps;
use crate::test::prepare;
use crate::workspace::{Outcome, Workspace};

/// The demo clinic and everybody in it are invented, and say so.
const CLINIC: &str = "Trạm Y tế Mẫu";
const PERSON: &str = "Lê Thị Mai (mẫu)";
const EMAIL: &str = "mai@example.test";
const PASSWORD: &str = "mat-khau-mau";
const DEMO_MODEL: &str = "src-tauri/testkit/demo-model";

/// A synthetic lesion by its number, its site and its side.
type Lesion = (u32, &'static str, &'static str);

/// The demo patients: name, birth and lesions.
const PATIENTS: &[(&str, &str, &[Lesion])] = &[
    (
        "Nguyễn Văn Hòa (mẫu)",
        "1961-03-12",
        &[(1, "back", "left"), (2, "back", "left"), (3, "face", "right")],
    ),
    (
        "Trần Thị Bưởi (mẫu)",
        "1974",
        &[(4, "hands", "left"), (5, "arms", "right")],
    ),
    ("Đặng Văn Ổi (mẫu)", "1988-11-02", &[(6, "legs", "midline")]),
];

/// Builds what is needed, then opens or drives the program.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut steps = Steps::default();
    let ready = prepare(workspace, &mut steps) && steps.take("build of the program", || build(workspace));
    if !ready {
        return steps.report();
    }
    let done = if has_display() {
        steps.take("demo clinic", || seed(workspace)) && steps.take("window", || open(workspace))
    } else {
        steps.take("main job in a virtual display", || drive(workspace))
    };
    if done { Ok(()) } else { steps.report() }
}

/// Everything but this very program, whose file can't be replaced while it runs on Windows.
pub(crate) fn build(workspace: &Workspace) -> Outcome {
    workspace.run(
        workspace
            .cargo()
            .args(["build", "--workspace", "--exclude", "xtask", "--bins"]),
    )
}

/// Builds what is needed, then opens or drives two workstations and the centre between them.
pub(crate) fn with_centre(workspace: &Workspace) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err("the throw-away centre is made of Debian's PostgreSQL: use Linux".into());
    }
    let mut steps = Steps::default();
    let ready = prepare(workspace, &mut steps) && steps.take("build of the program", || build(workspace));
    if !ready {
        return steps.report();
    }
    let done = if has_display() {
        steps.take("two windows", || workspace.run(&mut centre(workspace)))
    } else {
        steps.take("two windows in virtual displays", || drive_two(workspace))
    };
    if done { Ok(()) } else { steps.report() }
}

/// The servers live in the driver, and end with it.
fn centre(workspace: &Workspace) -> Command {
    let mut driver = Command::new(workspace.binary("debug", "seekwell-drive"));
    driver.arg("with-centre");
    driver.args(["seekwell-desktop", "seekwell"].map(|name| workspace.binary("debug", name)));
    driver
}

/// What it saw is in `target/run/with-centre`.
pub(crate) fn drive_two(workspace: &Workspace) -> Outcome {
    let out = workspace.path("target/run/with-centre");
    let outcome = workspace.run(centre(workspace).arg(&out));
    println!("pictures and summary: {}", out.display());
    outcome
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn open(workspace: &Workspace) -> Outcome {
    println!("sign in as {EMAIL} with the password {PASSWORD}");
    let mut program = Command::new(workspace.binary("debug", "seekwell-desktop"));
    workspace.run(program.arg("--data-dir").arg(workspace.path("target/demo")))
}

/// The driver knows every step; what it saw is in `target/run`.
pub(crate) fn drive(workspace: &Workspace) -> Outcome {
    let mut driver = Command::new(workspace.binary("debug", "seekwell-drive"));
    driver.arg("main-job");
    driver.args(["seekwell-desktop", "seekwell"].map(|name| workspace.binary("debug", name)));
    driver.arg(workspace.path("target/run"));
    let outcome = workspace.run(&mut driver);
    println!("pictures and summary: {}", workspace.path("target/run").display());
    outcome
}

/// Fills `target/demo` through the command line, once; what somebody added to it since then stays.
fn seed(workspace: &Workspace) -> Outcome {
    let demo = workspace.path("target/demo");
    if demo.exists() {
        println!("{} is there already; remove it to begin anew", demo.display());
        return Ok(());
    }
    let filled = fill(workspace, &demo);
    if filled.is_err() && demo.exists() {
        // Half a demo would be taken for a whole one next time.
        std::fs::remove_dir_all(&demo).map_err(|error| format!("{}: {error}", demo.display()))?;
    }
    filled
}

fn fill(workspace: &Workspace, demo: &Path) -> Outcome {
    let photos = workspace.path("target/demo-photos");
    let mut painter = Command::new(workspace.binary("debug", "seekwell-drive"));
    workspace.run(painter.arg("photos").arg(&photos).arg("6"))?;
    let recovery = workspace.path("target/demo-recovery-key.txt");
    // The key of a demo that was removed; nothing else opens with it, and it is never overwritten.
    let _ = std::fs::remove_file(&recovery);
    let mut init = seekwell(workspace, demo);
    init.args([
        "init",
        "--clinic",
        CLINIC,
        "--email",
        EMAIL,
        "--full-name",
        PERSON,
        "--recovery-key-out",
    ])
    .arg(&recovery);
    answer(&mut init, PASSWORD)?;
    ask(seekwell(workspace, demo)
        .args(["model", "install"])
        .arg(workspace.path(DEMO_MODEL)))?;
    for (name, born, lesions) in PATIENTS {
        let added =
            ask(seekwell(workspace, demo)
                .args(["patient", "add", "--as", EMAIL, "--name", name, "--born", born]))?;
        let id = added["id"].as_str().ok_or("the patient has no id")?;
        for (number, site, side) in *lesions {
            let mut open = seekwell(workspace, demo);
            open.arg("open").arg(photos.join(format!("lesion-{number}.jpg")));
            ask(open.args(["--as", EMAIL, "--patient", id, "--site", site, "--side", side]))?;
        }
    }
    Ok(())
}

fn seekwell(workspace: &Workspace, data: &Path) -> Command {
    let mut command = Command::new(workspace.binary("debug", "seekwell"));
    command.arg("--data-dir").arg(data).arg("--json");
    command
}

fn ask(command: &mut Command) -> Outcome<Value> {
    answer(command, "")
}

/// Runs the command line with one line of standard input and reads the document that it prints.
fn answer(command: &mut Command, line: &str) -> Outcome<Value> {
    let words: Vec<_> = command
        .get_args()
        .skip(3)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let failed = |reason: &dyn Display| format!("seekwell {}: {reason}", words.join(" "));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{line}").map_err(|error| failed(&error))?;
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))
}
