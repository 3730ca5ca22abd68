-- What an analysis needs to be asked of somebody else, and how a dermatoscope looked at the skin.

-- Whether the patient lets a prepared photo, without name and metadata, be analysed elsewhere: {"given", "at", "by"}, where `by` is the
-- person who recorded it. Empty where nobody ever asked.
ALTER TABLE patient ADD COLUMN cloud_consent TEXT CHECK (json_valid(cloud_consent));
ALTER TABLE patient_version ADD COLUMN cloud_consent TEXT CHECK (json_valid(cloud_consent));

-- Of a dermoscopic photo: through crossed polarisers, and with the glass on the skin. Empty where nobody said.
ALTER TABLE photo ADD COLUMN polarised INTEGER CHECK (polarised IN (0, 1));
ALTER TABLE photo ADD COLUMN contact INTEGER CHECK (contact IN (0, 1));

-- Why a request waits that could be analysed elsewhere, beside `pending_reason`.
ALTER TABLE analysis ADD COLUMN awaits TEXT CHECK (awaits IN ('consent', 'space'));
-- Whom a further request asks: the SHA-256 of an installed model, or 'space'. Empty: whoever speaks when its turn comes.
ALTER TABLE analysis ADD COLUMN asked_of TEXT;
