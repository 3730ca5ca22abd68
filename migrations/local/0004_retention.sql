-- What goes again: deletions that travel, patients of whom nothing may go, and the way of what has been kept long enough.

-- Nothing of such a patient is deleted, here or at the centre. Empty where nobody ever said so.
ALTER TABLE patient ADD COLUMN legal_hold INTEGER CHECK (legal_hold IN (0, 1));
ALTER TABLE patient_version ADD COLUMN legal_hold INTEGER CHECK (legal_hold IN (0, 1));

-- The record is to go. Its row stays until the centre has confirmed that; an edit meanwhile takes the deletion back.
ALTER TABLE outbox ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));

-- Records that are gone because the centre confirmed their deletion, or that of what they hang on. Their rows are no longer in
-- their tables, so that no list, no count and no search can show them, and a photo's key went with its row. What the
-- centre never had of one is kept here until a person lets it go: `kept` holds its fields, `wrapped_key` a photo's key.
-- `file`: a sealed file may still lie on the disk, unreadable, and is to be removed.
CREATE TABLE gone (
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    kind        TEXT    NOT NULL,
    patient_id  BLOB,
    at          TEXT    NOT NULL,
    kept        TEXT CHECK (json_valid(kept)),
    wrapped_key BLOB,
    file        INTEGER NOT NULL DEFAULT 0 CHECK (file IN (0, 1)),
    CHECK (wrapped_key IS NULL OR kept IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX gone_file ON gone (record) WHERE file;

-- A patient or a photo that retention lets go: tombstones, objects, the centre's rows, files, in that order. A row is here from
-- the first of these to the last, so that a power cut anywhere is followed by the next step. `erased_at`: the centre has
-- emptied its rows. `reason`: why the last attempt did not come to the end.
CREATE TABLE erasure (
    record     BLOB NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    kind       TEXT NOT NULL CHECK (kind IN ('patient', 'photo')),
    patient_id BLOB NOT NULL,
    operation  BLOB NOT NULL UNIQUE CHECK (length(operation) = 16),
    begun_at   TEXT NOT NULL,
    erased_at  TEXT,
    reason     TEXT
) STRICT, WITHOUT ROWID;

-- Every record whose tombstone has to be confirmed first; the patient or photo itself is one of them.
CREATE TABLE erasure_record (
    record  BLOB NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    kind    TEXT NOT NULL CHECK (kind IN ('patient', 'photo', 'analysis')),
    erasure BLOB NOT NULL REFERENCES erasure (record)
) STRICT, WITHOUT ROWID;

CREATE INDEX erasure_record_of ON erasure_record (erasure);

CREATE TABLE erasure_object (
    object     TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    erasure    BLOB    NOT NULL REFERENCES erasure (record),
    deleted_at TEXT,
    PRIMARY KEY (object, generation)
) STRICT, WITHOUT ROWID;

CREATE INDEX erasure_object_of ON erasure_object (erasure);

-- Originals that are marked as not here any more and may still lie in their sealed file.
CREATE TABLE purging (
    photo_id BLOB NOT NULL PRIMARY KEY REFERENCES photo (id)
) STRICT, WITHOUT ROWID;

-- What a purge and the daily run look for.
CREATE INDEX image_purgeable ON image (photo_id) WHERE part = 'original' AND here AND generation IS NOT NULL;
