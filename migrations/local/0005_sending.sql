-- A reply may be lost after the centre did its work. What was sent and has no answer yet is kept here word for word before it is
-- sent, and is sent again unchanged before anything newer of the same record: an edit that was made meanwhile would otherwise be
-- a second operation on the old revision, which the centre can only take for somebody else's. A row goes with its answer.
CREATE TABLE sending (
    kind      TEXT    NOT NULL,
    record    BLOB    NOT NULL CHECK (length(record) = 16),
    -- The version of the outbox entry that it settles; 0 for a part of it.
    version   INTEGER NOT NULL CHECK (version >= 0),
    operation BLOB    NOT NULL CHECK (length(operation) = 16),
    -- The centre's revision that it was made on; 0 for a record that the centre did not have.
    base      INTEGER NOT NULL CHECK (base >= 0),
    fields    TEXT    NOT NULL CHECK (json_valid(fields)),
    deleted   INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;

-- A field that was changed here and by somebody else, whose change arrived before this one was sent. Whoever works here has not seen
-- it, because the change that waits covers it. So this field goes on the revision that it was changed on, and the centre finds
-- the conflict; on the newer one it would take the change for one that was made knowingly.
CREATE TABLE unseen (
    kind   TEXT    NOT NULL,
    record BLOB    NOT NULL CHECK (length(record) = 16),
    field  TEXT    NOT NULL,
    base   INTEGER NOT NULL CHECK (base >= 0),
    PRIMARY KEY (kind, record, field)
) STRICT, WITHOUT ROWID;
