//! `npz pack`: `.npy` files, and tables as text, into an archive.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use savez::{Array, Compression, Member, Style, WriteOptions};

use crate::failure::Failure;
use crate::input::Input;
use crate::table_file;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The archive to write; one that is there is replaced when the new one is whole
    out: PathBuf,
    /// An array's name and its file; without a name, it is that of the file. Files that end in .csv,
    /// .tsv or .txt (or that and .gz, .bz2, .xz) are tables of numbers between commas, tabs or white space
    #[arg(value_name = "NAME=FILE", allow_hyphen_values = true)]
    arrays: Vec<OsString>,
    /// The first line of tables names their columns: they become records
    #[arg(long)]
    header: bool,
    /// Compress the arrays, as numpy.savez_compressed does
    #[arg(short, long)]
    compress: bool,
    /// How the bytes are arranged: so that arrays can be mapped, or exactly as NumPy does
    #[arg(long, value_name = "LAYOUT", default_value = "savez")]
    layout: Layout,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Layout {
    Savez,
    Numpy,
}

impl From<Layout> for Style {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::Savez => Style::Savez,
            Layout::Numpy => Style::Numpy,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let arrays: Vec<(String, PathBuf)> =
        args.arrays.iter().map(name_and_path).collect::<Result<_, _>>()?;
    let compression = if args.compress { Compression::DEFLATE } else { Compression::None };
    let options = WriteOptions::new().style(args.layout.into()).compression(compression);
    let mut writer = options.create(&args.out)?;
    // One after the other: there may be more arrays than a process may have files open.
    for (name, path) in &arrays {
        match table_file::options(path) {
            Some(mut options) => {
                writer.add(name, &options.names(args.header).load::<Array>(path)?)?
            }
            None => writer.copy(name, array(path)?.as_ref())?,
        };
    }
    writer.finish()?;
    Ok(())
}

fn array(path: &Path) -> Result<Box<Member>, Failure> {
    match Input::open(path)? {
        Input::Array(array) => Ok(array),
        Input::Archive(_) => {
            let path = path.display();
            Err(Failure::Usage(format!(
                "{path} is an archive; take its arrays out with `npz extract {path}` first"
            )))
        }
    }
}

/// Takes `NAME=FILE` apart at the first `=`; of a file alone, the name is that of the file.
fn name_and_path(argument: &OsString) -> Result<(String, PathBuf), Failure> {
    let text = argument.to_string_lossy();
    if let Some((name, path)) = text.split_once('=') {
        if argument.to_str().is_none() {
            return Err(Failure::Usage(format!("{text}: the argument is not UTF-8")));
        }
        return Ok((name.to_owned(), PathBuf::from(path)));
    }
    let path = Path::new(argument);
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .ok_or_else(|| Failure::Usage(format!("{text}: give the array a name: NAME={text}")))?;
    Ok((stem.to_owned(), path.to_owned()))
}
