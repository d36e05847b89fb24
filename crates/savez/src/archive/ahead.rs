//! Small stored members, read one after the other: most of them from a stretch of the file that was read with
//! an earlier one.
//!
//! What comes from the stretch is checked as any read is: local header against directory, bounds, npy header,
//! CRC. Whatever is unusual, or wrong, is left to [`Member`](super::member::Member), which reads the file itself
//! and has the words of error. No byte is served twice: who asks for an array again reads it again.

use super::heads::Heads;
use crate::io::source::Source;
use crate::npy::header::Header;
use crate::zip::directory::Entry;
use crate::zip::record::Method;
use crate::{Limits, Result};

/// Members that take more than this, headers and all, are worth a call of their own, straight to where they are
/// wanted.
const SMALL: u64 = 8 << 10;

/// How far to read from a member on that follows the last one served: four times as far each time, up to the most.
const FIRST_STEP: u64 = 4 << 10;
const MOST: u64 = 64 << 10;

/// A stretch of the file, and the npy headers met last.
#[derive(Default)]
pub(super) struct Ahead {
    bytes: Vec<u8>,
    /// Where in the file the stretch starts.
    start: u64,
    /// Up to where in the file members have been served.
    served: u64,
    step: u64,
    heads: Heads,
}

/// Whether a member is to be had in this way.
pub(super) fn is_small(entry: &Entry) -> bool {
    entry.method() == Method::STORED && entry.next() - entry.offset() <= SMALL
}

impl Ahead {
    /// Whether the member's bytes are here.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        entry.offset() >= self.served.max(self.start)
            && entry.next() <= self.start + self.bytes.len() as u64
    }

    /// Reads a small member's bytes, and some behind them if it follows the last one served. Members end at `end`.
    pub(super) fn read(&mut self, source: &Source, entry: &Entry, end: u64) -> Result<()> {
        self.step = match entry.offset() == self.served {
            true => (4 * self.step).clamp(FIRST_STEP, MOST),
            false => 0,
        };
        let stop = entry.next().max(end.min(entry.offset() + self.step));
        // What is there is overwritten, and need not be cleared.
        self.bytes.resize((stop - entry.offset()) as usize, 0);
        self.start = entry.offset();
        self.served = entry.offset();
        let read = source.read_up_to(&mut self.bytes, self.start);
        self.bytes.truncate(*read.as_ref().unwrap_or(&0));
        read.map(drop)
    }

    /// Header and data of a member whose bytes are here, all checks passed; `None` if it is no plain array.
    pub(super) fn array(&mut self, entry: &Entry, limits: &Limits) -> Option<(&Header, &[u8])> {
        if !self.has(entry) {
            return None;
        }
        self.served = entry.next();
        let bytes = &self.bytes
            [(entry.offset() - self.start) as usize..(entry.next() - self.start) as usize];
        let front = entry.check_local(bytes).ok()? - entry.offset();
        let member = bytes.get(usize::try_from(front).ok()?..)?;
        let member = member.get(..usize::try_from(entry.size()).ok()?)?;
        if entry.stored_size() != entry.size() || crc32fast::hash(member) != entry.crc32() {
            return None;
        }
        let (header, head_len) = self.heads.read(member, limits)?;
        let data = &member[head_len..];
        let fits = data.len() == header.nbytes() && data.len() as u64 <= limits.member_bytes;
        (fits && !header.dtype().has_objects()).then_some((header, data))
    }

    /// Forgets the bytes, once the last of them have been served.
    pub(super) fn drop_served(&mut self, end: u64) {
        if self.served >= end {
            self.bytes = Vec::new();
        }
    }
}
