-- What a photo shows without a model. The outline of a lesion is the one thing of a photo that people change, beside its images: they
-- draw it by hand, and another draws it better.

ALTER TABLE seekwell.photo
    ADD CONSTRAINT photo_quality CHECK (seekwell.is_absent(fields -> 'quality') OR jsonb_typeof(fields -> 'quality') = 'object'),
    ADD CONSTRAINT photo_kept_anyway CHECK (seekwell.is_absent(fields -> 'kept_anyway')
                                            OR jsonb_typeof(fields -> 'kept_anyway') = 'boolean'),
    ADD CONSTRAINT photo_measured CHECK (seekwell.is_absent(fields -> 'measured') OR jsonb_typeof(fields -> 'measured') = 'object'),
    ADD CONSTRAINT photo_outline CHECK (seekwell.is_absent(fields -> 'outline') OR jsonb_typeof(fields -> 'outline') = 'object');

GRANT CREATE ON SCHEMA seekwell TO seekwell_api;
SET LOCAL ROLE seekwell_api;

-- What an edit makes of the fields that are here, or why it may not.
CREATE OR REPLACE FUNCTION seekwell.merged(was seekwell.record, fields jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    fixed  text[];
    images jsonb;
    field  text;
BEGIN
    fixed := CASE was.kind
        WHEN 'lesion' THEN ARRAY['patient']
        WHEN 'note' THEN ARRAY['patient', 'analysis']
        WHEN 'acknowledgement' THEN ARRAY['patient', 'analysis']
        WHEN 'link' THEN ARRAY['patient', 'same_as']
    END;
    -- The images of a photo arrive one by one; one that is there stays what it is.
    IF was.kind = 'photo' AND jsonb_typeof(fields -> 'images') = 'object' THEN
        images := CASE WHEN jsonb_typeof(was.fields -> 'images') = 'object' THEN was.fields -> 'images' ELSE '{}' END;
        IF NOT (images || (fields -> 'images')) @> images OR EXISTS (
            SELECT FROM jsonb_each(fields -> 'images') each WHERE images ? each.key AND images -> each.key <> each.value)
        THEN
            PERFORM seekwell.refuse('immutable', 'images');
        END IF;
        fields := jsonb_set(fields, '{images}', images || (fields -> 'images'));
    END IF;
    FOR field IN
        SELECT each.key FROM jsonb_each(fields) each
        WHERE (was.kind = 'analysis' OR was.kind = 'photo' AND each.key NOT IN ('images', 'outline') OR each.key = ANY (fixed))
          AND was.fields -> each.key IS DISTINCT FROM each.value
    LOOP
        PERFORM seekwell.refuse('immutable', left(field, 100));
    END LOOP;
    IF was.kind = 'photo' AND fields ? 'images' AND images IS NULL AND was.fields -> 'images' IS DISTINCT FROM fields -> 'images' THEN
        PERFORM seekwell.refuse('immutable', 'images');
    END IF;
    RETURN was.fields || fields;
END
$$;

RESET ROLE;
REVOKE CREATE ON SCHEMA seekwell FROM seekwell_api;
