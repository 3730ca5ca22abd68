//! One workstation's credential is an attacker's, who can send any SQL. Whatever is sent, as whom: no row of another clinic is seen
//! or changed, and no right is gained.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::centre::{Case, Centre, KINDS, OURS, THEIRS, any, change, deletion, id, with};

/// In every text of the clinic that is attacked. Where it comes back, something was seen.
const CANARY: &str = "Hoàng-Yến";

/// Who attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Attacker {
    /// A workstation of another clinic.
    Other,
    /// A workstation of this clinic that was revoked, over a session that outlived it.
    Revoked,
    /// A role of the database that is no workstation.
    Stranger,
    /// A role that was made a member of the workstations' group, and never enrolled.
    Unenrolled,
    /// A workstation of this very clinic, which may use the door and nothing else.
    Own,
}

/// The clinic that is attacked: its records, and what a snapshot of the database says.
struct Target {
    centre: Centre,
    case: Case,
    conflict: Uuid,
    operation: Uuid,
    clinic: Uuid,
    station: Uuid,
    tables: Vec<String>,
}

impl Target {
    async fn set_up() -> Self {
        let centre = Centre::new().await;
        let mut station = centre.station(OURS).await;
        let case = Case::new();
        let mut made = case.all();
        for (kind, key) in [
            ("person", "full_name"),
            ("patient", "full_name"),
            ("lesion", "label"),
            ("photo", "camera"),
            ("note", "text"),
        ] {
            let at = KINDS.iter().position(|known| *known == kind).unwrap();
            made[at]["fields"][key] = json!(format!("{CANARY} {kind}"));
        }
        let operation = made[1]["operation"].as_str().unwrap().parse().unwrap();
        station.push(&made).await;
        for text in ["một", "hai"] {
            station
                .put(change(
                    "note",
                    case.note,
                    1,
                    json!({"text": format!("{CANARY} {text}")}),
                ))
                .await;
        }
        let seen = station.pull_all().await;
        let conflict = seen.iter().find(|change| change["kind"] == "conflict").unwrap();
        let hello: serde_json::Value = sqlx::query_scalar("SELECT api.hello()")
            .fetch_one(&mut station.connection)
            .await
            .unwrap();
        let tables = centre.psql(
            "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p')
               AND relnamespace IN ('seekwell'::regnamespace, 'public'::regnamespace) ORDER BY 1",
        );
        Self {
            case,
            conflict: conflict["record"].as_str().unwrap().parse().unwrap(),
            operation,
            clinic: hello["clinic_id"].as_str().unwrap().parse().unwrap(),
            station: station.enrolment.workstation,
            tables: tables.lines().map(str::to_owned).collect(),
            centre,
        }
    }

    /// Every row of the clinic that is attacked, the roles and their rights.
    async fn snapshot(&self, admin: &mut PgConnection) -> String {
        let (clinic, patient) = (self.clinic, self.case.patient);
        let rows: Vec<String> = self
            .tables
            .iter()
            .map(|table| {
                let whose = match table.as_str() {
                    "seekwell.migration" => "true".to_owned(),
                    "seekwell.clinic" => format!("id = '{clinic}'"),
                    "seekwell.workstation" => format!("id = '{}'", self.station),
                    "users" => format!("username = 'patient-{patient}' OR clinic_id = '{clinic}'"),
                    _ => format!("clinic_id = '{clinic}'"),
                };
                format!("SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)), count(*) FROM {table} t WHERE {whose}")
            })
            .collect();
        let catalogue = "SELECT 'roles', md5(string_agg(a::text, '|' ORDER BY rolname)), count(*) FROM pg_authid a
                         WHERE rolname ~ '^(seekwell_|chief)'
            UNION ALL SELECT 'members', md5(string_agg(m::text, '|' ORDER BY m::text)), count(*) FROM pg_auth_members m
                         WHERE pg_get_userbyid(member) ~ '^(seekwell_|chief)'
            UNION ALL SELECT 'functions', md5(string_agg(p::text, '|' ORDER BY p.oid)), count(*) FROM pg_proc p
                         WHERE pronamespace IN ('seekwell'::regnamespace, 'api'::regnamespace, 'public'::regnamespace)
            UNION ALL SELECT 'tables', md5(string_agg(c.oid || c.relname || coalesce(c.relacl::text, ''), '|' ORDER BY c.oid)), count(*)
                         FROM pg_class c
                         WHERE relnamespace IN ('seekwell'::regnamespace, 'api'::regnamespace, 'public'::regnamespace)
            UNION ALL SELECT 'policies', md5(string_agg(p::text, '|' ORDER BY p.oid)), count(*) FROM pg_policy p
            UNION ALL SELECT 'schemas', md5(string_agg(n::text, '|' ORDER BY n.oid)), count(*) FROM pg_namespace n";
        any(
            admin,
            &format!("{} UNION ALL {catalogue}", rows.join(" UNION ALL ")),
        )
        .await
        .unwrap()
    }

