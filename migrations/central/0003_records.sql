-- What the workstations of a clinic keep here. A record is a set of fields under a UUID that was made where the record was made.
-- Fields that this version does not know are kept and passed on untouched, so a newer workstation can work with an
-- older centre; those that it knows must make sense, whoever sends them. Word lists are not checked: a newer workstation may know
-- more classes and more body sites.

GRANT CREATE ON SCHEMA seekwell TO seekwell_api;
SET LOCAL ROLE seekwell_api;

-- In PL/pgSQL, because a CHECK is planned anew for every statement, and a function in SQL is parsed anew with it.
CREATE FUNCTION seekwell.is_absent(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN RETURN value IS NULL OR jsonb_typeof(value) = 'null'; END $$;

CREATE FUNCTION seekwell.is_text(value jsonb, low integer, high integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(jsonb_typeof(value) = 'string' AND char_length(value #>> '{}') BETWEEN low AND high, false);
END
$$;

CREATE FUNCTION seekwell.is_id(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(jsonb_typeof(value) = 'string'
        AND value #>> '{}' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', false);
END
$$;

-- RFC 3339 in UTC.
CREATE FUNCTION seekwell.is_time(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(jsonb_typeof(value) = 'string'
        AND value #>> '{}' ~ '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$', false);
END
$$;

CREATE FUNCTION seekwell.is_number(value jsonb, low numeric, high numeric) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value) WHEN 'number' THEN value::numeric BETWEEN low AND high ELSE false END;
END
$$;

CREATE FUNCTION seekwell.are_probabilities(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN value <> '{}'
            AND (SELECT bool_and(seekwell.is_number(each.value, 0, 1)) FROM jsonb_each(value) each)
        ELSE false END;
END
$$;

-- Derivative, thumbnail and original, each with the name of its object. One that has not been uploaded is not there yet.
CREATE FUNCTION seekwell.are_images(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN
            coalesce((SELECT bool_and(jsonb_typeof(each.value) = 'object'
                                      AND seekwell.is_text(each.value -> 'name', 1, 1024)
                                      AND (seekwell.is_absent(each.value -> 'bytes')
                                           OR seekwell.is_number(each.value -> 'bytes', 1, 10000000000)))
                      FROM jsonb_each(value) each), true)
        ELSE false END;
END
$$;

RESET ROLE;
REVOKE CREATE ON SCHEMA seekwell FROM seekwell_api;

-- One table per kind, each with its own checks, and all of them as one for whoever handles a record whatever its kind.
-- A deleted record stays as a tombstone, so that workstations learn of it; erasing empties its fields.
CREATE TABLE seekwell.record (
    kind           text        NOT NULL,
    clinic_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    patient_id     uuid,
    central_id     integer,
    revision       bigint      NOT NULL CHECK (revision >= 1),
    fields         jsonb       NOT NULL CHECK (jsonb_typeof(fields) = 'object'),
    -- Field → the revision that set it last.
    field_revision jsonb       NOT NULL CHECK (jsonb_typeof(field_revision) = 'object'),
    deleted_at     timestamptz,
    changed_by     uuid        NOT NULL,
    changed_at     timestamptz NOT NULL DEFAULT now()
) PARTITION BY LIST (kind);

CREATE TABLE seekwell.person PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT person_has_no_patient CHECK (patient_id IS NULL),
    CONSTRAINT person_full_name CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'full_name', 1, 200)),
    CONSTRAINT person_role CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'role', 1, 40))
) FOR VALUES IN ('person');

CREATE TABLE seekwell.patient PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT patient_has_no_patient CHECK (patient_id IS NULL),
    CONSTRAINT patient_full_name CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'full_name', 1, 200)),
    CONSTRAINT patient_born CHECK (seekwell.is_absent(fields -> 'born')
        OR seekwell.is_text(fields -> 'born', 4, 10) AND fields ->> 'born' ~ '^\d{4}(-\d\d(-\d\d)?)?$'),
    CONSTRAINT patient_sex CHECK (seekwell.is_absent(fields -> 'sex') OR seekwell.is_text(fields -> 'sex', 1, 40)),
    CONSTRAINT patient_phone CHECK (seekwell.is_absent(fields -> 'phone') OR seekwell.is_text(fields -> 'phone', 0, 1000)),
    CONSTRAINT patient_national_id CHECK (seekwell.is_absent(fields -> 'national_id')
        OR seekwell.is_text(fields -> 'national_id', 0, 1000)),
    CONSTRAINT patient_address CHECK (seekwell.is_absent(fields -> 'address') OR seekwell.is_text(fields -> 'address', 0, 4000)),
    CONSTRAINT patient_legal_hold CHECK (seekwell.is_absent(fields -> 'legal_hold')
        OR jsonb_typeof(fields -> 'legal_hold') = 'boolean'),
    CONSTRAINT patient_created_at CHECK (seekwell.is_absent(fields -> 'created_at') OR seekwell.is_time(fields -> 'created_at')),
    CONSTRAINT patient_created_by CHECK (seekwell.is_absent(fields -> 'created_by') OR seekwell.is_id(fields -> 'created_by')),
    CONSTRAINT patient_updated_at CHECK (seekwell.is_absent(fields -> 'updated_at') OR seekwell.is_time(fields -> 'updated_at')),
    CONSTRAINT patient_updated_by CHECK (seekwell.is_absent(fields -> 'updated_by') OR seekwell.is_id(fields -> 'updated_by'))
) FOR VALUES IN ('patient');

CREATE TABLE seekwell.lesion PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT lesion_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES seekwell.patient (clinic_id, id),
    CONSTRAINT lesion_has_patient CHECK (deleted_at IS NOT NULL OR patient_id IS NOT NULL),
    CONSTRAINT lesion_site CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'site', 1, 100)),
    CONSTRAINT lesion_side CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'side', 1, 100)),
    CONSTRAINT lesion_label CHECK (seekwell.is_absent(fields -> 'label') OR seekwell.is_text(fields -> 'label', 1, 200)),
    CONSTRAINT lesion_created_at CHECK (seekwell.is_absent(fields -> 'created_at') OR seekwell.is_time(fields -> 'created_at')),
    CONSTRAINT lesion_created_by CHECK (seekwell.is_absent(fields -> 'created_by') OR seekwell.is_id(fields -> 'created_by'))
) FOR VALUES IN ('lesion');

