//! Arrays as tables of text: what `numpy.savetxt` writes, byte for byte, and what `numpy.loadtxt` reads.
//!
//! [`savetxt`] and [`loadtxt`] have NumPy's defaults, [`SaveText`] and [`TextOptions`] its options. Below them,
//! [`TextRows`] makes the text of an array in blocks of rows, on several threads; what one number
//! looks like is the business of the crate `savez-text`.
//!
//! | module | holds |
//! |---|---|
//! | `options` | [`SaveText`]: NumPy's parameters |
//! | `rows` | [`TextRows`]: which columns an array has, blocks of rows as text |
//! | `ordered` | work on several threads, its results taken in order |
//! | `file` | the text as a file, compressed or not |
//! | `load` | tables read |

mod file;
mod load;
mod options;
mod ordered;
mod rows;

pub use file::{NewFile, save_rows};
pub use load::{Encoding, TextOptions, loadtxt};
pub use options::{SaveText, savetxt};
pub use rows::{BadRow, TextRows};
pub use savez_text::Scalars;
