//! NumPy's `.npy` and `.npz` files: read, write and map arrays, safely and at the speed of the
//! machine.
//!
//! The four types you need:
//!
//! - [`Writer`] writes an archive of arrays; the file appears whole or not at all.
//! - [`Archive`] opens one and reads arrays from it, by many threads at once, each verified.
//! - [`Member`] is an array in a file whose dtype and shape are known before it is read; it also
//!   reads slices.
//! - [`Array`] is an array whose dtype is known at run time only.
//!
//! ```
//! # let dir = std::env::temp_dir().join(format!("savez-lib-{}", std::process::id()));
//! # std::fs::create_dir_all(&dir)?;
//! # let path = dir.join("weights.npz");
//! let weights = vec![[0.5f32, -1.0], [2.0, 8.0], [0.0, 3.5]];
//!
//! let mut w = savez::Writer::create(&path)?; // nothing is visible yet
//! w.add("w", &weights)?;
//! w.add("step", &42i64)?;
//! w.finish()?; // the old file or the new one, never half
//!
//! let a = savez::Archive::open(&path)?; // reads the directory only
//! assert_eq!(a.names().collect::<Vec<_>>(), ["w", "step"]);
//! assert_eq!(a.read::<Vec<[f32; 2]>>("w")?, weights); // every byte checked
//! assert_eq!(a.read::<i64>("step")?, 42);
//!
//! let m = a.member("w")?; // the header is read, the data are not
//! assert_eq!(m.shape(), [3, 2]);
//! assert_eq!(m.slice(1..2)?.to_vec::<f32>()?, [2.0, 8.0]); // reads 8 bytes
//!
//! let v = a.map()?.view::<f32>("w")?; // copies nothing
//! assert_eq!(v[3], 8.0);
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every file written here, plain `numpy.load` reads, with the same values; every file NumPy
//! wrote, this crate reads (arrays of Python objects excepted: they are pickles, and only their
//! bytes can be had).
//!
//! # What goes in, what comes out
//!
//! | Rust | NumPy | as input | as output |
//! |---|---|---|---|
//! | `bool`, `i8` … `u64`, `f32`, `f64` | bool, int8 … uint64, float32, float64 | ✓ | ✓ |
//! | `half::f16`, `half::bf16` | float16, bfloat16 (of `ml_dtypes`) | feature `half` | feature `half` |
//! | `Complex<f32>`, `Complex<f64>` | complex64, complex128 | feature `num-complex` | feature `num-complex` |
//! | [`FixedBytes`], [`FixedStr`] | S, U | ✓ | ✓ |
//! | [`Datetime64`], [`Timedelta64`] | datetime64, timedelta64 | ✓ | ✓ |
//! | `#[derive(Record)]` structs | structured dtypes | feature `derive` | feature `derive` |
//! | `T`, `[T; N]`, `[[T; M]; N]` … | no axes, one, two … | ✓ | ✓ |
//! | `[T]`, `Vec<T>` | one axis more than `T` | ✓ | `Vec` |
//! | `ndarray` arrays and views, any strides | any shape and order | feature `ndarray` | owned arrays |
//! | [`Array`], [`ArrayView`] | any dtype, shape, order | ✓ | [`Array`] |
//! | `String`, `Vec<String>` | U, S | [`Array::from_strings`] | ✓ |
//!
//! Numbers in the other byte order are converted as they are read. Anything else that does not
//! match is an [`Error`] that names what was asked for and what was found.
//!
//! # Features
//!
//! `derive` and `text` (on by default; the latter has [`savetxt`]), `ndarray`, `half`, `num-complex`; and for members that other zip tools
//! compressed, `bzip2`, `xz` and `zstd`.
#![deny(unsafe_code)]

mod archive;
mod error;
mod io;
mod limits;
mod npy;
#[cfg(feature = "text")]
pub mod text;
mod zip;

pub use archive::map::{Mapped, MappedArchive, MappedArray};
pub use archive::member::Member;
pub use archive::options::{Compression, WriteOptions};
pub use archive::plan::{Plan, PlannedFile};
pub use archive::reader::{Archive, RawReader};
pub use archive::repack::{repack, repack_watched};
pub use archive::shortcuts::{
    append, load, save, save_bytes, save_to, save_watched, savez, savez_compressed,
};
pub use archive::slice::Part;
pub use archive::writer::Writer;
pub use error::{Error, ErrorKind, Result};
pub use io::source::ReadAt;
pub use limits::Limits;
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
#[cfg(feature = "text")]
pub use text::{loadtxt, savetxt};
pub use zip::crc::Region;
pub use zip::directory::Entry;
pub use zip::layout::Style;
pub use zip::record::Method;

#[cfg(feature = "derive")]
#[doc(hidden)]
pub use npy::record as __private;
