//! An array in a file, its header read and its data not: `Member`.

use std::path::PathBuf;

use numpy::{PyArrayDescr, PyUntypedArray};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use savez::{Limits, Order, Selection};

use crate::array;
use crate::errors::Failure;
use crate::header::{Said, said};
use crate::write::Watch;

/// An array in a file: what its header says, and ways to read it.
#[pyclass(frozen, module = "savez._savez")]
pub(crate) struct Member {
    pub(crate) inner: savez::Member,
}

#[pymethods]
impl Member {
    /// Dtype as text; the same with void in place of names that NumPy does not know, if there are
    /// any; shape; whether in Fortran order; whether Python 2 wrote it.
    #[getter]
    fn said(&self) -> Said {
        said(self.inner.header(), self.inner.is_python2())
    }

    /// Whether the data are a pickle of Python objects.
    #[getter]
    fn has_objects(&self) -> bool {
        self.inner.dtype().has_objects()
    }

    /// Where the data start in the file; None if they are compressed.
    #[getter]
    fn data_offset(&self) -> Option<u64> {
        self.inner.data_offset()
    }

    /// Whether a part can be read without all that comes before it.
    #[getter]
    fn random_access(&self) -> bool {
        self.inner.is_random_access()
    }

    /// Reads the data into a contiguous, writeable array of the right size that nobody else uses meanwhile;
    /// `progress` is called with the number of bytes read since the last call.
    #[pyo3(signature = (array, progress=None))]
    fn read_into(
        &self,
        array: &Bound<'_, PyUntypedArray>,
        progress: Option<Py<PyAny>>,
    ) -> Result<(), Failure> {
        let mut watch = Watch::new(progress);
        let read = |room: &mut [u8]| self.inner.read_into(room, |bytes| watch.tell(bytes));
        array::with_room(array, read)??;
        Ok(watch.tell_now()?)
    }

    /// Reads a part, given as in NumPy (`"10:20, ::2"`), into a new array of that dtype, whose elements
    /// have bytes.
    fn read_part<'py>(
        &self,
        selection: &str,
        dtype: &Bound<'py, PyArrayDescr>,
    ) -> Result<Bound<'py, PyUntypedArray>, Failure> {
        let selection: Selection = selection.parse()?;
        let part = self.inner.part(selection)?;
        let header = part.header();
        let array = array::new_array(dtype, header.shape(), header.order() == Order::Fortran)?;
        array::with_room(&array, |room| part.read_into(room))??;
        Ok(array)
    }

    /// Reads the bytes behind the header: of Python objects, the pickle.
    fn read_data<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>, Failure> {
        let data = py.detach(|| self.inner.read_data())?;
        Ok(PyBytes::new(py, &data))
    }

    /// Reads all bytes and compares their checksum, if the file has one; `progress` is called with the number of
    /// bytes read since the last call.
    #[pyo3(signature = (progress=None))]
    fn verify(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> Result<(), Failure> {
        let mut watch = Watch::new(progress);
        py.detach(|| self.inner.verify_watched(|bytes| watch.tell(bytes)))?;
        Ok(watch.tell_now()?)
    }
}

/// Opens an `.npy` file.
#[pyfunction]
pub(crate) fn open_npy(path: PathBuf, max_chars: usize) -> Result<Member, Failure> {
    let limits = Limits::default().header_chars(max_chars);
    Ok(Member { inner: savez::Member::open_with(path, limits)? })
}
