//! See `seekwell_bench::analysis`.

fn main() -> std::process::ExitCode {
    seekwell_bench::run(seekwell_bench::analysis::measure)
}
