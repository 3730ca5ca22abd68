//! The window and the shell agree: the committed bindings are what the commands give. `cargo xtask codegen` runs
//! this with `SEEKWELL_BINDINGS=write`, and then it writes them instead.

use std::path::Path;

#[test]
fn the_committed_bindings_are_fresh() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/ipc/bindings.ts");
    if std::env::var("SEEKWELL_BINDINGS").is_ok_and(|what| what == "write") {
        return seekwell_desktop::bindings(&committed).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("bindings.ts");
    seekwell_desktop::bindings(&fresh).unwrap();
    let (fresh, committed) = (
        std::fs::read_to_string(fresh).unwrap(),
        std::fs::read_to_string(committed).unwrap(),
    );
    assert!(
        fresh == committed,
        "ui/src/ipc/bindings.ts is stale: run `cargo xtask codegen`"
    );
}
