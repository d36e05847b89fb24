//! npy headers, there and back.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use savez::{DType, Header, Limits, Order};

use crate::errors::Failure;

/// What a header says: dtype as text; the same with void in place of names that NumPy does not know,
/// if there are any; shape; whether in Fortran order; whether Python 2 wrote it.
pub(crate) type Said = (String, Option<String>, Vec<usize>, bool, bool);

pub(crate) fn order(fortran: bool) -> Order {
    if fortran { Order::Fortran } else { Order::C }
}

/// The bytes of the npy header for an array of that dtype, shape and order.
///
/// `descr` is NumPy's spelling, with the names of `ml_dtypes` in place of void; `version` the major
/// number of the format, by default the oldest that can hold the header.
#[pyfunction]
#[pyo3(signature = (descr, shape, fortran, version=None))]
pub(crate) fn render_header<'py>(
    py: Python<'py>,
    descr: &str,
    shape: Vec<usize>,
    fortran: bool,
    version: Option<u8>,
) -> Result<Bound<'py, PyBytes>, Failure> {
    let dtype: DType = descr.parse()?;
    let header = Header::new(dtype, &shape, order(fortran))?;
    let bytes = match version {
        Some(version) => header.to_bytes_in(version)?,
        None => header.to_bytes()?,
    };
    Ok(PyBytes::new(py, &bytes))
}

/// What an npy header says; see `Member.said`. `bytes` are all of the header, the magic string first.
#[pyfunction]
pub(crate) fn parse_header(bytes: &[u8], max_chars: usize) -> Result<Said, Failure> {
    let limits = Limits::default().header_chars(max_chars);
    let (header, python2) = Header::from_bytes(bytes, &limits)?;
    Ok(said(&header, python2))
}

pub(crate) fn said(header: &Header, python2: bool) -> Said {
    let fortran = header.order() == Order::Fortran;
    let plain = header.dtype().without_extensions();
    let plain = (plain != *header.dtype()).then(|| plain.to_string());
    (header.dtype().to_string(), plain, header.shape().to_vec(), fortran, python2)
}
