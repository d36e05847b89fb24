//! savez
#![deny(missing_docs)]

mod archive;
mod error;
mod io;
mod limits;
mod npy;
mod zip;

pub use archive::map::{Mapped, MappedArchive, MappedArray};
pub use archive::member::Member;
pub use archive::options::{Compression, WriteOptions};
pub use archive::plan::{Plan, PlannedFile};
pub use archive::reader::{Archive, RawReader};
pub use archive::shortcuts::{load, save, save_to, savez, savez_compressed};
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
pub use zip::crc::Region;
pub use zip::directory::Entry;
pub use zip::layout::Style;
pub use zip::record::Method;

#[cfg(feature = "derive")]
#[doc(hidden)]
pub use npy::record as __private;
