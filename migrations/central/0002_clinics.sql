-- Who is there: clinics, their workstations, and the people whom the web backend knows. A workstation says who it is by
-- signing in and in no other way, so the caller of a function is read from `session_user`, which no SQL of the caller's can change.

CREATE TABLE seekwell.clinic (
    id         uuid        NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text        NOT NULL CONSTRAINT clinic_name_taken UNIQUE
                           CONSTRAINT clinic_name CHECK (char_length(name) BETWEEN 1 AND 200),
    -- The number of the clinic's last change. It is raised by the last statement that a writing transaction makes, and the row stays
    -- locked until that transaction ends, so changes become visible in the order of their numbers.
    sequence   bigint      NOT NULL DEFAULT 0,
    bucket     text        NOT NULL CONSTRAINT clinic_bucket CHECK (bucket ~ '^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE seekwell.workstation (
    id           uuid        NOT NULL PRIMARY KEY,
    clinic_id    uuid        NOT NULL REFERENCES seekwell.clinic (id),
    name         text        NOT NULL CONSTRAINT workstation_name CHECK (char_length(name) BETWEEN 1 AND 200),
    role_name    name        NOT NULL CONSTRAINT workstation_role_taken UNIQUE
                             CONSTRAINT workstation_role CHECK (role_name::text = 'ws_' || replace(id::text, '-', '')),
    enrolled_at  timestamptz NOT NULL DEFAULT now(),
    connected_at timestamptz,
    rotated_at   timestamptz,
    revoked_at   timestamptz,
    last_seen_at timestamptz,
    CONSTRAINT workstation_name_taken UNIQUE (clinic_id, name)
);

ALTER TABLE seekwell.clinic ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE seekwell.workstation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE (sequence) ON seekwell.clinic TO seekwell_api;
GRANT SELECT, UPDATE (connected_at, rotated_at, last_seen_at) ON seekwell.workstation TO seekwell_api;
GRANT SELECT ON seekwell.clinic, seekwell.workstation TO seekwell_centre;

GRANT CREATE ON SCHEMA seekwell TO seekwell_api;
SET LOCAL ROLE seekwell_api;

-- Whose session this is. A snapshot that is older than the statement would hide a revocation, so only the default isolation is served.
CREATE FUNCTION seekwell.caller() RETURNS seekwell.workstation
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
DECLARE
    me seekwell.workstation;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the centre serves transactions that are READ COMMITTED' USING ERRCODE = 'SW003';
    END IF;
    SELECT * INTO me FROM seekwell.workstation WHERE role_name = session_user;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this is not a workstation of the centre' USING ERRCODE = 'SW002';
    END IF;
    IF me.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'this workstation was revoked' USING ERRCODE = 'SW001';
    END IF;
    RETURN me;
END
$$;

-- What the policies compare with: nothing, and so no row, for whoever is not a workstation in good standing. In PL/pgSQL, which
-- keeps its plan from one statement to the next.
CREATE FUNCTION seekwell.caller_clinic() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
BEGIN
    RETURN (SELECT w.clinic_id FROM seekwell.workstation w WHERE w.role_name = session_user AND w.revoked_at IS NULL);
END
$$;

CREATE FUNCTION seekwell.caller_workstation() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp AS $$
BEGIN
    RETURN (SELECT w.id FROM seekwell.workstation w WHERE w.role_name = session_user AND w.revoked_at IS NULL);
END
$$;

RESET ROLE;
REVOKE CREATE ON SCHEMA seekwell FROM seekwell_api;

-- A function finds its caller here, so this policy can't ask that function.
CREATE POLICY workstation_for_api ON seekwell.workstation TO seekwell_api USING (role_name = session_user);
CREATE POLICY workstation_for_centre ON seekwell.workstation TO seekwell_centre USING (true);
CREATE POLICY clinic_for_api ON seekwell.clinic TO seekwell_api USING (id = (SELECT seekwell.caller_clinic()));
CREATE POLICY clinic_for_centre ON seekwell.clinic TO seekwell_centre USING (true);

-- The people of the web backend. Where it has made its tables they are left as they are: their key is `id` or `user_id`, a role
-- is an enum or text, a patient may have a row of their own. What is found decides how the two functions below are written, so
-- that nothing has to be found out, or put together from words, when a workstation calls.
DO $$
DECLARE
    made_users    boolean := to_regclass('public.users') IS NULL;
    made_patients boolean := to_regclass('public.patients') IS NULL;
    key           name;
    missing       text;
    knows         boolean;
    user_names    text;
    user_values   text;
    names         text;
    entries       text;
    changes       text;
    forgotten     text;
    gender        text;

    -- `pg_catalog` alone is searched, so types are written with their schema.
    as_type CONSTANT text := 'SELECT format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute '
                             'WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped';
    found_type text;
BEGIN
    PERFORM set_config('search_path', 'pg_catalog', true);
    IF made_users THEN
        CREATE TABLE public.users (
            id              serial PRIMARY KEY,
            username        text NOT NULL UNIQUE,
            email           text NOT NULL UNIQUE,
            hashed_password text NOT NULL,
            role            text NOT NULL CHECK (role IN ('PATIENT', 'OFFICIAL', 'DOCTOR', 'ADMIN')),
            full_name       text NOT NULL,
            clinic_id       uuid REFERENCES seekwell.clinic (id)
        );
        COMMENT ON TABLE public.users IS 'Made by SeekWell Desktop: everybody the web backend knows';
    END IF;

    SELECT attname INTO key FROM pg_catalog.pg_attribute
    WHERE attrelid = 'public.users'::regclass AND attname IN ('id', 'user_id') AND atttypid = 'integer'::regtype
      AND NOT attisdropped
    ORDER BY attname = 'user_id' DESC LIMIT 1;
    IF key IS NULL THEN
        RAISE EXCEPTION 'public.users has no integer key that is called id or user_id';
    END IF;
    SELECT string_agg(attname, ', ') INTO missing FROM pg_catalog.pg_attribute
    WHERE attrelid = 'public.users'::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND NOT atthasdef
      AND attidentity = ''
      AND attname NOT IN ('username', 'email', 'hashed_password', 'role', 'full_name');
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'public.users wants values that a patient of a workstation does not have: %', missing;
    END IF;
    SELECT string_agg(wanted, ', ') INTO missing FROM unnest(ARRAY['username', 'email', 'hashed_password', 'role', 'full_name']) wanted
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
                      WHERE attrelid = 'public.users'::regclass AND attname = wanted AND NOT attisdropped);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'public.users lacks %', missing;
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_attribute a
               WHERE attrelid = 'public.users'::regclass AND atttypid = 'varchar'::regtype
                 AND (attname = 'username' AND atttypmod - 4 BETWEEN 1 AND 43
                      OR attname = 'email' AND atttypmod - 4 BETWEEN 1 AND 51))
    THEN
        RAISE EXCEPTION 'username and email of public.users are too short for a patient of a workstation';
    END IF;

    IF made_patients THEN
        EXECUTE format($table$
            CREATE TABLE public.patients (
                patient_id    integer PRIMARY KEY REFERENCES public.users (%I) ON DELETE CASCADE,
                full_name     text NOT NULL,
                date_of_birth date,
                gender        text,
                address       text,
                phone_number  text UNIQUE,
                clinic_id     uuid REFERENCES seekwell.clinic (id)
            )$table$, key);
        COMMENT ON TABLE public.patients IS 'Made by SeekWell Desktop: what the web backend shows of a patient';
    END IF;
    SELECT count(*) FILTER (WHERE attname IN ('patient_id', 'full_name')) = 2
           AND count(*) FILTER (WHERE attnotnull AND NOT atthasdef AND attname NOT IN ('patient_id', 'full_name')) = 0
    INTO knows FROM pg_catalog.pg_attribute
    WHERE attrelid = 'public.patients'::regclass AND attnum > 0 AND NOT attisdropped;

    -- A cast shortens to what the column holds, where an assignment would refuse.
    user_names := 'username, email, hashed_password, role, full_name';
    SELECT string_agg(format('CAST(%s AS %s)', expression, format_type(atttypid, atttypmod)), ', ' ORDER BY at)
    INTO user_values
    FROM unnest(ARRAY['username', 'email', 'hashed_password', 'role', 'full_name'],
                ARRAY['''patient-'' || record', 'record || ''@patient.invalid''', '''!''', '''PATIENT''',
                      'fields ->> ''full_name'''])
         WITH ORDINALITY AS wanted (attname, expression, at)
    JOIN pg_catalog.pg_attribute a ON a.attname = wanted.attname
     AND a.attrelid = 'public.users'::regclass AND NOT attisdropped;
    IF made_users THEN
        user_names := user_names || ', clinic_id';
        user_values := user_values || ', clinic';
    END IF;

    names := 'full_name';
    EXECUTE as_type INTO found_type USING 'public.patients', 'full_name';
    entries := format('CAST(fields ->> ''full_name'' AS %s)', found_type);
    changes := 'full_name = ' || entries;
    forgotten := format('full_name = CAST(''erased'' AS %s)', found_type);
    -- A phone number is not passed on: it is unique over all clinics there, and would tell one clinic whom another knows.
    EXECUTE as_type INTO found_type USING 'public.patients', 'date_of_birth';
    IF found_type = 'date' THEN
        names := names || ', date_of_birth';
        entries := entries || ', born';
        changes := changes || ', date_of_birth = born';
        forgotten := forgotten || ', date_of_birth = NULL';
    END IF;
    EXECUTE as_type INTO found_type USING 'public.patients', 'gender';
    SELECT format('CASE WHEN fields ->> ''sex'' = ANY (%L::text[]) THEN CAST(fields ->> ''sex'' AS %s) END',
                  array_agg(enumlabel), found_type)
    INTO gender FROM pg_catalog.pg_enum
    WHERE enumtypid = (SELECT atttypid FROM pg_catalog.pg_attribute
                       WHERE attrelid = 'public.patients'::regclass AND attname = 'gender' AND NOT attisdropped)
    HAVING count(*) > 0;
    IF made_patients THEN
        gender := 'fields ->> ''sex''';
    END IF;
    IF gender IS NOT NULL THEN
        names := names || ', gender';
        entries := entries || ', ' || gender;
        changes := changes || ', gender = ' || gender;
        forgotten := forgotten || ', gender = NULL';
    END IF;
    EXECUTE as_type INTO found_type USING 'public.patients', 'address';
    IF found_type = 'text' OR found_type LIKE 'character varying%' THEN
        names := names || ', address';
        entries := entries || format(', CAST(fields ->> ''address'' AS %s)', found_type);
        changes := changes || format(', address = CAST(fields ->> ''address'' AS %s)', found_type);
        forgotten := forgotten || ', address = NULL';
    END IF;
    IF made_patients THEN
        EXECUTE format('GRANT INSERT (patient_id, %s, clinic_id), UPDATE (%1$s), SELECT (patient_id, clinic_id) '
                       'ON public.patients TO seekwell_api', names);
    ELSIF knows THEN
        EXECUTE format('GRANT INSERT (patient_id, %s), UPDATE (%1$s), SELECT (patient_id) ON public.patients TO seekwell_api', names);
    END IF;
    EXECUTE format('GRANT INSERT (%s), UPDATE (full_name), SELECT (%I) ON public.users TO seekwell_api', user_names, key);
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO seekwell_api', pg_get_serial_sequence('public.users', key));
    IF made_users THEN
        GRANT SELECT (clinic_id) ON public.users TO seekwell_api;
    END IF;

    GRANT CREATE ON SCHEMA seekwell TO seekwell_api;
    SET LOCAL ROLE seekwell_api;

    -- A patient of a workstation as somebody whom the web backend knows and who can't sign in: no password has the hash `!`.
    EXECUTE format($function$
        CREATE FUNCTION seekwell.keep_central_patient(clinic uuid, record uuid, central integer, fields jsonb) RETURNS integer
        LANGUAGE plpgsql SET search_path = pg_catalog, seekwell, pg_temp AS $body$
        DECLARE
            born date := CASE WHEN fields ->> 'born' ~ '^\d{4}-\d\d-\d\d$' THEN CAST(fields ->> 'born' AS date) END;
        BEGIN
            IF central IS NULL THEN
                INSERT INTO public.users (%1$s) VALUES (%2$s) RETURNING %3$I INTO central;
                %4$s
            ELSE
                UPDATE public.users SET full_name = CAST(fields ->> 'full_name' AS %5$s) WHERE %3$I = central;
                %6$s
            END IF;
            RETURN central;
        END
        $body$ $function$,
        user_names, user_values, key,
        CASE WHEN knows THEN format('INSERT INTO public.patients (patient_id, %s%s) VALUES (central, %s%s);', names,
                                    CASE WHEN made_patients THEN ', clinic_id' ELSE '' END, entries,
                                    CASE WHEN made_patients THEN ', clinic' ELSE '' END)
             ELSE '' END,
        (SELECT format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute
         WHERE attrelid = 'public.users'::regclass AND attname = 'full_name'),
        CASE WHEN knows THEN format('UPDATE public.patients SET %s WHERE patient_id = central;', changes) ELSE '' END);

    -- The row stays, because tables of the web backend may refer to it; who it was does not.
    EXECUTE format($function$
        CREATE FUNCTION seekwell.forget_central_patient(central integer) RETURNS void
        LANGUAGE plpgsql SET search_path = pg_catalog, seekwell, pg_temp AS $body$
        BEGIN
            UPDATE public.users SET full_name = 'erased' WHERE %I = central;
            %s
        END
        $body$ $function$,
        key, CASE WHEN knows THEN format('UPDATE public.patients SET %s WHERE patient_id = central;', forgotten) ELSE '' END);

    RESET ROLE;
    REVOKE CREATE ON SCHEMA seekwell FROM seekwell_api;

    IF made_users THEN
        ALTER TABLE public.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY users_for_api ON public.users TO seekwell_api USING (clinic_id = (SELECT seekwell.caller_clinic()));
        CREATE POLICY users_for_centre ON public.users TO seekwell_centre USING (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO seekwell_centre;
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO seekwell_centre', pg_get_serial_sequence('public.users', key));
    END IF;
    IF made_patients THEN
        ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY patients_for_api ON public.patients TO seekwell_api USING (clinic_id = (SELECT seekwell.caller_clinic()));
        CREATE POLICY patients_for_centre ON public.patients TO seekwell_centre USING (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON public.patients TO seekwell_centre;
    END IF;
END
$$;
