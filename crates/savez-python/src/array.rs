//! NumPy's arrays: their memory as a view to write from, and as room to read into.
//!
//! The memory is used while the GIL is released. Python code that changes an array while another
//! thread saves it gets a file with some mixture of old and new elements, whose checksum is that
//! of what was written; NumPy's own `tofile` does the same.
#![allow(unsafe_code)]

use std::ffi::c_int;

use numpy::npyffi::{
    NPY_ARRAY_F_CONTIGUOUS, NPY_ARRAY_WRITEABLE, NpyTypes, PY_ARRAY_API, get_type_object, npy_intp,
};
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[cfg(target_os = "linux")]
use crate::allocation;
use savez::{ArrayView, AsArray, DType};

/// An array of Python's together with a view of its memory that may leave the GIL.
///
/// It lives no longer than the reference to the array that it was made from.
pub(crate) struct Lent<'py> {
    pub(crate) view: ArrayView<'py>,
}

impl<'py> Lent<'py> {
    /// `dtype` is that of the array, in our terms.
    pub(crate) fn new(array: &'py Bound<'_, PyUntypedArray>, dtype: DType) -> PyResult<Self> {
        if array.dtype().itemsize() != dtype.itemsize() || dtype.has_objects() {
            return Err(PyValueError::new_err(format!("the array does not hold {dtype}")));
        }
        let (shape, strides) = (array.shape(), array.strides());
        // SAFETY: NumPy keeps every element at its strides from the data pointer, `itemsize` bytes
        // of plain memory since the dtype holds no objects, for as long as the array lives, and
        // the reference borrowed here keeps it alive.
        let view = unsafe { ArrayView::from_raw_parts(dtype, shape, strides, data(array)) };
        view.map(|view| Lent { view }).map_err(|e| super::errors::to_python(array.py(), &e))
    }
}

/// An array of Python's that is kept alive for its memory, which may be looked at without the GIL.
pub(crate) struct Kept {
    /// Of the memory of the array, and so for nobody who outlives it.
    view: ArrayView<'static>,
    _array: Py<PyUntypedArray>,
}

impl Kept {
    /// As [`Lent::new`].
    pub(crate) fn new(array: &Bound<'_, PyUntypedArray>, dtype: DType) -> PyResult<Self> {
        let view = Lent::new(array, dtype)?.view;
        // SAFETY: the view is of the array's memory, which NumPy neither moves nor frees while there is a
        // reference to the array; one is held beside it. The view is handed out for as long as that at most.
        let view = unsafe { std::mem::transmute::<ArrayView<'_>, ArrayView<'static>>(view) };
        Ok(Kept { view, _array: array.clone().unbind() })
    }
}

impl AsArray for Kept {
    fn as_array(&self) -> savez::Result<ArrayView<'_>> {
        Ok(self.view.clone())
    }
}

fn is_writeable(array: &Bound<'_, PyUntypedArray>) -> bool {
    // SAFETY: the object is a NumPy array, whose struct holds the flags.
    unsafe { (*array.as_array_ptr()).fields.flags & NPY_ARRAY_WRITEABLE != 0 }
}

fn data(array: &Bound<'_, PyUntypedArray>) -> *mut u8 {
    // SAFETY: the object is a NumPy array, whose struct holds the data pointer.
    unsafe { (*array.as_array_ptr()).fields.data.cast() }
}

/// A new array, its elements not yet filled in; its dtype holds no objects and has an itemsize.
pub(crate) fn new_array<'py>(
    dtype: &Bound<'py, PyArrayDescr>,
    shape: &[usize],
    fortran: bool,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    #[cfg(target_os = "linux")]
    {
        let size = shape.iter().fold(dtype.itemsize(), |n, &len| n.saturating_mul(len));
        let allocated = || allocated(dtype, shape, fortran);
        let array = match size {
            allocation::LARGE.. => allocation::with_large_blocks(dtype.py(), allocated)?,
            _ => allocated()?,
        };
        if size < allocation::LARGER {
            allocation::bring_in(data(&array), size);
        }
        Ok(array)
    }
    #[cfg(not(target_os = "linux"))]
    allocated(dtype, shape, fortran)
}

