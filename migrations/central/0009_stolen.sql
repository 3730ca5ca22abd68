-- What a stolen workstation could still do with the SQL that its role may send: hold out against being shut out, stop the feed of
-- its clinic with one record, and have an honest workstation delete another patient's images.

GRANT CREATE ON SCHEMA seekwell TO seekwell_api;
SET LOCAL ROLE seekwell_api;

-- Whether a workstation can read it. jsonb keeps numbers and levels that hardly any reader of JSON takes, and a page of the feed
-- is read as a whole. So what passes is within a 64-bit floating-point number, and within 128 levels with the page around it.
CREATE FUNCTION seekwell.is_readable(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    written CONSTANT text := value::text;
BEGIN
    -- None is written with an exponent, so a number beyond has 309 digits, and the pattern asks for as many as a pattern may. It
    -- spares nearly every record the path after it, which takes several times as long.
    RETURN NOT (jsonb_path_exists(value, 'strict $.**{64}')
                OR octet_length(written) > 308 AND written ~ '[0-9]{255}'
                   AND jsonb_path_exists(value, 'strict $.** ? (@ > 1e308 || @ < -1e308)'));
END
$$;

-- A photo names its objects, and whoever lets the photo go deletes them. So each must be its patient's, as an analysis' image
-- must; with the tombstone too, which is where that begins. What is no list of images is left to the check of this name.
CREATE FUNCTION seekwell.check_photo_images() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    central integer;
BEGIN
    IF jsonb_typeof(new.fields -> 'images') = 'object' THEN
        SELECT r.central_id INTO central FROM seekwell.record r
        WHERE r.kind = 'patient' AND r.clinic_id = new.clinic_id AND r.id = new.patient_id;
        IF EXISTS (SELECT FROM jsonb_each(new.fields -> 'images') each
                   WHERE NOT coalesce(starts_with(each.value ->> 'name', 'patients/' || new.patient_id || '/')
                                      OR starts_with(each.value ->> 'name', 'patients/' || central || '/'), false))
        THEN
            PERFORM seekwell.refuse('check', 'photo_images');
        END IF;
    END IF;
    RETURN new;
END
$$;

RESET ROLE;
REVOKE CREATE ON SCHEMA seekwell FROM seekwell_api;

-- What is there already is not looked at: it would hold up this migration. It can be mended and deleted.
ALTER TABLE seekwell.record
    ADD CONSTRAINT record_readable CHECK (deleted_at IS NOT NULL OR seekwell.is_readable(fields)) NOT VALID;

CREATE TRIGGER photo_images BEFORE INSERT OR UPDATE ON seekwell.photo
    FOR EACH ROW WHEN (new.fields ? 'images') EXECUTE FUNCTION seekwell.check_photo_images();
