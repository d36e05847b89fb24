//! A file that grows, and reads as before until it is said to be whole.
//!
//! Some formats are read from their end: what stands within [`REACH`] of it decides what the file
//! holds. So bytes can be added behind those of an old file without anybody seeing a half: an
//! *ending*, which makes the file read as it did, is written ahead of every stretch of new bytes, near enough
//! to the ending before it that one of the two is always within reach. When the new bytes and their own
//! ending are there, cutting off what stands behind them is the one step that changes how the file reads.

use std::fs::File;

use super::sink::write_all_at;
use crate::{Error, Result};

/// How far behind an ending a reader still finds it, in bytes: zip's end record may be followed by a
/// comment of that length (APPNOTE 4.3.16).
const REACH: u64 = u16::MAX as u64 - RECORD;

/// Bytes at the very end of an ending that readers look for: zip's end record.
const RECORD: u64 = 22;

/// Room left in front of an ending for what the directory will have more, so that it need not be written over
/// an ending that somebody may be reading.
const SPARE: u64 = 8192;

const PAGE: u64 = 4096;

/// A file being added to. Dropped before the [`commit`](Growing::commit), it is cut back to what it was.
pub(crate) struct Growing {
    /// Locked: two writers would overwrite each other.
    file: File,
    old_len: u64,
    /// Where the last ending written starts and ends.
    ending: (u64, u64),
    /// What makes the file read as it did, written from the given offset on.
    make_ending: MakeEnding,
    committed: bool,
    durable: bool,
}

/// Gives an ending for the offset it is to be written to.
pub(crate) type MakeEnding = Box<dyn Fn(u64) -> Vec<u8> + Send>;

impl Growing {
    /// The longest ending that can be leapt over with room for new bytes.
    pub(crate) const LONGEST_ENDING: u64 = REACH / 2;

    /// A file of `old_len` bytes, the last of which are an ending.
    pub(crate) fn new(file: File, old_len: u64, make_ending: MakeEnding, durable: bool) -> Growing {
        Growing {
            file,
            old_len,
            ending: (old_len, old_len),
            make_ending,
            committed: false,
            durable,
        }
    }

    /// Writes `bytes` at `offset`, which is behind the old file's end.
    pub(crate) fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        debug_assert!(offset >= self.old_len, "what was there stays");
        self.make_room(offset + bytes.len() as u64)?;
        write_all_at(&self.file, bytes, offset)
    }

    /// Moves the ending behind `end`, from one place to the next that is within reach of it.
    fn make_room(&mut self, end: u64) -> Result<()> {
        while end > self.ending.0 {
            let last = self.ending.1;
            let farthest = last + REACH;
            let len = (self.make_ending)(farthest).len() as u64;
            let wanted = last.max(end + len + SPARE);
            let start = unbroken(wanted.min(farthest - len), len, last);
            let ending = (self.make_ending)(start);
            write_all_at(&self.file, &ending, start)?;
            self.ending = (start, start + ending.len() as u64);
        }
        Ok(())
    }

    /// Has the file end at `end`: from now on it reads as the bytes before `end` say.
    pub(crate) fn commit(mut self, end: u64) -> Result<()> {
        let flushing = |error| Error::io(error, "cannot flush the file to the disk");
        if self.durable {
            self.file.sync_all().map_err(flushing)?;
        }
        self.file.set_len(end).map_err(|error| Error::io(error, "cannot end the file"))?;
        self.committed = true;
        if self.durable {
            self.file.sync_all().map_err(flushing)?;
        }
        Ok(())
    }
}

/// A start near `start` for an ending of `len` bytes, so that the record at its very end lies within one
/// page: a process may be killed between two pages, but not within one.
fn unbroken(start: u64, len: u64, least: u64) -> u64 {
    let broken = |start: u64| (start + len - RECORD) / PAGE != (start + len - 1) / PAGE;
    match broken(start) {
        true if start - least >= RECORD => start - RECORD,
        true => start + RECORD,
        false => start,
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if !self.committed {
            // Should it fail, the file still reads as it did.
            _ = self.file.set_len(self.old_len);
        }
        // A process forked meanwhile would else keep the lock.
        _ = self.file.unlock();
    }
}
