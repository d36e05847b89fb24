//! Numbers as text, exactly and fast.
//!
//! [`RowFormat`] writes rows of NumPy's numbers as Python's `%` operator does, byte for byte: the
//! work of `numpy.savetxt`. [`parse`] reads tables as `numpy.loadtxt` does. This crate knows numbers and bytes; arrays, files and Python are
//! others' business.
//!
//! ```
//! use savez_text::{Column, Kind, RowFormat};
//!
//! let columns = [Column::new(Kind::I32, 0), Column::new(Kind::F64, 4)];
//! let format = RowFormat::compile("%03d,%.18e\n", &columns)?;
//! let row = [&7i32.to_le_bytes()[..], &0.1f64.to_le_bytes()].concat();
//! let mut text = Vec::new();
//! format.write(&row, &mut text)?;
//! assert_eq!(text, b"007,1.000000000000000056e-01\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod format;
mod limbs;
pub mod parse;

pub use format::column::{Column, Kind};
pub use format::row::{Refusal, RowFormat, Unwritable};
pub use format::scalar::Scalars;
