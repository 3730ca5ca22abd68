//! The commands, one file per part of the window.

pub(crate) mod analyses;
pub(crate) mod bytes;
pub(crate) mod entrance;
pub(crate) mod leaving;
pub(crate) mod models;
pub(crate) mod patients;
pub(crate) mod photos;
pub(crate) mod retention;
pub(crate) mod settings;
pub(crate) mod sync;
pub(crate) mod urgent;

#[cfg(test)]
mod names;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// What is registered, what the build script declares and what the window is granted must be the same list.
    #[test]
    fn the_window_is_granted_exactly_the_commands_that_exist() {
        let declared: BTreeSet<String> = super::names::COMMANDS
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let file = include_str!("../capabilities/main.json");
        let capability: serde_json::Value = serde_json::from_str(file).unwrap();
        let granted: BTreeSet<String> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|permission| permission.as_str().unwrap().strip_prefix("allow-"))
            .map(|name| name.replace('-', "_"))
            .collect();
        assert_eq!(granted, declared);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bindings.ts");
        crate::bindings(&path).unwrap();
        let typescript = std::fs::read_to_string(path).unwrap();
        for name in declared.iter().filter(|name| *name != "stage_bytes") {
            assert!(
                typescript.contains(&format!("\"{name}\"")),
                "{name} is not registered"
            );
        }
    }

    /// The window may not reach SQL or files: only the core does.
    #[test]
    fn the_window_holds_no_permission_for_sql_or_files() {
        let file = include_str!("../capabilities/main.json");
        assert!(!file.contains("sql:") && !file.contains("fs:"), "{file}");
    }
}
