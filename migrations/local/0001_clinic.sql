-- The clinic's own records: who works here, who was seen, which spots were photographed, what was said about them,
-- and what the centre has not confirmed yet. Ids are UUIDv7 as 16 bytes, times RFC 3339 in UTC with milliseconds,
-- states are words. Everything in this file is encrypted at rest; nothing in it is ever rewritten by a later migration
-- without the old value being kept.

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id            BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    full_name     TEXT NOT NULL CHECK (length(full_name) BETWEEN 1 AND 200),
    email         TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL CHECK (role IN ('PATIENT', 'OFFICIAL', 'DOCTOR', 'ADMIN')),
    password_hash TEXT NOT NULL,
    created_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `seen` counts up: whoever was registered, edited or photographed last has the highest, so that the index below finds the
-- last seen first without sorting. The folded columns are made by the core, which alone knows how to fold; `search_key` is
-- all that a search looks in.
CREATE TABLE patient (
    seen            INTEGER PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    central_id      INTEGER UNIQUE,
    revision        INTEGER NOT NULL CHECK (revision >= 1),
    full_name       TEXT    NOT NULL CHECK (length(full_name) BETWEEN 1 AND 200),
    name_key        TEXT    NOT NULL,
    born            TEXT,
    birth_year      INTEGER,
    sex             TEXT CHECK (sex IN ('MALE', 'FEMALE', 'OTHER')),
    phone           TEXT,
    phone_key       TEXT,
    national_id     TEXT,
    national_id_key TEXT,
    search_key      TEXT    NOT NULL,
    address         TEXT,
    created_at      TEXT    NOT NULL,
    created_by      BLOB    NOT NULL REFERENCES person (id),
    updated_at      TEXT    NOT NULL,
    updated_by      BLOB    NOT NULL REFERENCES person (id)
) STRICT;

