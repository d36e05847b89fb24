//! `npz verify`: whether all bytes are what they were when they were written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::input::Input;
use crate::ls::human;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Archives or .npy files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Looks at all files, whatever is wrong with some of them.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut last = None;
    for path in &args.files {
        for failure in verify(path)? {
            if let Some(earlier) = last.replace(failure) {
                earlier.report();
            }
        }
    }
    last.map_or(Ok(()), Err)
}

/// Says that a file is sound, or gives what is wrong with it.
fn verify(path: &Path) -> Result<Vec<Failure>, Failure> {
    let sound = match Input::open(path) {
        Err(failure) => return Ok(vec![failure]),
        Ok(Input::Array(array)) => format!(
            "{}, by the header; an .npy file has no checksum to compare its data with",
            human(array.size())
        ),
        Ok(Input::Archive(archive)) => {
            match archive.find_damage(|_| Ok(())) {
                Err(error) => return Ok(vec![error.into()]),
                Ok(damage) if damage.is_empty() => {}
                Ok(damage) => return Ok(damage.into_iter().map(Failure::from).collect()),
            }
            let members = if archive.len() == 1 { "member" } else { "members" };
            let size = archive.entries().iter().map(|entry| entry.size()).sum();
            format!("{} {members}, {}", archive.len(), human(size))
        }
    };
    writeln!(io::stdout(), "{}: sound: {sound}", path.display()).map_err(Failure::output)?;
    Ok(Vec::new())
}
