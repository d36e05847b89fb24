//! Arrays borrowed from whoever holds them: [`ArrayView`], and [`AsArray`], by which inputs give one.
#![allow(unsafe_code)]

use std::io::Write;
use std::marker::PhantomData;

use super::array::Array;
use super::dtype::DType;
use super::element::Element;
use super::header::{Header, Order};
use super::memory::{self, Axis, Gather};
use super::native::Reversal;
use super::selection::Selection;
use crate::{Error, Result};

/// A borrowed array of a dtype known at run time, with any strides.
///
/// It promises that its elements can be read for `'a`; nothing about alignment or contiguity.
#[derive(Clone, Debug)]
pub struct ArrayView<'a> {
    dtype: DType,
    shape: Vec<usize>,
    /// Bytes from an element to the next along each axis.
    strides: Vec<isize>,
    first: *const u8,
    borrow: PhantomData<&'a [u8]>,
}

// SAFETY: a view is a shared borrow of plain bytes, as `&[u8]` is, which is `Send` and `Sync`.
unsafe impl Send for ArrayView<'_> {}
// SAFETY: as above.
unsafe impl Sync for ArrayView<'_> {}

/// What can be written as an array: borrowed, never copied.
///
/// It is there for every [`Element`] (an array without axes), fixed-size arrays (as many axes as
/// they are nested), slices and vectors of them (one axis more), [`Array`] and [`ArrayView`], and
/// with the feature `ndarray` for its arrays and views.
///
/// To implement it for a type of your own, hand out a view of what it holds.
pub trait AsArray {
    /// The array, borrowed.
    ///
    /// # Errors
    /// If it is none that NumPy could hold, for instance one of more than 64 axes.
    fn as_array(&self) -> Result<ArrayView<'_>>;
}

impl<'a> ArrayView<'a> {
    /// The array of that dtype, shape and order whose bytes these are.
    ///
    /// # Errors
    /// If `bytes` are not as many as the array needs, or the array is none that NumPy could hold.
    pub fn new(dtype: DType, shape: &[usize], order: Order, bytes: &'a [u8]) -> Result<Self> {
        let header = Header::new(dtype, shape, order)?;
        if header.nbytes() != bytes.len() {
            return Err(Error::parameter(format!(
                "{} bytes were given for an array of {}",
                bytes.len(),
                header.nbytes()
            )));
        }
        Ok(Self::contiguous(&header, bytes))
    }

    /// `bytes` are as many as the header says.
    pub(crate) fn contiguous(header: &Header, bytes: &'a [u8]) -> Self {
        debug_assert_eq!(header.nbytes(), bytes.len());
        ArrayView {
            dtype: header.dtype().clone(),
            shape: header.shape().to_vec(),
            strides: strides(header),
            first: bytes.as_ptr(),
            borrow: PhantomData,
        }
    }

    /// The array of that dtype and shape whose first element is at `first` and whose elements are
    /// `strides` bytes apart along each axis.
    ///
    /// # Safety
    /// For `'a`, every element is `dtype.itemsize()` initialised, readable bytes that nobody
    /// writes.
    ///
    /// # Errors
    /// If it is none that NumPy could hold, or `strides` are not as many as the axes.
    pub unsafe fn from_raw_parts(
        dtype: DType,
        shape: &[usize],
        strides: &[isize],
        first: *const u8,
    ) -> Result<Self> {
        if shape.len() != strides.len() {
            return Err(Error::parameter("there must be as many strides as axes"));
        }
        let outer = Header::new(dtype, shape, Order::C)?;
        let inner = strides_of(&outer.shape()[shape.len()..], outer.dtype().itemsize());
        let strides = [strides, &inner].concat();
        let (dtype, shape) = outer.into_dtype_and_shape();
        Ok(ArrayView { dtype, shape, strides, first, borrow: PhantomData })
    }

