//! `seekwell-bench NAME [--quick]`: one program for all benchmarks, because linking it is what takes long.

fn main() -> std::process::ExitCode {
    seekwell_bench::run()
}
