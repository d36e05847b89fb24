//! Python's file objects as Rust's readers and writers.
//!
//! Methods are called with the GIL held; what they raise travels inside an `io::Error` and comes
//! out again in `errors`.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::MutexExt;
use pyo3::types::PyBytes;
use savez::ReadAt;

/// At most this many bytes are passed in one call, so that the copy Python gets stays small.
pub(crate) const PIECE: usize = 1 << 20;

/// A file object to write to.
pub(crate) struct PyWriter {
    file: Py<PyAny>,
    /// Whether it is an `io.RawIOBase`, which may take a part only of what it is given.
    is_raw: bool,
}

impl PyWriter {
    pub(crate) fn new(file: &Bound<'_, PyAny>) -> PyResult<PyWriter> {
        let raw = file.py().import("io")?.getattr("RawIOBase")?;
        Ok(PyWriter { file: file.clone().unbind(), is_raw: file.is_instance(&raw)? })
    }
}

impl Write for PyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(PIECE)];
        Python::attach(|py| {
            // Bytes of its own: an object may keep what it was given. What it returns counts for
            // nothing unless it is raw, as in `zipfile`: many file objects return None.
            let taken = self.file.call_method1(py, "write", (PyBytes::new(py, piece),))?;
            match self.is_raw {
                true => Ok(taken.extract::<Option<usize>>(py)?.map(|taken| taken.min(piece.len()))),
                false => Ok(Some(piece.len())),
            }
        })
        .map_err(raised)?
        .ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Python::attach(|py| match self.file.getattr(py, "flush") {
            Ok(flush) => flush.call0(py).map(drop),
            Err(_) => Ok(()),
        })
        .map_err(raised)
    }
}

impl Seek for PyWriter {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        Python::attach(|py| seek(self.file.bind(py), position)).map_err(raised)
    }
}

fn seek(file: &Bound<'_, PyAny>, position: SeekFrom) -> PyResult<u64> {
    match position {
        SeekFrom::Start(offset) => file.call_method1("seek", (offset,))?,
        SeekFrom::Current(0) => return file.call_method0("tell")?.extract(),
        SeekFrom::Current(offset) => file.call_method1("seek", (offset, 1))?,
        SeekFrom::End(offset) => file.call_method1("seek", (offset, 2))?,
    };
    file.call_method0("tell")?.extract()
}

/// A file object to read from. It has one cursor, so reads take turns.
pub(crate) struct PyReader {
    file: Mutex<Py<PyAny>>,
    size: u64,
}

impl PyReader {
    /// Finds the size and goes back to where the file stood.
    pub(crate) fn new(file: &Bound<'_, PyAny>) -> PyResult<PyReader> {
        let here = seek(file, SeekFrom::Current(0))?;
        let size = seek(file, SeekFrom::End(0))?;
        seek(file, SeekFrom::Start(here))?;
        Ok(PyReader { file: Mutex::new(file.clone().unbind()), size })
    }
}

impl ReadAt for PyReader {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        Python::attach(|py| {
            // Whoever holds the lock may wait for the GIL, which is let go while waiting here.
            let file = self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
            let file = file.bind(py);
            file.call_method1("seek", (offset,))?;
            read(file, buffer)
        })
        .map_err(raised)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}

/// All that a stream held, from where it stood.
pub(crate) struct Drained(Vec<u8>);

impl Drained {
    pub(crate) fn new(file: &Bound<'_, PyAny>) -> PyResult<Drained> {
        let mut bytes = Vec::new();
        PyStream(file.clone().unbind()).read_to_end(&mut bytes).map_err(unraised)?;
        Ok(Drained(bytes))
    }
}

impl ReadAt for Drained {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        self.0.get(start..).unwrap_or_default().read(buffer)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

struct PyStream(Py<PyAny>);

impl Read for PyStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| read(self.0.bind(py), buffer)).map_err(raised)
    }
}

/// Reads some bytes from where the file stands.
fn read(file: &Bound<'_, PyAny>, buffer: &mut [u8]) -> PyResult<usize> {
    let wanted = buffer.len().min(PIECE);
    let bytes: PyBackedBytes = file.call_method1("read", (wanted,))?.extract()?;
    let count = bytes.len().min(wanted);
    buffer[..count].copy_from_slice(&bytes[..count]);
    Ok(count)
}

/// An exception in the guise of an I/O error.
pub(crate) fn raised(error: PyErr) -> io::Error {
    io::Error::other(error)
}

fn unraised(error: io::Error) -> PyErr {
    match error.downcast::<PyErr>() {
        Ok(raised) => raised,
        Err(error) => error.into(),
    }
}
