-- What travels between this workstation and the centre, and how far each thing has come.

-- Made at another workstation of the clinic: a person who can't sign in here, a photo that is analysed and owned there.
ALTER TABLE person ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0 CHECK (elsewhere IN (0, 1));
ALTER TABLE photo ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0 CHECK (elsewhere IN (0, 1));

-- Somebody has seen an urgent analysis and takes care of it.
CREATE TABLE acknowledgement (
    id              BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    analysis_id     BLOB NOT NULL REFERENCES analysis (id),
    acknowledged_by BLOB NOT NULL REFERENCES person (id),
    acknowledged_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX acknowledgement_of_analysis ON acknowledgement (analysis_id);
CREATE INDEX analysis_urgent ON analysis (made_at DESC) WHERE risk = 'URGENT';

-- More kinds than before, and what became of the last attempt: `failure` says what kind of trouble it was, `reason` what
-- the centre said, without values. A refused record waits for a person; everything else for `next_try_at`.
CREATE TABLE outbox_2 (
    kind        TEXT    NOT NULL CHECK (kind IN ('person', 'patient', 'lesion', 'photo', 'analysis', 'note', 'acknowledgement')),
    record      BLOB    NOT NULL CHECK (length(record) = 16),
    patient_id  BLOB REFERENCES patient (id),
    version     INTEGER NOT NULL CHECK (version >= 1),
    operation   BLOB    NOT NULL UNIQUE CHECK (length(operation) = 16),
    urgent      INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)),
    queued_at   TEXT    NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    failure     TEXT CHECK (failure IN ('refused', 'failed')),
    reason      TEXT,
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;

INSERT INTO outbox_2 (kind, record, patient_id, version, operation, urgent, queued_at)
SELECT kind, record,
    CASE kind
        WHEN 'patient' THEN record
        WHEN 'lesion' THEN (SELECT patient_id FROM lesion WHERE id = record)
        WHEN 'photo' THEN (SELECT patient_id FROM photo WHERE id = record)
        WHEN 'analysis' THEN (SELECT patient_id FROM analysis WHERE id = record)
        ELSE (SELECT patient_id FROM analysis WHERE id = (SELECT analysis_id FROM note WHERE id = record))
    END,
    version, operation, urgent, queued_at
FROM outbox
-- An analysis that waits has nothing to say yet; it is queued when it is done.
WHERE kind <> 'analysis' OR record IN (SELECT id FROM analysis WHERE state = 'DONE');

DROP TABLE outbox;
ALTER TABLE outbox_2 RENAME TO outbox;
CREATE INDEX outbox_order ON outbox (urgent DESC, queued_at);

-- The people of this workstation were no records of the centre's before. Random as an operation's id is, and made once.
INSERT INTO outbox (kind, record, version, operation, queued_at)
SELECT 'person', id, 1, randomblob(16), created_at FROM person;

-- What the centre confirmed of a record: its revision, and all its fields as JSON, those too that this version does not
-- know. An edit is sent as its difference from this, and an unknown field comes through untouched.
CREATE TABLE confirmed (
    kind     TEXT    NOT NULL,
    record   BLOB    NOT NULL CHECK (length(record) = 16),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    fields   TEXT    NOT NULL CHECK (json_valid(fields)),
    deleted  INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;

-- Each image of each photo: whether it is sealed on this machine, and which object of the bucket it is. `generation` is
-- the bucket's own number of the object and is here only once the centre has confirmed it.
CREATE TABLE image (
    photo_id    BLOB    NOT NULL REFERENCES photo (id),
    part        TEXT    NOT NULL CHECK (part IN ('original', 'derivative', 'thumbnail')),
    here        INTEGER NOT NULL CHECK (here IN (0, 1)),
    object      TEXT,
    bytes       INTEGER,
    crc32c      INTEGER,
    generation  INTEGER,
    tries       INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    failure     TEXT CHECK (failure IN ('refused', 'failed')),
    reason      TEXT,
    PRIMARY KEY (photo_id, part),
    CHECK (generation IS NULL OR (object IS NOT NULL AND bytes IS NOT NULL AND crc32c IS NOT NULL)),
    CHECK (here = 1 OR generation IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_waiting ON image (photo_id) WHERE generation IS NULL;

INSERT INTO image (photo_id, part, here)
SELECT photo.id, part.value, 1 FROM photo, json_each('["original", "derivative", "thumbnail"]') AS part;

-- The same field was changed in two places: which value stands, and which was lost.
CREATE TABLE conflict (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind       TEXT NOT NULL,
    record     BLOB NOT NULL CHECK (length(record) = 16),
    patient_id BLOB,
    field      TEXT NOT NULL,
    stands     TEXT NOT NULL CHECK (json_valid(stands)),
    lost       TEXT NOT NULL CHECK (json_valid(lost)),
    at         TEXT NOT NULL,
    settled_at TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX conflict_open ON conflict (at) WHERE settled_at IS NULL;

-- A change of the centre's that can't be applied yet, be it of a kind that this version does not know: kept as it came.
CREATE TABLE parked (
    kind   TEXT NOT NULL,
    record BLOB NOT NULL CHECK (length(record) = 16),
    change TEXT NOT NULL CHECK (json_valid(change)),
    reason TEXT NOT NULL,
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;
