//! The text of an array as a file, compressed or not.
//!
//! Compressed blocks are made where their text is made, each by an encoder of its own that ends on
//! a byte; one behind the other they are one DEFLATE stream (RFC 1951), so the file has one gzip
//! member (RFC 1952), as every tool expects.

use std::path::Path;

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};

use super::rows::{BadRow, TextRows};
use crate::io::replace::Replacement;
use crate::io::sink::Sink;
use crate::{Error, Result};

/// No name, no time, so that the same text gives the same file; no word on the system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A last block of no bytes.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Of numbers, it makes files as small as level 9 does, which NumPy takes, in half the time.
const LEVEL: u32 = 7;

/// Writes a file of the rows between `head` and `foot`, which takes the name when it is whole; if
/// `gzip`, compressed. `watch` is called after every block with the number of bytes of text since the
/// last call, and may end it.
///
/// A row that has no text is returned; there is no new file then.
///
/// # Errors
/// If the system refuses, or those of `watch`. The old file is then what it was.
pub fn save_rows(
    path: impl AsRef<Path>,
    rows: &TextRows<'_>,
    [head, foot]: [&[u8]; 2],
    gzip: bool,
    threads: Option<usize>,
    watch: impl FnMut(u64) -> Result<()>,
) -> Result<Option<BadRow>> {
    let path = path.as_ref();
    let save = match gzip {
        true => save_compressed(path, rows, [head, foot], threads, watch),
        false => save_plain(path, rows, [head, foot], threads, watch),
    };
    save.map_err(|error| error.in_file(Some(path)))
}

/// A file that is written from its start to its end, and then takes its name. Dropped before, it
/// leaves nothing behind, and the old file is what it was.
pub struct NewFile {
    sink: Sink<'static>,
    end: u64,
}

impl NewFile {
    /// Starts a file that will be called that.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn create(path: impl AsRef<Path>) -> Result<NewFile> {
        let path = path.as_ref();
        let replacement = Replacement::create(path, true, false);
        let replacement = replacement.map_err(|error| error.in_file(Some(path)))?;
        Ok(NewFile { sink: Sink::replacement(replacement), end: 0 })
    }

    /// Adds these bytes.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.sink.write_at(self.end, bytes)?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn finish(self) -> Result<()> {
        self.sink.finish(self.end)
    }
}

fn save_plain(
    path: &Path,
    rows: &TextRows<'_>,
    [head, foot]: [&[u8]; 2],
    threads: Option<usize>,
    mut watch: impl FnMut(u64) -> Result<()>,
) -> Result<Option<BadRow>> {
    let mut output = NewFile::create(path)?;
    output.write(head)?;
    let bad = rows.for_each_block(0..rows.len(), threads, |text| {
        output.write(text)?;
        watch(text.len() as u64)
    })?;
    if bad.is_some() {
        return Ok(bad);
    }
    output.write(foot)?;
    output.finish()?;
    Ok(None)
}

/// A block of text, compressed.
struct Block {
    bytes: Vec<u8>,
    crc: Hasher,
    length: u64,
}

fn save_compressed(
    path: &Path,
    rows: &TextRows<'_>,
    [head, foot]: [&[u8]; 2],
    threads: Option<usize>,
    mut watch: impl FnMut(u64) -> Result<()>,
) -> Result<Option<BadRow>> {
    let mut output = NewFile::create(path)?;
    let mut crc = Hasher::new();
    let mut length = 0;
    let mut add = |block: Result<Block>| {
        let block = block?;
        output.write(&block.bytes)?;
        crc.combine(&block.crc);
        length += block.length;
        watch(block.length)
    };
    add(Ok(Block { bytes: GZIP_HEADER.to_vec(), crc: Hasher::new(), length: 0 }))?;
    add(compressed(head))?;
    let make = |text: Vec<u8>| compressed(&text);
    let bad = rows.for_each_made(0..rows.len(), threads, make, &mut add)?;
    if bad.is_some() {
        return Ok(bad);
    }
    add(compressed(foot))?;
    output.write(&LAST_BLOCK)?;
    output.write(&crc.finalize().to_le_bytes())?;
    // The length modulo 2^32.
    output.write(&(length as u32).to_le_bytes())?;
    output.finish()?;
    Ok(None)
}

fn compressed(text: &[u8]) -> Result<Block> {
    let mut crc = Hasher::new();
    crc.update(text);
    let mut encoder = Compress::new(Compression::new(LEVEL), false);
    let mut bytes = Vec::with_capacity(text.len() / 2 + 64);
    while !text.is_empty() {
        let rest = &text[encoder.total_in() as usize..];
        let failed =
            |error: flate2::CompressError| Error::io(error.into(), "cannot compress the text");
        encoder.compress_vec(rest, &mut bytes, FlushCompress::Sync).map_err(failed)?;
        // Room left over says that everything is out.
        if bytes.len() < bytes.capacity() && encoder.total_in() as usize == text.len() {
            break;
        }
        bytes.reserve(bytes.capacity() / 2);
    }
    Ok(Block { bytes, crc, length: text.len() as u64 })
}
