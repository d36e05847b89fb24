//! The input in pieces that end with a line: [`Batches`].
//!
//! A batch is known to be text in its encoding; it tells how many rows it has at most.

use std::io::Read;
use std::ops::Range;

use super::dialect::{Dialect, LineEnds};
use super::error::Error;

/// Bytes of the first batch, from which columns and rows are known.
const FIRST: usize = 256 << 10;
/// Bytes of the others: large enough to keep threads busy for milliseconds, and of no weight beside
/// the arrays that take longer than that to read.
const LATER: usize = 8 << 20;

/// Whole lines.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where the first line starts that is not to be left out.
    start: usize,
    /// Where the bytes start in the input.
    pub(super) offset: u64,
}

/// A portion of a batch that ends with a line.
pub(super) struct Block {
    pub(super) range: Range<usize>,
    /// At least as many as there are rows.
    pub(super) lines: usize,
}

impl Batch {
    /// All of it. Blocks are ranges in it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The lines. Without any, the input is at its end.
    pub(super) fn lines(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The lines in blocks of some `size` bytes. No row is shorter than `shortest`.
    pub(super) fn blocks(&self, dialect: &Dialect, size: usize, shortest: usize) -> Vec<Block> {
        let bytes = self.bytes.as_slice();
        let returns = dialect.line_ends == LineEnds::Any && memchr::memchr(b'\r', bytes).is_some();
        let mut blocks = Vec::new();
        let mut start = self.start;
        while start < bytes.len() {
            let inside = (start + size).min(bytes.len() - 1);
            let end = inside + dialect.line_end(&bytes[inside..]).1;
            let block = &bytes[start..end];
            let mut lines = memchr::memchr_iter(b'\n', block).count();
            if returns {
                let is_alone = |&at: &usize| block.get(at + 1) != Some(&b'\n');
                lines += memchr::memchr_iter(b'\r', block).filter(is_alone).count();
            }
            let lines = lines.min(block.len() / shortest);
            blocks.push(Block { range: start..end, lines });
            start = end;
        }
        blocks
    }
}

/// Reads batch after batch.
pub(super) struct Batches<'a, R> {
    input: R,
    dialect: &'a Dialect,
    /// Lines yet to be left out.
    skip: u64,
    /// The start of a line that was read with the batch before.
    carry: Vec<u8>,
    offset: u64,
    size: usize,
    has_ended: bool,
    /// Whether the last line had no end and was given one.
    has_added_end: bool,
}

impl<'a, R: Read> Batches<'a, R> {
    /// `skip` lines are left out at the start.
    pub(super) fn new(input: R, dialect: &'a Dialect, skip: u64) -> Self {
        Batches {
            input,
            dialect,
            skip,
            carry: Vec::new(),
            offset: 0,
            size: FIRST,
            has_ended: false,
            has_added_end: false,
        }
    }

    /// The next batch, made in the memory of one that is no longer needed.
    pub(super) fn next(&mut self, spent: Batch) -> Result<Batch, Error> {
        let mut bytes = spent.bytes;
        loop {
            self.fill(&mut bytes)?;
            let offset = self.offset;
            self.offset += bytes.len() as u64;
            self.size = LATER;
            if !self.dialect.encoding.has(&bytes) {
                return Err(Error::Encoding);
            }
            let start = self.skipped(&bytes);
            if start < bytes.len() || bytes.is_empty() {
                return Ok(Batch { bytes, start, offset });
            }
        }
    }

    /// How many bytes were in the batches.
    pub(super) fn length(&self) -> u64 {
        self.offset - u64::from(self.has_added_end)
    }

    /// Fills `bytes` with whole lines: up to the last line end, or the end of the input.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.clear();
        bytes.append(&mut self.carry);
        let mut wanted = self.size;
        while !self.has_ended {
            let read = self.input.by_ref().take(wanted as u64).read_to_end(bytes)?;
            self.has_ended = read < wanted;
            // A line that goes on and on: look for its end in twice as many bytes each time.
            wanted = bytes.len().max(self.size);
            if let Some(end) = self.last_line_end(bytes)
                && !self.has_ended
            {
                self.carry.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                return Ok(());
            }
        }
        if bytes.last().is_some_and(|&last| last != b'\n') {
            bytes.push(b'\n');
            self.has_added_end = true;
        }
        Ok(())
    }

    /// The end of the last line that is whole. A `\r` at the very end may belong to a `\r\n`.
    fn last_line_end(&self, bytes: &[u8]) -> Option<usize> {
        let newline = memchr::memrchr(b'\n', bytes);
        let end = match self.dialect.line_ends {
            LineEnds::Newline => newline,
            LineEnds::Any => newline.or_else(|| memchr::memrchr(b'\r', bytes.split_last()?.1)),
        };
        end.map(|end| end + 1)
    }

    /// Where the first line starts that is not to be left out.
    fn skipped(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while self.skip > 0 && at < bytes.len() {
            at += self.dialect.line_end(&bytes[at..]).1;
            self.skip -= 1;
        }
        at
    }
}
