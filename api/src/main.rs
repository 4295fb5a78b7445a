//! The `florilege` program: everything is in the library, see `florilege::cli`.

/// The system's allocator keeps an arena a thread and creeps while a catalogue turns over (`benches/churn.rs`).
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    florilege::cli::main()
}
