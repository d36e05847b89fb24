//! `npz`: NumPy's array files at the terminal.
//!
//! A command is a module; `input` opens what they are given. Everything that knows the formats is
//! in the crate `savez`.
#![forbid(unsafe_code)]

mod cat;
mod extract;
mod failure;
mod input;
mod ls;
mod pack;
mod print;
mod repack;
mod show;
mod table;
mod table_file;
mod verify;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

/// Look into NumPy's .npz and .npy files, take them apart and put them together.
#[derive(Parser)]
#[command(name = "npz", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 all went well, 1 a file or the system is at fault, 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List arrays: name, dtype, shape, order, size, stored size, method. Reads headers only.
    #[command(visible_alias = "list")]
    Ls(ls::Args),
    /// Print an array as NumPy prints it.
    Show(show::Args),
    /// Write an array, or a part of it, as text, as .npy or as bare bytes.
    Cat(cat::Args),
    /// Put .npy files, and tables as text, into an archive.
    Pack(pack::Args),
    /// Take the members of an archive out into files.
    Extract(extract::Args),
    /// Write an archive anew: compressed, or so that it can be mapped. All that it holds is kept.
    Repack(repack::Args),
    /// Read all bytes and compare them with their checksums.
    Verify(verify::Args),
}

/// Runs the command with these arguments, the first of which is its own name; gives the exit
/// status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; a closed pipe is nobody's fault.
            _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let done = match cli.command {
        Command::Ls(args) => ls::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Cat(args) => cat::run(&args),
        Command::Pack(args) => pack::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Repack(args) => repack::run(&args),
        Command::Verify(args) => verify::run(&args),
    };
    done.map_or_else(failure::Failure::report, |()| 0)
}
