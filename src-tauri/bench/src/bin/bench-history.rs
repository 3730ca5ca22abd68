//! See `seekwell_bench::history`.

fn main() -> std::process::ExitCode {
    seekwell_bench::run(seekwell_bench::history::measure)
}
