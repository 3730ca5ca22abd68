//! What a worker process may cost: the photo it is busy with, and nothing else.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use seekwell_core::imaging::worker::{FLAG, Workers};
use seekwell_core::imaging::{self, Refusal, Resample};
use seekwell_testkit::lesion::Lesion;

const WORKER: &str = env!("CARGO_BIN_EXE_imaging-worker");

fn photo() -> Vec<u8> {
    Lesion::new(31, 300, 200).jpeg(90)
}

/// A worker started by a shell that does something first. `$1` is a path of the test's own.
fn shell(before: &str, path: &Path) -> Workers {
    let script = format!("{before}; exec {WORKER} {FLAG}");
    Workers::start(
        "/bin/sh".into(),
        [
            "-c".into(),
            script.into(),
            "sh".into(),
            path.as_os_str().to_owned(),
        ],
    )
}

/// What a shell prints to be taken for a worker.
fn hello() -> String {
    let json = format!(r#"{{"pipeline":"{}"}}"#, imaging::PIPELINE);
    format!(r"printf '\{:03o}\000\000\000{json}'", json.len())
}

fn pid(path: &Path) -> Pid {
    let text = fs::read_to_string(path).unwrap();
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_worker_that_dies_over_a_photo_costs_that_photo() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("first");
    fs::File::create(&marker).unwrap();
    // The first worker reads a part of its photo and is killed; those after it are whole.
    let dies_once = format!(
        r#"if rm "$1" 2>/dev/null; then {}; head -c 1000 >/dev/null; kill -9 $$; fi"#,
        hello()
    );
    let workers = Arc::new(shell(&dies_once, &marker).limited_to(2));

    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let workers = workers.clone();
        tasks.spawn(async move { workers.prepare(&photo()).await });
    }
    let outcomes = tasks.join_all().await;
    let died = outcomes
        .iter()
        .filter(|outcome| **outcome == Err(Refusal::DecoderDied))
        .count();
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((died, kept), (1, 5));
}

#[tokio::test]
async fn a_worker_that_dies_between_photos_costs_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    let workers = shell(r#"echo $$ > "$1""#, &path).limited_to(1);
    workers.prepare(&photo()).await.unwrap();
    let first = pid(&path);
    kill_process(first, Signal::KILL).unwrap();
    workers.prepare(&photo()).await.unwrap();
    assert_ne!(pid(&path), first);
    // And one that lives is used again.
    let second = pid(&path);
    workers.prepare(&photo()).await.unwrap();
    assert_eq!(pid(&path), second);
}

#[tokio::test]
async fn a_worker_that_hangs_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    let script = format!(r#"echo $$ > "$1"; {}; exec sleep 600"#, hello());
    let arguments = [
        "-c".into(),
        script.into(),
        "sh".into(),
        path.as_os_str().to_owned(),
    ];
    let workers = Workers::start("/bin/sh".into(), arguments).with_deadline(Duration::from_secs(1));
    assert_eq!(
        workers.prepare(&photo()).await,
        Err(Refusal::TimedOut { seconds: 1 })
    );
    gone(pid(&path)).await;
}

#[tokio::test]
async fn a_cancelled_job_takes_its_worker_along_and_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    // The first worker hangs and the next works.
    let hangs_once = r#"if [ ! -e "$1" ]; then echo $$ > "$1"; exec sleep 600; fi"#;
    let workers = shell(hangs_once, &path).limited_to(1);
    let original = photo();
    tokio::select! {
        _ = workers.prepare(&original) => panic!("a hanging worker answered"),
        () = appears(&path) => {}
    }
    gone(pid(&path)).await;
    assert!(workers.prepare(&photo()).await.is_ok());
}

#[tokio::test]
async fn nonsense_is_not_believed() {
    for script in [
        "exec yes",
        "head -c 64 /dev/zero; exec sleep 600",
        r#"printf '\022\000\000\000{"Bytes":999999999}'; exec sleep 600"#,
        r#"printf '\013\000\000\000{"Bytes":3}abc'; exec sleep 600"#,
        "exit 3",
    ] {
        let after_hello = format!("{}; {script}", hello());
        let workers = Workers::start("/bin/sh".into(), ["-c", after_hello.as_str()]);
        let outcome = workers.pixels(&photo(), 8, 8, Resample::Nearest).await;
        assert_eq!(outcome, Err(Refusal::DecoderDied), "{script}");
    }
}

