//! What `#[derive(Record)]` expands to calls of: no part of the public interface.
//!
//! A field is given as a function that reads it, so that its type is the one it has in the struct,
//! whatever it is called there.
#![allow(unsafe_code)]

use super::dtype::{DType, Field, Record, Title};
use super::element::Element;

/// The size of a field of `R`.
pub const fn size_of_field<R, T>(_read: fn(R) -> T) -> usize {
    size_of::<T>()
}

/// The size of a field of `R` that is padding.
pub const fn size_of_padding<R, T: Padding>(_read: fn(R) -> T) -> usize {
    size_of::<T>()
}

/// The types that padding may have.
///
/// # Safety
/// Any bytes are a value, and all of them are initialised.
#[diagnostic::on_unimplemented(
    message = "padding must be of the type `[u8; N]`, not `{Self}`",
    label = "marked `#[savez(pad)]`"
)]
pub unsafe trait Padding {}

// SAFETY: an array of bytes is just that.
unsafe impl<const N: usize> Padding for [u8; N] {}

/// A field of `R`.
pub fn field<R, T: Element>(
    name: &str,
    title: Option<&str>,
    offset: usize,
    _read: fn(R) -> T,
) -> Field {
    let title = title.map(|title| Title::Text(title.to_owned()));
    Field { name: name.to_owned(), title, dtype: T::dtype(), offset }
}

/// The dtype of a struct with these fields.
///
/// # Panics
/// If they break a rule of [`Record::new`]. The derive has checked them all at compile time.
pub fn dtype<const N: usize>(fields: [Field; N], itemsize: usize) -> DType {
    let record = Record::new(fields.into(), itemsize);
    DType::Record(record.expect("the derive has checked names, offsets and size"))
}
