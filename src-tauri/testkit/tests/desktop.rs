//! The screenless desktop itself, proven on WebKit's own little browser: whatever a window test relies on
//! works here with no program of ours in the way.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may stop where it fails"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use seekwell_testkit::desktop::{Desktop, process};
use seekwell_testkit::webdriver::{Key, Pasted, Window, WindowError};

/// Set for the process that is to be killed in the middle of a test.
const VICTIM: &str = "SEEKWELL_TEST_VICTIM";

const PAGE: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Proof</title></head><body><main>
<h1 data-testid="title">Proof</h1>
<label>Name <input data-testid="name"></label>
<div data-testid="wrapped"><label>Wrapped <input></label></div>
<button data-testid="later" onclick="requestAnimationFrame(() => late.hidden = false)">Show</button>
<p data-testid="late" id="late" hidden>Seen</p>
<button data-testid="goner" onclick="this.remove()">Remove</button>
<p data-testid="pasted" id="pasted" tabindex="0">nothing</p>
<p data-testid="keys" id="keys">none</p>
<script>
document.addEventListener('paste', async (event) => {
  const files = [...event.clipboardData.files];
  const sums = await Promise.all(files.map(async (file) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return `${file.name} ${file.type} ${file.size} ${bytes.reduce((sum, byte) => (sum + byte) % 65521, 0)}`;
  }));
  pasted.textContent = sums.join('; ');
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.key === 'k') keys.textContent = 'Ctrl+K';
});
</script></main></body></html>"#;

fn mini_browser() -> PathBuf {
    let library = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let mut places = library.map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"));
    places
        .find(|path| path.exists())
        .expect("MiniBrowser comes with libwebkit2gtk-4.1-0")
}

async fn open(desktop: &Desktop) -> Window {
    let page = desktop.home().join("proof.html");
    std::fs::write(&page, PAGE).unwrap();
    let window = desktop.launch(&mini_browser(), &["--automation"]).await.unwrap();
    window.go_to(&format!("file://{}", page.display())).await.unwrap();
    window
}

#[tokio::test]
async fn a_person_can_use_the_window() {
    let desktop = Desktop::start().unwrap();
    let window = open(&desktop).await;

    assert_eq!(window.text("title").await.unwrap(), "Proof");
    for name in ["Nguyễn Văn Hòa (mẫu)", "Đặng Thị Ửng"] {
        window.type_into("name", name).await.unwrap();
        assert_eq!(window.value("name").await.unwrap(), name);
    }
    window.type_into("wrapped", "inside").await.unwrap();

    assert_eq!(window.count("late").await.unwrap(), 1);
    window.click("later").await.unwrap();
    window.wait_for_text("late", "Seen").await.unwrap();
    window.click("goner").await.unwrap();
    window.wait_until_gone("goner").await.unwrap();

    window.tab_to("pasted").await.unwrap();
    window.shortcut(&[Key::Control], 'k').await.unwrap();
    window.wait_for_text("keys", "Ctrl+K").await.unwrap();
    window.press_holding(&[Key::Shift], Key::Tab).await.unwrap();
    assert!(!window.has_focus("pasted").await.unwrap());

    let picture = desktop.temp().join("proof.png");
    window.screenshot(&picture).unwrap();
    let picture = image::open(&picture).unwrap();
    assert!(picture.width() > 300 && picture.height() > 200);
    window.resize(640, 700).await.unwrap();
}

#[tokio::test]
async fn files_are_pasted_whole() {
    let desktop = Desktop::start_without_keyring().unwrap();
    let window = open(&desktop).await;
    let big: Vec<u8> = (0..4_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let sum = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u64, |sum, byte| (sum + u64::from(*byte)) % 65_521)
    };
    let files = [
        Pasted {
            name: "lesion 1.jpg",
            media_type: "image/jpeg",
            bytes: &big,
        },
        Pasted {
            name: "empty.png",
            media_type: "image/png",
            bytes: &[],
        },
    ];
    window.paste(None, &files).await.unwrap();
    let expected = format!(
        "lesion 1.jpg image/jpeg 4000000 {}; empty.png image/png 0 0",
        sum(&big)
    );
    window.wait_for_text("pasted", &expected).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_reported_with_the_page() {
    let desktop = Desktop::start_without_keyring().unwrap();
    let mut window = open(&desktop).await;
    window.set_patience(Duration::from_millis(200));
    let error = window.wait_for("absent").await.unwrap_err();
    assert!(
        matches!(&error, WindowError::Missing { page, .. } if page.contains("Proof")),
        "{error}"
    );
}

#[tokio::test]
async fn the_cross_ends_the_program_and_its_web_process_can_die() {
    let desktop = Desktop::start_without_keyring().unwrap();
    let window = open(&desktop).await;
    assert!(window.kill_web_process());
    window.close().await.unwrap();

    let window = open(&desktop).await;
    let pid = window.process().unwrap();
    assert!(window.kill());
    assert!(!process::is_running(pid));
}

#[test]
fn the_keyring_keeps_a_secret_until_the_desktop_ends() {
    let desktop = Desktop::start().unwrap();
    let tool = |arguments: &[&str]| {
        let mut command = desktop.command("sh");
        command
            .args(["-c", "printf canary | secret-tool \"$@\"", "sh"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let stored = tool(&["store", "--label=probe", "kind", "probe"]);
    assert!(stored.status.success(), "{stored:?}");
    assert_eq!(tool(&["lookup", "kind", "probe"]).stdout, b"canary");

    let bare = Desktop::start_without_keyring().unwrap();
    let looked = bare
        .command("secret-tool")
        .args(["lookup", "kind", "probe"])
        .output()
        .unwrap();
    assert!(
        !looked.status.success(),
        "a desktop without a keyring answered for one"
    );
}

#[test]
fn nothing_is_left_when_it_is_dropped() {
    let desktop = Desktop::start().unwrap();
    let folder = desktop.folder().to_owned();
    // One that leaves its process group, as daemons do.
    let mut stray = desktop.command("setsid").args(["sleep", "600"]).spawn().unwrap();
    assert!(process::wait_until(Duration::from_secs(5), || {
        process::marked(&folder.display().to_string(), "sleep").len() == 1
    }));
    drop(desktop);
    stray.wait().unwrap();
    assert_eq!(left_of(&folder), Vec::<i32>::new());
    assert!(!folder.exists());
}

#[test]
fn nothing_is_left_when_the_test_is_killed() {
    // This same program, asked for the one test below, which then waits to be killed.
    let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "waits_to_be_killed", "--nocapture"])
        .env(VICTIM, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let folder = lines
        .filter_map(|line| {
            line.split_once("desktop at ")
                .map(|(_, path)| PathBuf::from(path))
        })
        .next()
        .unwrap();
    assert!(!left_of(&folder).is_empty());
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(process::wait_until(Duration::from_secs(10), || left_of(&folder)
        .is_empty()
        && !folder.exists()));
}

#[test]
fn waits_to_be_killed() {
    if std::env::var_os(VICTIM).is_some() {
        let desktop = Desktop::start().unwrap();
        println!("desktop at {}", desktop.folder().display());
        let _ = std::io::stdin().read_line(&mut String::new());
    }
}

fn left_of(folder: &Path) -> Vec<i32> {
    let marker = folder.display().to_string();
    ["Xvfb", "dbus-daemon", "gnome-keyring-daemon", "sleep"]
        .iter()
        .flat_map(|name| process::marked(&marker, name))
        .collect()
}
