//! Arrays as tables of text: one axis gives a value a line, two a row a line; records give a column
//! for each field.
//!
//! Numbers are written by `savez::text`, many at a time. What it does not know (dates, complex
//! numbers, types of other packages, nested records) and text, which may need quotes, is written
//! here, cell by cell, as NumPy prints it alone.

use std::io::Write;

use savez::text::SaveText;
use savez::{Array, DType, Number, Order};

use crate::failure::Failure;
use crate::print;

/// How a table looks.
pub(crate) struct Look<'a> {
    pub(crate) style: Style,
    /// The format of every number, or of a row of them.
    pub(crate) format: Option<&'a str>,
    /// Whether the columns' names come first.
    pub(crate) header: bool,
}

/// Whose rules a table follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// RFC 4180's, with that between the values. Of records, the names come first always.
    Separated(&'static str),
    /// `numpy.savetxt`'s.
    Savetxt,
}

impl Look<'_> {
    /// Writes the table.
    pub(crate) fn write(&self, out: &mut impl Write, array: &Array) -> Result<(), Failure> {
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
        let fields = match array.dtype() {
            DType::Record(record) if columns == 1 => Some(record.fields()),
            _ => None,
        };
        let names = fields.map(|fields| fields.iter().map(|field| field.name.clone()).collect());
        let names: Vec<String> =
            names.unwrap_or_else(|| (0..columns).map(|number| number.to_string()).collect());
        match self.style {
            Style::Savetxt => self.write_savetxt(out, array, &names.join(" ")),
            Style::Separated(separator) => {
                if self.header || fields.is_some() {
                    let names: Vec<String> =
                        names.iter().map(|name| quoted(name, separator)).collect();
                    writeln!(out, "{}", names.join(separator)).map_err(Failure::output)?;
                }
                // A single value, or records in two axes, are no rows to `savez::text`.
                let is_plain = match (fields, array.shape().len()) {
                    (Some(fields), 1) => fields.iter().all(|field| is_plain(&field.dtype)),
                    (None, 1 | 2) => is_plain(array.dtype()),
                    _ => false,
                };
                match self.format {
                    _ if is_plain => {
                        self.options("%s", separator).write(out, array).map_err(Failure::from)
                    }
                    None => write_cells(out, array, columns, separator),
                    Some(_) => Err(Failure::Usage(format!(
                        "--fmt is for rows of numbers, not for {}",
                        array.dtype()
                    ))),
                }
            }
        }
    }

    fn write_savetxt(
        &self,
        out: &mut impl Write,
        array: &Array,
        names: &str,
    ) -> Result<(), Failure> {
        let mut options = self.options("%.18e", " ");
        if self.header {
            options.header(names);
        }
        Ok(options.write(out, array)?)
    }

    /// A format of one conversion is that of every column, as in `numpy.savetxt`.
    fn options(&self, default: &str, separator: &str) -> SaveText {
        let format = self.format.unwrap_or(default);
        let mut options = SaveText::new();
        options.delimiter(separator);
        match format.matches('%').count() {
            1 => options.format(format),
            _ => options.row_format(format),
        };
        options
    }
}

/// Whether values need no quotes and `%s` of `savez::text` writes them.
fn is_plain(dtype: &DType) -> bool {
    match dtype {
        DType::Number(Number::F96 | Number::F128, _) => false,
        DType::Number(number, _) => number.kind() != 'c',
        _ => false,
    }
}

fn write_cells(
    out: &mut impl Write,
    array: &Array,
    columns: usize,
    separator: &str,
) -> Result<(), Failure> {
    let itemsize = array.dtype().itemsize();
    let rows = array.shape().first().copied().unwrap_or(1);
    let mut bytes = Vec::new();
    array.view().write(&mut bytes, Order::C)?;
    for row in 0..rows {
        let cells: Vec<String> = match array.dtype() {
            DType::Record(record) if columns == 1 => record
                .fields()
                .iter()
                .map(|field| {
                    let start = row * itemsize + field.offset;
                    let item = &bytes[start..start + field.dtype.itemsize()];
                    cell(&field.dtype, item, separator)
                })
                .collect(),
            dtype => (0..columns)
                .map(|column| {
                    let start = (row * columns + column) * itemsize;
                    cell(dtype, &bytes[start..start + itemsize], separator)
                })
                .collect(),
        };
        writeln!(out, "{}", cells.join(separator)).map_err(Failure::output)?;
    }
    Ok(())
}

/// An element as a value: numbers as NumPy prints them alone, text as it is.
fn cell(dtype: &DType, item: &[u8], separator: &str) -> String {
    let text = match dtype {
        DType::Bytes(_) => {
            let end = item.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            String::from_utf8_lossy(&item[..end]).into_owned()
        }
        dtype => print::item_text(dtype, item),
    };
    quoted(&text, separator)
}

/// A value as RFC 4180 wants it: in quotes if it holds a separator, a quote or a line break; also if
/// readers may take it for a comment, or drop white space at its ends.
fn quoted(value: &str, separator: &str) -> String {
    let is_special = value.contains(['"', '\n', '\r', '#']) || value.contains(separator);
    if is_special || value.trim() != value {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}
