//! Whether a file is framed as an ONNX model: every length inside it fits into what is around it.
//!
//! `rten` trusts lengths. One wrong byte in a download makes its reader loop for ever, or ask for more memory than
//! there is, which ends the whole program. So nothing reaches it before this walk, which follows exactly the
//! messages that it decodes (the field numbers are those of onnx.proto3) and reads no weights.

use std::fs::File;
use std::io::{BufReader, Read};

use super::folder::{ModelError, NETWORK};

/// A classifier is about six deep; each level costs stack where it is decoded.
const DEEPEST: u32 = 24;

/// Walks through the whole file, which has that many bytes.
pub(super) fn check(file: File, bytes: u64) -> Result<(), ModelError> {
    let mut walk = Walk {
        file: BufReader::new(file),
        at: 0,
    };
    walk.message(Message::Model, bytes, 0)
}

#[derive(Clone, Copy)]
enum Message {
    Model,
    OperatorSet,
    Entry,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    SequenceType,
    Shape,
    Dimension,
}

/// What stands behind a length.
enum Part {
    Message(Message),
    /// Variable-length integers, one after the other.
    Varints,
    /// Numbers of that many bytes each.
    Numbers(u64),
    /// Text, weights, or what nobody reads.
    Bytes,
}

impl Message {
    const fn part(self, field: u64) -> Part {
        match (self, field) {
            (Self::Model, 7) | (Self::Attribute, 6) => Part::Message(Self::Graph),
            (Self::Model, 8) => Part::Message(Self::OperatorSet),
            (Self::Model, 14) | (Self::Tensor, 13) => Part::Message(Self::Entry),
            (Self::Graph, 1) => Part::Message(Self::Node),
            (Self::Graph, 5) | (Self::Attribute, 5) => Part::Message(Self::Tensor),
            (Self::Graph, 11..=13) => Part::Message(Self::Value),
            (Self::Node, 5) => Part::Message(Self::Attribute),
            (Self::Value, 2) | (Self::SequenceType, 1) => Part::Message(Self::Type),
            (Self::Type, 1) => Part::Message(Self::TensorType),
            (Self::Type, 4) => Part::Message(Self::SequenceType),
            (Self::TensorType, 2) => Part::Message(Self::Shape),
            (Self::Shape, 1) => Part::Message(Self::Dimension),
            (Self::Tensor, 1 | 5 | 7 | 11) | (Self::Attribute, 8) => Part::Varints,
            (Self::Tensor, 4) | (Self::Attribute, 7) => Part::Numbers(4),
            (Self::Tensor, 10) => Part::Numbers(8),
            _ => Part::Bytes,
        }
    }
}

struct Walk {
    file: BufReader<File>,
    /// Bytes from the start.
    at: u64,
}

impl Walk {
    fn message(&mut self, message: Message, end: u64, depth: u32) -> Result<(), ModelError> {
        if depth > DEEPEST {
            return Err(self.fault());
        }
        while self.at < end {
            let tag = self.varint(end)?;
            match (tag >> 3, tag & 7) {
                (0, _) => return Err(self.fault()),
                (_, 0) => drop(self.varint(end)?),
                (_, 1) => self.skip(8, end)?,
                (field, 2) => {
                    let length = self.varint(end)?;
                    self.behind_length(message.part(field), length, end, depth)?;
                }
                (_, 5) => self.skip(4, end)?,
                _ => return Err(self.fault()),
            }
        }
        Ok(())
    }

    fn behind_length(&mut self, part: Part, length: u64, end: u64, depth: u32) -> Result<(), ModelError> {
        let stop = self
            .at
            .checked_add(length)
            .filter(|stop| *stop <= end)
            .ok_or_else(|| self.fault())?;
        match part {
            Part::Message(message) => self.message(message, stop, depth + 1),
            Part::Varints => {
                while self.at < stop {
                    self.varint(stop)?;
                }
                Ok(())
            }
            Part::Numbers(size) if !length.is_multiple_of(size) => Err(self.fault()),
            Part::Numbers(_) | Part::Bytes => self.skip(length, end),
        }
    }

    /// At most ten bytes, of which all but the last have the highest bit set.
    fn varint(&mut self, end: u64) -> Result<u64, ModelError> {
        let mut number = 0;
        for place in 0..10 {
            if self.at >= end {
                break;
            }
            let mut byte = [0];
            self.file.read_exact(&mut byte).map_err(unreadable)?;
            self.at += 1;
            let bits = u64::from(byte[0] & 0x7f);
            if place == 9 && bits > 1 {
                break;
            }
            number |= bits << (7 * place);
            if byte[0] < 0x80 {
                return Ok(number);
            }
        }
        Err(self.fault())
    }

    fn skip(&mut self, bytes: u64, end: u64) -> Result<(), ModelError> {
        let offset = i64::try_from(bytes).map_err(|_| self.fault())?;
        if end - self.at < bytes {
            return Err(self.fault());
        }
        self.file.seek_relative(offset).map_err(unreadable)?;
        self.at += bytes;
        Ok(())
    }

    const fn fault(&self) -> ModelError {
        ModelError::NotFramed { at: self.at }
    }
}

fn unreadable(source: std::io::Error) -> ModelError {
    ModelError::Unreadable {
        file: NETWORK,
        source,
    }
}
