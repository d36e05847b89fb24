//! `npz cat`: an array, or a part of it, on standard output or in a file.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use savez::{Array, DType, Order, Selection};

use crate::failure::Failure;
use crate::input::Input;
use crate::print;

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
        return write(BufWriter::new(out), &array, &args.form);
    };
    let failed = |error| Failure::Io(path.display().to_string(), error);
    write(BufWriter::new(File::create(path).map_err(failed)?), &array, &args.form)
}

fn write(mut out: impl Write, array: &Array, form: &Form) -> Result<(), Failure> {
    if form.npy {
        savez::save_to(&mut out, array)?;
    } else if form.raw {
        array.view().write(&mut out, Order::C)?;
    } else {
        write_csv(&mut out, array)?;
    }
    out.flush().map_err(Failure::output)
}

/// One axis gives a value a line, two a row a line; records give a column for each field.
fn write_csv(out: &mut impl Write, array: &Array) -> Result<(), Failure> {
    let columns = match array.shape() {
        [] | [_] => 1,
        [_, columns] => *columns,
        more => {
            return Err(Failure::Usage(format!(
                "an array of {} axes is no table; choose a part of it with -s",
                more.len()
            )));
        }
    };
    let record = match array.dtype() {
        DType::Record(record) if columns == 1 => Some(record),
        _ => None,
    };
    if let Some(record) = record {
        let names: Vec<String> = record.fields().iter().map(|f| quoted(&f.name)).collect();
        writeln!(out, "{}", names.join(",")).map_err(Failure::output)?;
    }
    let itemsize = array.dtype().itemsize();
    let rows = array.shape().first().copied().unwrap_or(1);
    let mut bytes = Vec::new();
    array.view().write(&mut bytes, Order::C)?;
    for row in 0..rows {
        let cells: Vec<String> = match record {
            Some(record) => record
                .fields()
                .iter()
                .map(|field| {
                    let start = row * itemsize + field.offset;
                    let item = &bytes[start..start + field.dtype.itemsize()];
                    cell(&field.dtype, item)
                })
                .collect(),
            None => (0..columns)
                .map(|column| {
                    let start = (row * columns + column) * itemsize;
                    let item = &bytes[start..start + itemsize];
                    cell(array.dtype(), item)
                })
                .collect(),
        };
        writeln!(out, "{}", cells.join(",")).map_err(Failure::output)?;
    }
    Ok(())
}

/// An element as a value: numbers as NumPy prints them alone, text as it is.
fn cell(dtype: &DType, item: &[u8]) -> String {
    match dtype {
        DType::Bytes(_) => {
            let end = item.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            quoted(&String::from_utf8_lossy(&item[..end]))
        }
        dtype => quoted(&print::item_text(dtype, item)),
    }
}

/// A value as RFC 4180 wants it: in quotes if it holds a comma, a quote or a line break.
fn quoted(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}
