//! Trees of processes and the memory that they hold, as Linux tells it.

use std::collections::BTreeMap;
use std::fs;

use crate::program::Outcome;

/// The process and everything below it that runs now.
pub(crate) fn tree(root: u32) -> Outcome<Vec<u32>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent_of(&fs::read_to_string(entry.path().join("stat")).unwrap_or_default()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        found.extend(children.get(&pid).into_iter().flatten());
        next += 1;
    }
    Ok(found)
}

/// The sum of what each process of the tree has held at its own worst moment, in MB.
pub(crate) fn peak_mb(root: u32) -> Outcome<f64> {
    Ok(sum(&tree(root)?, "status", "VmHWM:"))
}

/// What the tree holds now, in MB: a page that several share is counted once, in parts.
pub(crate) fn held_mb(root: u32) -> Outcome<f64> {
    Ok(held_by_mb(&tree(root)?))
}

/// What these processes hold now, counted in the same way.
pub(crate) fn held_by_mb(processes: &[u32]) -> f64 {
    sum(processes, "smaps_rollup", "Pss:")
}

/// The processor time that these processes have used since their start, in milliseconds. Those that ended are not counted.
pub(crate) fn cpu_ms(processes: &[u32]) -> Outcome<f64> {
    let text = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/stat"));
    let mut ticks = 0.0;
    for stat in processes.iter().flat_map(text) {
        ticks += ticks_of(&stat).ok_or("a process without times")?;
    }
    // A hundred ticks a second, as for all that Linux tells programs.
    Ok(ticks * 10.0)
}

/// In the program and in the kernel on its behalf: fields 14 and 15, counted from the process id.
fn ticks_of(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

fn sum(processes: &[u32], file: &str, field: &str) -> f64 {
    // One that ended meanwhile holds nothing.
    let text = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    processes
        .iter()
        .map(|pid| kilobytes(&text(pid), field) * 1024.0)
        .sum::<f64>()
        / 1e6
}

fn kilobytes(text: &str, field: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0)
}

/// The parent follows the state, which follows the name, which is in brackets and may itself hold brackets.
fn parent_of(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_hide_the_parent() {
        assert_eq!(parent_of("42 (a) b) S 7 42 42 0"), Some(7));
        assert_eq!(parent_of(""), None);
    }

    #[test]
    fn times_are_the_programs_and_the_kernels() {
        let stat = "42 (a) b) S 7 42 42 0 -1 4194304 100 0 0 0 31 11 5 6 20 0 4 0 100";
        assert_eq!(ticks_of(stat), Some(42.0));
        assert!(cpu_ms(&[std::process::id()]).unwrap() >= 0.0);
    }

    #[test]
    fn a_field_is_read_in_kilobytes() {
        assert_eq!(kilobytes("Rss:  10 kB\nPss:   7 kB\n", "Pss:"), 7.0);
        assert_eq!(kilobytes("", "Pss:"), 0.0);
    }
}