CREATE TABLE seekwell.photo PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT photo_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES seekwell.patient (clinic_id, id),
    CONSTRAINT photo_has_patient CHECK (deleted_at IS NOT NULL OR patient_id IS NOT NULL),
    CONSTRAINT photo_lesion CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'lesion')),
    CONSTRAINT photo_kind CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'kind', 1, 40)),
    CONSTRAINT photo_format CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'format', 1, 40)),
    CONSTRAINT photo_original_sha256 CHECK (deleted_at IS NOT NULL
        OR seekwell.is_text(fields -> 'original_sha256', 64, 64) AND fields ->> 'original_sha256' ~ '^[0-9a-f]{64}$'),
    CONSTRAINT photo_original_bytes CHECK (deleted_at IS NOT NULL
        OR seekwell.is_number(fields -> 'original_bytes', 1, 10000000000)),
    CONSTRAINT photo_width CHECK (deleted_at IS NOT NULL OR seekwell.is_number(fields -> 'width', 1, 1000000)),
    CONSTRAINT photo_height CHECK (deleted_at IS NOT NULL OR seekwell.is_number(fields -> 'height', 1, 1000000)),
    CONSTRAINT photo_camera CHECK (seekwell.is_absent(fields -> 'camera') OR seekwell.is_text(fields -> 'camera', 0, 1000)),
    CONSTRAINT photo_pipeline CHECK (seekwell.is_absent(fields -> 'pipeline') OR seekwell.is_text(fields -> 'pipeline', 1, 200)),
    CONSTRAINT photo_taken_at CHECK (deleted_at IS NOT NULL OR seekwell.is_time(fields -> 'taken_at')),
    CONSTRAINT photo_kept_at CHECK (deleted_at IS NOT NULL OR seekwell.is_time(fields -> 'kept_at')),
    CONSTRAINT photo_requested_at CHECK (seekwell.is_absent(fields -> 'requested_at') OR seekwell.is_time(fields -> 'requested_at')),
    CONSTRAINT photo_analysis CHECK (seekwell.is_absent(fields -> 'analysis') OR seekwell.is_id(fields -> 'analysis')),
    CONSTRAINT photo_kept_by CHECK (seekwell.is_absent(fields -> 'kept_by') OR seekwell.is_id(fields -> 'kept_by')),
    CONSTRAINT photo_images CHECK (seekwell.is_absent(fields -> 'images') OR seekwell.are_images(fields -> 'images'))
) FOR VALUES IN ('photo');