    /// A vector or slice of elements: one axis, and those of `T` if it is a fixed-size array.
    fn from_slice<T: Element>(elements: &'a [T]) -> Result<Self> {
        let header = Header::new(T::dtype(), &[elements.len()], Order::C)?;
        Ok(Self::contiguous(&header, memory::bytes_of(elements)))
    }

    /// The type of the elements.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The lengths of the axes; empty for a single value.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Bytes from an element to the next along each axis.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// The same elements taken for another dtype of the same size, as `ndarray.view` in NumPy.
    ///
    /// # Errors
    /// If the sizes differ, or Python objects are involved.
    pub fn with_dtype(self, dtype: DType) -> Result<Self> {
        check_reinterpretation(&self.dtype, &dtype)?;
        let outer = Header::new(dtype, &self.shape, Order::C)?;
        let inner = strides_of(&outer.shape()[self.shape.len()..], outer.dtype().itemsize());
        Ok(ArrayView {
            dtype: outer.dtype().clone(),
            shape: outer.shape().to_vec(),
            strides: [self.strides, inner].concat(),
            ..self
        })
    }

    /// One field of the records, as an array of its own that shares their memory.
    ///
    /// # Errors
    /// If the dtype is not a record with a field of that name.
    pub fn field(&self, name: &str) -> Result<ArrayView<'a>> {
        let record = match &self.dtype {
            DType::Record(record) => record,
            other => return Err(Error::mismatch(format!("elements of {other} have no fields"))),
        };
        let field = record.field(name).ok_or_else(|| {
            Error::mismatch(format!("there is no field {name:?} in {}", self.dtype))
        })?;
        // SAFETY: a field lies within its record (a rule of `Record`), and the records are readable.
        unsafe {
            let first = self.first.wrapping_add(field.offset);
            Self::from_raw_parts(field.dtype.clone(), &self.shape, &self.strides, first)
        }
    }

    /// A part of the array that shares its memory.
    ///
    /// # Errors
    /// If an index is out of range or there are more of them than axes.
    pub fn select(&self, selection: &Selection) -> Result<ArrayView<'a>> {
        let part = selection.of(&self.axes())?;
        Ok(ArrayView {
            dtype: self.dtype.clone(),
            shape: part.axes.iter().map(|axis| axis.len).collect(),
            strides: part.axes.iter().map(|axis| axis.stride).collect(),
            first: self.first.wrapping_offset(part.offset),
            borrow: PhantomData,
        })
    }

    /// The order NumPy writes the array in: Fortran only if it is contiguous that way and not in C
    /// order.
    pub fn order(&self) -> Order {
        match !self.is_contiguous(Order::C) && self.is_contiguous(Order::Fortran) {
            true => Order::Fortran,
            false => Order::C,
        }
    }

    /// What the array's npy header says, in the order that [`order`](Self::order) gives.
    pub fn header(&self) -> Header {
        Header::new(self.dtype.clone(), &self.shape, self.order())
            .expect("the constructors have checked dtype and shape")
    }

    /// Writes the bytes of all elements, in `order`.
    ///
    /// # Errors
    /// If the writer fails.
    pub fn write(&self, mut out: impl Write, order: Order) -> Result<()> {
        self.for_each_piece(order, |piece| {
            out.write_all(piece).map_err(|error| Error::io(error, "cannot write the array"))
        })
    }

    /// Hands the bytes, in `order`, to `take`: at once if they are contiguous, else through a
    /// buffer that stays in cache.
    pub(crate) fn for_each_piece(
        &self,
        order: Order,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        if let Some(bytes) = self.contiguous_bytes(order) {
            return if bytes.is_empty() { Ok(()) } else { take(bytes) };
        }
        let mut gather = self.gather(order);
        // Large enough for whole rows of most arrays, small enough for the second-level cache.
        let mut buffer = vec![0; (256 << 10).max(self.dtype.itemsize())];
        loop {
            match gather.next(&mut buffer) {
                0 => return Ok(()),
                filled => take(&buffer[..filled])?,
            }
        }
    }

    /// The bytes of all elements in `order`, to be copied out piece by piece.
    pub(crate) fn pieces(&self, order: Order) -> Pieces<'_> {
        match self.contiguous_bytes(order) {
            Some(bytes) => Pieces::Contiguous(bytes),
            None => Pieces::Strided(self.gather(order), self.dtype.itemsize()),
        }
    }

    fn gather(&self, order: Order) -> Gather<'_> {
        let mut axes = self.axes();
        if order == Order::Fortran {
            axes.reverse();
        }
        // SAFETY: a view's elements are readable for its borrow.
        unsafe { Gather::new(self.first, self.dtype.itemsize(), &axes) }
    }

    /// The bytes of all elements, if they follow each other in `order` without gaps.
    pub(crate) fn contiguous_bytes(&self, order: Order) -> Option<&'a [u8]> {
        if !self.is_contiguous(order) {
            return None;
        }
        match self.shape.iter().product::<usize>() * self.dtype.itemsize() {
            0 => Some(&[]),
            // SAFETY: contiguous elements from `first` on are one run of readable bytes.
            nbytes => Some(unsafe { std::slice::from_raw_parts(self.first, nbytes) }),
        }
    }

    /// The bytes of all elements in `order`, copied. Of a few elements: it does not mind whether
    /// there is memory for them.
    #[cfg(feature = "text")]
    pub(crate) fn to_bytes(&self, order: Order) -> Vec<u8> {
        let mut bytes = vec![0; self.shape.iter().product::<usize>() * self.dtype.itemsize()];
        self.copy_bytes(order, &mut bytes);
        bytes
    }

    /// Copies the bytes of all elements in `order` to `bytes`, which are as many.
    pub(crate) fn copy_bytes(&self, order: Order, bytes: &mut [u8]) {
        match self.contiguous_bytes(order) {
            Some(own) => bytes.copy_from_slice(own),
            None => _ = self.gather(order).next(bytes),
        }
    }

    /// An owned copy, in the order that [`order`](Self::order) gives.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn to_array(&self) -> Result<Array> {
        let header = self.header();
        Array::filled(header, |bytes| {
            self.copy_bytes(self.order(), bytes);
            Ok(())
        })
    }

    /// The elements as Rust values, in C order and native byte order.
    ///
    /// # Errors
    /// If the elements are no `T`s, or there is not enough memory.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let (dtype, count) = fit_elements::<T>(&self.dtype, &self.shape)?;
        memory::filled(count, |bytes| {
            let reversal = Reversal::of(dtype);
            match self.contiguous_bytes(Order::C) {
                Some(own) => reversal.copy(own, bytes),
                None => {
                    self.copy_bytes(Order::C, bytes);
                    reversal.apply(bytes);
                }
            }
            Ok(())
        })
    }

    fn axes(&self) -> Vec<Axis> {
        self.each_axis().collect()
    }

    fn each_axis(&self) -> impl DoubleEndedIterator<Item = Axis> + Clone {
        self.shape.iter().zip(&self.strides).map(|(&len, &stride)| Axis { len, stride })
    }

    fn is_contiguous(&self, order: Order) -> bool {
        match order {
            Order::C => is_contiguous(self.each_axis().rev(), self.dtype.itemsize()),
            Order::Fortran => is_contiguous(self.each_axis(), self.dtype.itemsize()),
        }
    }
}

