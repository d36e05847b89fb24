//! The bytes of one member (or of a whole `.npy` file), read and checked.

use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crc32fast::Hasher;

use crate::io::source::{Source, Stretch};
use crate::zip::codec;
use crate::zip::record::Method;
use crate::zip::segments::Segments;
use crate::{Error, Limits, Result};

/// Bytes are read and hashed in pieces of this size, so that they are hashed while in cache.
pub(super) const PIECE: usize = 256 << 10;

/// Where a member's bytes are and what they should be.
#[derive(Clone)]
pub(crate) struct Payload {
    pub(crate) source: Arc<Source>,
    pub(crate) file: Option<Arc<Path>>,
    /// The member's name in the archive; `None` for an `.npy` file.
    pub(crate) member: Option<String>,
    pub(crate) method: Method,
    /// Where the stored bytes start in the source.
    pub(crate) start: u64,
    pub(crate) stored_size: u64,
    pub(crate) size: u64,
    /// `None` for an `.npy` file, which has no checksum.
    pub(crate) crc: Option<u32>,
    pub(crate) limits: Limits,
    /// Where the slabs of a deflated array are, if an index says so that is to be believed.
    pub(crate) segments: Option<Arc<Segments>>,
}

impl Payload {
    /// Refuses sizes that cannot be true, before anything is allocated.
    pub(crate) fn check_sizes(&self) -> Result<()> {
        if self.method == Method::STORED && self.size != self.stored_size {
            return Err(Error::format(format!(
                "the member is stored, yet its sizes differ: {} and {}",
                self.size, self.stored_size
            )));
        }
        if let Some(most) = codec::max_expansion(self.method)
            && self.stored_size.saturating_mul(most) < self.size
        {
            return Err(Error::format(format!(
                "the member claims {} bytes, more than its {} {} ones can hold",
                self.size, self.stored_size, self.method
            )));
        }
        Ok(())
    }

    /// Compares the CRC of all bytes with what the directory says.
    pub(crate) fn compare(&self, found: u32) -> Result<()> {
        match self.crc {
            Some(expected) if expected != found => Err(bad_crc(found, expected)),
            _ => Ok(()),
        }
    }

    /// Adds to an error where it arose.
    pub(crate) fn blame(&self, error: Error) -> Error {
        match &self.member {
            Some(member) => error.in_member(member),
            None => error,
        }
        .in_file(self.file.as_deref())
    }

    /// Up to `len` of the member's first bytes, not verified.
    pub(crate) fn head(&self, len: usize) -> Result<Vec<u8>> {
        let len = len.min(usize::try_from(self.size).unwrap_or(usize::MAX));
        let mut head = vec![0; len];
        if self.method == Method::STORED {
            self.source.read_exact_at(&mut head, self.start)?;
        } else {
            self.stream(0)?.decode(&mut head)?;
        }
        Ok(head)
    }

    /// The member's bytes from the first on, with no CRC to check if `crc` is unknown.
    pub(crate) fn verified(&self) -> Result<Verified> {
        self.verified_from(0, 0)
    }

    /// The member's bytes from `at` on; `head_crc` is the CRC of those in front, as the caller has
    /// read them.
    pub(crate) fn verified_from(&self, at: u64, head_crc: u32) -> Result<Verified> {
        let hasher = Hasher::new_with_initial_len(head_crc, at);
        Ok(Verified { stream: self.stream(at)?, hasher, expected: self.crc, done: false })
    }

    /// Decodes all bytes and compares their CRC; gives which stored bytes that took. `watch` is told how many
    /// bytes it was, piece by piece.
    pub(crate) fn verify_stored(
        &self,
        mut watch: impl FnMut(u64) -> Result<()>,
    ) -> Result<Decoded> {
        let decoded = Arc::default();
        let stored = Stretch::new(&self.source, self.start..self.start + self.stored_size);
        let stored = Counted { stored, read: Arc::clone(&decoded) };
        let bytes = codec::decoder(self.method, stored, self.size)?;
        let stream = Stream { bytes, at: 0, size: self.size, method: self.method };
        let hasher = Hasher::new();
        let mut verified = Verified { stream, hasher, expected: self.crc, done: false };
        let mut piece = vec![0; PIECE];
        loop {
            match verified.next(&mut piece)? {
                0 => break,
                len => watch(len as u64)?,
            }
        }
        let read = decoded.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Decoded { len: read.0, crc: read.1.clone().finalize() })
    }

    /// Passes the stored bytes to `take`, those that were decoded first.
    ///
    /// # Errors
    /// If they are no longer the same; of `take` any.
    pub(crate) fn pass_stored(
        &self,
        decoded: &Decoded,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let (end, mut at) = (self.stored_size, 0);
        let mut hasher = Hasher::new();
        let mut piece = vec![0; PIECE];
        while at < end {
            let until = if at < decoded.len { decoded.len } else { end };
            let len = (until - at).min(PIECE as u64) as usize;
            self.source.read_exact_at(&mut piece[..len], self.start + at)?;
            at += len as u64;
            hasher.update(&piece[..len]);
            take(&piece[..len])?;
            // What follows the compressed stream, nobody ever decodes.
            if at == decoded.len && hasher.clone().finalize() != decoded.crc {
                return Err(Error::corrupt("the file has changed meanwhile"));
            }
        }
        Ok(())
    }

    /// The member's bytes from `at` on, not verified.
    pub(crate) fn stream(&self, at: u64) -> Result<Stream> {
        let end = self.start + self.stored_size;
        if self.method == Method::STORED {
            let bytes = Box::new(Stretch::new(&self.source, self.start + at..end));
            return Ok(Stream { bytes, at, size: self.size, method: self.method });
        }
        let stored = Stretch::new(&self.source, self.start..end);
        let bytes = codec::decoder(self.method, stored, self.size)?;
        let mut stream = Stream { bytes, at: 0, size: self.size, method: self.method };
        stream.skip(at)?;
        Ok(stream)
    }
}

