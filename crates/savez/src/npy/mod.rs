//! One array as bytes: its dtype, its header, its elements.
//!
//! | module | holds |
//! |---|---|
//! | [`dtype`] | what an element is, known at run time |
//! | [`typestr`], [`descr`] | dtypes as NumPy spells them |
//! | [`literal`], [`repr`] | the Python literals a header is made of, read and written |
//! | [`header`] | dtype, shape and order as the first bytes of a file |
//! | [`element`], `record` | Rust types that are elements |
//! | [`view`], [`array`] | borrowed and owned arrays |
//! | [`selection`] | parts of arrays: `10:20, ::2` |
//!
//! It knows neither zip nor files.

pub(crate) mod array;
pub(crate) mod datetime;
pub(crate) mod descr;
pub(crate) mod dtype;
pub(crate) mod element;
pub(crate) mod extension;
pub(crate) mod header;
mod literal;
mod longdouble;
pub(crate) mod memory;
pub(crate) mod native;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "derive")]
pub mod record;
mod repr;
mod reverse;
pub(crate) mod selection;
mod typestr;
pub(crate) mod view;

pub(crate) use dtype::DType;
