//! `cargo xtask bench`: figures against peers, in release builds, as medians of alternating runs.
//!
//! The program of the package `seekwell-bench` runs each of them, ours and its peer in turn, and prints one JSON
//! object a line: `bench`, `case`, `ours_ms`, `peer`, `peer_ms`, `ratio`. Memory is no time: such a line has null
//! for `ours_ms` and `peer_ms`, and `unit` (`MB`), `ours_mb` and `peer_mb` beside them. What a benchmark has to say
//! beside that goes to standard error.

use std::process::Stdio;

use serde_json::Value;

use crate::workspace::{Outcome, Workspace};
use crate::{machine, ui};

/// The benchmarks, and what Debian calls the peers that are not fetched by the program itself.
const BENCHES: &[(&str, &[&str])] = &[
    ("prepare", &["libvips-dev", "python3-venv"]),
    ("capture", &[]),
    ("history", &[]),
    ("analysis", &["python3-venv"]),
    ("start", &[]),
    ("drain", &["rclone"]),
    ("pull", &[]),
    ("queue", &["python3-venv"]),
    ("share", &[]),
    ("idle", &[]),
    ("frames", &["python3-venv"]),
];

/// One measurement.
#[derive(Debug, PartialEq)]
struct Measurement {
    bench: String,
    case: String,
    unit: &'static str,
    ours: f64,
    peer: String,
    peers: f64,
    ratio: f64,
}

/// Runs the named benchmark, or all of them; prints a table, or the lines as they are with `--json`.
pub(crate) fn bench(workspace: &Workspace, words: &[&str]) -> Outcome {
    let json = words.contains(&"--json");
    let names: Vec<&str> = words.iter().copied().filter(|word| *word != "--json").collect();
    let unknown = names
        .iter()
        .find(|name| !BENCHES.iter().any(|(bench, _)| bench == *name));
    if let Some(name) = unknown {
        let known: Vec<&str> = BENCHES.iter().map(|(bench, _)| *bench).collect();
        return Err(format!(
            "no benchmark is called {name}; there are {}",
            known.join(", ")
        ));
    }
    let wanted = BENCHES
        .iter()
        .filter(|(bench, _)| names.is_empty() || names.contains(bench));
    build(workspace)?;
    let mut failed = Vec::new();
    let mut table = Vec::new();
    for (name, packages) in wanted {
        match run(workspace, name, packages, json) {
            Ok(measurements) => table.extend(measurements),
            Err(reason) => failed.push(format!("{name}: {reason}")),
        }
    }
    if !json {
        print!("{}", shown(&table));
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("\n"))
    }
}

fn run(workspace: &Workspace, name: &str, packages: &[&str], json: bool) -> Outcome<Vec<Measurement>> {
    machine::also(workspace, packages)?;
    let mut command = workspace.command(workspace.binary("release", "seekwell-bench"));
    command.arg(name);
    let mut measurements = Vec::new();
    for line in workspace
        .read(&mut command)?
        .lines()
        .filter(|line| !line.trim().is_empty())
    {
        measurements.push(measurement(line)?);
        if json {
            println!("{line}");
        }
    }
    if measurements.is_empty() {
        Err("it measured nothing".into())
    } else {
        Ok(measurements)
    }
}

/// The benchmarks and the windows that they open in one go, so that all get the same dependencies with the same features, once.
fn build(workspace: &Workspace) -> Outcome {
    machine::packages(workspace)?;
    if cfg!(target_os = "linux") {
        machine::tauri_driver(workspace)?;
    }
    ui::packages(workspace)?;
    ui::build(workspace)?;
    let mut build = workspace.cargo();
    build.args(["build", "--release"]);
    for package in ["seekwell-bench", "seekwell-desktop", "seekwell-empty-window"] {
        build.args(["--package", package]);
    }
    build.args([
        "--features",
        "seekwell-bench/program,seekwell-empty-window/window",
    ]);
    // Standard output belongs to the figures.
    workspace.run(build.stdout(Stdio::from(std::io::stderr())))
}

fn measurement(line: &str) -> Outcome<Measurement> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("{error} in: {line}"))?;
    let text = |key: &str| {
        value[key]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("no `{key}` in: {line}"))
    };
    let number = |key: &str| {
        value[key]
            .as_f64()
            .ok_or_else(|| format!("no `{key}` in: {line}"))
    };
    let (unit, ours, peers) = match value["unit"].as_str() {
        None => ("ms", "ours_ms", "peer_ms"),
        Some("MB") => ("MB", "ours_mb", "peer_mb"),
        Some(other) => return Err(format!("the unit {other} is not known in: {line}")),
    };
    Ok(Measurement {
        bench: text("bench")?,
        case: text("case")?,
        unit,
        ours: number(ours)?,
        peer: text("peer")?,
        peers: number(peers)?,
        ratio: number("ratio")?,
    })
}

/// A table as the README shows it.
fn shown(table: &[Measurement]) -> String {
    let mut out = String::from(
        "| benchmark | case | ours | peer | the peer's | ratio |\n|---|---|---:|---|---:|---:|\n",
    );
    for one in table {
        out += &format!(
            "| {} | {} | {:.1} {unit} | {} | {:.1} {unit} | {:.2}× |\n",
            one.bench,
            one.case,
            one.ours,
            one.peer,
            one.peers,
            one.ratio,
            unit = one.unit
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_a_row() {
        let line =
            r#"{"bench":"prepare","case":"12 MP","ours_ms":40,"peer":"libvips","peer_ms":92.5,"ratio":0.43}"#;
        let row = measurement(line).unwrap();
        assert!(shown(&[row]).ends_with("| prepare | 12 MP | 40.0 ms | libvips | 92.5 ms | 0.43× |\n"));
    }

    #[test]
    fn memory_is_shown_as_memory() {
        let line = r#"{"bench":"start","case":"idle","ours_ms":null,"peer":"limit","peer_ms":null,"unit":"MB",
            "ours_mb":90.25,"peer_mb":100,"ratio":0.9}"#;
        let row = measurement(line).unwrap();
        assert!(shown(&[row]).ends_with("| start | idle | 90.2 MB | limit | 100.0 MB | 0.90× |\n"));
        assert!(measurement(&line.replace("MB", "GB")).is_err());
    }

    #[test]
    fn a_line_without_its_peer_is_refused() {
        assert!(measurement(r#"{"bench":"prepare","case":"12 MP","ours_ms":40}"#).is_err());
        assert!(measurement("12 MP took 40 ms").is_err());
    }
}
