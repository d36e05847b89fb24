//! What turns stored bytes into a member's bytes.

use std::io::{self, Read};
use std::ops::Range;

use savez_deflate::{ErrorKind, Inflater, Status};

use super::record::Method;
use crate::{Error, Result};

/// `zlib`'s default, which `savez_compressed` uses.
pub(crate) const DEFAULT_LEVEL: u32 = 6;

/// The most bytes that one byte of each method can stand for, if there is a bound: a DEFLATE match
/// of 258 bytes takes two bits at least (RFC 1951, 3.2.5).
pub(crate) fn max_expansion(method: Method) -> Option<u64> {
    match method {
        Method::STORED => Some(1),
        Method::DEFLATED => Some(1032),
        _ => None,
    }
}

/// Larger dictionaries of LZMA help nobody, and a hostile header must not cost memory.
#[cfg(feature = "xz")]
const MAX_DICTIONARY: u32 = 128 << 20;

/// The `size` bytes of a member as a stream.
///
/// # Errors
/// If this build does not know the method.
pub(crate) fn decoder(
    method: Method,
    stored: impl Read + Send + 'static,
    #[cfg_attr(not(feature = "xz"), allow(unused_variables))] size: u64,
) -> Result<Box<dyn Read + Send>> {
    Ok(match method {
        Method::STORED => Box::new(stored),
        Method::DEFLATED => Box::new(Inflating::new(stored)),
        #[cfg(feature = "bzip2")]
        Method::BZIP2 => Box::new(bzip2::read::BzDecoder::new(stored)),
        #[cfg(feature = "zstd")]
        Method::ZSTD => Box::new(
            zstd::stream::read::Decoder::new(stored)
                .map_err(|e| Error::io(e, "cannot start a zstd decoder"))?
                .single_frame(),
        ),
        #[cfg(feature = "xz")]
        Method::XZ => Box::new(lzma_rust2::XzReader::new_mem_limit(
            io::BufReader::new(stored),
            false,
            MAX_DICTIONARY / 1024 + 1024,
        )),
        #[cfg(feature = "xz")]
        Method::LZMA => lzma(stored, size)?,
        other => {
            let error = Error::unsupported(format!("the member is compressed with {other}"));
            return Err(match other {
                Method::BZIP2 => error.hint("build savez with the feature \"bzip2\""),
                Method::LZMA | Method::XZ => error.hint("build savez with the feature \"xz\""),
                Method::ZSTD => error.hint("build savez with the feature \"zstd\""),
                _ => error.hint("repack the archive with method deflated or stored"),
            });
        }
    })
}

/// zip's framing of LZMA (APPNOTE 5.8.8): version, length of the properties, properties, stream.
#[cfg(feature = "xz")]
fn lzma(mut stored: impl Read + Send + 'static, size: u64) -> Result<Box<dyn Read + Send>> {
    let mut head = [0; 9];
    stored.read_exact(&mut head).map_err(|e| {
        e.downcast::<Error>()
            .unwrap_or_else(|_| Error::corrupt("the LZMA stream ends within its properties"))
    })?;
    let dictionary = u32::from_le_bytes([head[5], head[6], head[7], head[8]]);
    if u16::from_le_bytes([head[2], head[3]]) != 5 {
        return Err(Error::format("the LZMA stream's properties are not 5 bytes"));
    }
    if dictionary > MAX_DICTIONARY {
        return Err(Error::limit(format!(
            "the LZMA stream wants a dictionary of {dictionary} bytes"
        )));
    }
    let reader = lzma_rust2::LzmaReader::new_with_props(
        io::BufReader::new(stored),
        // A stream need not have a marker at its end.
        size,
        head[4],
        dictionary.max(4096),
        None,
    );
    // It has read the first bytes of the stream.
    Ok(Box::new(reader.map_err(|e| {
        e.downcast::<Error>()
            .unwrap_or_else(|e| Error::corrupt(format!("the LZMA data are damaged: {e}")))
    })?))
}

/// Stored bytes to read at a time.
const INPUT: usize = 64 << 10;

/// Bytes to read, and to decode, first: an npy header, for which alone most streams are begun.
const FIRST: usize = 1 << 10;

/// A DEFLATE stream as the bytes that it holds, for those who do not want all of them at once.
struct Inflating<R> {
    stored: R,
    inflater: Inflater,
    /// Stored bytes, and which of them are still to be decoded.
    input: Vec<u8>,
    left: Range<usize>,
    /// The last bytes decoded, how many of them there are, and how many were handed out.
    window: Vec<u8>,
    decoded: usize,
    given: usize,
    ended: bool,
}

/// How far back a match may reach (RFC 1951, 3.2.5).
pub(crate) const REACH: usize = 32 << 10;

impl<R: Read> Inflating<R> {
    fn new(stored: R) -> Self {
        Inflating {
            stored,
            inflater: Inflater::new(),
            input: vec![0; FIRST],
            left: 0..0,
            window: vec![0; FIRST + Inflater::OVERSHOOT],
            decoded: 0,
            given: 0,
            ended: false,
        }
    }

    /// Decodes some bytes more.
    fn decode(&mut self) -> io::Result<()> {
        if self.decoded > 0 {
            self.window.resize(4 * REACH, 0);
        }
        if self.decoded > 2 * REACH {
            self.window.copy_within(self.decoded - REACH..self.decoded, 0);
            (self.decoded, self.given) = (REACH, REACH);
        }
        if self.left.is_empty() {
            if self.left.end > 0 {
                self.input.resize(INPUT, 0);
            }
            self.left = 0..self.stored.read(&mut self.input)?;
        }
        let until = self.window.len() - Inflater::OVERSHOOT;
        let mut input = &self.input[self.left.clone()];
        let status = self.inflater.decode(&mut input, &mut self.window, &mut self.decoded, until);
        self.left.start = self.left.end - input.len();
        self.ended = match status {
            Ok(status) => status == Status::End,
            // At its end, the window is not full.
            Err(error) if error.kind() == ErrorKind::TooShort => true,
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        Ok(())
    }
}

impl<R: Read> Read for Inflating<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded && !self.ended {
            self.decode()?;
        }
        let ready = &self.window[self.given..self.decoded];
        let len = ready.len().min(buffer.len());
        buffer[..len].copy_from_slice(&ready[..len]);
        self.given += len;
        Ok(len)
    }
}
