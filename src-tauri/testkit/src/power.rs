//! Power cuts without pulling a plug: what a process wrote is recorded, and disks are made from it as they may be after the
//! power went at any moment.
//!
//! # The model
//! A write survives for certain once its file was synced, a name (made, renamed, removed) once its directory was. Whatever
//! was not synced when the power went may be there or not, each 512-byte sector and each name for itself, in any order: a
//! file's length, its middle, and an older name beside a newer one included. Syncing a file says nothing about its name,
//! syncing a directory nothing about the directory's own name. Renaming is one step. That is less than any journaling
//! file system promises and what POSIX and a disk with a cache leave open.
//!
//! # The recorder
//! A shared object that is compiled from C and preloaded. Tracing the process instead would need a tool and a right that
//! not every machine has, slow every call, and print the data as text to be parsed. What is linked statically into the
//! program (SQLite) calls the C library as well, so nothing escapes; [`Recording::complete`] checks that.
//!
//! # The lie
//! A disk made with a [`Lie`] disregards some syncs. To the disk that is the same as a program that never called them, so
//! a lie shows what a careless program would have lost, and that these disks would show it.

mod reading;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::Dice;

const RECORDER: &str = include_str!("power/recorder.c");
const SECTOR: usize = 512;

/// What records: a shared object that is preloaded into a process.
pub struct Recorder {
    object: PathBuf,
    log: PathBuf,
    root: PathBuf,
}

/// Which syncs the disk disregards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// None: an honest disk.
    None,
    /// Those of the database's log, save before the log is copied into the database: `synchronous=NORMAL`.
    LogSyncs,
    /// Those of the directories that hold photos.
    PhotoNames,
    /// Those of the photos themselves.
    PhotoContents,
}

/// What was written, said and synced.
pub struct Recording {
    /// Files and directories as they were when recording began, all of it durable.
    before: Tree,
    steps: Vec<Step>,
    /// Every file that ever was, by what its name first was.
    files: Vec<PathBuf>,
}

/// A directory's contents: `None` for a directory, else the bytes.
pub type Tree = BTreeMap<PathBuf, Option<Vec<u8>>>;

#[derive(Debug)]
enum Step {
    Write {
        file: usize,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: usize,
        length: usize,
    },
    SyncFile(usize),
    Make {
        path: PathBuf,
        node: Node,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
        node: Node,
    },
    Remove {
        path: PathBuf,
    },
    SyncNames {
        directory: PathBuf,
    },
    Say(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    File(usize),
    Directory,
}

impl Recorder {
    /// Compiles it. Records what is written below `root`, into a log in `workplace`.
    pub fn new(workplace: &Path, root: &Path) -> Self {
        let (source, object) = (workplace.join("recorder.c"), workplace.join("recorder.so"));
        std::fs::File::create(&source)
            .and_then(|mut file| std::io::Write::write_all(&mut file, RECORDER.as_bytes()))
            .expect("a file of the test's own");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&object, &source])
            .arg("-ldl")
            .status()
            .expect("a C compiler, which building SQLite needs as well");
        assert!(compiled.success(), "the recorder compiles");
        Self {
            object,
            log: workplace.join("writes.log"),
            root: root.to_owned(),
        }
    }

    /// Has the process record.
    pub fn attach(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.object);
        command
            .env("SEEKWELL_RECORD_LOG", &self.log)
            .env("SEEKWELL_RECORD_ROOT", &self.root);
    }

    /// What was recorded since `before` was read. Nothing else may have written meanwhile.
    pub fn finish(&self, before: Tree) -> Recording {
        let log = std::fs::read(&self.log).expect("a log");
        Recording::read(&log, &self.root, before)
    }
}

/// Everything below a directory, by path relative to it, without what processes share in memory.
pub fn tree(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut left = vec![root.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below it").to_owned();
            if path.is_dir() {
                left.push(path);
                tree.insert(name, None);
            } else if !name.to_string_lossy().ends_with("-shm") {
                tree.insert(name, Some(std::fs::read(&path).expect("a file")));
            }
        }
    }
    tree
}

/// Writes a tree to disk.
pub fn plant(tree: &Tree, root: &Path) {
    std::fs::create_dir_all(root).expect("a directory");
    for (path, contents) in tree {
        let path = root.join(path);
        match contents {
            None => std::fs::create_dir_all(&path).expect("a directory"),
            Some(bytes) => std::fs::File::create(&path)
                .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
                .expect("a file"),
        }
    }
}

impl Recording {
    /// How many moments there are at which the power can go.
    pub fn moments(&self) -> usize {
        self.steps.len() + 1
    }

