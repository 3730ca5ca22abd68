-- What the centre's own people do: add a clinic, let a workstation in, shut one out, see who is there. These functions make roles
-- and end sessions, so they run as whoever set the centre up, and check what they are given. No secret comes here: a workstation's
-- is made where it is enrolled, and only PostgreSQL's verifier of it arrives.

CREATE FUNCTION seekwell.add_clinic(name text, bucket text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
    INSERT INTO seekwell.clinic (name, bucket) VALUES (add_clinic.name, add_clinic.bucket) RETURNING id
$$;

-- `role` is `ws_` and the workstation's id without hyphens. The limits are manners, not walls: a role may change its own settings.
-- What holds against an attacker are the connection limit, the temporary files, and what pg_hba.conf says.
CREATE FUNCTION seekwell.enroll(clinic text, name text, role text, verifier text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
DECLARE
    of_clinic uuid := (SELECT c.id FROM seekwell.clinic c WHERE c.name = enroll.clinic);
BEGIN
    IF of_clinic IS NULL THEN
        RAISE EXCEPTION 'there is no clinic of this name' USING ERRCODE = 'no_data_found';
    ELSIF role IS NULL OR role !~ '^ws_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION 'a workstation''s role is ws_ and 32 hexadecimal digits' USING ERRCODE = 'invalid_parameter_value';
    ELSIF verifier IS NULL OR verifier !~ '^SCRAM-SHA-256\$[0-9]{1,9}:[A-Za-z0-9+/=]{8,}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'this is not a SCRAM-SHA-256 verifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO seekwell.workstation (id, clinic_id, name, role_name)
    VALUES (substr(role, 4)::uuid, of_clinic, enroll.name, role);
    EXECUTE format('CREATE ROLE %I LOGIN INHERIT CONNECTION LIMIT 8 PASSWORD %L', role, verifier);
    EXECUTE format('GRANT seekwell_workstation TO %I', role);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', role);
    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', role);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''30s''', role);
    BEGIN
        EXECUTE format('ALTER ROLE %I SET temp_file_limit = ''64MB''', role);
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'only a superuser can limit the temporary files of %', role;
    END;
    RETURN substr(role, 4)::uuid;
END
$$;

-- Shuts a workstation out at once: no new session, no verifier, no live session, and whatever slips through is refused by every
-- function. Says how many sessions it ended. A second time changes nothing.
CREATE FUNCTION seekwell.revoke(workstation uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
DECLARE
    role  name;
    ended integer := 0;
    pid   integer;
BEGIN
    SELECT w.role_name INTO role FROM seekwell.workstation w WHERE w.id = revoke.workstation FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such workstation' USING ERRCODE = 'no_data_found';
    END IF;
    UPDATE seekwell.workstation w SET revoked_at = now() WHERE w.id = revoke.workstation AND w.revoked_at IS NULL;
    IF FOUND AND EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', role);
    END IF;
    FOR pid IN SELECT a.pid FROM pg_stat_activity a WHERE a.usename = role LOOP
        BEGIN
            ended := ended + pg_terminate_backend(pid)::integer;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'session % of % goes on, refused by every function', pid, role;
        END;
    END LOOP;
    RETURN ended;
END
$$;

CREATE FUNCTION seekwell.list()
RETURNS TABLE (workstation_id uuid, workstation text, role text, clinic_id uuid, clinic text, bucket text, enrolled_at timestamptz,
               connected_at timestamptz, rotated_at timestamptz, revoked_at timestamptz, last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
    SELECT w.id, w.name, w.role_name::text, c.id, c.name, c.bucket, w.enrolled_at, w.connected_at, w.rotated_at, w.revoked_at,
           w.last_seen_at
    FROM seekwell.clinic c LEFT JOIN seekwell.workstation w ON w.clinic_id = c.id
    ORDER BY c.name, w.enrolled_at
$$;

REVOKE ALL ON FUNCTION seekwell.add_clinic(text, text), seekwell.enroll(text, text, text, text), seekwell.revoke(uuid),
    seekwell.list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seekwell.add_clinic(text, text), seekwell.enroll(text, text, text, text), seekwell.revoke(uuid),
    seekwell.list() TO seekwell_centre;