-- One without `image` is refused: a row never names an object that the bucket does not have, and the workstation
-- knows the name only after the bucket has confirmed it.
CREATE TABLE seekwell.analysis PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT analysis_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES seekwell.patient (clinic_id, id),
    CONSTRAINT analysis_has_patient CHECK (deleted_at IS NOT NULL OR patient_id IS NOT NULL),
    CONSTRAINT analysis_photo CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'photo')),
    CONSTRAINT analysis_image CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'image', 1, 1024)),
    CONSTRAINT analysis_risk CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'risk', 1, 20)),
    CONSTRAINT analysis_rule CHECK (seekwell.is_absent(fields -> 'rule') OR seekwell.is_text(fields -> 'rule', 1, 100)),
    CONSTRAINT analysis_top_class CHECK (seekwell.is_absent(fields -> 'top_class')
        OR seekwell.is_text(fields -> 'top_class', 1, 40)),
    CONSTRAINT analysis_probabilities CHECK (deleted_at IS NOT NULL OR seekwell.are_probabilities(fields -> 'probabilities')),
    CONSTRAINT analysis_confidence CHECK (deleted_at IS NOT NULL OR seekwell.is_number(fields -> 'confidence', 0, 1)),
    CONSTRAINT analysis_confidence_word CHECK (seekwell.is_absent(fields -> 'confidence_word')
        OR seekwell.is_text(fields -> 'confidence_word', 1, 40)),
    CONSTRAINT analysis_review CHECK (seekwell.is_absent(fields -> 'review') OR jsonb_typeof(fields -> 'review') = 'boolean'),
    CONSTRAINT analysis_follow_up_days CHECK (seekwell.is_absent(fields -> 'follow_up_days')
        OR seekwell.is_number(fields -> 'follow_up_days', 0, 36500)),
    CONSTRAINT analysis_model CHECK (seekwell.is_absent(fields -> 'model') OR jsonb_typeof(fields -> 'model') = 'object'),
    CONSTRAINT analysis_request CHECK (seekwell.is_absent(fields -> 'request') OR seekwell.is_number(fields -> 'request', 1, 1000000)),
    CONSTRAINT analysis_requested_at CHECK (seekwell.is_absent(fields -> 'requested_at')
        OR seekwell.is_time(fields -> 'requested_at')),
    CONSTRAINT analysis_made_at CHECK (deleted_at IS NOT NULL OR seekwell.is_time(fields -> 'made_at')),
    CONSTRAINT analysis_duration_ms CHECK (seekwell.is_absent(fields -> 'duration_ms')
        OR seekwell.is_number(fields -> 'duration_ms', 0, 1000000000))
) FOR VALUES IN ('analysis');

CREATE TABLE seekwell.note PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT note_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES seekwell.patient (clinic_id, id),
    CONSTRAINT note_has_patient CHECK (deleted_at IS NOT NULL OR patient_id IS NOT NULL),
    CONSTRAINT note_analysis CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'analysis')),
    CONSTRAINT note_text CHECK (deleted_at IS NOT NULL OR seekwell.is_text(fields -> 'text', 1, 4000)),
    CONSTRAINT note_author CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'author')),
    CONSTRAINT note_created_at CHECK (deleted_at IS NOT NULL OR seekwell.is_time(fields -> 'created_at')),
    CONSTRAINT note_edited_at CHECK (seekwell.is_absent(fields -> 'edited_at') OR seekwell.is_time(fields -> 'edited_at'))
) FOR VALUES IN ('note');

CREATE TABLE seekwell.acknowledgement PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT acknowledgement_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES seekwell.patient (clinic_id, id),
    CONSTRAINT acknowledgement_has_patient CHECK (deleted_at IS NOT NULL OR patient_id IS NOT NULL),
    CONSTRAINT acknowledgement_analysis CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'analysis')),
    CONSTRAINT acknowledgement_by CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'by')),
    CONSTRAINT acknowledgement_at CHECK (deleted_at IS NOT NULL OR seekwell.is_time(fields -> 'at'))
) FOR VALUES IN ('acknowledgement');

-- Two patient records are one person. Neither is changed, so the link can be taken back.
CREATE TABLE seekwell.link PARTITION OF seekwell.record (
    PRIMARY KEY (clinic_id, id),
    CONSTRAINT link_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES seekwell.patient (clinic_id, id),
    CONSTRAINT link_has_patient CHECK (deleted_at IS NOT NULL OR patient_id IS NOT NULL),
    CONSTRAINT link_same_as CHECK (deleted_at IS NOT NULL
        OR seekwell.is_id(fields -> 'same_as') AND fields ->> 'same_as' <> patient_id::text),
    CONSTRAINT link_by CHECK (deleted_at IS NOT NULL OR seekwell.is_id(fields -> 'by')),
    CONSTRAINT link_at CHECK (deleted_at IS NOT NULL OR seekwell.is_time(fields -> 'at'))
) FOR VALUES IN ('link');

CREATE INDEX record_of_patient ON seekwell.record (clinic_id, patient_id) WHERE patient_id IS NOT NULL;

-- What was done, so that a replay gets the same answer and does nothing. Refusals are not kept: a mended record may come again.
CREATE TABLE seekwell.operation (
    clinic_id      uuid        NOT NULL REFERENCES seekwell.clinic (id),
    id             uuid        NOT NULL,
    workstation_id uuid        NOT NULL REFERENCES seekwell.workstation (id),
    kind           text        NOT NULL,
    record         uuid        NOT NULL,
    -- The revision that it made; nothing where it found what it wanted already there.
    revision       bigint,
    answer         jsonb       NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (clinic_id, id)
);

