//! How an archive is to be written: [`WriteOptions`].

use std::io::{Seek, Write};
use std::path::Path;

use super::append;
use super::writer::Writer;
use crate::Result;
use crate::io::replace::Replacement;
use crate::io::sink::Sink;
use crate::zip::codec::DEFAULT_LEVEL;
use crate::zip::layout::Style;
use crate::zip::record::Method;

/// How an archive is to be written. Without any, [`Writer::create`] does.
///
/// ```
/// # let mut file = std::io::Cursor::new(Vec::new());
/// use savez::{Compression, WriteOptions};
///
/// let mut w = WriteOptions::new().compression(Compression::Deflate { level: 6 }).seekable(&mut file)?;
/// w.add("zeros", &vec![0u8; 10_000])?;
/// w.finish()?;
/// assert!(file.into_inner().len() < 1000);
/// # Ok::<(), savez::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    pub(crate) style: Style,
    pub(crate) align: u64,
    pub(crate) compression: Compression,
    pub(crate) keep_compression: bool,
    pub(crate) atomic: bool,
    pub(crate) durable: bool,
    /// As many as there are processors if `None`.
    pub(crate) threads: Option<usize>,
}

/// Whether and how members are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all: the fastest, and what can be mapped.
    #[default]
    None,
    /// DEFLATE, which every reader of zip knows; in segments that are compressed and read in parallel,
    /// and of which a part of an array needs only some.
    Deflate {
        /// From 0 (none) to 9 (the smallest files), beyond which it is 9; NumPy's is 6.
        level: u32,
    },
    /// Zstandard (APPNOTE method 93): fast and small, but `numpy.load` reads it from Python 3.14 on only.
    #[cfg(feature = "zstd")]
    Zstd {
        /// From 1 (fast) to 22 (small), beyond which it is 22; its own default is 3.
        level: u32,
    },
}

impl Compression {
    /// What `numpy.savez_compressed` uses.
    pub const DEFLATE: Compression = Compression::Deflate { level: DEFAULT_LEVEL };

    pub(crate) fn method(self) -> Method {
        match self {
            Compression::None => Method::STORED,
            Compression::Deflate { .. } => Method::DEFLATED,
            #[cfg(feature = "zstd")]
            Compression::Zstd { .. } => Method::ZSTD,
        }
    }
}

impl WriteOptions {
    /// savez's own style, data on 64-byte boundaries, nothing compressed, files replaced atomically
    /// and left to the system to put on the disk.
    pub fn new() -> Self {
        WriteOptions {
            style: Style::Savez,
            align: 64,
            compression: Compression::None,
            keep_compression: false,
            atomic: true,
            durable: false,
            threads: None,
        }
    }

    /// How the bytes are arranged.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// On which boundary of the file the data of stored members start: a power of two up to
    /// 32,768, 1 for anywhere. Anything else is rounded up or down to one. [`Style::Numpy`] aligns
    /// nothing. Data of 1 MiB and more start on a page of 4,096 bytes if they are aligned at all.
    #[must_use]
    pub fn align(mut self, bytes: u64) -> Self {
        self.align = bytes.clamp(1, 1 << 15).next_power_of_two();
        self
    }

    /// Whether and how members are compressed.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Whether members that come from another archive by [`repack`](crate::repack) stay compressed as they
    /// are, whatever [`compression`](Self::compression) says: only what is around them is made anew.
    #[must_use]
    pub fn keep_compression(mut self, keep: bool) -> Self {
        self.keep_compression = keep;
        self
    }

    /// Whether a file keeps its old content until the new one is whole. Turned off, the file is
    /// written in place, as NumPy does: hard links and owners stay, and after a failure half a
    /// file is left.
    #[must_use]
    pub fn atomic(mut self, atomic: bool) -> Self {
        self.atomic = atomic;
        self
    }

    /// Whether finishing waits until all is on the disk, so that a power failure cannot undo it.
    #[must_use]
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// How many threads may compress; by default as many as there are processors. The bytes of the
    /// archive do not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.clamp(1, 1024));
        self
    }

    /// Starts an archive that will take the name `path` when it is finished.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Writer<'static>> {
        let path = path.as_ref();
        let replacement = Replacement::create(path, self.atomic, self.durable)
            .map_err(|error| error.in_file(Some(path)))?;
        Ok(Writer::new(Sink::replacement(replacement), self, Some(path)))
    }

    /// Starts adding to the archive at `path`, or an archive of that name if there is none. Members
    /// of the same name are replaced; all others stay where they are. Until
    /// [`finish`](Writer::finish), and if the process is killed before, the archive reads as it did.
    ///
    /// New members go behind the old ones, into the same file; the room of those replaced is not
    /// used again: [`repack`](crate::repack) gives it back. (7-Zip, unlike others, shows an archive whose first member
    /// was replaced as it was before, and warns. Repacked, it is read by 7-Zip too.) An archive of many members (some 500), whose directory is large, is
    /// copied to a new file, the copy added to and put in its place.
    ///
    /// ```
    /// # let dir = std::env::temp_dir().join(format!("savez-append-{}", std::process::id()));
    /// # std::fs::create_dir_all(&dir)?;
    /// # let path = dir.join("log.npz");
    /// use savez::WriteOptions;
    ///
    /// savez::savez(&path, &[("a", &1), ("b", &2)])?;
    /// let mut w = WriteOptions::new().append(&path)?;
    /// w.add("b", &[20, 21])?.add("c", &3)?;
    /// w.finish()?;
    ///
    /// let archive = savez::Archive::open(&path)?;
    /// assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "b", "c"]);
    /// assert_eq!(archive.read::<Vec<i32>>("b")?, [20, 21]);
    /// # std::fs::remove_dir_all(&dir)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If somebody else is adding to it at the moment ([`ErrorKind::Busy`](crate::ErrorKind::Busy)),
    /// it is no archive or has bytes before or after it, or the system refuses.
    pub fn append(self, path: impl AsRef<Path>) -> Result<Writer<'static>> {
        let path = path.as_ref();
        append::open(self, path).map_err(|error| error.in_file(Some(path)))
    }

    /// Starts an archive in a writer, at its present place.
    ///
    /// # Errors
    /// If the writer cannot tell its place.
    pub fn seekable<'w>(self, writer: impl Write + Seek + Send + 'w) -> Result<Writer<'w>> {
        Ok(Writer::new(Sink::seek(writer)?, self, None))
    }

    /// Starts an archive in a writer that cannot go back, such as a pipe or a socket. CRCs and
    /// sizes then stand behind each member, where only the directory leads to them.
    pub fn stream<'w>(self, writer: impl Write + Send + 'w) -> Writer<'w> {
        Writer::new(Sink::stream(writer), self, None)
    }
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self::new()
    }
}
