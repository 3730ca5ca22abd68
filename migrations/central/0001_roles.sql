-- Assume that one workstation's disk, memory and credential become an attacker's, who can then send any SQL. So a
-- workstation's role may do one thing: call the functions of schema `api`. They belong to a role that nobody can sign in as
-- and that alone has rights on tables, and row-level security behind them keeps each clinic to itself.
--
-- What SQL can't take from a role, because PostgreSQL gives it to everybody, is for pg_hba.conf: a workstation has no business
-- in another database of the cluster, nor without TLS.
--     hostssl  <this database>  +seekwell_workstation  all  scram-sha-256
--     host     all              +seekwell_workstation  all  reject

-- Roles belong to the cluster, so another database of it may have made them already, even in this moment.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['seekwell_api', 'seekwell_workstation', 'seekwell_centre'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF EXISTS (SELECT FROM pg_catalog.pg_roles
                   WHERE rolname = name
                     AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls))
        THEN
            RAISE EXCEPTION 'the role % exists and may do more than a group should', name;
        END IF;
    END LOOP;
    -- A superuser can become anybody; another administrator must be a member to make functions for `seekwell_api`.
    IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        GRANT seekwell_api TO CURRENT_USER;
    END IF;
END
$$;

GRANT seekwell_centre TO CURRENT_USER;

CREATE SCHEMA IF NOT EXISTS seekwell;
CREATE SCHEMA IF NOT EXISTS api;
REVOKE ALL ON SCHEMA seekwell, api FROM PUBLIC;
GRANT USAGE ON SCHEMA seekwell TO seekwell_api, seekwell_centre;
GRANT USAGE ON SCHEMA public TO seekwell_api;
GRANT USAGE ON SCHEMA api TO seekwell_api, seekwell_workstation;

-- A later function is nobody's until it is granted. For `seekwell_api` as a whole: PostgreSQL ignores a schema's own defaults here.
ALTER DEFAULT PRIVILEGES FOR ROLE seekwell_api REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- What PostgreSQL lets everybody do in a database: make objects in `public` (up to version 14), where the web backend would
-- find a function of an attacker's before its own; fill the disk with temporary tables and large objects. Whoever owns
-- something in `public` already keeps these rights under its own name, so the web backend goes on as before.
DO $$
DECLARE
    owner name;
    what  text;
    wanted CONSTANT text[] := ARRAY[
        'CREATE ON SCHEMA public',
        format('TEMPORARY ON DATABASE %I', current_database()),
        'EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea)'
    ];
    open_now CONSTANT boolean[] := ARRAY[
        has_schema_privilege('public', 'public', 'CREATE'),
        has_database_privilege('public', current_database(), 'TEMPORARY'),
        has_function_privilege('public', 'pg_catalog.lo_create(oid)', 'EXECUTE')
    ];
BEGIN
    FOR i IN 1 .. array_length(wanted, 1) LOOP
        CONTINUE WHEN NOT open_now[i];
        what := wanted[i];
        BEGIN
            FOR owner IN SELECT DISTINCT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class
                         WHERE relnamespace = 'public'::regnamespace
            LOOP
                EXECUTE format('GRANT %s TO %I', what, owner);
            END LOOP;
            EXECUTE format('REVOKE %s FROM PUBLIC', what);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'PUBLIC keeps %: only its owner can take it away', what;
        END;
    END LOOP;
END
$$;

-- Which of these files were applied, kept by whoever applies them.
CREATE TABLE seekwell.migration (
    version    integer     NOT NULL PRIMARY KEY CHECK (version >= 1),
    name       text        NOT NULL,
    sha256     text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE seekwell.migration ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY migration_for_api ON seekwell.migration FOR SELECT TO seekwell_api USING (true);
CREATE POLICY migration_for_centre ON seekwell.migration TO seekwell_centre USING (true);
GRANT SELECT ON seekwell.migration TO seekwell_api, seekwell_centre;
