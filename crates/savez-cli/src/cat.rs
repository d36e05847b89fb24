//! `npz cat`: an array, or a part of it, on standard output or in a file.
//!
//! Bytes are written here, tables of text by `table`.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use savez::{Array, Order, Selection};

use crate::failure::Failure;
use crate::input::Input;
use crate::table::{Look, Style};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// An archive or .npy file
    file: PathBuf,
    /// The array; may be left out if there is only one
    name: Option<String>,
    /// The part of it, as in NumPy: 10:20, ::2, -1, ...
    #[arg(short, long, value_name = "SLICE", allow_hyphen_values = true)]
    slice: Option<String>,
    #[command(flatten)]
    form: Form,
    /// Write numbers like this, as printf and numpy.savetxt have it: %.6g, or one for each column
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["npy", "raw"])]
    fmt: Option<String>,
    /// Start with a line of the columns' names: those of fields, else their numbers
    #[arg(long, conflicts_with_all = ["npy", "raw"])]
    header: bool,
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
#[group(multiple = false)]
struct Form {
    /// Comma-separated values, a row a line [default]
    #[arg(long)]
    csv: bool,
    /// The same with tabs between the values
    #[arg(long)]
    tsv: bool,
    /// What numpy.savetxt writes, by default with 19 digits a number
    #[arg(long)]
    txt: bool,
    /// A complete .npy file
    #[arg(long)]
    npy: bool,
    /// The bytes of the elements alone, in C order
    #[arg(long)]
    raw: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let selection: Option<Selection> =
        args.slice.as_deref().map(str::parse).transpose().map_err(Failure::from)?;
    let member = Input::open(&args.file)?.array(&args.file, args.name.as_deref())?;
    let array = match selection {
        Some(selection) => member.slice(selection).map_err(Failure::Savez)?,
        None => member.read_array()?,
    };
    let Some(path) = &args.out else {
        let out = io::stdout().lock();
        if (args.form.npy || args.form.raw) && out.is_terminal() {
            return Err(Failure::Usage("binary data on a terminal; use -o FILE, or a pipe".into()));
        }
        return write(BufWriter::new(out), &array, args);
    };
    let failed = |error| Failure::Io(path.display().to_string(), error);
    write(BufWriter::new(File::create(path).map_err(failed)?), &array, args)
}

fn write(mut out: impl Write, array: &Array, args: &Args) -> Result<(), Failure> {
    if args.form.npy {
        savez::save_to(&mut out, array)?;
    } else if args.form.raw {
        array.view().write(&mut out, Order::C)?;
    } else {
        let style = match args.form {
            Form { tsv: true, .. } => Style::Separated("\t"),
            Form { txt: true, .. } => Style::Savetxt,
            _ => Style::Separated(","),
        };
        Look { style, format: args.fmt.as_deref(), header: args.header }.write(&mut out, array)?;
    }
    out.flush().map_err(Failure::output)
}
