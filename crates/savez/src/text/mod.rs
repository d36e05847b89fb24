//! Arrays as text: tables of numbers, as `numpy.loadtxt` reads them.

mod load;

pub use load::{Encoding, TextOptions, loadtxt};
