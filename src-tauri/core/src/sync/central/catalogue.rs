//! Reads PostgreSQL's catalogue for what would open the door wider than it should be. A migration, an administrator's `GRANT` or a
//! table that somebody added may have done it; the schema's own care shows only in this.

use sqlx::Row;

use super::{Access, CentralError};

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A table of ours has row-level security that binds its owner too.
    ForcedRowSecurity,
    /// A `SECURITY DEFINER` function looks names up where its caller can't put any: `search_path` is fixed, without `public`, and
    /// the temporary schema comes last.
    FixedSearchPath,
    /// No function of ours can be called by everybody.
    NotForEverybody,
    /// A workstation has no right on a table, sequence or column, its own or as everybody.
    NoTableRight,
    /// A workstation may call the functions of schema `api` and no other of ours.
    OnlyTheDoor,
    /// A workstation's role is nothing but a member of `seekwell_workstation`, and owns nothing.
    OnlyAWorkstation,
    /// Not everybody may make objects in the database.
    NothingMadeByEverybody,
}

/// A rule that is broken, and by what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The rule.
    pub rule: Rule,
    /// The table, function or role.
    pub object: String,
}

/// Roles that a workstation's credential gives: the group, and every member of it that may sign in.
const WORKSTATIONS: &str = "SELECT oid, rolname::text FROM pg_catalog.pg_roles
    WHERE rolname = 'seekwell_workstation'
       OR oid IN (SELECT w.member FROM pg_catalog.pg_auth_members w
                  JOIN pg_catalog.pg_roles g ON g.oid = w.roleid WHERE g.rolname = 'seekwell_workstation')";

/// Functions of ours: in our schemas, or owned by the role that has the rights.
const FUNCTIONS: &str = "SELECT p.oid, p.oid::regprocedure::text AS name, p.proacl, p.proowner, p.prosecdef, p.proconfig, n.nspname
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('seekwell', 'api') OR pg_catalog.pg_get_userbyid(p.proowner) = 'seekwell_api'";

/// Each rule and a query for what breaks it.
const QUERIES: &[(Rule, &str)] = &[
    (
        Rule::ForcedRowSecurity,
        "SELECT c.oid::regclass::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
           AND (n.nspname IN ('seekwell', 'api')
                OR pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'Made by SeekWell Desktop:%')",
    ),
    (
        Rule::FixedSearchPath,
        "SELECT f.name FROM functions f
         WHERE f.prosecdef AND NOT EXISTS (
            SELECT FROM unnest(f.proconfig) setting
            WHERE setting ~ '^search_path=.*pg_temp$' AND setting !~ '(public|\\$user)')",
    ),
    (
        Rule::NotForEverybody,
        "SELECT f.name FROM functions f
         WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) r
                       WHERE r.grantee = 0)",
    ),
    (
        Rule::NoTableRight,
        "SELECT DISTINCT coalesce(w.rolname, 'PUBLIC') || ' on ' || c.oid::regclass
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
         CROSS JOIN LATERAL (SELECT * FROM pg_catalog.aclexplode(c.relacl)
                             UNION ALL SELECT * FROM pg_catalog.aclexplode(a.attacl)) r
         LEFT JOIN workstations w ON w.oid = r.grantee
         WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
           AND (r.grantee = 0 OR w.oid IS NOT NULL)",
    ),
    (
        Rule::OnlyTheDoor,
        "SELECT w.rolname || ' calls ' || f.name FROM workstations w, functions f
         WHERE f.nspname <> 'api' AND pg_catalog.has_function_privilege(w.oid, f.oid, 'EXECUTE')
         UNION ALL
         SELECT w.rolname || ' in schema ' || n.nspname FROM workstations w, pg_catalog.pg_namespace n
         WHERE n.nspname IN ('seekwell', 'api')
           AND (pg_catalog.has_schema_privilege(w.oid, n.oid, 'CREATE')
                OR n.nspname = 'seekwell' AND pg_catalog.has_schema_privilege(w.oid, n.oid, 'USAGE'))",
    ),
    (
        Rule::OnlyAWorkstation,
        "SELECT w.rolname FROM workstations w JOIN pg_catalog.pg_roles r ON r.oid = w.oid
         WHERE r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
         UNION
         SELECT w.rolname || ' is a member of ' || g.rolname FROM workstations w
         JOIN pg_catalog.pg_auth_members m ON m.member = w.oid JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
         WHERE g.rolname <> 'seekwell_workstation' OR m.admin_option
         UNION
         SELECT w.rolname || ' owns something' FROM workstations w JOIN pg_catalog.pg_shdepend d ON d.refobjid = w.oid
         WHERE d.deptype = 'o'",
    ),
    (
        Rule::NothingMadeByEverybody,
        "SELECT 'objects in schema public' WHERE pg_catalog.has_schema_privilege('public', 'public', 'CREATE')
         UNION ALL
         SELECT 'temporary tables'
         WHERE pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'TEMPORARY')",
    ),
];

/// Everything in the database that breaks a rule, sorted; nothing where all is well.
///
/// # Errors
/// Those of a connection.
pub async fn faults(access: &Access) -> Result<Vec<Fault>, CentralError> {
    let mut connection = access.connect().await?;
    let mut all = Vec::new();
    for &(rule, query) in QUERIES {
        let sql = format!("WITH workstations AS ({WORKSTATIONS}), functions AS ({FUNCTIONS}) {query}");
        for row in sqlx::query(&sql).fetch_all(&mut connection).await? {
            all.push(Fault {
                rule,
                object: row.try_get(0)?,
            });
        }
    }
    all.sort();
    Ok(all)
}