    /// What had been said on standard output before that moment.
    pub fn said(&self, moment: usize) -> String {
        let said = self.steps[..moment].iter().filter_map(|step| match step {
            Step::Say(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        String::from_utf8(said.collect::<Vec<_>>().concat()).expect("UTF-8")
    }

    /// The directory with everything done: what it has to be on the real disk, or the recorder missed something.
    pub fn complete(&self) -> Tree {
        self.disk(
            self.steps.len(),
            Lie::None,
            Survival::Everything,
            &mut Dice::new(0),
        )
    }

    /// A disk as it may be if the power goes at that moment.
    pub fn after_power_cut(&self, moment: usize, lie: Lie, dice: &mut Dice) -> Tree {
        let survival = match dice.below(4) {
            0 => Survival::Nothing,
            1 => Survival::Everything,
            _ => Survival::Chance,
        };
        self.disk(moment, lie, survival, dice)
    }
}

/// What of the unsynced survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Survival {
    Nothing,
    Everything,
    Chance,
}

impl Survival {
    fn survives(self, dice: &mut Dice) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Chance => dice.below(2) == 0,
        }
    }
}

impl Recording {
    fn disk(&self, moment: usize, lie: Lie, survival: Survival, dice: &mut Dice) -> Tree {
        let (synced_files, synced_names) = self.last_syncs(moment, lie);
        let (mut contents, mut names) = (vec![Vec::new(); self.files.len()], BTreeMap::new());
        for (number, (path, bytes)) in self.before.iter().enumerate() {
            contents[number] = bytes.clone().unwrap_or_default();
            names.insert(
                path.clone(),
                if bytes.is_some() {
                    Node::File(number)
                } else {
                    Node::Directory
                },
            );
        }
        for (at, step) in self.steps[..moment].iter().enumerate() {
            let durable_file = |file: &usize| synced_files.get(file).is_some_and(|&synced| at < synced);
            let durable_name = |path: &Path| synced_names.get(above(path)).is_some_and(|&synced| at < synced);
            match step {
                Step::Write { file, offset, bytes } => {
                    let durable = durable_file(file);
                    for (start, sector) in sectors(*offset, bytes) {
                        if durable || survival.survives(dice) {
                            write(&mut contents[*file], start, sector);
                        }
                    }
                }
                Step::Truncate { file, length } if durable_file(file) || survival.survives(dice) => {
                    contents[*file].resize(*length, 0);
                }
                Step::Make { path, node } if durable_name(path) || survival.survives(dice) => {
                    names.insert(path.clone(), *node);
                }
                Step::Rename { from, to, node } if durable_name(to) || survival.survives(dice) => {
                    if names.get(from) == Some(node) {
                        names.remove(from);
                    }
                    names.insert(to.clone(), *node);
                }
                Step::Remove { path } if durable_name(path) || survival.survives(dice) => {
                    names.remove(path);
                }
                _ => {}
            }
        }
        named(&names, &contents)
    }

    /// Up to which step each file's bytes and each directory's names are durable.
    fn last_syncs(&self, moment: usize, lie: Lie) -> (HashMap<usize, usize>, HashMap<&Path, usize>) {
        let (mut files, mut names) = (HashMap::new(), HashMap::new());
        for (at, step) in self.steps[..moment].iter().enumerate() {
            match step {
                Step::SyncFile(file) if !self.is_disregarded(at, *file, lie) => {
                    files.insert(*file, at);
                }
                Step::SyncNames { directory }
                    if lie != Lie::PhotoNames || !directory.starts_with("photos") =>
                {
                    names.insert(directory.as_path(), at);
                }
                _ => {}
            }
        }
        (files, names)
    }

    fn is_disregarded(&self, at: usize, file: usize, lie: Lie) -> bool {
        let is = |file: usize, what: &str| self.files[file].to_string_lossy().contains(what);
        match lie {
            Lie::LogSyncs if is(file, "-wal") => {
                // With synchronous=NORMAL the log is synced only before its pages go into the database.
                let next = self.steps[at..].iter().find_map(|step| match step {
                    Step::Write { file, .. } if is(*file, "-wal") => Some(false),
                    Step::Write { file, .. } if is(*file, ".db") => Some(true),
                    _ => None,
                });
                next != Some(true)
            }
            Lie::PhotoContents => is(file, ".sealed"),
            _ => false,
        }
    }
}

/// The write cut at the disk's sectors.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let left = bytes.len() - at;
        let length = (SECTOR - (offset + at) % SECTOR).min(left);
        let sector = (offset + at, &bytes[at..at + length]);
        at += length;
        (left > 0).then_some(sector)
    })
}

fn write(contents: &mut Vec<u8>, start: usize, bytes: &[u8]) {
    let end = start + bytes.len();
    if contents.len() < end {
        contents.resize(end, 0);
    }
    contents[start..end].copy_from_slice(bytes);
}

fn above(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// What can be reached by names; a directory that lost its name takes everything in it away.
fn named(names: &BTreeMap<PathBuf, Node>, contents: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::new();
    for (path, node) in names {
        let reachable = above(path) == Path::new("") || tree.get(above(path)) == Some(&None);
        if reachable {
            tree.insert(
                path.clone(),
                match node {
                    Node::File(file) => Some(contents[*file].clone()),
                    Node::Directory => None,
                },
            );
        }
    }
    tree
}