    fn push(&self, operation: serde_json::Value) -> String {
        format!(
            "SELECT api.push('{}')",
            json!([operation]).to_string().replace('\'', "''")
        )
    }

    /// Every function of the door with this clinic's ids.
    fn calls(&self) -> Vec<String> {
        let Self {
            case,
            conflict,
            operation,
            ..
        } = self;
        let mut calls = vec!["SELECT api.hello()".to_owned(), "SELECT api.rotated()".into()];
        for (after, page) in [
            ("0", "1000"),
            ("-1", "1"),
            ("NULL", "NULL"),
            ("5", "2147483647"),
            ("-9223372036854775808", "0"),
        ] {
            calls.push(format!("SELECT api.pull({after}, {page})"));
        }
        calls.push(format!(
            "SELECT api.settle_conflict('{conflict}', '{}')",
            case.person
        ));
        for days in ["0", "7", "-1", "NULL", "2147483647"] {
            calls.push(format!("SELECT api.unfinished({days})"));
        }
        for record in [case.patient, case.photo, case.note, *conflict] {
            calls.push(format!("SELECT api.erase('{}', '{record}')", id()));
            calls.push(format!("SELECT api.erase('{operation}', '{record}')"));
        }
        for kind in KINDS {
            let record = case.record(kind);
            calls.push(self.push(change(
                kind,
                record,
                0,
                with(case.fields(kind), "later", json!("x")),
            )));
            calls.push(self.push(change(kind, record, 1, json!({"later": "x"}))));
            calls.push(self.push(change(kind, record, 0, json!({}))));
            calls.push(self.push(deletion(kind, record, 0)));
            calls.push(self.push(deletion(kind, record, 1)));
            calls.push(self.push(deletion(kind, record, 3)));
            let mut replay = change(kind, record, 1, json!({"later": "x"}));
            replay["operation"] = json!(operation);
            calls.push(self.push(replay));
            // A record of one's own that hangs on a record of theirs.
            let hanging = Case {
                lesion: id(),
                photo: id(),
                analysis: id(),
                note: id(),
                acknowledgement: id(),
                ..*case
            };
            if !matches!(kind, "person" | "patient") {
                let fields = with(
                    with(case.fields(kind), "lesion", json!(case.lesion)),
                    "photo",
                    json!(case.photo),
                );
                calls.push(self.push(change(kind, hanging.record(kind), 0, fields)));
            }
        }
        calls.push(self.push(change(
            "link",
            id(),
            0,
            json!({"patient": case.patient, "same_as": case.patient, "by": case.person, "at": "2026-11-22T02:12:05Z"}),
        )));
        calls
    }

    /// Plain SQL on every table.
    fn statements(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in &self.tables {
            all.extend([
                format!("SELECT * FROM {table}"),
                format!("SELECT count(*) FROM {table}"),
                format!("SELECT {table} FROM {table}"),
                format!("TABLE {table}"),
                format!(
                    "UPDATE {table} SET {} = DEFAULT",
                    if table == "seekwell.migration" {
                        "version"
                    } else {
                        "revision"
                    }
                ),
                format!("DELETE FROM {table}"),
                format!("INSERT INTO {table} DEFAULT VALUES"),
                format!("TRUNCATE {table} CASCADE"),
                format!("COPY {table} TO STDOUT"),
                format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"),
                format!("DROP TABLE {table} CASCADE"),
                format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
                format!("CREATE POLICY p ON {table} USING (true)"),
                format!("CREATE TRIGGER t AFTER INSERT ON {table} EXECUTE FUNCTION seekwell.caller()"),
                format!("GRANT ALL ON {table} TO PUBLIC"),
                format!("EXPLAIN ANALYZE SELECT * FROM {table}"),
                format!("CREATE VIEW public.v AS SELECT * FROM {table}"),
            ]);
        }
        all
    }

