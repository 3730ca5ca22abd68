-- A stolen workstation that holds out against being shut out. By itself, since it may hold up every other change as well.

-- Shuts a workstation out at once: no live session, no new one, no verifier, and whatever slips through is refused by every
-- function. Says how many sessions it ended. A second time changes nothing, save that it ends those that were made before the
-- first was committed.
--
-- A workstation can lock its own row and its own role for as long as it has a session. So all of them are told to end before a
-- lock is waited for, and none is waited for by itself: meanwhile another would be made and stand before us. Where it fails all
-- the same, because one was just being made or has changed the role, both are done again.
CREATE OR REPLACE FUNCTION seekwell.revoke(workstation uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, seekwell, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    tries CONSTANT integer := 20;
    tried integer := 0;
    done  boolean := false;
    role  CONSTANT name := (SELECT w.role_name FROM seekwell.workstation w WHERE w.id = revoke.workstation);
    ended integer[] := '{}';
    pid   integer;
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'there is no such workstation' USING ERRCODE = 'no_data_found';
    END IF;
    LOOP
        -- A transaction goes on seeing the sessions that it saw first.
        PERFORM pg_stat_clear_snapshot();
        FOR pid IN SELECT a.pid FROM pg_stat_activity a WHERE a.usename = role LOOP
            BEGIN
                IF pg_terminate_backend(pid, CASE WHEN done THEN 5000 ELSE 0 END) AND pid <> ALL (ended) THEN
                    ended := ended || pid;
                END IF;
            EXCEPTION WHEN insufficient_privilege THEN
                IF done THEN
                    RAISE WARNING 'session % of % goes on, refused by every function', pid, role;
                END IF;
            END;
        END LOOP;
        EXIT WHEN done;
        tried := tried + 1;
        BEGIN
            UPDATE seekwell.workstation w SET revoked_at = now() WHERE w.id = revoke.workstation AND w.revoked_at IS NULL;
            IF FOUND AND EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
                EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', role);
            END IF;
            done := true;
            -- They end in this time. Who is left is waited for.
            PERFORM pg_sleep(0.1);
        -- The last is what PostgreSQL says where the role was changed meanwhile.
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR internal_error THEN
            IF tried = tries THEN
                RAISE EXCEPTION 'sessions of % hold out; try again, and if % may not end them, grant it pg_signal_backend first',
                    role, current_user USING ERRCODE = 'object_in_use', DETAIL = SQLERRM;
            END IF;
        END;
    END LOOP;
    RETURN cardinality(ended);
END
$$;
