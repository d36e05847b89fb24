//! Where archives are read from: [`Source`], and [`ReadAt`] for sources of the caller's own.
//!
//! Reading is positional and through a shared reference. There is no cursor, so threads, and
//! processes after a fork, may share one source.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use crate::{Error, Result};

/// A source of bytes that can be read at any place, by many threads at once.
pub trait ReadAt: Send + Sync {
    /// Reads up to `buffer.len()` bytes from `offset` on; gives how many, 0 at the end.
    ///
    /// # Errors
    /// Those of the medium. [`io::ErrorKind::Interrupted`] is tried again.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// How many bytes there are.
    ///
    /// # Errors
    /// Those of the medium.
    fn size(&self) -> io::Result<u64>;
}

/// A source of a known kind and size.
pub(crate) struct Source {
    bytes: Kind,
    size: u64,
}

enum Kind {
    File(File),
    Map(Mmap),
    Memory(Vec<u8>),
    Other(Box<dyn ReadAt>),
    /// Some of the bytes of another source, read before they are asked for.
    Ahead {
        bytes: Vec<u8>,
        start: u64,
        whole: Arc<Source>,
    },
}

impl Source {
    /// A file; what cannot be read at places, such as a pipe, is read into memory.
    pub(crate) fn open(path: &Path) -> Result<Source> {
        let file = File::open(path).map_err(|e| Error::io(e, "cannot open the file"))?;
        Self::from_file(file)
    }

    pub(crate) fn from_file(mut file: File) -> Result<Source> {
        let reading = |e| Error::io(e, "cannot read the file");
        let metadata = file.metadata().map_err(reading)?;
        if metadata.is_file() {
            return Ok(Source { bytes: Kind::File(file), size: metadata.len() });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(reading)?;
        Ok(Self::from_bytes(bytes))
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Source {
        let size = bytes.len() as u64;
        Source { bytes: Kind::Memory(bytes), size }
    }

    pub(crate) fn from_other(other: Box<dyn ReadAt>) -> Result<Source> {
        let size = other.size().map_err(|e| Error::io(e, "cannot tell the size of the source"))?;
        Ok(Source { bytes: Kind::Other(other), size })
    }

    /// The same source, those bytes of it read in one go: for many small reads close to each other.
    pub(crate) fn ahead(self: &Arc<Source>, range: Range<u64>) -> Result<Source> {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        let filled = self.read_up_to(&mut bytes, range.start)?;
        bytes.truncate(filled);
        let whole = Arc::clone(self);
        Ok(Source { bytes: Kind::Ahead { bytes, start: range.start, whole }, size: self.size })
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether a file is longer or shorter than it was; from now on, it has its size of now.
    pub(crate) fn has_another_size(&mut self) -> bool {
        let Kind::File(file) = &self.bytes else { return false };
        let size = file.metadata().map_or(self.size, |metadata| metadata.len());
        std::mem::replace(&mut self.size, size) != size
    }

    /// Whether the system copies what is read.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.bytes, Kind::File(_))
    }

    /// Whether several threads read faster than one: a source of the caller's own may have one cursor.
    pub(crate) fn is_concurrent(&self) -> bool {
        match &self.bytes {
            Kind::File(_) | Kind::Map(_) | Kind::Memory(_) => true,
            Kind::Ahead { whole, .. } => whole.is_concurrent(),
            Kind::Other(_) => false,
        }
    }

    /// The same bytes in the address space; `None` if they are in it already.
    pub(crate) fn map(&self) -> Result<Option<Source>> {
        match &self.bytes {
            Kind::Map(_) | Kind::Memory(_) => Ok(None),
            Kind::File(file) => {
                let map = super::map::map(file)?;
                let size = map.len() as u64;
                Ok(Some(Source { bytes: Kind::Map(map), size }))
            }
            Kind::Ahead { whole, .. } => whole.map(),
            Kind::Other(_) => {
                Err(Error::unsupported("only files and bytes in memory can be mapped")
                    .hint("read the array instead"))
            }
        }
    }

    /// A range of the bytes, if they are in the address space.
    pub(crate) fn slice(&self, range: Range<u64>) -> Option<&[u8]> {
        let bytes: &[u8] = match &self.bytes {
            Kind::Map(map) => map,
            Kind::Memory(bytes) => bytes,
            Kind::Ahead { whole, .. } => return whole.slice(range),
            Kind::File(_) | Kind::Other(_) => return None,
        };
        bytes.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
    }

    /// Fills the buffer from `offset` on.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        match self.read_up_to(buffer, offset)? {
            read if read == buffer.len() => Ok(()),
            read => Err(Error::corrupt(format!(
                "the file ends here; {} bytes more should follow",
                buffer.len() - read
            ))
            .at(offset + read as u64)),
        }
    }

    /// Fills the buffer from `offset` on, as far as there are bytes; gives how many there were.
    pub(crate) fn read_up_to(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_once(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::io(e, "cannot read the file").at(offset)),
            }
        }
        Ok(filled)
    }

    fn read_once(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.bytes {
            Kind::File(file) => file_read_at(file, buffer, offset),
            Kind::Other(other) => match other.read_at(buffer, offset)? {
                read if read <= buffer.len() => Ok(read),
                _ => Err(io::Error::other("the source read more than there was room for")),
            },
            Kind::Ahead { bytes, start, whole } => {
                let at = offset.checked_sub(*start).and_then(|at| usize::try_from(at).ok());
                let ahead = at.and_then(|at| bytes.get(at..));
                match ahead {
                    Some(ahead) if !ahead.is_empty() => {
                        let len = ahead.len().min(buffer.len());
                        buffer[..len].copy_from_slice(&ahead[..len]);
                        Ok(len)
                    }
                    _ => whole.read_once(buffer, offset),
                }
            }
            Kind::Map(_) | Kind::Memory(_) => {
                let start = offset.min(self.size);
                let end = (start + buffer.len() as u64).min(self.size);
                let bytes = self.slice(start..end).unwrap_or_default();
                buffer[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
        }
    }
}

#[cfg(unix)]
fn file_read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn file_read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    // The only positional read that Windows has also moves the cursor, which nobody here uses.
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// A stretch of a source as a stream.
pub(crate) struct Stretch {
    source: Arc<Source>,
    at: u64,
    end: u64,
}

impl Stretch {
    pub(crate) fn new(source: &Arc<Source>, range: Range<u64>) -> Self {
        Stretch { source: Arc::clone(source), at: range.start, end: range.end }
    }
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        loop {
            match self.source.read_once(&mut buffer[..wanted], self.at) {
                Ok(read) => {
                    self.at += read as u64;
                    return Ok(read);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // One of ours, so that behind a decoder it is told from damaged data.
                Err(e) => return Err(Error::io(e, "cannot read the file").at(self.at).into()),
            }
        }
    }
}