/// An array's bytes, copied out piece by piece: what others do to the array meanwhile does not change a
/// piece any more.
pub(crate) enum Pieces<'a> {
    Contiguous(&'a [u8]),
    Strided(Gather<'a>, usize),
}

impl Pieces<'_> {
    /// Sets `piece` to the next bytes, `wanted` or somewhat less if elements would be cut; none at
    /// the end.
    pub(crate) fn next(&mut self, wanted: usize, piece: &mut Vec<u8>) {
        match self {
            Pieces::Contiguous(bytes) => {
                let (next, rest) = bytes.split_at(wanted.min(bytes.len()));
                piece.clear();
                piece.extend_from_slice(next);
                *bytes = rest;
            }
            Pieces::Strided(gather, itemsize) => {
                // No need to zero what it has from before.
                piece.resize(wanted.min(gather.len()).max(*itemsize), 0);
                let filled = gather.next(piece);
                piece.truncate(filled);
            }
        }
    }
}

/// Whether a view of `found` elements in that shape is one of `T`s, and of how many: those of a
/// fixed-size array take the innermost axes.
pub(crate) fn fit_elements<'d, T: Element>(
    found: &'d DType,
    shape: &[usize],
) -> Result<(&'d DType, usize)> {
    let mut inner = Vec::new();
    let wanted = T::dtype().fold_into(&mut inner);
    if !found.fits(&wanted) {
        return Err(dtype_mismatch::<T>(found));
    }
    match shape.strip_suffix(inner.as_slice()) {
        Some(outer) => Ok((found, outer.iter().product())),
        None => Err(Error::mismatch(format!(
            "the array has the shape {shape:?}, which does not end in the {inner:?} of {}",
            std::any::type_name::<T>()
        ))),
    }
}