#[tokio::test]
async fn a_worker_that_does_not_say_that_it_is_ready_is_none_and_gets_no_photo() {
    let of_another_version = hello().replace(imaging::PIPELINE, &"x".repeat(imaging::PIPELINE.len()));
    for script in [
        "exit 1",
        "exec yes",
        "exec sleep 600",
        &format!("{of_another_version}; exec cat >/dev/null"),
    ] {
        let workers = Workers::start("/bin/sh".into(), ["-c", script]).with_deadline(Duration::from_secs(1));
        let outcome = workers.prepare(&photo()).await;
        assert!(
            matches!(outcome, Err(Refusal::NoWorker { .. })),
            "{script}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_program_says_so() {
    let workers = Workers::start("/nowhere/seekwell".into(), [FLAG]);
    let refusal = workers.prepare(&photo()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::NoWorker { .. }) && refusal.may_pass_later());
}

#[test]
fn a_worker_ends_with_its_pipe() {
    let mut worker = Command::new(WORKER)
        .arg(FLAG)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(worker.stdin.take());
    assert!(worker.wait().unwrap().success());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_worker_at_work_is_confined() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    let workers = shell(r#"echo $$ > "$1""#, &path).limited_to(1);
    workers.prepare(&photo()).await.unwrap();

    let process = Path::new("/proc").join(pid(&path).to_string());
    let status = fs::read_to_string(process.join("status")).unwrap();
    for line in ["Seccomp:\t2", "NoNewPrivs:\t1"] {
        assert!(status.lines().any(|found| found == line), "{line} in {status}");
    }
    let limits = fs::read_to_string(process.join("limits")).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(
        (
            limit("Max core file size"),
            limit("Max file size"),
            limit("Max open files")
        ),
        (0, 0, 3)
    );
    assert!(limit("Max address space") < 2_000_000_000);
    assert_eq!(
        fs::read(process.join("environ")).unwrap_or_default().len(),
        environment_of_a_shell()
    );
}

/// Every 48-megapixel photo must fit: the peak of the whole process, code and all.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_48_megapixel_photo_takes_under_250_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    let workers = shell(r#"echo $$ > "$1""#, &path).limited_to(1);
    // Drawing 48 megapixels is slow; a tile of them is as good.
    let original = seekwell_testkit::lesion::tiled_jpeg(8064, 6048, 92);
    let prepared = workers.prepare(&original).await.unwrap();
    assert_eq!((prepared.facts.width, prepared.facts.height), (8064, 6048));
    let status = fs::read_to_string(format!("/proc/{}/status", pid(&path))).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
    assert!(kilobytes < 250_000, "{kilobytes} kB");
}

#[tokio::test]
async fn every_job_is_the_functions_own_answer() {
    let workers = Workers::start(WORKER.into(), [FLAG]);
    let original = photo();
    assert_eq!(workers.prepare(&original).await, imaging::prepare(&original));
    assert_eq!(workers.full(&original).await, imaging::full(&original));
    for resample in [
        Resample::Nearest,
        Resample::Bilinear,
        Resample::Bicubic,
        Resample::Lanczos,
    ] {
        assert_eq!(
            workers.pixels(&original, 224, 160, resample).await,
            imaging::pixels(&original, 224, 160, resample)
        );
    }
    assert!(matches!(
        workers.pixels(&original, 0, 8, Resample::Nearest).await,
        Err(Refusal::Unsupported { .. })
    ));
}

/// Waits until a process is no more; the test's time-out is the caller's.
async fn gone(pid: Pid) {
    while test_kill_process(pid).is_ok() {
        tokio::task::yield_now().await;
    }
}

/// Waits until a file holds a line.
async fn appears(path: &Path) {
    while !fs::read_to_string(path).is_ok_and(|text| text.ends_with('\n')) {
        tokio::task::yield_now().await;
    }
}

/// A shell adds variables of its own to an empty environment before it starts the worker.
#[cfg(target_os = "linux")]
fn environment_of_a_shell() -> usize {
    let kept = ["LD_LIBRARY_PATH"]
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    let output = Command::new("/bin/sh")
        .args(["-c", "exec cat /proc/self/environ"])
        .env_clear()
        // What tells the allocator to keep a photo's memory for the next one.
        .env("MALLOC_MMAP_THRESHOLD_", "33554432")
        .env("MALLOC_TRIM_THRESHOLD_", "67108864")
        .envs(kept)
        .output()
        .unwrap();
    output.stdout.len()
}
