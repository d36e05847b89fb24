//! `npz ls`: what is in a file, from its headers alone.

use std::io::{self, Write};
use std::path::PathBuf;

use savez::{Entry, Header, Order};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::input::Input;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Archives or .npy files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON, one object for each file
    #[arg(long)]
    json: bool,
}

/// A line of the list.
struct Line {
    /// As NumPy calls it; `None` for an `.npy` file.
    name: Option<String>,
    /// `None` for a member that holds no array.
    header: Option<Header>,
    /// What the directory says; `None` for an `.npy` file.
    entry: Option<Entry>,
    /// Bytes of header and data together.
    size: u64,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &args.files {
        files.push((path, lines(Input::open(path)?)?));
    }
    let mut out = io::stdout().lock();
    if args.json {
        let files: Vec<Value> = files
            .iter()
            .map(|(path, lines)| {
                let members: Vec<Value> = lines.iter().map(Line::json).collect();
                json!({ "file": path.to_string_lossy(), "members": members })
            })
            .collect();
        return writeln!(out, "{:#}", Value::Array(files)).map_err(Failure::output);
    }
    for (i, (path, lines)) in files.iter().enumerate() {
        if files.len() > 1 {
            let gap = if i > 0 { "\n" } else { "" };
            writeln!(out, "{gap}{}", path.display()).map_err(Failure::output)?;
        }
        write_table(&mut out, lines).map_err(Failure::output)?;
    }
    Ok(())
}

fn lines(input: Input) -> Result<Vec<Line>, Failure> {
    let archive = match input {
        Input::Array(array) => {
            let (header, size) = (Some(array.header().clone()), array.size());
            return Ok(vec![Line { name: None, header, entry: None, size }]);
        }
        Input::Archive(archive) => archive,
    };
    let mut lines = Vec::new();
    for entry in archive.entries() {
        let header = match archive.member_of(entry) {
            Ok(member) => Some(member.header().clone()),
            // A text file or a directory has its place in an archive; a damaged array does not.
            Err(error) if error.kind() == savez::ErrorKind::NotAnArray => None,
            Err(error) => return Err(error.into()),
        };
        lines.push(Line {
            name: Some(entry.name().to_owned()),
            header,
            entry: Some(entry.clone()),
            size: entry.size(),
        });
    }
    Ok(lines)
}

impl Line {
    fn json(&self) -> Value {
        let header = self.header.as_ref();
        let entry = self.entry.as_ref();
        let nbytes = header.filter(|h| !h.dtype().has_objects()).map(Header::nbytes);
        json!({
            "name": self.name,
            "member": entry.map(Entry::member_name),
            "dtype": header.map(|h| h.dtype().to_string()),
            "shape": header.map(Header::shape),
            "order": header.map(|h| order(h.order())),
            "nbytes": nbytes,
            "size": self.size,
            "stored_size": entry.map(Entry::stored_size),
            "method": entry.map(|e| e.method().to_string()),
            "crc32": entry.map(|e| format!("{:08x}", e.crc32())),
        })
    }

    fn cells(&self) -> [String; 7] {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let header = self.header.as_ref();
        let entry = self.entry.as_ref();
        [
            or_dash(self.name.clone()),
            or_dash(header.map(|h| h.dtype().to_string())),
            or_dash(header.map(|h| shape(h.shape()))),
            or_dash(header.map(|h| order(h.order()).to_owned())),
            human(match header {
                Some(h) if !h.dtype().has_objects() => h.nbytes() as u64,
                _ => self.size,
            }),
            or_dash(entry.map(|e| human(e.stored_size()))),
            or_dash(entry.map(|e| e.method().to_string())),
        ]
    }
}

fn order(order: Order) -> &'static str {
    match order {
        Order::C => "C",
        Order::Fortran => "F",
    }
}

/// As Python prints a tuple.
fn shape(shape: &[usize]) -> String {
    match shape {
        [only] => format!("({only},)"),
        dims => {
            let dims: Vec<String> = dims.iter().map(usize::to_string).collect();
            format!("({})", dims.join(", "))
        }
    }
}

/// Bytes in the unit in which they have one to four digits before the point.
pub(crate) fn human(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() / 10) as usize;
    let value = bytes as f64 / (1u64 << (10 * power)) as f64;
    format!("{value:.1} {}", UNITS[power - 1])
}

fn write_table(out: &mut impl Write, lines: &[Line]) -> io::Result<()> {
    const HEAD: [&str; 7] = ["NAME", "DTYPE", "SHAPE", "ORDER", "SIZE", "STORED", "METHOD"];
    // Sizes are flushed right, so that they can be compared at a glance.
    const RIGHT: [bool; 7] = [false, false, false, false, true, true, false];
    let rows: Vec<[String; 7]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(lines.iter().map(Line::cells)).collect();
    let widths: [usize; 7] =
        std::array::from_fn(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
    for row in &rows {
        let mut text = String::new();
        for (i, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[i] - cell.chars().count());
            text +=
                &if RIGHT[i] { format!("{blanks}{cell}  ") } else { format!("{cell}{blanks}  ") };
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}