CREATE INDEX patient_by_name ON patient (name_key);
CREATE INDEX patient_by_phone ON patient (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX patient_by_national_id ON patient (national_id_key) WHERE national_id_key IS NOT NULL;

-- Any part of a name, a phone or an id. Its rowid is the patient's `seen`; its tokens are the runs of one to three letters
-- (of digits, four) that occur in `search_key`, each spelt by the core in a way that no tokenizer takes apart. Holds no text
-- of its own, only which run occurs where.
CREATE VIRTUAL TABLE patient_search USING fts5 (
    runs, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

CREATE TABLE patient_version (
    patient_id  BLOB    NOT NULL REFERENCES patient (id),
    revision    INTEGER NOT NULL,
    full_name   TEXT    NOT NULL,
    born        TEXT,
    sex         TEXT,
    phone       TEXT,
    national_id TEXT,
    address     TEXT,
    replaced_at TEXT    NOT NULL,
    replaced_by BLOB    NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE lesion (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    patient_id BLOB NOT NULL REFERENCES patient (id),
    site       TEXT NOT NULL CHECK (site IN ('face', 'neck', 'chest', 'back', 'arms', 'hands', 'abdomen', 'legs',
                                             'feet', 'genitals', 'other')),
    side       TEXT NOT NULL CHECK (side IN ('left', 'right', 'midline')),
    label      TEXT CHECK (length(label) BETWEEN 1 AND 200),
    revision   INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    created_at TEXT NOT NULL,
    created_by BLOB NOT NULL REFERENCES person (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX lesion_of_patient ON lesion (patient_id);

CREATE TABLE lesion_version (
    lesion_id   BLOB    NOT NULL REFERENCES lesion (id),
    revision    INTEGER NOT NULL,
    label       TEXT,
    replaced_at TEXT    NOT NULL,
    replaced_by BLOB    NOT NULL REFERENCES person (id),
    PRIMARY KEY (lesion_id, revision)
) STRICT, WITHOUT ROWID;

-- One original once per patient: a second click and a second copy meet the same row. A patient's rows lie together, in
-- the order in which the history shows them: a page of it is a few pages of the file, however much the clinic has kept.
CREATE TABLE photo (
    id              BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    patient_id      BLOB    NOT NULL REFERENCES patient (id),
    lesion_id       BLOB    NOT NULL REFERENCES lesion (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('clinical', 'dermoscopic')),
    format          TEXT    NOT NULL CHECK (format IN ('JPEG', 'PNG', 'WEBP', 'TIFF', 'BMP')),
    original_sha256 BLOB    NOT NULL CHECK (length(original_sha256) = 32),
    original_bytes  INTEGER NOT NULL CHECK (original_bytes > 0),
    sealed_bytes    INTEGER NOT NULL,
    width           INTEGER NOT NULL,
    height          INTEGER NOT NULL,
    camera          TEXT,
    pipeline        TEXT    NOT NULL,
    taken_at        TEXT    NOT NULL,
    kept_at         TEXT    NOT NULL,
    kept_by         BLOB    NOT NULL REFERENCES person (id),
    wrapped_key     BLOB    NOT NULL,
    PRIMARY KEY (patient_id, taken_at, id),
    UNIQUE (patient_id, original_sha256)
) STRICT, WITHOUT ROWID;

CREATE INDEX photo_of_lesion ON photo (lesion_id, taken_at DESC);
CREATE INDEX photo_by_original ON photo (original_sha256);
-- All that a sum over every photo reads.
CREATE INDEX photo_sizes ON photo (sealed_bytes);

-- A row is made with its photo and waits; when an analyser has spoken it is filled once and never again.
-- `request` 1 is the photo's own; further ones are second opinions that somebody asked for.
-- A patient's rows lie together, as those of `photo`.
CREATE TABLE analysis (
    id                 BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    photo_id           BLOB    NOT NULL REFERENCES photo (id),
    patient_id         BLOB    NOT NULL REFERENCES patient (id),
    request            INTEGER NOT NULL DEFAULT 1,
    requested_at       TEXT    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('AI_PENDING', 'DONE')),
    pending_reason     TEXT CHECK (pending_reason IN ('no_model', 'queued', 'failed')),
    tries              INTEGER NOT NULL DEFAULT 0,
    risk               TEXT CHECK (risk IN ('URGENT', 'HIGH', 'MEDIUM', 'LOW', 'UNCERTAIN')),
    rule               TEXT CHECK (rule IN ('melanoma_threshold', 'top_too_low', 'by_class', 'raised_by_site',
                                            'outside_model')),
    top_class          TEXT CHECK (top_class IN ('ACK', 'BCC', 'MEL', 'NEV', 'SCC', 'SEK')),
    p_ack              REAL CHECK (p_ack BETWEEN 0 AND 1),
    p_bcc              REAL CHECK (p_bcc BETWEEN 0 AND 1),
    p_mel              REAL CHECK (p_mel BETWEEN 0 AND 1),
    p_nev              REAL CHECK (p_nev BETWEEN 0 AND 1),
    p_scc              REAL CHECK (p_scc BETWEEN 0 AND 1),
    p_sek              REAL CHECK (p_sek BETWEEN 0 AND 1),
    confidence_word    TEXT CHECK (confidence_word IN ('HIGH', 'MEDIUM', 'LOW', 'VERY_LOW')),
    review             INTEGER CHECK (review IN (0, 1)),
    follow_up_days     INTEGER,
    follow_up_by       TEXT,
    model_name         TEXT,
    model_sha256       TEXT,
    demo               INTEGER CHECK (demo IN (0, 1)),
    published_accuracy REAL,
    policy             TEXT,
    pipeline           TEXT,
    made_at            TEXT,
    duration_ms        INTEGER,
    PRIMARY KEY (patient_id, photo_id, request),
    CHECK ((state = 'DONE') = (risk IS NOT NULL AND rule IS NOT NULL AND top_class IS NOT NULL AND p_ack IS NOT NULL
        AND p_bcc IS NOT NULL AND p_mel IS NOT NULL AND p_nev IS NOT NULL AND p_scc IS NOT NULL AND p_sek IS NOT NULL
        AND confidence_word IS NOT NULL AND review IS NOT NULL AND follow_up_days IS NOT NULL
        AND follow_up_by IS NOT NULL AND model_name IS NOT NULL AND model_sha256 IS NOT NULL AND demo IS NOT NULL
        AND policy IS NOT NULL AND pipeline IS NOT NULL AND made_at IS NOT NULL AND duration_ms IS NOT NULL)),
    CHECK ((state = 'AI_PENDING') = (pending_reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX analysis_of_patient ON analysis (patient_id, risk, demo);
CREATE INDEX analysis_pending ON analysis (requested_at) WHERE state = 'AI_PENDING';

CREATE TRIGGER analysis_is_never_edited BEFORE UPDATE ON analysis WHEN old.state = 'DONE'
BEGIN SELECT raise(ABORT, 'an analysis that is done does not change'); END;

CREATE TABLE note (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    analysis_id BLOB    NOT NULL REFERENCES analysis (id),
    text        TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
    author      BLOB    NOT NULL REFERENCES person (id),
    created_at  TEXT    NOT NULL,
    edited_at   TEXT,
    revision    INTEGER NOT NULL CHECK (revision >= 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX note_of_analysis ON note (analysis_id, created_at);

CREATE TABLE note_version (
    note_id     BLOB    NOT NULL REFERENCES note (id),
    revision    INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    replaced_at TEXT    NOT NULL,
    PRIMARY KEY (note_id, revision)
) STRICT, WITHOUT ROWID;

-- What the centre has not confirmed. One row per record; an edit made while a push is in flight raises `version`, so
-- that settling the version that was sent leaves the newer one waiting.
CREATE TABLE outbox (
    kind      TEXT    NOT NULL CHECK (kind IN ('patient', 'lesion', 'photo', 'analysis', 'note')),
    record    BLOB    NOT NULL CHECK (length(record) = 16),
    version   INTEGER NOT NULL CHECK (version >= 1),
    operation BLOB    NOT NULL UNIQUE CHECK (length(operation) = 16),
    urgent    INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)),
    queued_at TEXT    NOT NULL,
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_order ON outbox (urgent DESC, queued_at);
