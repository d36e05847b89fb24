//! Tables of numbers as text, read into NumPy's arrays.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use numpy::PyUntypedArray;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use savez_text::parse::{
    Cell, Dialect, Encoding, Error, Kind, Layout, LineEnds, Outcome, Rows, Table,
};

use crate::array;
use crate::errors::Failure;
use crate::file::{PIECE, raised};
use crate::write::Watch;

/// The kind letter, the bytes, the offset in the row and whether they are swapped, of a column.
type Column = (char, usize, usize, bool);

/// The array; how many bytes of the input it took; whether there were blank lines; whether some
/// hundred KB behind are ASCII.
type Found = (Py<PyUntypedArray>, u64, bool, bool);

/// Reads a table into a new array, as `numpy.loadtxt` does.
///
/// `source` is a path, or a file object that gives bytes or text; `dtype` NumPy's, whose columns are
/// given beside it. None if NumPy has to say what is wrong, if anything is; also without rows.
#[pyfunction]
#[pyo3(signature = (source, dtype, columns, *, is_record, is_path, delimiter, comments, quote, encoding,
                    any_line_end, usecols, skiprows, max_rows))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn read_table(
    source: &Bound<'_, PyAny>,
    dtype: &Bound<'_, PyAny>,
    columns: Vec<Column>,
    is_record: bool,
    is_path: bool,
    delimiter: Option<u8>,
    comments: Vec<Vec<u8>>,
    quote: Option<u8>,
    encoding: &str,
    any_line_end: bool,
    usecols: Option<Vec<isize>>,
    skiprows: u64,
    max_rows: Option<usize>,
) -> PyResult<Option<Found>> {
    let py = source.py();
    let encoding = match encoding {
        "ascii" => Encoding::Ascii,
        "utf-8" => Encoding::Utf8,
        "iso8859-1" => Encoding::Latin1,
        other => return Err(PyValueError::new_err(format!("no encoding {other}"))),
    };
    let line_ends = if any_line_end { LineEnds::Any } else { LineEnds::Newline };
    let itemsize = dtype.getattr("itemsize")?.extract()?;
    let table = Table {
        dialect: Dialect { delimiter, comments, quote, encoding, line_ends },
        layout: layout(&columns, is_record.then_some(itemsize))?,
        chosen: usecols,
        skip_lines: skiprows,
        max_rows,
        threads: None,
    };
    let mut rows = Growing { dtype: dtype.clone().unbind(), is_record, array: None };
    let outcome = if is_path {
        let path: PathBuf = source.extract()?;
        py.detach(|| {
            let file = File::open(path)?;
            let hint = file.metadata()?.len();
            read(&table, file, Some(hint), &mut rows)
        })
    } else {
        let stream = Stream { file: source.clone().unbind(), pending: Vec::new(), at: 0 };
        py.detach(|| read(&table, stream, None, &mut rows))
    };
    match (outcome, rows.array) {
        (Ok(outcome), Some(array)) if outcome.rows > 0 => {
            resize(array.bind(py), outcome.rows, outcome.columns, is_record)?;
            Ok(Some((array, outcome.bytes, outcome.has_blank, outcome.is_ascii_behind)))
        }
        (Err(Error::Io(error)), _) => match Failure::from(savez::Error::from(error)) {
            // Such as Ctrl-C.
            Failure::Theirs(error) if !error.is_instance_of::<PyException>(py) => Err(error),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn layout(columns: &[Column], record: Option<usize>) -> PyResult<Layout> {
    let cells: Vec<Cell> = columns.iter().map(cell).collect::<PyResult<_>>()?;
    match (record, cells.as_slice()) {
        (None, &[cell]) => Ok(Layout::Alike(cell)),
        (Some(size), _) if cells.iter().all(|cell| cell.offset + cell.kind.size() <= size) => {
            Ok(Layout::Record(cells, size))
        }
        _ => Err(PyValueError::new_err("the columns do not fit into the dtype")),
    }
}

fn cell(&(kind, size, offset, is_swapped): &Column) -> PyResult<Cell> {
    let kind = match (kind, size) {
        ('b', 1) => Kind::Bool,
        ('i', 1) => Kind::I8,
        ('i', 2) => Kind::I16,
        ('i', 4) => Kind::I32,
        ('i', 8) => Kind::I64,
        ('u', 1) => Kind::U8,
        ('u', 2) => Kind::U16,
        ('u', 4) => Kind::U32,
        ('u', 8) => Kind::U64,
        ('f', 2) => Kind::F16,
        ('f', 4) => Kind::F32,
        ('f', 8) => Kind::F64,
        ('c', 8) => Kind::C64,
        ('c', 16) => Kind::C128,
        ('S', width) => Kind::Bytes(width),
        ('U', size) => Kind::Str(size / 4),
        _ => return Err(PyValueError::new_err(format!("no column of kind {kind}{size}"))),
    };
    Ok(Cell { kind, offset, is_swapped })
}

fn read(
    table: &Table,
    input: impl Read,
    hint: Option<u64>,
    rows: &mut Growing,
) -> Result<Outcome, Error> {
    table.read(Watched { input, watch: Watch::new(None) }, hint, rows)
}

/// A new length for an array that nobody else has seen; what is added is zeroed.
fn resize(
    array: &Bound<'_, PyUntypedArray>,
    rows: usize,
    columns: usize,
    is_record: bool,
) -> PyResult<()> {
    let unchecked = pyo3::types::PyDict::new(array.py());
    unchecked.set_item("refcheck", false)?;
    let shape = if is_record { vec![rows] } else { vec![rows, columns] };
    array.call_method("resize", (shape,), Some(&unchecked)).map(drop)
}

/// An array that grows, zeroed where nothing was read to yet. Nobody else has seen it.
struct Growing {
    dtype: Py<PyAny>,
    is_record: bool,
    array: Option<Py<PyUntypedArray>>,
}

impl Rows for Growing {
    fn grow(&mut self, rows: usize, columns: usize) -> io::Result<()> {
        Python::attach(|py| -> PyResult<()> {
            if let Some(array) = &self.array {
                return resize(array.bind(py), rows, columns, self.is_record);
            }
            let shape = if self.is_record { vec![rows] } else { vec![rows, columns] };
            let zeros = py.import("numpy")?.call_method1("zeros", (shape, &self.dtype))?;
            self.array = Some(zeros.cast_into::<PyUntypedArray>()?.unbind());
            Ok(())
        })
        .map_err(raised)
    }

    fn bytes(&mut self) -> &mut [u8] {
        self.array.as_mut().map_or(&mut [], array::room)
    }
}

/// An input between whose reads signals are looked at.
struct Watched<R> {
    input: R,
    watch: Watch,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.watch.tell(count as u64)?;
        Ok(count)
    }
}

/// A file object that is read on from where it stands, its text as UTF-8.
struct Stream {
    file: Py<PyAny>,
    /// What was read and is yet to be passed on, from `at` on.
    pending: Vec<u8>,
    at: usize,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.pending.len() {
            self.pending.clear();
            self.at = 0;
            Python::attach(|py| -> PyResult<()> {
                let read = self.file.bind(py).call_method1("read", (PIECE,))?;
                if let Ok(bytes) = read.extract::<PyBackedBytes>() {
                    self.pending.extend_from_slice(&bytes);
                } else {
                    self.pending.extend_from_slice(read.extract::<PyBackedStr>()?.as_bytes());
                }
                Ok(())
            })
            .map_err(raised)?;
        }
        let count = (&self.pending[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}