fn allocated<'py>(
    dtype: &Bound<'py, PyArrayDescr>,
    shape: &[usize],
    fortran: bool,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = dtype.py();
    // The header has seen to it that every length fits.
    let mut dims: Vec<npy_intp> = shape.iter().map(|&len| len as npy_intp).collect();
    let flags = if fortran { NPY_ARRAY_F_CONTIGUOUS } else { 0 };
    // SAFETY: the type and the dtype are NumPy's, and the dtype's reference is given away; `dims` are as many
    // as is said; without data, NumPy allocates them, strides and all. What comes back is a new reference to
    // an array, or null with an exception set.
    unsafe {
        let array = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            get_type_object(py, NpyTypes::PyArray_Type),
            dtype.clone().into_dtype_ptr(),
            dims.len() as c_int,
            dims.as_mut_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            flags,
            std::ptr::null_mut(),
        );
        Ok(Bound::from_owned_ptr_or_err(py, array)?.cast_into_unchecked())
    }
}

/// A new array with these bytes, which are as many as it has.
pub(crate) fn array_of<'py>(
    dtype: &Bound<'py, PyArrayDescr>,
    shape: &[usize],
    fortran: bool,
    bytes: &[u8],
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let array = new_array(dtype, shape, fortran)?;
    if array.len() * array.dtype().itemsize() != bytes.len() {
        return Err(PyValueError::new_err("the array has another size than its bytes"));
    }
    // SAFETY: a new array is contiguous from the data pointer on, of as many bytes as were just compared, and nobody
    // else has seen it; they are of plain elements, for which any values will do.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), data(&array), bytes.len()) };
    Ok(array)
}

/// Hands the memory of an array to `fill`: of a new one that nobody else has seen yet, or of one that was given to be
/// overwritten.
pub(crate) fn with_room<R: Send>(
    array: &Bound<'_, PyUntypedArray>,
    fill: impl FnOnce(&mut [u8]) -> R + Send,
) -> PyResult<R> {
    with_rooms(array.py(), std::slice::from_ref(array), |rooms| {
        fill(rooms.into_iter().next().unwrap_or_default())
    })
}

/// The same of several, each of them another.
pub(crate) fn with_rooms<R: Send>(
    py: Python<'_>,
    arrays: &[Bound<'_, PyUntypedArray>],
    fill: impl FnOnce(Vec<&mut [u8]>) -> R + Send,
) -> PyResult<R> {
    let mut rooms: Vec<&mut [u8]> = Vec::with_capacity(arrays.len());
    for array in arrays {
        let contiguous = array.is_c_contiguous() || array.is_fortran_contiguous();
        if !contiguous || !is_writeable(array) || array.dtype().has_object() {
            return Err(PyValueError::new_err("there is no contiguous room for plain bytes"));
        }
        rooms.push(match array.len() * array.dtype().itemsize() {
            0 => &mut [],
            // SAFETY: contiguous elements from the data pointer on are `size` bytes, of which any
            // values will do, alive as long as the arrays that are borrowed. Our own code has just made
            // the array, or a caller has given it, writeable, to be overwritten, and has been told that nothing else
            // may use or resize it; if another thread looks at it, it finds some mixture of bytes, as in NumPy.
            // Nothing that is read from it decides where we read or write.
            size => unsafe { std::slice::from_raw_parts_mut(data(array), size) },
        });
    }
    Ok(py.detach(|| fill(rooms)))
}

/// The memory of a new array that nobody else has seen yet, as long as it is borrowed.
pub(crate) fn room(array: &mut Py<PyUntypedArray>) -> &mut [u8] {
    let (pointer, size) = Python::attach(|py| {
        let array = array.bind(py);
        (data(array), array.len() * array.dtype().itemsize())
    });
    match size {
        0 => &mut [],
        // SAFETY: our own code has just made the array, contiguous, of plain bytes, zeroed where
        // nothing was read to, and has passed it to nobody else; it is moved and freed by calls
        // on the reference only, which is borrowed exclusively.
        size => unsafe { std::slice::from_raw_parts_mut(pointer, size) },
    }
}
