//! Rust types that are elements of arrays.
#![allow(unsafe_code)]

use std::fmt;

use super::datetime::TimeStep;
use super::dtype::{ByteOrder, DType, Number};

/// A Rust type whose values are the elements of an array.
///
/// It is there for `bool`, the integers and floats, fixed-size arrays of elements,
/// [`Datetime64`], [`Timedelta64`], [`FixedBytes`] and [`FixedStr`]; with the features `half` and
/// `num-complex` for the types of those crates; and for structs that derive `Record`.
///
/// # Safety
/// - The size of the type is `dtype().itemsize()`, and it has no padding: every byte of a value
///   is initialised.
/// - All-zero bytes are a value. So are any other bytes, provided that those which `dtype()`
///   calls bool are 0 or 1.
/// - `dtype()` describes the type in native byte order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of array elements",
    label = "not an `Element`",
    note = "numbers, bool, fixed-size arrays, `FixedBytes` and `FixedStr` are; structs that derive `savez::Record` are too"
)]
pub unsafe trait Element: Copy + Send + Sync + 'static {
    /// The dtype of this type, in native byte order.
    fn dtype() -> DType;
}

macro_rules! numbers {
    ($($type:ty = $number:ident;)*) => {$(
        // SAFETY: a primitive number (or a `repr(transparent)` or `repr(C)` one of its crate) of
        // the size that `Number` gives, without padding; any bytes are a value, bool's 0 and 1.
        unsafe impl Element for $type {
            fn dtype() -> DType {
                DType::number(Number::$number, ByteOrder::NATIVE)
            }
        }
        const _: () = assert!(size_of::<$type>() == Number::$number.itemsize());
    )*};
}

numbers! {
    bool = Bool;
    i8 = I8;
    i16 = I16;
    i32 = I32;
    i64 = I64;
    u8 = U8;
    u16 = U16;
    u32 = U32;
    u64 = U64;
    f32 = F32;
    f64 = F64;
}

#[cfg(target_pointer_width = "64")]
numbers! {
    isize = I64;
    usize = U64;
}

#[cfg(feature = "half")]
numbers! {
    half::f16 = F16;
}

#[cfg(feature = "num-complex")]
numbers! {
    num_complex::Complex<f32> = C64;
    num_complex::Complex<f64> = C128;
}

// SAFETY: `half::bf16` is a `repr(transparent)` `u16`, the size of the extension type.
#[cfg(feature = "half")]
unsafe impl Element for half::bf16 {
    fn dtype() -> DType {
        DType::Extension(super::extension::Extension::BFLOAT16)
    }
}

// SAFETY: an array is its elements side by side, with nothing between them.
unsafe impl<T: Element, const N: usize> Element for [T; N] {
    fn dtype() -> DType {
        let mut shape = vec![N];
        let item = T::dtype().fold_into(&mut shape);
        DType::SubArray(Box::new(item), shape)
    }
}

/// A `datetime64`: ticks since 1970-01-01T00:00 UTC, of the length that the array's dtype tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Datetime64(pub i64);

/// A `timedelta64`: ticks of the length that the array's dtype tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Timedelta64(pub i64);

impl Datetime64 {
    /// Not a time.
    pub const NAT: Datetime64 = Datetime64(i64::MIN);
}

impl Timedelta64 {
    /// Not a time.
    pub const NAT: Timedelta64 = Timedelta64(i64::MIN);
}

// SAFETY: a transparent `i64`; any bytes are a value.
unsafe impl Element for Datetime64 {
    fn dtype() -> DType {
        DType::Datetime(TimeStep::GENERIC, ByteOrder::NATIVE)
    }
}

// SAFETY: a transparent `i64`; any bytes are a value.
unsafe impl Element for Timedelta64 {
    fn dtype() -> DType {
        DType::Timedelta(TimeStep::GENERIC, ByteOrder::NATIVE)
    }
}

/// An element of dtype `S{N}`: up to `N` bytes, padded with NUL.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct FixedBytes<const N: usize>(pub [u8; N]);

impl<const N: usize> FixedBytes<N> {
    /// From bytes; `None` if there are more than `N`.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut fixed = [0; N];
        fixed.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(FixedBytes(fixed))
    }

    /// The bytes without the NULs at the end, which NumPy does not tell from padding.
    pub fn as_bytes(&self) -> &[u8] {
        trimmed(&self.0, &0)
    }
}

impl<const N: usize> fmt::Debug for FixedBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

// SAFETY: a transparent array of `N` bytes; any bytes are a value.
unsafe impl<const N: usize> Element for FixedBytes<N> {
    fn dtype() -> DType {
        DType::Bytes(N)
    }
}

/// An element of dtype `U{N}`: up to `N` Unicode code points of 4 bytes each, padded with NUL.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct FixedStr<const N: usize>(pub [u32; N]);

impl<const N: usize> FixedStr<N> {
    /// From text; `None` if it has more than `N` characters.
    pub fn new(text: &str) -> Option<Self> {
        let mut fixed = [0; N];
        let mut places = fixed.iter_mut();
        for c in text.chars() {
            *places.next()? = u32::from(c);
        }
        Some(FixedStr(fixed))
    }

    /// The text without the NULs at the end. Code points that are no characters (NumPy does not
    /// check) become U+FFFD.
    pub fn to_text(&self) -> String {
        trimmed(&self.0, &0)
            .iter()
            .map(|&code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }
}

impl<const N: usize> fmt::Debug for FixedStr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

// SAFETY: a transparent array of `N` words of 4 bytes; any bytes are a value.
unsafe impl<const N: usize> Element for FixedStr<N> {
    fn dtype() -> DType {
        DType::Str(N, ByteOrder::NATIVE)
    }
}

/// A slice without the padding at its end.
pub(crate) fn trimmed<'a, T: PartialEq>(padded: &'a [T], padding: &T) -> &'a [T] {
    let end = padded.iter().rposition(|item| item != padding).map_or(0, |last| last + 1);
    &padded[..end]
}