pub(crate) fn dtype_mismatch<T: Element>(found: &DType) -> Error {
    let wanted = T::dtype();
    Error::mismatch(format!(
        "the array holds {found}, but {} (Rust type {}) was asked for",
        wanted,
        std::any::type_name::<T>()
    ))
}

pub(crate) fn check_reinterpretation(from: &DType, to: &DType) -> Result<()> {
    if from.has_objects() || to.has_objects() {
        return Err(Error::parameter("Python objects cannot be taken for anything else"));
    }
    if from.itemsize() != to.itemsize() {
        return Err(Error::parameter(format!(
            "elements of {from} ({} bytes) cannot be taken for {to} ({} bytes)",
            from.itemsize(),
            to.itemsize()
        )));
    }
    Ok(())
}

/// The strides of a contiguous array in C order.
fn strides_of(shape: &[usize], itemsize: usize) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut next = itemsize as isize;
    for (stride, &len) in strides.iter_mut().zip(shape).rev() {
        *stride = next;
        next = next.saturating_mul(len.max(1) as isize);
    }
    strides
}

/// The strides of an array that lies in memory as its header says.
pub(crate) fn strides(header: &Header) -> Vec<isize> {
    let itemsize = header.dtype().itemsize();
    match header.order() {
        Order::C => strides_of(header.shape(), itemsize),
        Order::Fortran => {
            let mut shape = header.shape().to_vec();
            shape.reverse();
            let mut strides = strides_of(&shape, itemsize);
            strides.reverse();
            strides
        }
    }
}

/// Whether axes, the fastest first, leave no gaps. Axes of length 1 do not count, and an array
/// without elements is contiguous in every order, as in NumPy.
fn is_contiguous(axes: impl Iterator<Item = Axis> + Clone, itemsize: usize) -> bool {
    if axes.clone().any(|axis| axis.len == 0) {
        return true;
    }
    let mut expected = itemsize as isize;
    for axis in axes.filter(|axis| axis.len != 1) {
        if axis.stride != expected {
            return false;
        }
        expected = expected.saturating_mul(axis.len as isize);
    }
    true
}

impl AsArray for ArrayView<'_> {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        Ok(self.clone())
    }
}

impl<T: Element> AsArray for T {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        let header = Header::new(T::dtype(), &[], Order::C)?;
        Ok(ArrayView::contiguous(&header, memory::bytes_of(std::slice::from_ref(self))))
    }
}

impl<T: Element> AsArray for [T] {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        ArrayView::from_slice(self)
    }
}

impl<T: Element> AsArray for Vec<T> {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        ArrayView::from_slice(self)
    }
}
