//! Arrays of a dtype known at run time, owned: [`Array`], and [`FromArray`], by which results are made.

use std::fmt;

use super::dtype::{ByteOrder, DType, Number};
use super::element::{Element, trimmed};
use super::header::{Header, Order};
use super::longdouble;
use super::memory::{self, AlignedBytes};
use super::native::{self, NO_REVERSAL, Reversal};
use super::view::{ArrayView, AsArray, check_reinterpretation, dtype_mismatch, fit_elements};
use crate::{Error, Result};

/// An owned array whose dtype is known at run time; its bytes are as they were in the file.
///
/// ```
/// # use savez::Array;
/// let array = Array::from_strings(&["spam", "ham"])?;
/// assert_eq!(array.dtype().to_string().trim_start_matches(['<', '>']), "U4");
/// assert_eq!(array.to_strings()?, ["spam", "ham"]);
/// # Ok::<(), savez::Error>(())
/// ```
#[derive(Clone)]
pub struct Array {
    header: Header,
    bytes: AlignedBytes,
}

impl Array {
    /// The array that `header` describes, its bytes filled in by `fill`.
    pub(crate) fn filled(
        header: Header,
        fill: impl FnOnce(&mut [u8]) -> Result<()>,
    ) -> Result<Array> {
        if header.dtype().has_objects() {
            return Err(python_objects());
        }
        let bytes = AlignedBytes::filled(header.nbytes(), fill)?;
        Ok(Array { header, bytes })
    }

    /// The bytes of all elements, to be filled in.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        self.bytes.as_mut_slice()
    }

    /// An array of dtype `U`, as wide as the longest text (at least 1, as in NumPy).
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn from_strings<S: AsRef<str>>(texts: &[S]) -> Result<Array> {
        let width = texts.iter().map(|text| text.as_ref().chars().count()).max();
        let width = width.unwrap_or(0).max(1);
        let dtype = DType::Str(width, ByteOrder::NATIVE);
        Array::filled(Header::new(dtype, &[texts.len()], Order::C)?, |bytes| {
            for (text, item) in texts.iter().zip(bytes.chunks_exact_mut(4 * width)) {
                for (c, place) in text.as_ref().chars().zip(item.as_chunks_mut::<4>().0) {
                    *place = u32::from(c).to_ne_bytes();
                }
            }
            Ok(())
        })
    }

    /// What its npy header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The type of the elements.
    pub fn dtype(&self) -> &DType {
        self.header.dtype()
    }

    /// The lengths of the axes; empty for a single value.
    pub fn shape(&self) -> &[usize] {
        self.header.shape()
    }

    /// The order of the elements in [`as_bytes`](Self::as_bytes).
    pub fn order(&self) -> Order {
        self.header.order()
    }

    /// The bytes of the elements, in [`order`](Self::order) and the dtype's byte order.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// The array, borrowed.
    pub fn view(&self) -> ArrayView<'_> {
        ArrayView::contiguous(&self.header, self.as_bytes())
    }

    /// The elements in [`order`](Self::order), without a copy.
    ///
    /// # Errors
    /// If they are no `T`s, not in native byte order, or bools other than 0 and 1;
    /// [`to_vec`](Self::to_vec) converts the latter two.
    pub fn as_slice<T: Element>(&self) -> Result<&[T]> {
        typed_slice(&self.header, self.as_bytes())
    }

    /// The elements as Rust values, in C order and native byte order.
    ///
    /// # Errors
    /// If they are no `T`s, or there is not enough memory.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        self.view().to_vec()
    }

    /// The same bytes taken for another dtype of the same size, as `ndarray.view` in NumPy.
    ///
    /// # Errors
    /// If the sizes differ, or Python objects are involved.
    pub fn with_dtype(self, dtype: DType) -> Result<Array> {
        check_reinterpretation(self.dtype(), &dtype)?;
        if matches!(dtype, DType::SubArray(..)) && self.order() == Order::Fortran {
            return Err(Error::parameter("a sub-array dtype needs an array in C order"));
        }
        let header = Header::new(dtype, self.shape(), self.order())?;
        Ok(Array { header, ..self })
    }

    /// Texts of dtype `U`, or of dtype `S` if they are UTF-8, in C order, without padding.
    ///
    /// # Errors
    /// If the dtype is neither, or a text is not Unicode.
    pub fn to_strings(&self) -> Result<Vec<String>> {
        let size = self.dtype().itemsize();
        let mut texts = Vec::new();
        texts
            .try_reserve_exact(self.header.len())
            .map_err(|_| Error::out_of_memory(24 * self.header.len() as u64))?;
        let mut push = |bytes: &[u8]| -> Result<()> {
            texts.push(
                match self.dtype() {
                    DType::Str(_, order) => utf32(bytes, *order),
                    _ => String::from_utf8(trimmed(bytes, &0).to_vec()).ok(),
                }
                .ok_or_else(|| Error::format("an element is not valid Unicode text"))?,
            );
            Ok(())
        };
        match self.dtype() {
            DType::Str(..) | DType::Bytes(_) if size == 0 => {
                (0..self.header.len()).try_for_each(|_| push(&[]))?;
            }
            DType::Str(..) | DType::Bytes(_) => {
                self.view().for_each_piece(Order::C, |piece| {
                    piece.chunks_exact(size).try_for_each(&mut push)
                })?;
            }
            other => {
                return Err(Error::mismatch(format!("the array holds {other}, not text")));
            }
        }
        Ok(texts)
    }

    /// Real numbers of any width as `f64`, in C order: rounded to nearest where they do not fit.
    ///
    /// A `longdouble` is read as this machine's C compiler would: 80 bits on x86, IEEE quad
    /// elsewhere. Its bytes in a file do not tell which it is.
    ///
    /// # Errors
    /// If the dtype is not bool, an integer or a float of NumPy's.
    pub fn to_f64(&self) -> Result<Vec<f64>> {
        let (number, order) = match self.dtype() {
            DType::Number(number, order) if number.kind() != 'c' => (*number, *order),
            other => {
                return Err(Error::mismatch(format!("the array holds {other}, not real numbers")));
            }
        };
        let mut values = Vec::new();
        values
            .try_reserve_exact(self.header.len())
            .map_err(|_| Error::out_of_memory(8 * self.header.len() as u64))?;
        self.view().for_each_piece(Order::C, |piece| {
            values.extend(piece.chunks_exact(number.itemsize()).map(|item| {
                let mut little = [0; 16];
                let word = &mut little[..item.len()];
                word.copy_from_slice(item);
                if order == ByteOrder::Big {
                    word.reverse();
                }
                real(number, little)
            }));
            Ok(())
        })?;
        Ok(values)
    }
}

