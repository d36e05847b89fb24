//! An open archive: `Archive`.

use std::io::Read;
use std::path::PathBuf;

use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use savez::{Entry, ErrorKind, Limits};

use crate::errors::Failure;
use crate::file::{Drained, PyReader};
use crate::member::Member;

/// An open archive. Members go by their number in the directory.
#[pyclass(frozen, module = "savez._savez")]
pub(crate) struct Archive {
    inner: savez::Archive,
}

#[pymethods]
impl Archive {
    /// Opens what a path names, or, by positional reads, what an open file descriptor stands for
    /// (a duplicate of it is kept), or what a file object holds.
    #[new]
    #[pyo3(signature = (*, path=None, descriptor=None, file=None, max_chars=10_000))]
    fn new(
        py: Python<'_>,
        path: Option<PathBuf>,
        descriptor: Option<i32>,
        file: Option<&Bound<'_, PyAny>>,
        max_chars: usize,
    ) -> Result<Archive, Failure> {
        let limits = Limits::default().header_chars(max_chars);
        let inner = match (path, descriptor, file) {
            (Some(path), None, _) => py.detach(|| savez::Archive::open_with(path, limits))?,
            (path, Some(descriptor), _) => {
                let file = duplicate(descriptor)?;
                py.detach(|| savez::Archive::from_file(file, path.as_deref(), limits))?
            }
            (_, _, Some(file)) => match PyReader::new(file) {
                Ok(reader) => py.detach(|| savez::Archive::from_source(reader, limits))?,
                // It cannot seek: a pipe or a socket.
                Err(_) => savez::Archive::from_source(Drained::new(file)?, limits)?,
            },
            (None, None, None) => savez::Archive::from_bytes(Vec::new())?,
        };
        Ok(Archive { inner })
    }

    /// The members' names as they are spelled in the archive.
    #[getter]
    fn member_names(&self) -> Vec<&str> {
        self.inner.entries().iter().map(Entry::member_name).collect()
    }

    /// A member that holds an array; None if it holds anything else.
    fn member(&self, py: Python<'_>, number: usize) -> Result<Option<Member>, Failure> {
        let entry = self.entry(number)?;
        match py.detach(|| self.inner.member_of(entry)) {
            Ok(inner) => Ok(Some(Member { inner })),
            Err(error) if error.kind() == ErrorKind::NotAnArray => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The bytes of a member, whatever they mean.
    fn raw<'py>(&self, py: Python<'py>, number: usize) -> Result<Bound<'py, PyBytes>, Failure> {
        let entry = self.entry(number)?;
        let bytes = py.detach(|| -> savez::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            self.inner.raw(entry)?.read_to_end(&mut bytes)?;
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Method, size and stored size of a member.
    fn stored(&self, number: usize) -> Result<(String, u64, u64), Failure> {
        let entry = self.entry(number)?;
        Ok((entry.method().to_string(), entry.size(), entry.stored_size()))
    }
}

impl Archive {
    fn entry(&self, number: usize) -> PyResult<&Entry> {
        self.inner.entries().get(number).ok_or_else(|| PyIndexError::new_err("no such member"))
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
fn duplicate(descriptor: i32) -> PyResult<std::fs::File> {
    use std::os::fd::BorrowedFd;
    // SAFETY: Python has just told the descriptor of a file object that the caller holds open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    Ok(borrowed.try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
fn duplicate(_descriptor: i32) -> PyResult<std::fs::File> {
    Err(pyo3::exceptions::PyNotImplementedError::new_err("descriptors are a thing of Unix"))
}
