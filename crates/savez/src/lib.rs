//! savez
#![deny(missing_docs)]

mod error;
mod npy;

pub use error::{Error, ErrorKind, Result};
pub use npy::array::{Array, FromArray, Unread};
pub use npy::datetime::{TimeStep, TimeUnit};
pub use npy::dtype::{ByteOrder, DType, Field, Number, Record, Title};
pub use npy::element::{Datetime64, Element, FixedBytes, FixedStr, Timedelta64};
pub use npy::extension::Extension;
pub use npy::header::{Header, Order};
pub use npy::selection::Selection;
pub use npy::view::{ArrayView, AsArray};
#[cfg(feature = "derive")]
pub use savez_derive::Record;

#[cfg(feature = "derive")]
#[doc(hidden)]
pub use npy::record as __private;

/// Limits
#[derive(Clone, Debug)]
pub struct Limits { 
/// header
pub header_chars: usize }
