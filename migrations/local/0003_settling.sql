-- Somebody has looked at a conflict, and the centre is still to be told who.
ALTER TABLE conflict ADD COLUMN settled_by BLOB REFERENCES person (id);

CREATE INDEX conflict_to_tell ON conflict (id) WHERE settled_by IS NOT NULL;
