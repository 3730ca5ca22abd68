-- What an analysis needs to be asked of somebody else, and what is known of a photo without any model.

-- Whether the patient lets a prepared photo, without name and metadata, be analysed elsewhere: {"given", "at", "by"}, where `by` is the
-- person who recorded it. Empty where nobody ever asked.
ALTER TABLE patient ADD COLUMN cloud_consent TEXT CHECK (json_valid(cloud_consent));
ALTER TABLE patient_version ADD COLUMN cloud_consent TEXT CHECK (json_valid(cloud_consent));

-- Of a dermoscopic photo: through crossed polarisers, and with the glass on the skin. Empty where nobody said.
ALTER TABLE photo ADD COLUMN polarised INTEGER CHECK (polarised IN (0, 1));
ALTER TABLE photo ADD COLUMN contact INTEGER CHECK (contact IN (0, 1));

-- How good the photo is, as judged when it came in. `kept_despite`: somebody was told and kept it anyway.
ALTER TABLE photo ADD COLUMN quality TEXT CHECK (json_valid(quality));
ALTER TABLE photo ADD COLUMN kept_despite INTEGER CHECK (kept_despite IN (0, 1));

-- Why a request waits that could be analysed elsewhere, beside `pending_reason`.
ALTER TABLE analysis ADD COLUMN awaits TEXT CHECK (awaits IN ('consent', 'space'));
-- Whom a further request asks: the SHA-256 of an installed model, or 'space'. Empty: whoever speaks when its turn comes.
ALTER TABLE analysis ADD COLUMN asked_of TEXT;

-- The outline of the lesion as a person drew it, or as it was found; the last one stands. `points`: [[x, y], …] in fractions of the
-- derivative's width and height. `millimetres`: how many one pixel of the derivative is, where somebody said.
CREATE TABLE outline (
    photo_id    BLOB NOT NULL PRIMARY KEY REFERENCES photo (id),
    points      TEXT NOT NULL CHECK (json_valid(points)),
    millimetres REAL CHECK (millimetres > 0),
    drawn_by    BLOB REFERENCES person (id),
    drawn_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
