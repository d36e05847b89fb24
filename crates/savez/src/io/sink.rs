//! Where archives are written to: files by position, anything else in sequence.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use super::grow::Growing;
use super::replace::Replacement;
use crate::{Error, Result};

/// Pieces at least this long go to the file as they are; shorter ones are gathered.
const LARGE: usize = 64 << 10;

/// Gathered bytes go to the file when there are this many.
const GATHER: usize = 256 << 10;

/// What an archive is written to.
pub(crate) enum Sink<'w> {
    /// A file of our own, written at places.
    File(Gathered),
    /// A writer of the caller's that can seek. Offsets count from where it stood.
    Seek { writer: Box<dyn WriteSeek + Send + 'w>, start: u64, at: u64, reached: u64 },
    /// A writer that cannot: each byte has one chance.
    Stream { writer: Box<dyn Write + Send + 'w>, at: u64 },
}

/// `Write + Seek` in one, so that it can be boxed.
pub(crate) trait WriteSeek: Write + Seek {}

impl<W: Write + Seek> WriteSeek for W {}

impl<'w> Sink<'w> {
    pub(crate) fn replacement(replacement: Replacement) -> Self {
        if replacement.is_positional() {
            return Self::file(Output::New(replacement), 0);
        }
        Sink::Stream { writer: Box::new(Special(replacement)), at: 0 }
    }

    /// A file of our own, to be written from `start` on.
    pub(crate) fn file(output: Output, start: u64) -> Self {
        Sink::File(Gathered { output, first: start, start, bytes: Vec::new() })
    }

    pub(crate) fn seek(mut writer: impl Write + Seek + Send + 'w) -> Result<Self> {
        let start = writer.stream_position().map_err(writing)?;
        Ok(Sink::Seek { writer: Box::new(writer), start, at: start, reached: start })
    }

    pub(crate) fn stream(writer: impl Write + Send + 'w) -> Self {
        Sink::Stream { writer: Box::new(writer), at: 0 }
    }

    /// Whether bytes must come in sequence.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Sink::Stream { .. })
    }

    /// Bytes that were there before.
    pub(crate) fn start(&self) -> u64 {
        match self {
            Sink::Seek { start, .. } => *start,
            Sink::File(file) => file.first,
            Sink::Stream { .. } => 0,
        }
    }

    /// Whether the old file stays until the end.
    pub(crate) fn is_atomic(&self) -> bool {
        matches!(self, Sink::File(file) if file.output.is_atomic())
    }

    /// Up to where there may be bytes that nobody can take back: those of a failed member would
    /// else follow the end record. A file of our own is cut when it is finished.
    pub(crate) fn reached(&self) -> u64 {
        match self {
            Sink::Seek { reached, .. } => *reached,
            Sink::File(_) | Sink::Stream { .. } => 0,
        }
    }

    /// Writes `bytes` at `offset`. A stream takes the next offset only.
    pub(crate) fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        match self {
            Sink::File(file) => file.write_at(offset, bytes),
            Sink::Seek { writer, at, reached, .. } => {
                if *at != offset {
                    writer.seek(SeekFrom::Start(offset)).map_err(writing)?;
                }
                // Should the write fail half-way, the next one seeks.
                *reached = (*reached).max(offset + bytes.len() as u64);
                *at = u64::MAX;
                writer.write_all(bytes).map_err(writing)?;
                *at = offset + bytes.len() as u64;
                Ok(())
            }
            Sink::Stream { writer, at } => {
                debug_assert_eq!(*at, offset, "a stream is written in sequence");
                writer.write_all(bytes).map_err(writing)?;
                *at += bytes.len() as u64;
                Ok(())
            }
        }
    }

    /// All is written: flushes, leaves the caller's writer at `end`, gives our own file its name.
    pub(crate) fn finish(self, end: u64) -> Result<()> {
        match self {
            Sink::File(mut file) => {
                file.flush()?;
                file.output.commit(end)
            }
            Sink::Seek { mut writer, .. } => {
                writer.seek(SeekFrom::Start(end)).map_err(writing)?;
                writer.flush().map_err(writing)
            }
            Sink::Stream { mut writer, .. } => writer.flush().map_err(writing),
        }
    }
}

fn writing(error: io::Error) -> Error {
    Error::io(error, "cannot write the file")
}

/// A file of our own: a new one, or an old one with more in it.
pub(crate) enum Output {
    New(Replacement),
    /// A new one in place of another, which is kept from others until then.
    Instead {
        file: Replacement,
        _until: Box<dyn Send>,
    },
    Grown(Growing),
}

impl Output {
    fn is_atomic(&self) -> bool {
        match self {
            Output::New(file) | Output::Instead { file, .. } => file.is_atomic(),
            Output::Grown(_) => true,
        }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        match self {
            Output::New(file) | Output::Instead { file, .. } => {
                write_all_at(file.file(), bytes, offset)
            }
            Output::Grown(file) => file.write_all_at(bytes, offset),
        }
    }

    fn commit(self, end: u64) -> Result<()> {
        match self {
            Output::New(file) | Output::Instead { file, .. } => {
                file.file().set_len(end).map_err(writing)?;
                file.commit()
            }
            Output::Grown(file) => file.commit(end),
        }
    }
}

/// A file whose small writes are gathered, as long as they follow each other or go back to what
/// is still gathered.
pub(crate) struct Gathered {
    output: Output,
    /// Where the first byte goes.
    first: u64,
    /// Where the gathered bytes belong.
    start: u64,
    bytes: Vec<u8>,
}

impl Gathered {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let end = self.start + self.bytes.len() as u64;
        if let Some(place) = offset.checked_sub(self.start)
            && offset + bytes.len() as u64 <= end
        {
            let place = place as usize;
            self.bytes[place..place + bytes.len()].copy_from_slice(bytes);
            return Ok(());
        }
        if offset != end || bytes.len() >= LARGE {
            self.flush()?;
            self.output.write_all_at(bytes, offset)?;
            if offset == end {
                self.start = end + bytes.len() as u64;
            }
            return Ok(());
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= GATHER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.output.write_all_at(&self.bytes, self.start)?;
        self.start += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }
}

/// A device or pipe opened by name: written in sequence, and never renamed over.
struct Special(Replacement);

impl Write for Special {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.file().write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes all of `bytes` at `offset`, however often the system takes only a part.
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> Result<()> {
    while !bytes.is_empty() {
        match file_write_at(file, bytes, offset) {
            Ok(0) => return Err(writing(io::ErrorKind::WriteZero.into())),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(writing(error)),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn file_write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn file_write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}
