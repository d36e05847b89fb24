//! Functions that take any number of arrays by keyword.

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

/// A function that hands all its arguments to `taker`: those by position as a tuple, those by keyword as the dict in
/// which Python collected them for the call, which is not to be changed.
///
/// A function of Python's, or an ordinary one of ours, would put the keywords into a dict of its own, one by one.
#[pyfunction]
pub(crate) fn taking_all(py: Python<'_>, taker: Py<PyAny>) -> PyResult<Bound<'_, PyCFunction>> {
    PyCFunction::new_closure(
        py,
        None,
        None,
        move |positional: &Bound<'_, PyTuple>, keywords: Option<&Bound<'_, PyDict>>| {
            let py = positional.py();
            match keywords {
                Some(keywords) => taker.call1(py, (positional, keywords)),
                None => taker.call1(py, (positional, PyDict::new(py))),
            }
        },
    )
}
