-- The urgent cases by themselves, so that those which nobody has acknowledged are counted and listed without a look at all that the
-- clinic ever analysed. The triggers fill it, whoever made the analysis or the acknowledgement: this machine or another.

-- One row per photo: the latest of its analyses that the policy calls urgent. `arrived` counts up in the order in which they came to
-- be known here; whoever waits for new ones remembers the highest that was seen, and a number is never used twice.
-- `acknowledged_at` is the time of the earliest acknowledgement.
CREATE TABLE urgent_case (
    arrived         INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id        BLOB NOT NULL UNIQUE CHECK (length(photo_id) = 16),
    analysis_id     BLOB NOT NULL UNIQUE REFERENCES analysis (id) ON DELETE CASCADE,
    made_at         TEXT NOT NULL,
    acknowledged_at TEXT
) STRICT;

CREATE INDEX urgent_case_open ON urgent_case (made_at DESC, analysis_id DESC) WHERE acknowledged_at IS NULL;
CREATE INDEX urgent_case_arrived ON urgent_case (arrived) WHERE acknowledged_at IS NULL;
CREATE INDEX urgent_case_acknowledged ON urgent_case (acknowledged_at DESC, analysis_id DESC) WHERE acknowledged_at IS NOT NULL;

-- The earliest of an analysis is the first that is found.
DROP INDEX acknowledgement_of_analysis;
CREATE INDEX acknowledgement_of_analysis ON acknowledgement (analysis_id, acknowledged_at);

INSERT INTO urgent_case (photo_id, analysis_id, made_at, acknowledged_at)
SELECT photo_id, id, made_at, (SELECT min(acknowledged_at) FROM acknowledgement WHERE analysis_id = latest.id)
FROM (SELECT photo_id, id, made_at, row_number() OVER (PARTITION BY photo_id ORDER BY made_at DESC, id DESC) AS nth
      FROM analysis WHERE risk = 'URGENT') AS latest
WHERE nth = 1 ORDER BY made_at, id;

-- All that it was for is in the table.
DROP INDEX analysis_urgent;

-- An analysis that is done elsewhere may come as a row of its own, and its acknowledgement before it.
CREATE TRIGGER urgent_case_arrives AFTER INSERT ON analysis WHEN new.risk = 'URGENT'
BEGIN
    DELETE FROM urgent_case WHERE photo_id = new.photo_id AND (made_at, analysis_id) < (new.made_at, new.id);
    INSERT INTO urgent_case (photo_id, analysis_id, made_at, acknowledged_at)
    SELECT new.photo_id, new.id, new.made_at, (SELECT min(acknowledged_at) FROM acknowledgement WHERE analysis_id = new.id)
    WHERE NOT EXISTS (SELECT 1 FROM urgent_case WHERE photo_id = new.photo_id);
END;

CREATE TRIGGER urgent_case_is_made AFTER UPDATE OF state ON analysis WHEN new.risk = 'URGENT'
BEGIN
    DELETE FROM urgent_case WHERE photo_id = new.photo_id AND (made_at, analysis_id) < (new.made_at, new.id);
    INSERT INTO urgent_case (photo_id, analysis_id, made_at, acknowledged_at)
    SELECT new.photo_id, new.id, new.made_at, (SELECT min(acknowledged_at) FROM acknowledgement WHERE analysis_id = new.id)
    WHERE NOT EXISTS (SELECT 1 FROM urgent_case WHERE photo_id = new.photo_id);
END;

CREATE TRIGGER urgent_case_is_acknowledged AFTER INSERT ON acknowledgement
BEGIN
    UPDATE urgent_case SET acknowledged_at = min(ifnull(acknowledged_at, new.acknowledged_at), new.acknowledged_at)
    WHERE analysis_id = new.analysis_id;
END;
