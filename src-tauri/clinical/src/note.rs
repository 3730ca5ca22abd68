//! Notes under an analysis.

use serde::{Deserialize, Serialize};

use super::NoteId;

/// Text that a person wrote under one analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Note {
    /// Local key.
    pub id: NoteId,
    /// 1 to 4,000 characters.
    pub text: String,
    /// Full name of who wrote it.
    pub author: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC; `None` while it was never edited.
    pub edited_at: Option<String>,
    /// Counts the edits, from 1.
    pub revision: u32,
    /// Whether who asks wrote it.
    pub mine: bool,
}

/// What a note said before an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct NoteVersion {
    /// The old text.
    pub text: String,
    /// RFC 3339, UTC.
    pub replaced_at: String,
}
