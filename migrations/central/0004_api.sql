-- The only door. Whoever comes through it holds a workstation's credential and may send any SQL, so a function trusts nothing but
-- `session_user`: every name is written with its schema, no statement is put together from words, every setting that the session
-- could have changed and that matters is set. What is refused says which rule and which field, never a value: an error's
-- detail would show a whole row, perhaps somebody else's, and the server would log it.
--
-- The functions in schema `seekwell` run inside of those in `api`, with their rights and their `search_path`; setting it anew for each
-- would cost a third of the time.

GRANT CREATE ON SCHEMA seekwell, api TO seekwell_api;
SET LOCAL ROLE seekwell_api;

-- A time as it travels.
CREATE FUNCTION seekwell.as_text(at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE FUNCTION seekwell.refuse(code text, reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', code USING ERRCODE = 'SWREF', DETAIL = reason;
END
$$;

-- Puts records at the end of the clinic's feed and wakes whoever waits. The last thing that a writing function does: the
-- clinic's row stays locked from here to the end of the transaction.
CREATE FUNCTION seekwell.publish(clinic uuid, kinds text[], records uuid[]) RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    head  bigint;
    fresh bigint;
BEGIN
    SELECT count(DISTINCT (kind, record)) INTO fresh FROM unnest(kinds, records) AS touched (kind, record);
    IF fresh = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE seekwell.clinic SET sequence = sequence + fresh WHERE id = clinic RETURNING sequence INTO head;
    INSERT INTO seekwell.change (clinic_id, kind, record, latest, sequence)
    SELECT clinic, t.kind, t.record,
           EXISTS (SELECT FROM seekwell.change c WHERE c.clinic_id = clinic AND c.kind = t.kind AND c.record = t.record),
           head - fresh + row_number() OVER (ORDER BY min(t.at))
    FROM unnest(kinds, records) WITH ORDINALITY AS t (kind, record, at)
    GROUP BY t.kind, t.record
    ON CONFLICT (clinic_id, kind, record, latest) DO UPDATE SET sequence = excluded.sequence;
    -- Anybody can fill the queue by listening and never reading, and a full one would make this transaction fail. The
    -- notification is a hint, so it is left out before that.
    IF pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_notify('seekwell_' || replace(clinic::text, '-', ''), head::text);
    END IF;
    RETURN head;
END
$$;

-- Whether the record that a field refers to is here, and belongs to the same patient.
CREATE FUNCTION seekwell.must_refer(clinic uuid, fields jsonb, field text, to_kind text, of_patient uuid) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    deleted boolean;
BEGIN
    IF NOT seekwell.is_id(fields -> field) THEN
        PERFORM seekwell.refuse('malformed', field);
    END IF;
    SELECT deleted_at IS NOT NULL INTO deleted FROM seekwell.record
    WHERE kind = to_kind AND clinic_id = clinic AND id = (fields ->> field)::uuid
      AND (of_patient IS NULL OR patient_id = of_patient);
    IF deleted IS NULL THEN
        PERFORM seekwell.refuse('missing', field);
    ELSIF deleted THEN
        PERFORM seekwell.refuse('deleted', field);
    END IF;
END
$$;

-- The analysis where the web backend looks for it.
CREATE FUNCTION seekwell.mirror_analysis(clinic uuid, analysis uuid, of_patient uuid, fields jsonb) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    central   integer;
    of_photo  CONSTANT uuid := fields ->> 'photo';
    of_lesion uuid;
    site      text;
    bucket    text;
BEGIN
    SELECT r.central_id INTO central FROM seekwell.record r
    WHERE r.kind = 'patient' AND r.clinic_id = clinic AND r.id = of_patient;
    -- The web backend opens what a row names, for whoever may see the row's patient. So the object must be that patient's.
    IF NOT coalesce(starts_with(fields ->> 'image', 'patients/' || of_patient || '/')
                    OR starts_with(fields ->> 'image', 'patients/' || central || '/'), false)
    THEN
        PERFORM seekwell.refuse('check', 'analysis_image');
    END IF;
    -- Step by step and not in a join: behind row-level security PostgreSQL would look for the lesion by reading all of the clinic's,
    -- because the id comes out of a cast that it does not trust with rows that may be hidden.
    SELECT (r.fields ->> 'lesion')::uuid INTO of_lesion FROM seekwell.record r
    WHERE r.kind = 'photo' AND r.clinic_id = clinic AND r.id = of_photo;
    SELECT r.fields ->> 'site' INTO site FROM seekwell.record r
    WHERE r.kind = 'lesion' AND r.clinic_id = clinic AND r.id = of_lesion;
    SELECT c.bucket INTO bucket FROM seekwell.clinic c WHERE c.id = clinic;
    INSERT INTO public.analyses (id, patient_id, image_url, ai_predictions, risk_level, confidence, body_region,
                                 created_at, updated_at, clinic_id, photo_id, revision)
    VALUES (analysis, central, 'gs://' || bucket || '/' || (fields ->> 'image'), fields -> 'probabilities', fields ->> 'risk',
            (fields ->> 'confidence')::float, site, (fields ->> 'made_at')::timestamptz AT TIME ZONE 'UTC',
            now() AT TIME ZONE 'UTC', clinic, of_photo, 1);
END
$$;

-- The central rows that a record stands behind, after it was written.
CREATE FUNCTION seekwell.mirror(now_is seekwell.record) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    central integer;
BEGIN
    IF now_is.kind IN ('patient', 'photo', 'analysis') AND now_is.deleted_at IS NOT NULL THEN
        -- Before the objects go, so that no row names one that is not there.
        SELECT central_id INTO central FROM seekwell.record
        WHERE kind = 'patient' AND clinic_id = now_is.clinic_id AND id = coalesce(now_is.patient_id, now_is.id);
        DELETE FROM public.analyses a
        WHERE a.clinic_id = now_is.clinic_id AND a.patient_id = central
          AND (now_is.kind = 'patient' OR now_is.kind = 'photo' AND a.photo_id = now_is.id OR a.id = now_is.id);
    ELSIF now_is.kind = 'lesion' AND now_is.revision > 1 THEN
        SELECT central_id INTO central FROM seekwell.record
        WHERE kind = 'patient' AND clinic_id = now_is.clinic_id AND id = now_is.patient_id;
        UPDATE public.analyses a SET body_region = now_is.fields ->> 'site', updated_at = now() AT TIME ZONE 'UTC'
        WHERE a.clinic_id = now_is.clinic_id AND a.patient_id = central
          AND a.body_region IS DISTINCT FROM now_is.fields ->> 'site'
          AND EXISTS (SELECT FROM seekwell.record photo
                      WHERE photo.kind = 'photo' AND photo.clinic_id = a.clinic_id AND photo.id = a.photo_id
                        AND photo.fields ->> 'lesion' = now_is.id::text);
    END IF;
END
$$;

-- A record that the centre has not seen before.
CREATE FUNCTION seekwell.add_record(me seekwell.workstation, kind text, record uuid, fields jsonb, deleted boolean) RETURNS seekwell.record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    clinic     CONSTANT uuid := me.clinic_id;
    of_patient uuid;
    made       seekwell.record;
BEGIN
    IF deleted THEN
        -- Made and deleted before anybody heard of it. The tombstone is for a first push that is still under way somewhere.
        fields := '{}';
    ELSIF kind NOT IN ('person', 'patient') THEN
        PERFORM seekwell.must_refer(clinic, fields, 'patient', 'patient', NULL);
        of_patient := (fields ->> 'patient')::uuid;
        CASE kind
            WHEN 'photo' THEN PERFORM seekwell.must_refer(clinic, fields, 'lesion', 'lesion', of_patient);
            WHEN 'analysis' THEN PERFORM seekwell.must_refer(clinic, fields, 'photo', 'photo', of_patient);
            WHEN 'note', 'acknowledgement' THEN PERFORM seekwell.must_refer(clinic, fields, 'analysis', 'analysis', of_patient);
            WHEN 'link' THEN PERFORM seekwell.must_refer(clinic, fields, 'same_as', 'patient', NULL);
            ELSE NULL;
        END CASE;
    END IF;
    INSERT INTO seekwell.record (kind, clinic_id, id, patient_id, revision, fields, field_revision, deleted_at, changed_by)
    VALUES (kind, clinic, record, of_patient, 1, fields,
            (SELECT coalesce(jsonb_object_agg(key, 1), '{}') FROM jsonb_object_keys(fields) AS key),
            CASE WHEN deleted THEN now() END, me.id)
    RETURNING * INTO made;
    IF kind = 'patient' AND NOT deleted THEN
        made.central_id := seekwell.keep_central_patient(clinic, record, NULL, fields);
        UPDATE seekwell.record r SET central_id = made.central_id
        WHERE r.kind = 'patient' AND r.clinic_id = clinic AND r.id = record;
    ELSIF kind = 'analysis' AND NOT deleted THEN
        PERFORM seekwell.mirror_analysis(clinic, record, of_patient, fields);
    END IF;
    RETURN made;
END
$$;

-- What an edit makes of the fields that are here, or why it may not.
CREATE FUNCTION seekwell.merged(was seekwell.record, fields jsonb) RETURNS jsonb
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
        WHERE (was.kind = 'analysis' OR was.kind = 'photo' AND each.key <> 'images' OR each.key = ANY (fixed))
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

-- Keeps the values that lose against a later revision. When somebody edited is not what they edited, so times and names of editors
-- never conflict.
CREATE FUNCTION seekwell.keep_conflicts(was seekwell.record, base bigint, fields jsonb) RETURNS uuid[]
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    lost uuid[];
BEGIN
    IF was.revision = base THEN
        RETURN '{}';
    END IF;
    WITH kept AS (
        INSERT INTO seekwell.conflict (clinic_id, kind, record, patient_id, field, kept, lost, lost_by, lost_revision, revision)
        SELECT was.clinic_id, was.kind, was.id, coalesce(was.patient_id, CASE was.kind WHEN 'patient' THEN was.id END),
               each.key, each.value, was.fields -> each.key,
               (SELECT o.workstation_id FROM seekwell.operation o
                WHERE o.clinic_id = was.clinic_id AND o.record = was.id AND o.kind = was.kind
                  AND o.revision = (was.field_revision ->> each.key)::bigint
                LIMIT 1),
               (was.field_revision ->> each.key)::bigint, was.revision + 1
        FROM jsonb_each(fields) each
        WHERE (was.field_revision ->> each.key)::bigint > base
          AND was.fields -> each.key IS DISTINCT FROM each.value
          AND each.key NOT IN ('updated_at', 'updated_by', 'edited_at')
          AND NOT (was.kind = 'photo' AND each.key = 'images')
        ORDER BY each.key
        RETURNING id)
    SELECT coalesce(array_agg(kept.id), '{}') INTO lost FROM kept;
    RETURN lost;
END
$$;

-- A record that is here: edited, deleted, or found to be already what was asked for (then the revision stays).
CREATE FUNCTION seekwell.change_record(me seekwell.workstation, was seekwell.record, base bigint, fields jsonb, deleted boolean,
                                       OUT now_is seekwell.record, OUT conflicts uuid[])
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    whole jsonb;
BEGIN
    conflicts := '{}';
    now_is := was;
    IF was.deleted_at IS NOT NULL THEN
        IF NOT deleted THEN
            PERFORM seekwell.refuse('deleted', 'record');
        END IF;
        RETURN;
    END IF;
    IF base > was.revision THEN
        PERFORM seekwell.refuse('ahead', 'base');
    END IF;
    -- A person's role decides what they may do at every workstation, so it is changed only where the person was entered.
    IF was.kind = 'person' AND was.changed_by <> me.id AND (deleted OR was.fields || fields <> was.fields) THEN
        PERFORM seekwell.refuse('not_yours', 'record');
    END IF;
    IF deleted THEN
        IF base <> was.revision THEN
            PERFORM seekwell.refuse('changed', 'record');
        END IF;
        IF EXISTS (SELECT FROM seekwell.record p
                   WHERE p.kind = 'patient' AND p.clinic_id = was.clinic_id AND p.id = coalesce(was.patient_id, was.id)
                     AND p.fields -> 'legal_hold' = 'true')
        THEN
            PERFORM seekwell.refuse('legal_hold', 'patient');
        END IF;
        UPDATE seekwell.record r SET revision = r.revision + 1, deleted_at = now(), changed_by = me.id, changed_at = now()
        WHERE r.kind = was.kind AND r.clinic_id = was.clinic_id AND r.id = was.id
        RETURNING * INTO now_is;
        PERFORM seekwell.mirror(now_is);
        RETURN;
    END IF;
    whole := seekwell.merged(was, fields);
    IF whole = was.fields THEN
        RETURN;
    END IF;
    conflicts := seekwell.keep_conflicts(was, base, fields);
    UPDATE seekwell.record r
    SET revision = r.revision + 1, fields = whole, changed_by = me.id, changed_at = now(),
        field_revision = r.field_revision || (
            SELECT jsonb_object_agg(each.key, r.revision + 1) FROM jsonb_each(whole) each
            WHERE was.fields -> each.key IS DISTINCT FROM each.value)
    WHERE r.kind = was.kind AND r.clinic_id = was.clinic_id AND r.id = was.id
    RETURNING * INTO now_is;
    IF was.kind = 'patient' THEN
        PERFORM seekwell.keep_central_patient(was.clinic_id, was.id, was.central_id, whole);
    ELSE
        PERFORM seekwell.mirror(now_is);
    END IF;
END
$$;

-- One operation in a subtransaction of its own. `touched` is what the feed must show; nothing, where nothing changed.
CREATE FUNCTION seekwell.apply_operation(me seekwell.workstation, operation jsonb, OUT answer jsonb, OUT kinds text[], OUT records uuid[])
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    operation_id uuid;
    record_id    uuid;
    of_kind      text;
    base         bigint;
    fields       jsonb;
    deleted      boolean;
    was          seekwell.record;
    now_is       seekwell.record;
    changed      record;
    conflicts    uuid[] := '{}';
    lost         jsonb := '[]';
    code         text;
    reason       text;
BEGIN
    kinds := '{}';
    records := '{}';
    -- Nothing is cast that has not been looked at: a failing cast quotes the value.
    operation_id := CASE WHEN seekwell.is_id(operation -> 'operation') THEN (operation ->> 'operation')::uuid END;
    BEGIN
        IF operation_id IS NULL THEN
            PERFORM seekwell.refuse('malformed', 'operation');
        ELSIF NOT seekwell.is_id(operation -> 'record') THEN
            PERFORM seekwell.refuse('malformed', 'record');
        ELSIF NOT seekwell.is_number(operation -> 'base', 0, 4000000000000000000)
              OR operation ->> 'base' !~ '^\d{1,19}$' THEN
            PERFORM seekwell.refuse('malformed', 'base');
        ELSIF NOT (seekwell.is_absent(operation -> 'fields') OR jsonb_typeof(operation -> 'fields') = 'object') THEN
            PERFORM seekwell.refuse('malformed', 'fields');
        ELSIF NOT (seekwell.is_absent(operation -> 'deleted') OR jsonb_typeof(operation -> 'deleted') = 'boolean') THEN
            PERFORM seekwell.refuse('malformed', 'deleted');
        ELSIF NOT seekwell.is_text(operation -> 'kind', 1, 40)
              OR operation ->> 'kind' NOT IN ('person', 'patient', 'lesion', 'photo', 'analysis', 'note', 'acknowledgement', 'link')
        THEN
            PERFORM seekwell.refuse('kind', 'kind');
        ELSIF octet_length((operation -> 'fields')::text) > 262144 THEN
            PERFORM seekwell.refuse('too_large', 'fields');
        END IF;
        record_id := operation ->> 'record';
        of_kind := operation ->> 'kind';
        base := operation ->> 'base';
        fields := CASE WHEN jsonb_typeof(operation -> 'fields') = 'object' THEN operation -> 'fields' ELSE '{}' END;
        deleted := operation -> 'deleted' = 'true' IS TRUE;

        SELECT o.answer INTO answer FROM seekwell.operation o WHERE o.clinic_id = me.clinic_id AND o.id = operation_id;
        IF FOUND THEN
            RETURN;
        END IF;
        SELECT * INTO was FROM seekwell.record r
        WHERE r.kind = of_kind AND r.clinic_id = me.clinic_id AND r.id = record_id FOR NO KEY UPDATE;
        IF FOUND THEN
            changed := seekwell.change_record(me, was, base, fields, deleted);
            now_is := changed.now_is;
            conflicts := changed.conflicts;
        ELSIF base > 0 THEN
            PERFORM seekwell.refuse('unknown', 'record');
        ELSE
            now_is := seekwell.add_record(me, of_kind, record_id, fields, deleted);
        END IF;
        IF octet_length(now_is.fields::text) > 262144 THEN
            PERFORM seekwell.refuse('too_large', 'fields');
        END IF;

        IF cardinality(conflicts) > 0 THEN
            SELECT jsonb_agg(c.field ORDER BY c.field) INTO lost FROM seekwell.conflict c
            WHERE c.clinic_id = me.clinic_id AND c.id = ANY (conflicts);
        END IF;
        answer := jsonb_build_object('operation', operation_id, 'outcome', 'applied', 'revision', now_is.revision, 'conflicts', lost);
        IF of_kind = 'patient' AND now_is.central_id IS NOT NULL THEN
            answer := answer || jsonb_build_object('central_id', now_is.central_id);
        END IF;
        IF was.id IS NOT NULL AND NOT deleted AND (base <> was.revision OR of_kind = 'photo') THEN
            answer := answer || jsonb_build_object('fields', now_is.fields);
        END IF;
        INSERT INTO seekwell.operation (clinic_id, id, workstation_id, kind, record, revision, answer)
        VALUES (me.clinic_id, operation_id, me.id, of_kind, record_id,
                CASE WHEN now_is.revision IS DISTINCT FROM was.revision THEN now_is.revision END, answer);
        IF now_is.revision IS DISTINCT FROM was.revision THEN
            kinds := of_kind || array_fill('conflict'::text, ARRAY[cardinality(conflicts)]);
            records := record_id || conflicts;
        END IF;
        RETURN;
    EXCEPTION
        WHEN SQLSTATE 'SWREF' THEN
            GET STACKED DIAGNOSTICS code = MESSAGE_TEXT, reason = PG_EXCEPTION_DETAIL;
        WHEN check_violation THEN
            GET STACKED DIAGNOSTICS reason = CONSTRAINT_NAME;
            code := 'check';
        WHEN not_null_violation THEN
            GET STACKED DIAGNOSTICS reason = COLUMN_NAME;
            code := 'check';
        WHEN foreign_key_violation THEN
            GET STACKED DIAGNOSTICS reason = CONSTRAINT_NAME;
            code := 'missing';
        -- Of a row that is perhaps another clinic's, so not even the constraint is named.
        WHEN unique_violation THEN
            code := 'taken';
            reason := 'record';
        WHEN data_exception OR program_limit_exceeded THEN
            GET STACKED DIAGNOSTICS reason = RETURNED_SQLSTATE;
            code := 'value';
    END;
    -- It may have been refused only because the same operation was done meanwhile, over another connection.
    IF operation_id IS NOT NULL THEN
        SELECT o.answer INTO answer FROM seekwell.operation o WHERE o.clinic_id = me.clinic_id AND o.id = operation_id;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    answer := jsonb_build_object('operation', operation_id, 'outcome', 'refused', 'code', code, 'reason', reason);
END
$$;

-- Who this is and what this is.
CREATE FUNCTION api.hello() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s' AS $$
DECLARE
    me seekwell.workstation := seekwell.caller();
BEGIN
    UPDATE seekwell.workstation w SET connected_at = coalesce(w.connected_at, now()), last_seen_at = now() WHERE w.id = me.id;
    RETURN (SELECT jsonb_build_object(
                'clinic_id', c.id, 'clinic', c.name, 'workstation_id', me.id, 'workstation', me.name,
                'schema', (SELECT max(m.version) FROM seekwell.migration m),
                'bucket', c.bucket, 'now', seekwell.as_text(clock_timestamp()))
            FROM seekwell.clinic c WHERE c.id = me.clinic_id);
END
$$;

-- Takes at most 500 operations, each by itself: one that is refused holds up none of the others. A deadlock, a lock that does not come
-- and a serialization failure are nobody's fault and end the whole call, which is then made again. Plans are kept, because planning
-- over every kind of record takes longer than the work.
CREATE FUNCTION api.push(operations jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s'
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    me        seekwell.workstation := seekwell.caller();
    operation jsonb;
    applied   record;
    answers   jsonb[] := '{}';
    kinds     text[] := '{}';
    records   uuid[] := '{}';
BEGIN
    IF NOT coalesce(jsonb_typeof(operations) = 'array', false) THEN
        RAISE EXCEPTION 'operations must be an array' USING ERRCODE = 'invalid_parameter_value';
    ELSIF jsonb_array_length(operations) > 500 THEN
        RAISE EXCEPTION 'at most 500 operations at a time' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE seekwell.workstation w SET last_seen_at = now()
    WHERE w.id = me.id AND (w.last_seen_at IS NULL OR w.last_seen_at < now() - interval '1 minute');
    FOR operation IN SELECT value FROM jsonb_array_elements(operations) LOOP
        applied := seekwell.apply_operation(me, operation);
        answers := answers || applied.answer;
        kinds := kinds || applied.kinds;
        records := records || applied.records;
    END LOOP;
    PERFORM seekwell.publish(me.clinic_id, kinds, records);
    RETURN to_jsonb(answers);
END
$$;

-- One page of what changed after `after`, oldest first: at most `page` changes and about 4 MB, but never none where there is one.
CREATE FUNCTION api.pull(after bigint, page integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s' AS $$
#variable_conflict use_variable
DECLARE
    me     seekwell.workstation := seekwell.caller();
    start  CONSTANT bigint := greatest(coalesce(after, 0), 0);
    amount CONSTANT integer := least(greatest(coalesce(page, 100), 1), 1000);
BEGIN
    RETURN (
        WITH page AS MATERIALIZED (
            SELECT c.sequence, c.kind, c.record FROM seekwell.change c
            WHERE c.clinic_id = me.clinic_id AND c.sequence > start
            ORDER BY c.sequence LIMIT amount
        ), found AS (
            SELECT p.sequence, p.kind, p.record, r.revision, r.deleted_at IS NOT NULL AS deleted, r.fields, r.central_id
            FROM page p
            JOIN seekwell.record r ON r.kind = p.kind AND r.clinic_id = me.clinic_id AND r.id = p.record
            UNION ALL
            SELECT p.sequence, p.kind, p.record, CASE WHEN f.settled_at IS NULL THEN 1 ELSE 2 END, false,
                   jsonb_build_object(
                       'kind', f.kind, 'record', f.record, 'patient', f.patient_id, 'field', f.field, 'kept', f.kept, 'lost', f.lost,
                       'lost_by', f.lost_by, 'lost_revision', f.lost_revision, 'revision', f.revision,
                       'at', seekwell.as_text(f.at), 'settled_at', seekwell.as_text(f.settled_at), 'settled_by', f.settled_by),
                   NULL
            FROM page p
            JOIN seekwell.conflict f ON p.kind = 'conflict' AND f.clinic_id = me.clinic_id AND f.id = p.record
        ), measured AS (
            SELECT f.*, sum(octet_length(f.fields::text)) OVER (ORDER BY f.sequence) - octet_length(f.fields::text) AS before
            FROM found f
        ), sent AS (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'sequence', m.sequence, 'kind', m.kind, 'record', m.record, 'revision', m.revision,
                        'deleted', m.deleted, 'fields', m.fields)
                        || CASE WHEN m.central_id IS NULL THEN '{}' ELSE jsonb_build_object('central_id', m.central_id) END
                    ORDER BY m.sequence), '[]') AS changes,
                   coalesce(max(m.sequence), start) AS last
            FROM measured m WHERE m.before < 4194304
        )
        SELECT jsonb_build_object('changes', s.changes, 'last', s.last, 'more', s.last < c.sequence, 'head', c.sequence)
        FROM sent s CROSS JOIN seekwell.clinic c WHERE c.id = me.clinic_id);
END
$$;

-- Somebody has looked at a conflict. A second look changes nothing.
CREATE FUNCTION api.settle_conflict(id uuid, by uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s' AS $$
#variable_conflict use_variable
DECLARE
    me seekwell.workstation := seekwell.caller();
BEGIN
    UPDATE seekwell.conflict c SET settled_at = now(), settled_by = by
    WHERE c.clinic_id = me.clinic_id AND c.id = settle_conflict.id AND c.settled_at IS NULL;
    IF FOUND THEN
        PERFORM seekwell.publish(me.clinic_id, ARRAY['conflict'], ARRAY[settle_conflict.id]);
    ELSIF NOT EXISTS (SELECT FROM seekwell.conflict c WHERE c.clinic_id = me.clinic_id AND c.id = settle_conflict.id) THEN
        RAISE EXCEPTION 'there is no such conflict' USING ERRCODE = 'no_data_found';
    END IF;
END
$$;

-- Empties a patient or a photo for good, with all that hangs on it, after its tombstone was pushed and its objects are gone. The
-- tombstones stay, so that every workstation learns of it.
CREATE FUNCTION api.erase(operation uuid, record uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s'
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    me      seekwell.workstation := seekwell.caller();
    was     seekwell.record;
    patient seekwell.record;
    answer  jsonb;
    code    text;
    kinds   text[];
    records uuid[];
BEGIN
    IF operation IS NULL OR record IS NULL THEN
        RAISE EXCEPTION 'an operation and a record are needed' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO was FROM seekwell.record r
    WHERE r.kind IN ('patient', 'photo') AND r.clinic_id = me.clinic_id AND r.id = erase.record FOR NO KEY UPDATE;
    SELECT o.answer INTO answer FROM seekwell.operation o WHERE o.clinic_id = me.clinic_id AND o.id = erase.operation;
    IF FOUND THEN
        RETURN answer;
    END IF;
    SELECT * INTO patient FROM seekwell.record r
    WHERE r.kind = 'patient' AND r.clinic_id = me.clinic_id AND r.id = coalesce(was.patient_id, was.id);
    -- What hangs on it. Photos and analyses have objects of their own in the bucket, and each must have been let go first.
    SELECT coalesce(array_agg(r.kind), '{}'), coalesce(array_agg(r.id), '{}') INTO kinds, records FROM seekwell.record r
    WHERE r.clinic_id = me.clinic_id AND r.patient_id = patient.id AND r.id <> was.id
      AND (was.kind = 'patient'
           OR r.kind = 'analysis' AND r.fields ->> 'photo' = was.id::text
           OR r.kind IN ('note', 'acknowledgement')
              AND r.fields ->> 'analysis' IN (SELECT a.id::text FROM seekwell.record a
                                              WHERE a.kind = 'analysis' AND a.clinic_id = me.clinic_id AND a.patient_id = patient.id
                                                AND a.fields ->> 'photo' = was.id::text));
    code := CASE
        WHEN was.id IS NULL THEN 'unknown'
        WHEN patient.fields -> 'legal_hold' = 'true' THEN 'legal_hold'
        WHEN was.deleted_at IS NULL THEN 'not_deleted'
        WHEN EXISTS (SELECT FROM seekwell.record r
                     WHERE r.clinic_id = me.clinic_id AND r.patient_id = patient.id AND r.id = ANY (records)
                       AND r.kind IN ('photo', 'analysis') AND r.deleted_at IS NULL) THEN 'not_deleted'
    END;
    IF code IS NOT NULL THEN
        RETURN jsonb_build_object('operation', operation, 'outcome', 'refused', 'code', code, 'reason',
                                  CASE WHEN was.deleted_at IS NULL THEN 'record' ELSE 'analyses' END);
    END IF;

    kinds := was.kind || kinds;
    records := was.id || records;
    UPDATE seekwell.record r
    SET revision = r.revision + 1, fields = '{}', field_revision = '{}', deleted_at = coalesce(r.deleted_at, now()),
        changed_by = me.id, changed_at = now()
    WHERE r.clinic_id = me.clinic_id AND (r.kind, r.id) IN (SELECT * FROM unnest(kinds, records));
    UPDATE seekwell.operation o SET answer = o.answer - 'fields'
    WHERE o.clinic_id = me.clinic_id AND (o.kind, o.record) IN (SELECT * FROM unnest(kinds, records)) AND o.answer ? 'fields';
    IF was.kind = 'patient' AND was.central_id IS NOT NULL THEN
        PERFORM seekwell.forget_central_patient(was.central_id);
    END IF;
    answer := jsonb_build_object('operation', operation, 'outcome', 'applied', 'revision', was.revision + 1);
    INSERT INTO seekwell.operation (clinic_id, id, workstation_id, kind, record, revision, answer)
    VALUES (me.clinic_id, operation, me.id, was.kind, was.id, was.revision + 1, answer);
    WITH emptied AS (
        UPDATE seekwell.conflict c SET kept = NULL, lost = NULL
        WHERE c.clinic_id = me.clinic_id AND (c.kind, c.record) IN (SELECT * FROM unnest(kinds, records))
        RETURNING c.id)
    SELECT records || coalesce(array_agg(emptied.id), '{}'), kinds || array_fill('conflict'::text, ARRAY[count(*)::integer])
    INTO records, kinds FROM emptied;
    PERFORM seekwell.publish(me.clinic_id, kinds, records);
    RETURN answer;
END
$$;

-- The workstation has given itself a new secret; PostgreSQL lets a role change its own password.
CREATE FUNCTION api.rotated() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s' AS $$
DECLARE
    me seekwell.workstation := seekwell.caller();
BEGIN
    UPDATE seekwell.workstation w SET rotated_at = now() WHERE w.id = me.id;
END
$$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO seekwell_workstation;

RESET ROLE;
REVOKE CREATE ON SCHEMA seekwell, api FROM seekwell_api;
