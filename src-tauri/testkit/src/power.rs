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

    fn read(log: &[u8], root: &Path, before: Tree) -> Self {
        let mut reading = Reading {
            names: HashMap::new(),
            open: HashMap::new(),
            recording: Self {
                files: before.keys().cloned().collect(),
                before,
                steps: Vec::new(),
            },
        };
        for (number, (path, bytes)) in reading.recording.before.iter().enumerate() {
            let node = if bytes.is_some() {
                Node::File(number)
            } else {
                Node::Directory
            };
            reading.names.insert(path.clone(), node);
        }
        let mut rest = log;
        while let Some(record) = Record::next(&mut rest, root) {
            reading.take(record);
        }
        assert!(rest.is_empty(), "the log ends with a whole record");
        reading.recording
    }
}

/// One call as the recorder wrote it.
struct Record {
    kind: u8,
    descriptor: u32,
    numbers: [usize; 2],
    paths: [PathBuf; 2],
    body: Vec<u8>,
}

impl Record {
    fn next(rest: &mut &[u8], root: &Path) -> Option<Self> {
        const HEAD: usize = 37;
        let head = rest.get(..HEAD)?;
        let four = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
        let eight =
            |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("eight bytes")) as usize;
        let lengths = [four(21) as usize, four(25) as usize, eight(29)];
        let end = HEAD + lengths.iter().sum::<usize>();
        let texts = rest.get(HEAD..end)?;
        let path = |bytes: &[u8]| {
            let path = PathBuf::from(String::from_utf8(bytes.to_vec()).expect("a UTF-8 path"));
            path.strip_prefix(root)
                .map_or_else(|_| PathBuf::new(), Path::to_owned)
        };
        let record = Self {
            kind: head[0],
            descriptor: four(1),
            numbers: [eight(5), eight(13)],
            paths: [
                path(&texts[..lengths[0]]),
                path(&texts[lengths[0]..lengths[0] + lengths[1]]),
            ],
            body: texts[lengths[0] + lengths[1]..].to_vec(),
        };
        *rest = &rest[end..];
        Some(record)
    }
}

/// Follows descriptors and names to the files that they mean.
struct Reading {
    names: HashMap<PathBuf, Node>,
    open: HashMap<u32, (PathBuf, Node)>,
    recording: Recording,
}

impl Reading {
    fn take(&mut self, record: Record) {
        let Record {
            kind,
            descriptor,
            numbers: [first, second],
            paths: [path, other],
            body,
        } = record;
        match kind {
            // Another process, with descriptors of its own.
            b'S' => self.open.clear(),
            b'O' => self.opened(descriptor, path, first == 1, second == 1),
            b'C' => drop(self.open.remove(&descriptor)),
            b'W' => {
                let file = self.file(descriptor);
                self.step(Step::Write {
                    file,
                    offset: first,
                    bytes: body,
                });
            }
            b'T' => {
                let file = self.file(descriptor);
                self.step(Step::Truncate { file, length: first });
            }
            b'F' => match self.open[&descriptor].clone() {
                (_, Node::File(file)) => self.step(Step::SyncFile(file)),
                (directory, Node::Directory) => self.step(Step::SyncNames { directory }),
            },
            b'R' => {
                let node = self.names.remove(&path).expect("a name that is renamed is known");
                self.names.insert(other.clone(), node);
                self.step(Step::Rename {
                    from: path,
                    to: other,
                    node,
                });
            }
            b'U' => {
                self.names.remove(&path);
                self.step(Step::Remove { path });
            }
            b'M' => {
                self.names.insert(path.clone(), Node::Directory);
                self.step(Step::Make {
                    path,
                    node: Node::Directory,
                });
            }
            b'P' => self.step(Step::Say(body)),
            other => panic!("a record of kind {other}"),
        }
    }

    fn opened(&mut self, descriptor: u32, path: PathBuf, create: bool, truncate: bool) {
        let node = match self.names.get(&path) {
            Some(node) => *node,
            None if create => {
                let node = Node::File(self.recording.files.len());
                self.recording.files.push(path.clone());
                self.names.insert(path.clone(), node);
                self.step(Step::Make {
                    path: path.clone(),
                    node,
                });
                node
            }
            // The data directory itself.
            None => Node::Directory,
        };
        if let (Node::File(file), true) = (node, truncate) {
            self.step(Step::Truncate { file, length: 0 });
        }
        self.open.insert(descriptor, (path, node));
    }

    fn file(&self, descriptor: u32) -> usize {
        match self.open.get(&descriptor) {
            Some((_, Node::File(file))) => *file,
            other => panic!("a write to {other:?}"),
        }
    }

    fn step(&mut self, step: Step) {
        self.recording.steps.push(step);
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
