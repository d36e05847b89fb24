//! Tables of numbers and short texts, read as `numpy.loadtxt` of NumPy 2.4 reads them.
//!
//! | module | holds |
//! |---|---|
//! | `dialect` | what separates and ends fields and lines |
//! | `cell` | what a column is read as |
//! | `number`, `decimal` | numbers at the start of bytes |
//! | `fields` | a line taken apart |
//! | `block` | many lines, by one thread |
//! | `batch` | the input in pieces that end with a line |
//! | `table` | the whole, by many threads |
//!
//! A table is read straight into memory that the caller lends ([`Rows`]). What comes out is what
//! NumPy makes of the same text, bit for bit, or an [`Error`]. A few rare inputs that NumPy reads
//! are refused, see [`Error::Unsupported`]; none is read to something else.

mod batch;
mod block;
mod cell;
mod decimal;
mod dialect;
mod error;
mod fields;
mod number;
mod table;
#[cfg(test)]
mod tests;

pub use cell::{Cell, Kind, Layout};
pub use dialect::{Dialect, Encoding, LineEnds};
pub use error::Error;
pub use table::{Outcome, Rows, Table};
