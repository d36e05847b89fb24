//! Arrays of the `ndarray` crate as inputs and outputs.
#![allow(unsafe_code)]

use ndarray::{ArrayBase, Data, Dimension, IxDyn, OwnedRepr, ShapeBuilder};

use super::array::{FromArray, Unread};
use super::dtype::DType;
use super::element::Element;
use super::header::Order;
use super::view::{ArrayView, AsArray};
use crate::{Error, Result};

impl<T: Element, S: Data<Elem = T>, D: Dimension> AsArray for ArrayBase<S, D> {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        let itemsize = size_of::<T>() as isize;
        // Only the stride of an axis that nobody walks can be too large.
        let strides: Vec<isize> = self.strides().iter().map(|s| s.wrapping_mul(itemsize)).collect();
        // SAFETY: an array of `ndarray` owns or borrows its elements, initialised, at its strides
        // from `as_ptr`, for as long as it is borrowed itself.
        unsafe {
            ArrayView::from_raw_parts(T::dtype(), self.shape(), &strides, self.as_ptr().cast())
        }
    }
}

impl<T: Element, D: Dimension> FromArray for ArrayBase<OwnedRepr<T>, D> {
    /// In the order of the file: an array in Fortran order comes without a transposition.
    fn from_array(array: Unread<'_>) -> Result<Self> {
        if matches!(T::dtype(), DType::SubArray(..)) {
            return Err(Error::parameter("ask for an array of plain numbers, with more axes"));
        }
        let (shape, order) = (array.header().shape().to_vec(), array.header().order());
        if D::NDIM.is_some_and(|ndim| ndim != shape.len()) {
            return Err(Error::mismatch(format!(
                "the array has the shape {shape:?}, but one of {} axes was asked for",
                D::NDIM.unwrap_or_default()
            )));
        }
        let elements = array.into_elements()?;
        let wrong = |e: ndarray::ShapeError| Error::mismatch(format!("the ndarray crate: {e}"));
        ArrayBase::from_shape_vec(IxDyn(&shape).set_f(order == Order::Fortran), elements)
            .and_then(ArrayBase::into_dimensionality)
            .map_err(wrong)
    }

    fn element_dtype() -> Option<DType> {
        Some(T::dtype())
    }
}

impl<T: Element> crate::Mapped<T> {
    /// The elements as a view of the `ndarray` crate, in the order of the file.
    ///
    /// # Errors
    /// If `T` is a fixed-size array: ask for plain numbers, with more axes.
    pub fn as_ndarray(&self) -> Result<ndarray::ArrayViewD<'_, T>> {
        let shape = IxDyn(self.shape()).set_f(self.order() == Order::Fortran);
        ndarray::ArrayView::from_shape(shape, self)
            .map_err(|e| Error::mismatch(format!("the ndarray crate: {e}")))
    }
}
