//! The `florilege` program: everything is in the library, see `florilege::cli`.

fn main() -> std::process::ExitCode {
    florilege::cli::main()
}
