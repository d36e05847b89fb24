//! Why a table cannot be read, in NumPy's words where it has some.

use std::fmt;
use std::io;

/// Why a table cannot be read. Rows and columns are counted as NumPy does in the same message.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A field is not what its column should hold.
    Value {
        /// The field, without quotes.
        text: String,
        /// What it should be, by NumPy's name.
        wanted: String,
        /// The row, from 0.
        row: usize,
        /// The column of the result, from 1.
        column: usize,
    },
    /// A row has another number of columns than the first.
    Columns {
        /// How many there should be.
        wanted: usize,
        /// How many there are.
        found: usize,
        /// The row, from 1.
        row: usize,
        /// Whether the number is that of the fields of a record.
        is_record: bool,
    },
    /// A row lacks a column that was asked for.
    Index {
        /// The column, from 0; from -1 down if counted from the end.
        column: isize,
        /// The row, from 1.
        row: usize,
        /// How many columns the row has.
        columns: usize,
    },
    /// The bytes are no text in the encoding.
    Encoding,
    /// NumPy may read it, this does not: a quoted field with a line break in it, or columns parted
    /// by white space beyond ASCII.
    Unsupported(&'static str),
    /// Reading the input or making room failed.
    Io(io::Error),
}

impl Error {
    /// The same error, so many rows further down.
    pub(super) fn behind(mut self, rows: usize) -> Error {
        match &mut self {
            Error::Value { row, .. } | Error::Columns { row, .. } | Error::Index { row, .. } => {
                *row += rows;
            }
            Error::Encoding | Error::Unsupported(_) | Error::Io(_) => {}
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ADVICE: &str = "use `usecols` to select a subset and avoid this error";
        match self {
            Error::Value { text, wanted, row, column } => write!(
                f,
                "could not convert string '{}' to {wanted} at row {row}, column {column}.",
                text.escape_debug()
            ),
            Error::Columns { wanted, found, row, is_record: false } => write!(
                f,
                "the number of columns changed from {wanted} to {found} at row {row}; {ADVICE}"
            ),
            Error::Columns { wanted, found, row, is_record: true } => write!(
                f,
                "the dtype passed requires {wanted} columns but {found} were found at row {row}; {ADVICE}"
            ),
            Error::Index { column, row, columns } => {
                write!(f, "invalid column index {column} at row {row} with {columns} columns")
            }
            Error::Encoding => f.write_str("the bytes are not text in the encoding"),
            Error::Unsupported(what) => f.write_str(what),
            Error::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}