/// A real number from its bytes, least significant first.
fn real(number: Number, little: [u8; 16]) -> f64 {
    let word = u128::from_le_bytes(little);
    let signed = |bits: u32| ((word << (128 - bits)) as i128 >> (128 - bits)) as f64;
    match number {
        Number::Bool => f64::from(u8::from(word != 0)),
        Number::I8 => signed(8),
        Number::I16 => signed(16),
        Number::I32 => signed(32),
        Number::I64 => signed(64),
        Number::U8 | Number::U16 | Number::U32 | Number::U64 => word as f64,
        Number::F16 => longdouble::from_half(word as u16),
        Number::F32 => f64::from(f32::from_bits(word as u32)),
        Number::F64 => f64::from_bits(word as u64),
        Number::F96 => longdouble::from_x87(word),
        Number::F128 if cfg!(target_arch = "x86_64") => longdouble::from_x87(word),
        Number::F128 => longdouble::from_quad(word),
        Number::C64 | Number::C128 | Number::C192 | Number::C256 => f64::NAN,
    }
}

fn utf32(bytes: &[u8], order: ByteOrder) -> Option<String> {
    let codes: Vec<u32> = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|code| match order {
            ByteOrder::Little => u32::from_le_bytes(*code),
            ByteOrder::Big => u32::from_be_bytes(*code),
        })
        .collect();
    trimmed(&codes, &0).iter().map(|&code| char::from_u32(code)).collect()
}

pub(crate) fn python_objects() -> Error {
    Error::new(
        crate::ErrorKind::PythonObjects,
        "the array holds Python objects, stored as a pickle",
    )
    .hint("load it in Python with allow_pickle=True if you trust the file")
}

fn check_side_by_side<T: Element>(header: &Header) -> Result<()> {
    if header.order() == Order::Fortran && matches!(T::dtype(), DType::SubArray(..)) {
        return Err(Error::mismatch(format!(
            "the array is in Fortran order, so that the parts of {} do not lie side by side",
            std::any::type_name::<T>()
        )));
    }
    Ok(())
}

/// Bytes that lie as the header says, as a slice of `T`s.
pub(crate) fn typed_slice<'a, T: Element>(header: &Header, bytes: &'a [u8]) -> Result<&'a [T]> {
    let (dtype, _) = fit_elements::<T>(header.dtype(), header.shape())?;
    check_side_by_side::<T>(header)?;
    if dtype.is_swapped() {
        return Err(Error::mismatch(format!(
            "the array holds {dtype}, which is not in this machine's byte order"
        ))
        .hint("read it instead; reading converts"));
    }
    if let Some(offset) = native::first_invalid_bool(dtype, bytes) {
        return Err(Error::mismatch(format!(
            "a bool is {} (byte {offset} of the array), not 0 or 1",
            bytes[offset]
        ))
        .hint("read it instead; reading makes it true"));
    }
    memory::elements_of(bytes).ok_or_else(|| {
        Error::mismatch(format!(
            "the array's bytes are not at an address that suits {}: it must be a multiple of {}",
            std::any::type_name::<T>(),
            align_of::<T>()
        ))
        .hint("read it instead, or write the file with an alignment")
    })
}

