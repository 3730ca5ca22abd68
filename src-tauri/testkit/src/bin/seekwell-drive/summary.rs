//! The steps of a drive, each with its picture and what was seen, as a document for people and one for programs.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use seekwell_testkit::webdriver::Window;
use serde_json::{Value, json};

/// What went wrong is for the person at the terminal.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// An error where something does not hold.
pub(crate) fn expect(holds: bool, what: &str) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(format!("expected {what}").into())
    }
}

/// What was seen so far.
pub(crate) struct Summary {
    out: PathBuf,
    title: &'static str,
    steps: Vec<Value>,
}

/// Does `work` with an empty summary in the folder `out`, and writes it whatever came of it.
pub(crate) fn of(
    out: &Path,
    title: &'static str,
    work: impl AsyncFnOnce(&mut Summary) -> Outcome,
) -> Outcome {
    if out.exists() {
        std::fs::remove_dir_all(out)?;
    }
    std::fs::create_dir_all(out)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut summary = Summary {
        out: out.to_owned(),
        title,
        steps: Vec::new(),
    };
    let outcome = runtime.block_on(work(&mut summary));
    summary.write(outcome.as_ref().err().map(|error| chain(error.as_ref())))?;
    outcome
}

impl Summary {
    /// Takes a step, then its picture, also when it failed.
    pub(crate) async fn step(
        &mut self,
        window: &Window,
        name: &str,
        step: impl Future<Output = Outcome<String>>,
    ) -> Outcome {
        let start = Instant::now();
        let outcome = step.await;
        let picture = format!("{:02}-{}.png", self.steps.len() + 1, name.replace(' ', "-"));
        let taken = window.screenshot(&self.out.join(&picture));
        self.note(name, start, &outcome, taken.is_ok().then_some(picture));
        outcome.map(drop)?;
        Ok(taken?)
    }

    /// Takes a step that no window shows.
    pub(crate) fn act<T>(&mut self, name: &str, act: impl FnOnce() -> Outcome<(T, String)>) -> Outcome<T> {
        let start = Instant::now();
        let (made, saw) = match act() {
            Ok((made, saw)) => (Ok(made), Ok(saw)),
            Err(error) => {
                let said = chain(error.as_ref());
                (Err(error), Err(said.into()))
            }
        };
        self.note(name, start, &saw, None);
        made
    }

    /// Runs a command and takes its word.
    pub(crate) fn command(&mut self, name: &str, command: &mut std::process::Command) -> Outcome {
        let start = Instant::now();
        let outcome = command.output().map_err(Into::into).and_then(|output| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() {
                Ok(said.trim().to_owned())
            } else {
                Err(format!("{}: {said}", output.status).into())
            }
        });
        self.note(name, start, &outcome, None);
        outcome.map(drop)
    }

    fn note(&mut self, name: &str, start: Instant, outcome: &Outcome<String>, picture: Option<String>) {
        let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let saw = match outcome {
            Ok(saw) => saw.clone(),
            Err(error) => chain(error.as_ref()),
        };
        println!(
            "{} {name} ({took} ms)",
            if outcome.is_ok() { "ok    " } else { "FAILED" }
        );
        self.steps.push(
            json!({ "name": name, "ok": outcome.is_ok(), "took_ms": took, "picture": picture, "saw": saw }),
        );
    }

    /// Writes `summary.json` and `summary.md`.
    #[expect(clippy::disallowed_methods, reason = "a summary can be made again")]
    fn write(&self, failure: Option<String>) -> Outcome {
        let whole = json!({ "ok": failure.is_none(), "failure": failure, "steps": self.steps });
        std::fs::write(self.out.join("summary.json"), format!("{whole:#}\n"))?;
        let mut page = format!("# {}\n\n", self.title);
        for step in &self.steps {
            let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
            let mark = if step["ok"] == true {
                "passed"
            } else {
                "**failed**"
            };
            page += &format!(
                "## {}: {mark} in {} ms\n\n{}\n\n",
                text("name"),
                step["took_ms"],
                text("saw")
            );
            if let Some(picture) = step["picture"].as_str() {
                page += &format!("![{}]({picture})\n\n", text("name"));
            }
        }
        if let Some(failure) = failure {
            page += &format!("## Stopped\n\n{failure}\n");
        }
        std::fs::write(self.out.join("summary.md"), page)?;
        Ok(())
    }
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said += &format!(": {error}");
        cause = error.source();
    }
    said
}