    /// Ways around: roles, paths, settings, the functions behind the door, files, programs, the catalogue.
    fn tricks(&self) -> Vec<String> {
        let role = format!("ws_{}", self.station.simple());
        let mut all: Vec<String> = [
            "SET ROLE seekwell_api",
            "SET ROLE seekwell_centre",
            "SET ROLE chief",
            "SET SESSION AUTHORIZATION chief",
            "SET SESSION AUTHORIZATION seekwell_api",
            "SET session_replication_role = replica",
            "GRANT seekwell_api TO CURRENT_USER",
            "GRANT seekwell_centre TO CURRENT_USER",
            "GRANT pg_read_all_data TO CURRENT_USER",
            "ALTER ROLE CURRENT_USER SUPERUSER",
            "ALTER ROLE CURRENT_USER BYPASSRLS",
            "ALTER ROLE CURRENT_USER CREATEROLE",
            "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
            "ALTER ROLE CURRENT_USER RENAME TO ws_x",
            "ALTER ROLE seekwell_api LOGIN PASSWORD 'x'",
            "ALTER ROLE chief PASSWORD 'x'",
            "CREATE ROLE mine LOGIN",
            "DROP ROLE seekwell_workstation",
            "CREATE SCHEMA mine",
            "CREATE TABLE public.mine (id integer)",
            "CREATE TABLE api.mine (id integer)",
            "CREATE TEMPORARY TABLE workstation (role_name name)",
            "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "CREATE FUNCTION pg_temp.now() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
            "CREATE OR REPLACE FUNCTION api.hello() RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)'",
            "ALTER FUNCTION api.pull(bigint, integer) SECURITY INVOKER",
            "ALTER FUNCTION api.pull(bigint, integer) SET search_path = public",
            "DROP FUNCTION api.rotated()",
            "CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_catalog.uuid_ne)",
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION plpython3u",
            "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION seekwell.caller()",
            "CREATE PUBLICATION p FOR ALL TABLES",
            "CREATE SERVER s FOREIGN DATA WRAPPER f",
            "COPY (SELECT 1) TO PROGRAM 'touch x'",
            "COPY (SELECT 1) TO '/dev/null'",
            "SELECT pg_read_file('PG_VERSION')",
            "SELECT pg_ls_dir('.')",
            "SELECT lo_import('/etc/passwd')",
            "SELECT lo_create(0)",
            "SELECT lo_from_bytea(0, 'x')",
            "SELECT * FROM pg_authid",
            "SELECT * FROM pg_shadow",
            "SELECT * FROM pg_statistic",
            "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query NOT LIKE '<insufficient%' AND query <> ''",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chief'",
            "SELECT pg_reload_conf()",
            "SELECT query_to_xml('SELECT * FROM seekwell.record', true, true, '')",
            "SELECT database_to_xml(true, true, '')",
            "SELECT table_to_xml('seekwell.record', true, true, '')",
            "SELECT seekwell.caller()",
            "SELECT seekwell.caller_clinic()",
            "SELECT seekwell.list()",
            "SELECT seekwell.add_clinic('x', 'a-bucket')",
            "SELECT seekwell.publish(NULL, '{note}', NULL)",
            "SELECT seekwell.forget_central_patient(1)",
            "SELECT seekwell.keep_central_patient(NULL, NULL, 1, '{}')",
            "SELECT nextval('users_id_seq')",
            "SELECT setval('users_id_seq', 1)",
            "SELECT last_value FROM users_id_seq",
            "SET search_path = pg_temp, public; SELECT api.pull(0, 1000)",
            "SET row_security = off; SELECT api.pull(0, 1000)",
            "SET row_security = off; SELECT * FROM public.analyses",
            "SET ROLE seekwell_workstation; SELECT api.pull(0, 1000)",
            "SET default_transaction_isolation = 'repeatable read'; SELECT api.pull(0, 1000)",
            "SET TimeZone = 'Asia/Ho_Chi_Minh'; SET DateStyle = 'German'; SELECT api.pull(0, 1000)",
            "SET application_name = 'chief'; SELECT api.pull(0, 1000)",
            "BEGIN; SELECT set_config('session_authorization', 'chief', true); SELECT api.pull(0, 1000); COMMIT",
            "DO $$ BEGIN PERFORM set_config('role', 'seekwell_api', false); END $$; SELECT api.pull(0, 1000)",
            "SELECT api.push('[{\"operation\": {\"$ne\": 1}, \"kind\": \"patient''; --\", \"record\": 1, \"base\": 0}]')",
            "SELECT api.push(api.pull(0, 1000) -> 'changes')",
        ]
        .map(str::to_owned)
        .to_vec();
        all.push(format!("SET ROLE {role}"));
        all.push(format!(
            "SET SESSION AUTHORIZATION {role}; SELECT api.pull(0, 1000)"
        ));
        all.push(format!("ALTER ROLE {role} PASSWORD 'x'"));
        all.push(format!("ALTER ROLE {role} SET search_path = pg_temp"));
        all.push(format!("SELECT seekwell.revoke('{}')", self.station));
        all
    }
}

