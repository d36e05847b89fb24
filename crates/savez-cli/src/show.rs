//! `npz show`: an array as NumPy prints it.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::failure::Failure;
use crate::input::Input;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// An archive or .npy file
    file: PathBuf,
    /// The array; may be left out if there is only one
    name: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let member = Input::open(&args.file)?.array(&args.file, args.name.as_deref())?;
    let text = print::array_text(&member.read_array()?.view())?;
    writeln!(io::stdout().lock(), "{text}").map_err(Failure::output)
}
