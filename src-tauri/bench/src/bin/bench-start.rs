//! See `seekwell_bench::start`.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    seekwell_bench::run(seekwell_bench::start::measure)
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    seekwell_bench::run(|_, _| Err("windows are measured in a virtual display, on Linux".into()))
}
