//! See `seekwell_bench::capture`.

fn main() -> std::process::ExitCode {
    seekwell_bench::run(seekwell_bench::capture::measure)
}
