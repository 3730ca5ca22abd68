//! What a process does before it holds a key: its memory goes into no core dump, and no other program reads it.

/// Switches core dumps off and, on Linux, keeps other processes of the same person from reading this one's memory. Called
/// first thing by every `main`. Where the system refuses, the program runs all the same: a clinic without its records is
/// worse off than one whose crash might leave a dump.
pub fn keep_memory_private() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = setrlimit(Resource::Core, none);
    }
    // A dump that goes to a program instead of a file asks for no limit. What is built for development stays open to
    // debuggers, and to tests that find it by its environment.
    #[cfg(all(target_os = "linux", not(debug_assertions)))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
