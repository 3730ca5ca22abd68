//! A contestant in a process of its own: it waits for a line, does its work once, and answers with the milliseconds that
//! it measured itself. Starting it and talking to it is in nobody's figure.

use std::io::{BufRead, BufReader, Write, stdin};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use seekwell_testkit::python::Python;

use crate::processes;
use crate::program::Outcome;

/// A running contestant; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Contestant {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Which processors a contestant and everything that it starts may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    /// The first one.
    One,
    /// All of them.
    All,
}

impl Contestant {
    /// Starts `program`; libraries that ask the environment how many threads to use hear one where it has one core.
    fn start(program: &Path, arguments: &[&str], cores: Cores) -> Outcome<Self> {
        let mut command = match cores {
            Cores::All => Command::new(program),
            Cores::One => {
                let mut command = Command::new("taskset");
                command.args(["-c", "0"]).arg(program);
                command.env("VIPS_CONCURRENCY", "1").env("OMP_NUM_THREADS", "1");
                command
            }
        };
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a child without pipes".into());
        };
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// A script with those words after it.
    pub(crate) fn python(python: &Python, script: &str, words: &[&str], cores: Cores) -> Outcome<Self> {
        let program = python.run("import sys; print(sys.executable)", &[], &[]);
        let program = String::from_utf8(program)?;
        Self::start(
            Path::new(program.trim()),
            &[&["-c", script][..], words].concat(),
            cores,
        )
    }

    /// This very program again, as the contestant that `words` name.
    pub(crate) fn ourselves(words: &[&str], cores: Cores) -> Outcome<Self> {
        Self::start(&std::env::current_exe()?, words, cores)
    }

    /// One turn: the milliseconds that it took.
    pub(crate) fn turn(&mut self) -> Outcome<f64> {
        self.input.write_all(b"go\n")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(answer
            .trim()
            .parse()
            .map_err(|_| format!("a contestant stopped; it last said {answer:?}"))?)
    }

    /// The most memory that it and what it started have held, each at its own worst moment, in MB.
    pub(crate) fn peak_mb(&self) -> Outcome<f64> {
        processes::peak_mb(self.child.id())
    }

    /// What they hold now, in MB.
    pub(crate) fn held_mb(&self) -> Outcome<f64> {
        processes::held_mb(self.child.id())
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The other side of [`Contestant::turn`], until standard input closes. `work` gives milliseconds.
pub(crate) fn take_turns(mut work: impl FnMut() -> Outcome<f64>) -> Outcome {
    for line in stdin().lock().lines() {
        line?;
        println!("{}", work()?);
    }
    Ok(())
}
