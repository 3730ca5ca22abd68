//! The recorder's log, read back: which call meant which file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Node, Recording, Step, Tree};

impl Recording {
    pub(super) fn read(log: &[u8], root: &Path, before: Tree) -> Self {
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
