-- What a photo shows without a model, and the list of what somebody has to look at.

-- {"version", "findings", and the numbers they rest on}; empty for a photo that was never judged.
ALTER TABLE photo ADD COLUMN quality TEXT CHECK (json_valid(quality));
-- Whoever kept it had seen what is wrong with it.
ALTER TABLE photo ADD COLUMN kept_anyway INTEGER CHECK (kept_anyway IN (0, 1));

-- The lesion's outline with its numbers, as it travels: what the program found when the photo was prepared, and what a person drew
-- over it since. Not in `photo`, whose rows are read a page at a time.
CREATE TABLE outline (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    origin   TEXT NOT NULL CHECK (origin IN ('found', 'drawn')),
    value    TEXT NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (photo_id, origin)
) STRICT, WITHOUT ROWID;

-- The urgent cases become the list of all that somebody has to look at. One row per photo: the latest of its analyses that the policy
-- calls urgent, and where none is, the latest that it wants reviewed. `arrived` and `acknowledged_at` are as they were.
CREATE TABLE worklist (
    arrived         INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id        BLOB NOT NULL UNIQUE CHECK (length(photo_id) = 16),
    analysis_id     BLOB NOT NULL UNIQUE REFERENCES analysis (id) ON DELETE CASCADE,
    urgent          INTEGER NOT NULL CHECK (urgent IN (0, 1)),
    made_at         TEXT NOT NULL,
    acknowledged_at TEXT
) STRICT;

INSERT INTO worklist (arrived, photo_id, analysis_id, urgent, made_at, acknowledged_at)
SELECT arrived, photo_id, analysis_id, 1, made_at, acknowledged_at FROM urgent_case;

INSERT INTO worklist (photo_id, analysis_id, urgent, made_at)
SELECT photo_id, id, 0, made_at
FROM (SELECT photo_id, id, made_at, row_number() OVER (PARTITION BY photo_id ORDER BY made_at DESC, id DESC) AS nth
      FROM analysis WHERE review = 1 AND photo_id NOT IN (SELECT photo_id FROM worklist)) AS latest
WHERE nth = 1 ORDER BY made_at, id;

DROP TRIGGER urgent_case_arrives;
DROP TRIGGER urgent_case_is_made;
DROP TRIGGER urgent_case_is_acknowledged;
DROP TABLE urgent_case;

CREATE INDEX worklist_open ON worklist (urgent, made_at DESC, analysis_id DESC) WHERE acknowledged_at IS NULL;
CREATE INDEX worklist_arrived ON worklist (urgent, arrived) WHERE acknowledged_at IS NULL;
CREATE INDEX worklist_acknowledged ON worklist (acknowledged_at DESC, analysis_id DESC) WHERE acknowledged_at IS NOT NULL;
-- Images of urgent photos are sent first, and shown first where they wait.
CREATE INDEX worklist_urgent ON worklist (arrived DESC) WHERE urgent;

-- An analysis that is done elsewhere may come as a row of its own, and its acknowledgement before it.
CREATE TRIGGER worklist_arrives AFTER INSERT ON analysis WHEN new.risk = 'URGENT' OR new.review
BEGIN
    DELETE FROM worklist WHERE photo_id = new.photo_id AND (urgent, made_at, analysis_id) < (new.risk = 'URGENT', new.made_at, new.id);
    INSERT INTO worklist (photo_id, analysis_id, urgent, made_at, acknowledged_at)
    SELECT new.photo_id, new.id, new.risk = 'URGENT', new.made_at,
           (SELECT min(acknowledged_at) FROM acknowledgement WHERE analysis_id = new.id)
    WHERE NOT EXISTS (SELECT 1 FROM worklist WHERE photo_id = new.photo_id);
END;

CREATE TRIGGER worklist_is_made AFTER UPDATE OF state ON analysis WHEN new.risk = 'URGENT' OR new.review
BEGIN
    DELETE FROM worklist WHERE photo_id = new.photo_id AND (urgent, made_at, analysis_id) < (new.risk = 'URGENT', new.made_at, new.id);
    INSERT INTO worklist (photo_id, analysis_id, urgent, made_at, acknowledged_at)
    SELECT new.photo_id, new.id, new.risk = 'URGENT', new.made_at,
           (SELECT min(acknowledged_at) FROM acknowledgement WHERE analysis_id = new.id)
    WHERE NOT EXISTS (SELECT 1 FROM worklist WHERE photo_id = new.photo_id);
END;

CREATE TRIGGER worklist_is_acknowledged AFTER INSERT ON acknowledgement
BEGIN
    UPDATE worklist SET acknowledged_at = min(ifnull(acknowledged_at, new.acknowledged_at), new.acknowledged_at)
    WHERE analysis_id = new.analysis_id;
END;
