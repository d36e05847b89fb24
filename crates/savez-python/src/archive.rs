//! An open archive: `Archive`.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyList, PyString};
use savez::{DType, Entry, ErrorKind, Header, Limits, Order};

use crate::array;
use crate::errors::Failure;
use crate::file::{Drained, PyReader};
use crate::header::said;
use crate::member::Member;
use crate::write::Watch;

/// An open archive. Members go by their number in the directory.
#[pyclass(frozen, module = "savez._savez")]
pub(crate) struct Archive {
    inner: savez::Archive,
    /// NumPy's objects for the dtypes met so far.
    dtypes: Mutex<HashMap<DType, Py<PyArrayDescr>>>,
}

/// Dtypes whose objects are kept.
const MOST_DTYPES: usize = 100;

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
        Ok(Archive { inner, dtypes: Mutex::default() })
    }

    /// The same archive with its file closed: names are known, nothing can be read.
    fn closed(&self) -> Archive {
        Archive { inner: self.inner.closed(), dtypes: Mutex::default() }
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// Whether the names of all members end in `.npy`.
    #[getter]
    fn all_npy(&self) -> bool {
        self.inner.entries().iter().all(|entry| entry.member_name().ends_with(".npy"))
    }

    /// A member's name as it is spelled in the archive.
    fn member_name(&self, number: usize) -> PyResult<&str> {
        Ok(self.entry(number)?.member_name())
    }

    /// The members' names as they are spelled in the archive.
    #[getter]
    fn member_names(&self) -> Vec<&str> {
        self.inner.entries().iter().map(Entry::member_name).collect()
    }

    /// The names of the arrays: those of the members, without `.npy`.
    #[getter]
    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.inner.names())
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

    /// The number of the member that NumPy takes for a name; None if there is none.
    fn find(&self, name: &str) -> Option<usize> {
        self.inner.position(name)
    }

    /// Reads the arrays of several members; None for those that take more than bytes and a dtype: Python
    /// objects, what is no array, headers by Python 2, elements without bytes. `dtype_of` is asked for the dtype
    /// that a header means, given the two texts of `Member.said`; `progress` is called with the number of bytes
    /// read since the last call.
    #[pyo3(signature = (numbers, dtype_of, progress=None))]
    fn read<'py>(
        &self,
        numbers: Vec<usize>,
        dtype_of: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> Result<Vec<Option<Bound<'py, PyUntypedArray>>>, Failure> {
        for number in &numbers {
            self.entry(*number)?;
        }
        let mut watch = Watch::new(progress);
        let mut all = Vec::with_capacity(numbers.len());
        while all.len() < numbers.len() {
            let rest = &numbers[all.len()..];
            match self.small(rest[0], dtype_of)? {
                Some(array) => {
                    watch.tell((array.len() * array.dtype().itemsize()) as u64)?;
                    all.push(Some(array));
                }
                None => self.read_some(rest, dtype_of, &mut watch, &mut all)?,
            }
        }
        watch.tell_now()?;
        Ok(all)
    }

    /// Reads the array that NumPy gives for a name, as `read` does; None also if there is no such array.
    fn get<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        dtype_of: &Bound<'py, PyAny>,
    ) -> Result<Option<Bound<'py, PyUntypedArray>>, Failure> {
        let Ok(name) = name.cast::<PyString>() else { return Ok(None) };
        let Some(number) = self.inner.position(name.to_str()?) else { return Ok(None) };
        if let Some(array) = self.small(number, dtype_of)? {
            return Ok(Some(array));
        }
        let mut read = Vec::with_capacity(1);
        self.read_some(&[number], dtype_of, &mut Watch::new(None), &mut read)?;
        Ok(read.pop().flatten())
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

    /// Reads all bytes of all members and compares their checksums; raises the first error. `progress` is called with
    /// the number of bytes read since the last call.
    #[pyo3(signature = (progress=None))]
    fn verify(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> Result<(), Failure> {
        let mut watch = Watch::new(progress);
        let damage = py.detach(|| self.inner.find_damage(|bytes| watch.tell(bytes)))?;
        watch.tell_now()?;
        damage.into_iter().next().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Method, size and stored size of a member.
    fn stored(&self, number: usize) -> Result<(String, u64, u64), Failure> {
        let entry = self.entry(number)?;
        Ok((entry.method().to_string(), entry.size(), entry.stored_size()))
    }
}

impl Archive {
    /// A small array; None if it is not small, or not to be had without further ado.
    fn small<'py>(
        &self,
        number: usize,
        dtype_of: &Bound<'py, PyAny>,
    ) -> Result<Option<Bound<'py, PyUntypedArray>>, Failure> {
        if !self.inner.is_ahead(number) {
            dtype_of.py().detach(|| self.inner.read_ahead(number));
        }
        let array = self.inner.small(number, |header, data| {
            if header.dtype().itemsize() == 0 {
                return Ok(None);
            }
            let descr = self.descr(header, dtype_of)?;
            let fortran = header.order() == Order::Fortran;
            Ok(Some(array::array_of(&descr, header.shape(), fortran, data)?))
        });
        array.unwrap_or(Ok(None))
    }

    /// Reads as many of the first of these members as may be in memory at once.
    fn read_some<'py>(
        &self,
        numbers: &[usize],
        dtype_of: &Bound<'py, PyAny>,
        watch: &mut Watch,
        all: &mut Vec<Option<Bound<'py, PyUntypedArray>>>,
    ) -> Result<(), Failure> {
        let py = dtype_of.py();
        let members = match py.detach(|| self.inner.members(numbers)) {
            Ok(members) => members,
            Err(error) if error.kind() == ErrorKind::NotAnArray => {
                all.push(None);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let (mut plain, mut arrays) = (Vec::new(), Vec::new());
        for member in &members {
            let array = self.room_for(member, dtype_of)?;
            if let Some(array) = &array {
                plain.push(member);
                arrays.push(array.clone());
            }
            all.push(array);
        }
        array::with_rooms(py, &arrays, |rooms| {
            let arrays = plain.into_iter().zip(rooms).collect();
            savez::Member::read_many(arrays, |bytes| watch.tell(bytes))
        })??;
        Ok(())
    }

    /// A new array for a member's elements, unless there is more to it than that.
    fn room_for<'py>(
        &self,
        member: &savez::Member,
        dtype_of: &Bound<'py, PyAny>,
    ) -> Result<Option<Bound<'py, PyUntypedArray>>, Failure> {
        let dtype = member.dtype();
        if dtype.has_objects() || dtype.itemsize() == 0 || member.is_python2() {
            return Ok(None);
        }
        let descr = self.descr(member.header(), dtype_of)?;
        let fortran = member.order() == Order::Fortran;
        Ok(Some(array::new_array(&descr, member.shape(), fortran)?))
    }

    /// NumPy's object for the dtype of a header.
    fn descr<'py>(
        &self,
        header: &Header,
        dtype_of: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyArrayDescr>, Failure> {
        let py = dtype_of.py();
        let known = |dtypes: &HashMap<DType, Py<PyArrayDescr>>| {
            dtypes.get(header.dtype()).map(|descr| descr.bind(py).clone())
        };
        let lock = || self.dtypes.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        if let Some(descr) = known(&lock()) {
            return Ok(descr);
        }
        let (descr, plain, ..) = said(header, false);
        let descr = dtype_of.call1((descr, plain))?;
        let descr = descr.cast_into::<PyArrayDescr>().map_err(PyErr::from)?;
        let mut dtypes = lock();
        if dtypes.len() < MOST_DTYPES {
            dtypes.insert(header.dtype().clone(), descr.clone().unbind());
        }
        Ok(descr)
    }

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
