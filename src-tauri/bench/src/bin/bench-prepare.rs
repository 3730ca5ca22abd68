//! See `seekwell_bench::prepare`.

fn main() -> std::process::ExitCode {
    seekwell_bench::run(seekwell_bench::prepare::measure)
}