/// The session of an attacker, made anew where a trick has spoilt it.
async fn session(target: &Target, attacker: Attacker) -> PgConnection {
    let centre = &target.centre;
    let role = |attributes: &str| {
        let name = format!("role_{}", id().simple());
        centre.psql(&format!("CREATE ROLE {name} LOGIN PASSWORD 'x' {attributes}"));
        name
    };
    match attacker {
        Attacker::Other => centre.station(THEIRS).await.connection,
        Attacker::Own => centre.station(OURS).await.connection,
        Attacker::Revoked => {
            let station = centre.station(OURS).await;
            // Only the row, so that the session goes on: all that holds where `revoke` can't end one.
            let workstation = station.enrolment.workstation;
            centre.psql(&format!(
                "UPDATE seekwell.workstation SET revoked_at = now() WHERE id = '{workstation}'"
            ));
            station.connection
        }
        Attacker::Stranger => centre.connect(&role(""), "x").await.unwrap(),
        Attacker::Unenrolled => centre
            .connect(&role("IN ROLE seekwell_workstation"), "x")
            .await
            .unwrap(),
    }
}

#[tokio::test]
async fn no_row_is_seen_or_changed() {
    let target = Target::set_up().await;
    let mut admin = target.centre.admin().await;
    let before = target.snapshot(&mut admin).await;
    assert!(before.lines().count() > 18, "{before}");
    let mut counts: BTreeMap<Attacker, (usize, usize)> = BTreeMap::new();
    for attacker in [
        Attacker::Other,
        Attacker::Revoked,
        Attacker::Stranger,
        Attacker::Unenrolled,
        Attacker::Own,
    ] {
        let mut cases = target.statements();
        cases.extend(target.tricks());
        // Its own door is open to a workstation of the clinic.
        if attacker == Attacker::Own {
            cases.retain(|sql| !sql.contains("api.p"));
        } else {
            cases.extend(target.calls());
        }
        let mut connection = session(&target, attacker).await;
        for sql in cases {
            let outcome = any(&mut connection, &sql).await;
            let (said, failed) = match &outcome {
                Ok(said) => (said.clone(), false),
                // All that the error carries, as an attacker would read it.
                Err(error) => (format!("{error:?}"), true),
            };
            for secret in [CANARY, "SCRAM-SHA-256$", "Nguyễn Đăng", "bucket-of-ours"] {
                let may = attacker == Attacker::Own && secret == "bucket-of-ours";
                assert!(
                    may || !said.contains(secret),
                    "{attacker:?} sees {secret} by {sql}: {said}"
                );
            }
            let through_the_door = sql.starts_with("SELECT api.");
            if through_the_door && !matches!(attacker, Attacker::Other | Attacker::Own) {
                assert!(failed, "{attacker:?} is served: {sql}: {said}");
            }
            let after = target.snapshot(&mut admin).await;
            assert_eq!(after, before, "{attacker:?} changes something by {sql}");
            let count = counts.entry(attacker).or_default();
            count.0 += 1;
            count.1 += usize::from(failed);
            if !through_the_door {
                // Whatever it has set does not help the next one; whatever it has broken does not hide it.
                let _ = any(&mut connection, "ROLLBACK").await;
                let _ = any(&mut connection, "RESET ROLE; RESET ALL").await;
            }
        }
    }
    let all: usize = counts.values().map(|(cases, _)| cases).sum();
    println!("{all} cases; by attacker (cases, of them errors): {counts:?}");
    assert!(all >= 200);
}

#[tokio::test]
async fn an_open_door_would_be_noticed() {
    // The proof that the assertions above can fail: with a grant and without row-level security, they do.
    let target = Target::set_up().await;
    let mut admin = target.centre.admin().await;
    let before = target.snapshot(&mut admin).await;
    target.centre.psql(
        "GRANT USAGE ON SCHEMA seekwell TO seekwell_workstation;
         GRANT SELECT ON seekwell.record TO seekwell_workstation;
         GRANT SELECT, UPDATE ON seekwell.change TO seekwell_workstation;
         ALTER TABLE seekwell.record DISABLE ROW LEVEL SECURITY;
         ALTER TABLE seekwell.change DISABLE ROW LEVEL SECURITY",
    );
    let mut other = session(&target, Attacker::Other).await;
    let seen = any(&mut other, "TABLE seekwell.record").await.unwrap();
    assert!(seen.contains(CANARY));
    any(&mut other, "UPDATE seekwell.change SET sequence = sequence + 100")
        .await
        .unwrap();
    assert_ne!(target.snapshot(&mut admin).await, before);
}

#[tokio::test]
async fn a_clinic_sees_its_own_feed_and_no_other() {
    let target = Target::set_up().await;
    let mut theirs = target.centre.station(THEIRS).await;
    let case = Case::new();
    theirs.push(&case.all()).await;
    let seen = theirs.pull_all().await;
    assert_eq!(seen.len(), KINDS.len());
    assert!(!json!(seen).to_string().contains(CANARY));
    let mut own = target.centre.station(OURS).await;
    // The note was edited, and there is a conflict.
    assert_eq!(own.pull_all().await.len(), KINDS.len() + 2);
}