CREATE INDEX operation_of_record ON seekwell.operation (clinic_id, record);

-- Two workstations changed the same field of the same record without knowing of each other. The later revision has won; the
-- value that lost is kept and shown until somebody has looked.
CREATE TABLE seekwell.conflict (
    clinic_id     uuid        NOT NULL REFERENCES seekwell.clinic (id),
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    kind          text        NOT NULL,
    record        uuid        NOT NULL,
    patient_id    uuid,
    field         text        NOT NULL,
    kept          jsonb,
    lost          jsonb,
    lost_by       uuid,
    lost_revision bigint,
    revision      bigint      NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    settled_at    timestamptz,
    settled_by    uuid,
    PRIMARY KEY (clinic_id, id)
);

CREATE INDEX conflict_of_record ON seekwell.conflict (clinic_id, record);

-- What a workstation reads to catch up: where a record came first, and where it changed last, which moves to the end with every
-- change. The first stays, so that for a workstation that begins today a patient comes before their lesions though the
-- patient was edited only yesterday.
CREATE TABLE seekwell.change (
    clinic_id uuid    NOT NULL REFERENCES seekwell.clinic (id),
    kind      text    NOT NULL,
    record    uuid    NOT NULL,
    latest    boolean NOT NULL,
    sequence  bigint  NOT NULL,
    PRIMARY KEY (clinic_id, kind, record, latest),
    UNIQUE (clinic_id, sequence)
);

-- Where the web backend looks: the table and the indexes of the plan, and what sync adds to them.
DO $$
DECLARE
    key name := (SELECT attname FROM pg_catalog.pg_attribute
                 WHERE attrelid = 'public.users'::regclass AND attname IN ('id', 'user_id')
                   AND atttypid = 'integer'::regtype AND NOT attisdropped
                 ORDER BY attname = 'user_id' DESC LIMIT 1);
BEGIN
    IF to_regclass('public.analyses') IS NOT NULL THEN
        RAISE EXCEPTION 'public.analyses exists already and was not made by SeekWell Desktop';
    END IF;
    EXECUTE format($table$
        CREATE TABLE public.analyses (
            id             uuid PRIMARY KEY,
            patient_id     integer REFERENCES public.users (%1$I),
            image_url      text NOT NULL,
            ai_predictions jsonb,
            risk_level     varchar(20),
            confidence     float,
            body_region    varchar(100),
            created_at     timestamp DEFAULT now(),
            updated_at     timestamp DEFAULT now(),
            clinic_id      uuid NOT NULL REFERENCES seekwell.clinic (id),
            photo_id       uuid NOT NULL,
            revision       bigint NOT NULL
        )$table$, key);
    EXECUTE format('ALTER TABLE seekwell.patient ADD CONSTRAINT patient_central_id FOREIGN KEY (central_id) '
                   'REFERENCES public.users (%I)', key);
    COMMENT ON TABLE public.analyses IS 'Made by SeekWell Desktop: every analysis whose image the bucket has';
    CREATE INDEX idx_analyses_patient_id ON public.analyses (patient_id);
    CREATE INDEX idx_analyses_risk_level ON public.analyses (risk_level);
    CREATE INDEX idx_analyses_created_at ON public.analyses (created_at DESC);
END
$$;

DO $$
DECLARE
    relation regclass;
BEGIN
    FOREACH relation IN ARRAY ARRAY['seekwell.record', 'seekwell.person', 'seekwell.patient', 'seekwell.lesion',
                                    'seekwell.photo', 'seekwell.analysis', 'seekwell.note', 'seekwell.acknowledgement',
                                    'seekwell.link', 'seekwell.operation', 'seekwell.conflict', 'seekwell.change',
                                    'public.analyses']::regclass[]
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format('CREATE POLICY clinic_for_api ON %s TO seekwell_api USING (clinic_id = (SELECT seekwell.caller_clinic()))',
                       relation);
        EXECUTE format('CREATE POLICY all_for_centre ON %s TO seekwell_centre USING (true)', relation);
        EXECUTE format('GRANT SELECT ON %s TO seekwell_centre', relation);
    END LOOP;
END
$$;

-- Through the parent only, and nothing is ever deleted.
GRANT SELECT, INSERT, UPDATE ON seekwell.record TO seekwell_api;
GRANT SELECT, INSERT, UPDATE (answer) ON seekwell.operation TO seekwell_api;
GRANT SELECT, INSERT, UPDATE (kept, lost, settled_at, settled_by) ON seekwell.conflict TO seekwell_api;
GRANT SELECT, INSERT, UPDATE (sequence) ON seekwell.change TO seekwell_api;
GRANT SELECT, INSERT, UPDATE (body_region, updated_at), DELETE ON public.analyses TO seekwell_api;
