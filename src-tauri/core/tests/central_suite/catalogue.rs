//! The lint over the catalogue: nothing to say about a fresh centre, and each fault is seen when it is planted.

use seekwell_core::{
    clock::Clock,
    sync::central::{self, Access, Fault, Rule},
};
use seekwell_testkit::postgres::{Existing, Postgres};

#[tokio::test]
async fn each_planted_fault_is_seen_and_goes_again() {
    // A cluster of its own: some faults are the roles', which all databases share.
    let cluster = Postgres::start();
    cluster.make_database("linted", Existing::WebBackend);
    let access = Access::parse(&cluster.url("linted"), Some(cluster.ca_pem())).unwrap();
    central::migrate(&access, false).await.unwrap();
    central::add_clinic(&access, "Trạm", "bucket-of-lint")
        .await
        .unwrap();
    let station = central::enroll(&access, &Clock::system(), "Trạm", "một")
        .await
        .unwrap()
        .role;
    assert_eq!(central::faults(&access).await.unwrap(), []);

    let station = station.as_str();
    let planted: &[(Rule, &str, &str, &str)] = &[
        (
            Rule::ForcedRowSecurity,
            "seekwell.stray",
            "CREATE TABLE seekwell.stray (id integer)",
            "DROP TABLE seekwell.stray",
        ),
        (
            Rule::ForcedRowSecurity,
            "seekwell.stray",
            "CREATE TABLE seekwell.stray (id integer); ALTER TABLE seekwell.stray ENABLE ROW LEVEL SECURITY",
            "DROP TABLE seekwell.stray",
        ),
        (
            Rule::ForcedRowSecurity,
            "analyses",
            "ALTER TABLE public.analyses NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE public.analyses FORCE ROW LEVEL SECURITY",
        ),
        (
            Rule::ForcedRowSecurity,
            "seekwell.note",
            "ALTER TABLE seekwell.note DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE seekwell.note ENABLE ROW LEVEL SECURITY",
        ),
        (
            Rule::FixedSearchPath,
            "api.hello()",
            "ALTER FUNCTION api.hello() RESET search_path",
            "ALTER FUNCTION api.hello() SET search_path = pg_catalog, seekwell, pg_temp",
        ),
        (
            Rule::FixedSearchPath,
            "api.hello()",
            "ALTER FUNCTION api.hello() SET search_path = pg_catalog, public, pg_temp",
            "ALTER FUNCTION api.hello() SET search_path = pg_catalog, seekwell, pg_temp",
        ),
        (
            Rule::FixedSearchPath,
            "api.hello()",
            "ALTER FUNCTION api.hello() SET search_path = pg_catalog, seekwell",
            "ALTER FUNCTION api.hello() SET search_path = pg_catalog, seekwell, pg_temp",
        ),
        (
            Rule::NotForEverybody,
            "api.pull(bigint,integer)",
            "GRANT EXECUTE ON FUNCTION api.pull(bigint, integer) TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION api.pull(bigint, integer) FROM PUBLIC",
        ),
        (
            Rule::NotForEverybody,
            "seekwell.stray()",
            "CREATE FUNCTION seekwell.stray() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "DROP FUNCTION seekwell.stray()",
        ),
        (
            Rule::NoTableRight,
            "seekwell_workstation on seekwell.note",
            "GRANT SELECT ON seekwell.note TO seekwell_workstation",
            "REVOKE SELECT ON seekwell.note FROM seekwell_workstation",
        ),
        (
            Rule::NoTableRight,
            "seekwell_workstation on users",
            "GRANT SELECT (full_name) ON public.users TO seekwell_workstation",
            "REVOKE SELECT (full_name) ON public.users FROM seekwell_workstation",
        ),
        (
            Rule::NoTableRight,
            "PUBLIC on analyses",
            "GRANT SELECT ON public.analyses TO PUBLIC",
            "REVOKE SELECT ON public.analyses FROM PUBLIC",
        ),
        (
            Rule::NoTableRight,
            "{station} on analyses",
            "GRANT UPDATE ON public.analyses TO {station}",
            "REVOKE UPDATE ON public.analyses FROM {station}",
        ),
        (
            Rule::OnlyTheDoor,
            "{station} calls seekwell.list()",
            "GRANT EXECUTE ON FUNCTION seekwell.list() TO {station}",
            "REVOKE EXECUTE ON FUNCTION seekwell.list() FROM {station}",
        ),
        (
            Rule::OnlyTheDoor,
            "{station} in schema api",
            "GRANT CREATE ON SCHEMA api TO {station}",
            "REVOKE CREATE ON SCHEMA api FROM {station}",
        ),
        (
            Rule::OnlyAWorkstation,
            "{station} is a member of seekwell_centre",
            "GRANT seekwell_centre TO {station}",
            "REVOKE seekwell_centre FROM {station}",
        ),
        (
            Rule::OnlyAWorkstation,
            "{station}",
            "ALTER ROLE {station} BYPASSRLS",
            "ALTER ROLE {station} NOBYPASSRLS",
        ),
        (
            Rule::OnlyAWorkstation,
            "{station} owns something",
            "CREATE SCHEMA stray AUTHORIZATION {station}",
            "DROP SCHEMA stray",
        ),
        (
            Rule::NothingMadeByEverybody,
            "objects in schema public",
            "GRANT CREATE ON SCHEMA public TO PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        ),
        (
            Rule::NothingMadeByEverybody,
            "temporary tables",
            "GRANT TEMPORARY ON DATABASE linted TO PUBLIC",
            "REVOKE TEMPORARY ON DATABASE linted FROM PUBLIC",
        ),
    ];
    for (rule, object, plant, remove) in planted {
        let of_station = |text: &str| text.replace("{station}", station);
        cluster.psql("linted", &of_station(plant));
        let expected = Fault {
            rule: *rule,
            object: of_station(object),
        };
        let found = central::faults(&access).await.unwrap();
        assert!(found.contains(&expected), "{plant}: {found:?}");
        cluster.psql("linted", &of_station(remove));
        assert_eq!(central::faults(&access).await.unwrap(), [], "{remove}");
    }
}
