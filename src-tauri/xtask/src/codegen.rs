//! The TypeScript bindings, written by the shell's own test `bindings` from its list of commands.
//!
//! That test fails when the committed file is stale; told so through the environment, it writes it instead.

use std::process::Command;

use crate::workspace::{Outcome, Workspace};

/// Writes `ui/src/ipc/bindings.ts`.
pub(crate) fn write(workspace: &Workspace) -> Outcome {
    workspace.run(bindings(workspace).env("SEEKWELL_BINDINGS", "write"))?;
    println!("wrote ui/src/ipc/bindings.ts");
    Ok(())
}

/// Fails when the committed bindings are not what would be written.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    workspace.run(&mut bindings(workspace))
}

/// All packages are selected, as in every other task: fewer would mean other features, and another build.
fn bindings(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command.args(["test", "--quiet", "--workspace", "--test", "bindings"]);
    command
}
