//! Arrays in the address space: looked at where they lie in the file, never copied.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

use super::payload::Payload;
use super::reader::Archive;
use crate::io::source::Source;
use crate::npy::array::{python_objects, typed_slice};
use crate::npy::dtype::DType;
use crate::npy::element::Element;
use crate::npy::header::{Header, Order};
use crate::npy::memory;
use crate::npy::view::{ArrayView, AsArray};
use crate::zip::record::Method;
use crate::{Error, Result};

/// An archive in the address space; see [`Archive::map`].
pub struct MappedArchive(pub(super) Archive);

impl MappedArchive {
    /// An array as elements of type `T`, without a copy.
    ///
    /// # Errors
    /// If there is no such array, it is compressed, its elements are no `T`s, not in this machine's
    /// byte order, or at an address that does not suit `T`; the error says which.
    pub fn view<T: Element>(&self, name: &str) -> Result<Mapped<T>> {
        self.0.member(name)?.map()?.typed()
    }

    /// An array of any dtype, without a copy.
    ///
    /// # Errors
    /// If there is no such array, it is compressed, or it holds Python objects.
    pub fn array(&self, name: &str) -> Result<MappedArray> {
        self.0.member(name)?.map()
    }

    /// The archive, whose other methods read from the map.
    pub fn archive(&self) -> &Archive {
        &self.0
    }
}

/// An array in the address space whose dtype is known at run time. Keeps the file mapped.
///
/// Nothing has been checked but that the bytes are there: what is not read cannot be compared with
/// its CRC. [`Member::verify`](crate::Member::verify) does that.
#[derive(Clone)]
pub struct MappedArray {
    source: Arc<Source>,
    header: Header,
    range: Range<u64>,
}

impl MappedArray {
    pub(super) fn new(payload: &Payload, head_len: u64, header: &Header) -> Result<MappedArray> {
        if payload.method != Method::STORED {
            return Err(Error::unsupported(format!(
                "the member is {}, so that its array is nowhere in the file",
                payload.method
            ))
            .hint("read it instead, or store the archive uncompressed"));
        }
        if header.dtype().has_objects() {
            return Err(python_objects());
        }
        let source = match payload.source.map()? {
            Some(mapped) => Arc::new(mapped),
            None => Arc::clone(&payload.source),
        };
        let start = payload.start + head_len;
        let range = start..start + header.nbytes() as u64;
        if source.slice(range.clone()).is_none() {
            return Err(Error::corrupt("the file is shorter than it was when it was opened"));
        }
        Ok(MappedArray { source, header: header.clone(), range })
    }

    /// What the npy header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes of the elements, as they are in the file.
    pub fn as_bytes(&self) -> &[u8] {
        self.source.slice(self.range.clone()).unwrap_or_default()
    }

    /// The array, borrowed.
    pub fn view(&self) -> ArrayView<'_> {
        ArrayView::contiguous(&self.header, self.as_bytes())
    }

    /// The elements as `T`s, in the order of the file.
    ///
    /// # Errors
    /// If they are no `T`s, not in this machine's byte order, bools other than 0 and 1, or at an
    /// address that does not suit `T`; the error says which.
    pub fn typed<T: Element>(self) -> Result<Mapped<T>> {
        typed_slice::<T>(&self.header, self.as_bytes())?;
        Ok(Mapped { array: self, element: PhantomData })
    }
}

impl AsArray for MappedArray {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        Ok(self.view())
    }
}

impl fmt::Debug for MappedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MappedArray({} {:?})", self.header.dtype(), self.header.shape())
    }
}

/// Elements of type `T` in the address space, in the order of the file. It is a slice of them.
#[derive(Clone)]
pub struct Mapped<T> {
    array: MappedArray,
    element: PhantomData<T>,
}

impl<T: Element> Mapped<T> {
    /// The lengths of the axes; empty for a single value.
    pub fn shape(&self) -> &[usize] {
        self.array.header.shape()
    }

    /// The order of the elements.
    pub fn order(&self) -> Order {
        self.array.header.order()
    }

    /// The type of the elements, units of time included.
    pub fn dtype(&self) -> &DType {
        self.array.header.dtype()
    }
}

impl<T: Element> Deref for Mapped<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // `typed` has checked all that can go wrong, and a map does not move.
        memory::elements_of(self.array.as_bytes()).unwrap_or_default()
    }
}

impl<T: Element> AsArray for Mapped<T> {
    fn as_array(&self) -> Result<ArrayView<'_>> {
        Ok(self.array.view())
    }
}

impl<T: Element + fmt::Debug> fmt::Debug for Mapped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