impl AsArray for Array {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        Ok(self.view())
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Array({} {:?} {:?})", self.dtype(), self.shape(), self.order())
    }
}

/// What a stored array can be read into.
///
/// It is there for [`Array`] (any dtype and shape), every [`Element`] (no axes, or those of a
/// fixed-size array), vectors of elements (one axis more), `String` and vectors of them, and with
/// the feature `ndarray` for its owned arrays.
pub trait FromArray: Sized {
    /// Makes the value from an array about to be read.
    ///
    /// # Errors
    /// If dtype or shape do not fit, and whatever reading may meet.
    fn from_array(array: Unread<'_>) -> Result<Self>;

    /// The dtype of the elements, if it does not depend on the array: what text is read as.
    fn element_dtype() -> Option<DType> {
        None
    }
}

/// An array about to be read: its header is known, its elements still in the file.
pub struct Unread<'a> {
    header: &'a Header,
    fill: Fill<'a>,
}

/// Reads the bytes of all elements, and changes their byte order as told.
type Fill<'a> = &'a mut dyn FnMut(&mut [u8], &Reversal) -> Result<()>;

impl<'a> Unread<'a> {
    pub(crate) fn new(header: &'a Header, fill: Fill<'a>) -> Self {
        Unread { header, fill }
    }

    /// What the npy header says.
    pub fn header(&self) -> &Header {
        self.header
    }

    /// Reads it as it is.
    ///
    /// # Errors
    /// If it holds Python objects, and whatever reading may meet.
    pub fn into_array(self) -> Result<Array> {
        Array::filled(self.header.clone(), |bytes| (self.fill)(bytes, &NO_REVERSAL))
    }

    /// Reads the elements as Rust values in the file's order and native byte order, straight into
    /// the vector.
    ///
    /// # Errors
    /// If they are no `T`s, and whatever reading may meet.
    pub fn into_elements<T: Element>(self) -> Result<Vec<T>> {
        if self.header.dtype().has_objects() {
            return Err(python_objects());
        }
        let (dtype, count) = fit_elements::<T>(self.header.dtype(), self.header.shape())?;
        check_side_by_side::<T>(self.header)?;
        memory::filled(count, |bytes| (self.fill)(bytes, &Reversal::of(dtype)))
    }

    fn shape_error(&self, wanted: &str) -> Error {
        Error::mismatch(format!(
            "the array has the shape {:?}, but {wanted} was asked for",
            self.header.shape()
        ))
    }

    /// The number of axes that are not part of a fixed-size array type `T`.
    fn outer_axes<T: Element>(&self) -> Result<usize> {
        if self.header.dtype().has_objects() {
            return Err(python_objects());
        }
        fit_elements::<T>(self.header.dtype(), self.header.shape())?;
        let mut inner = Vec::new();
        T::dtype().fold_into(&mut inner);
        Ok(self.header.shape().len() - inner.len())
    }
}

impl FromArray for Array {
    fn from_array(array: Unread<'_>) -> Result<Self> {
        array.into_array()
    }
}

impl<T: Element> FromArray for Vec<T> {
    fn from_array(array: Unread<'_>) -> Result<Self> {
        if array.outer_axes::<T>()? != 1 {
            return Err(array
                .shape_error("a vector")
                .hint("read it as an Array, or as an array of the ndarray crate"));
        }
        elements_in_c_order(array)
    }

    fn element_dtype() -> Option<DType> {
        Some(T::dtype())
    }
}

impl<T: Element> FromArray for T {
    fn from_array(array: Unread<'_>) -> Result<Self> {
        if array.outer_axes::<T>()? != 0 {
            return Err(array.shape_error("a single value"));
        }
        elements_in_c_order(array)?.pop().ok_or_else(|| dtype_mismatch::<T>(&T::dtype()))
    }

    fn element_dtype() -> Option<DType> {
        Some(T::dtype())
    }
}

fn elements_in_c_order<T: Element>(array: Unread<'_>) -> Result<Vec<T>> {
    match array.header().order() {
        Order::C => array.into_elements(),
        Order::Fortran => array.into_array()?.to_vec(),
    }
}

impl FromArray for Vec<String> {
    fn from_array(array: Unread<'_>) -> Result<Self> {
        if array.header().shape().len() != 1 {
            return Err(array.shape_error("a vector"));
        }
        array.into_array()?.to_strings()
    }
}

impl FromArray for String {
    fn from_array(array: Unread<'_>) -> Result<Self> {
        if !array.header().shape().is_empty() {
            return Err(array.shape_error("a single text"));
        }
        Ok(array.into_array()?.to_strings()?.pop().unwrap_or_default())
    }
}