/// Stored bytes of a member that proved to be those of its CRC: how many from the first on, and their own CRC.
pub(crate) struct Decoded {
    len: u64,
    crc: u32,
}

/// Stored bytes on their way to a decoder, of which account is kept.
struct Counted {
    stored: Stretch,
    read: Arc<Mutex<(u64, Hasher)>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.stored.read(buffer)?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.0 += len as u64;
        read.1.update(&buffer[..len]);
        Ok(len)
    }
}

/// A member's bytes in sequence, no more of them than declared.
pub(crate) struct Stream {
    bytes: Box<dyn Read + Send>,
    /// Bytes from the member's start.
    at: u64,
    size: u64,
    method: Method,
}

impl Stream {
    /// Fills the buffer with the next bytes.
    pub(crate) fn decode(&mut self, buffer: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_some(&mut buffer[filled..])? {
                0 => {
                    return Err(Error::corrupt(format!(
                        "the data end after {} bytes; {} should be there",
                        self.at, self.size
                    )));
                }
                read => filled += read,
            }
        }
        Ok(())
    }

    /// Passes over bytes up to `to`, counted from the member's start.
    pub(crate) fn skip(&mut self, to: u64) -> Result<()> {
        let mut scratch = [0; 8 << 10];
        while self.at < to {
            let step = (to - self.at).min(scratch.len() as u64) as usize;
            self.decode(&mut scratch[..step])?;
        }
        Ok(())
    }

    fn read_some(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.retry(|bytes| bytes.read(&mut buffer[..wanted]))?;
        self.at += read as u64;
        Ok(read)
    }

    /// Sees that a compressed stream ends where the directory says.
    fn expect_end(&mut self) -> Result<()> {
        if self.method == Method::STORED {
            return Ok(());
        }
        match self.retry(|bytes| bytes.read(&mut [0]))? {
            0 => Ok(()),
            _ => Err(Error::format(format!(
                "the compressed data hold more than the declared {} bytes",
                self.size
            ))),
        }
    }

    fn retry(&mut self, mut read: impl FnMut(&mut dyn Read) -> io::Result<usize>) -> Result<usize> {
        loop {
            match read(&mut self.bytes) {
                Ok(count) => return Ok(count),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    let method = self.method;
                    return Err(e.downcast::<Error>().unwrap_or_else(|e| {
                        Error::corrupt(format!("the {method} data are damaged: {e}"))
                    }));
                }
            }
        }
    }
}

/// A member's bytes in sequence; at the end their CRC is compared.
pub(crate) struct Verified {
    stream: Stream,
    hasher: Hasher,
    expected: Option<u32>,
    done: bool,
}

impl Verified {
    /// Fills the buffer with the next bytes.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        for piece in buffer.chunks_mut(PIECE) {
            self.stream.decode(piece)?;
            self.hash(piece);
        }
        Ok(())
    }

    /// Reads on to the end, whatever is left, and compares the CRC.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.expected.is_none() {
            return Ok(());
        }
        // As a rule nothing is left.
        if self.next(&mut [0])? > 0 {
            let mut rest = vec![0; 64 << 10];
            while self.next(&mut rest)? > 0 {}
        }
        Ok(())
    }

    /// Reads some bytes; at the end, with 0 of them, compares the CRC.
    pub(crate) fn next(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.stream.read_some(buffer)?;
        self.hash(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && !self.done {
            if self.stream.at < self.stream.size {
                self.stream.decode(&mut [0])?;
            }
            self.stream.expect_end()?;
            let found = self.hasher.clone().finalize();
            match self.expected {
                Some(expected) if expected != found => return Err(bad_crc(found, expected)),
                _ => self.done = true,
            }
        }
        Ok(read)
    }

    fn hash(&mut self, bytes: &[u8]) {
        if self.expected.is_some() {
            self.hasher.update(bytes);
        }
    }
}

fn bad_crc(found: u32, expected: u32) -> Error {
    Error::corrupt(format!(
        "bad CRC-32: the data have {found:08x}, the directory says {expected:08x}"
    ))
    .hint("the file was damaged; restore it from a copy")
}
