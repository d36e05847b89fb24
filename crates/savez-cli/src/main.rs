//! The command `npz`; everything is in the library, so that the Python package can carry it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(savez_cli::run(std::env::args_os()))
}
