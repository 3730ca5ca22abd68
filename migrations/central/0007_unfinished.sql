-- What one workstation has begun to let go and never ended, because it was stolen, broken or shut out in between: the tombstones stand
-- and the fields are still here. Any other workstation of the clinic can end it.

GRANT CREATE ON SCHEMA api TO seekwell_api;
SET LOCAL ROLE seekwell_api;

-- The oldest of those whose tombstone has stood for so many days, with every record that goes with them. Nothing of a patient under a
-- legal hold.
CREATE FUNCTION api.unfinished(days integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '10s' AS $$
DECLARE
    me seekwell.workstation := seekwell.caller();
BEGIN
    IF days IS NULL OR days NOT BETWEEN 0 AND 36500 THEN
        RAISE EXCEPTION 'a number of days is needed, at most 36500' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN (
        WITH begun AS (
            SELECT r.kind, r.id, r.patient_id, r.deleted_at FROM seekwell.record r
            WHERE r.clinic_id = me.clinic_id AND r.kind IN ('patient', 'photo') AND r.deleted_at < now() - make_interval(days => days)
        ), listed AS (
            SELECT begun.kind, begun.id, patient.id AS patient_id, begun.deleted_at, parts.list
            FROM begun
            JOIN seekwell.record patient
                ON patient.kind = 'patient' AND patient.clinic_id = me.clinic_id AND patient.id = coalesce(begun.patient_id, begun.id)
            CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object(
                           'kind', r.kind, 'record', r.id, 'deleted', r.deleted_at IS NOT NULL,
                           'fields', jsonb_strip_nulls(jsonb_build_object('images', r.fields -> 'images'))) ORDER BY r.kind, r.id) AS list
                FROM seekwell.record r
                WHERE r.clinic_id = me.clinic_id AND r.fields <> '{}' AND r.kind IN ('patient', 'photo', 'analysis')
                  AND (r.id = begun.id
                       OR begun.kind = 'patient' AND r.patient_id = begun.id
                       OR r.kind = 'analysis' AND r.patient_id = patient.id AND r.fields ->> 'photo' = begun.id::text)) parts
            WHERE parts.list IS NOT NULL
              AND patient.fields -> 'legal_hold' IS DISTINCT FROM 'true'
              -- A photo of a patient who goes with everything goes with them.
              AND (begun.kind = 'patient' OR patient.deleted_at IS NULL)
            ORDER BY begun.deleted_at, begun.id
            LIMIT 100)
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'record', l.id, 'patient', l.patient_id, 'parts', l.list)
                                  ORDER BY l.deleted_at, l.id), '[]')
        FROM listed l);
END
$$;

GRANT EXECUTE ON FUNCTION api.unfinished(integer) TO seekwell_workstation;

RESET ROLE;
REVOKE CREATE ON SCHEMA api FROM seekwell_api;
