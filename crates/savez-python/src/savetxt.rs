//! Tables of text from NumPy's arrays.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use numpy::PyUntypedArray;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyString;
use savez::text::{Scalars, TextRows};

use crate::array::Lent;
use crate::errors::Failure;
use crate::file::raised;
use crate::write::Watch;

/// What Python says of a table: the array, its dtype in our terms, the format of a row, what ends
/// it, whether `repr` names types, whether short floats take to exponents early.
#[derive(FromPyObject)]
pub(crate) struct Table<'py>(Bound<'py, PyUntypedArray>, String, String, String, bool, bool);

impl Table<'_> {
    /// `None` if the table is not one that we can write.
    fn rows(&self) -> Option<TextRows<'_>> {
        let Table(array, descr, format, newline, named, early_exponents) = self;
        let lent = Lent::new(array, descr.parse().ok()?).ok()?;
        let scalars = Scalars { named: *named, early_exponents: *early_exponents };
        Some(TextRows::new(lent.view, format, newline).ok()?.scalars(scalars))
    }
}

/// Writes a file of the table between `head` and `foot`, compressed if `gzip`.
///
/// Gives the number of rows that have a text; if that is not all of them, there is no file. `None`
/// if the table is not one that we can write, or not in ASCII though `ascii` asks for it.
#[pyfunction]
pub(crate) fn save_text(
    py: Python<'_>,
    path: PathBuf,
    table: Table<'_>,
    head: &[u8],
    foot: &[u8],
    gzip: bool,
    ascii: bool,
) -> Result<Option<usize>, Failure> {
    let Some(rows) = table.rows().filter(|rows| rows.is_ascii() || !ascii) else {
        return Ok(None);
    };
    let mut watch = Watch::new(None);
    let bad = py.detach(|| {
        savez::text::save_rows(path, &rows, [head, foot], gzip, None, |bytes| watch.tell(bytes))
    })?;
    Ok(Some(bad.map_or(rows.len(), |bad| bad.row)))
}

/// Hands the table to the callable `write`, as text, block by block; gives the number of rows
/// written. `None` if the table is not one that we can write.
#[pyfunction]
pub(crate) fn write_text(
    py: Python<'_>,
    write: Py<PyAny>,
    table: Table<'_>,
) -> Result<Option<usize>, Failure> {
    let Some(rows) = table.rows() else { return Ok(None) };
    let mut watch = Watch::new(None);
    let mut take = |text: &[u8]| {
        Python::attach(|py| write.call1(py, (PyString::from_bytes(py, text)?,)).map(drop))
            .map_err(|error| savez::Error::from(raised(error)))?;
        watch.tell(text.len() as u64)
    };
    let bad = py.detach(|| rows.for_each_block(0..rows.len(), None, &mut take))?;
    Ok(Some(bad.map_or(rows.len(), |bad| bad.row)))
}

/// A file that takes its name when it is finished.
#[pyclass(frozen, module = "savez._savez")]
pub(crate) struct NewFile(Mutex<Option<savez::text::NewFile>>);

#[pymethods]
impl NewFile {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> Result<NewFile, Failure> {
        let file = py.detach(|| savez::text::NewFile::create(path))?;
        Ok(NewFile(Mutex::new(Some(file))))
    }

    fn write(&self, py: Python<'_>, bytes: &[u8]) -> Result<(), Failure> {
        let mut file = self.take(py)?;
        let written = py.detach(|| file.write(bytes));
        *self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(written?)
    }

    fn finish(&self, py: Python<'_>) -> Result<(), Failure> {
        let file = self.take(py)?;
        Ok(py.detach(|| file.finish())?)
    }
}

impl NewFile {
    fn take(&self, py: Python<'_>) -> PyResult<savez::text::NewFile> {
        let mut file = self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        file.take().ok_or_else(finished)
    }
}

fn finished() -> PyErr {
    PyValueError::new_err("the file is finished")
}
