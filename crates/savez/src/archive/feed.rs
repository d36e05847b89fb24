//! What a member is made of, on its way into the archive: pieces, copied and hashed.
//!
//! Every piece is a copy of its own, so that what is hashed is what is written, even if a program changes
//! an array while it is saved. A copy that stays in cache costs next to nothing, and of large members it is
//! made, and hashed, by a second thread while the first one writes.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use crc32fast::Hasher;

use super::member::Member;
use super::payload::{Payload, Verified};
use super::threads;
use crate::npy::view::Pieces;
use crate::{Error, Result};

/// Bytes in a piece: few enough to stay in the cache. Pieces begin at multiples of it in the file, since the
/// system takes whole pages, and large ones, faster: 64 instead of 79 ms for 256 MiB.
const PIECE: usize = 512 << 10;

/// Members of this many bytes and more are worth a second thread.
const PARALLEL_FROM: u64 = 2 << 20;

/// Pieces that may wait between the two threads: the fewer, the more likely they are still in a cache when they are written.
const AHEAD: usize = 1;

/// A member's bytes, piece by piece.
pub(super) trait Feed {
    /// Sets `piece` to the next bytes, about `wanted` many; none at the end.
    fn next(&mut self, wanted: usize, piece: &mut Vec<u8>) -> Result<()>;
}

impl Feed for Pieces<'_> {
    fn next(&mut self, wanted: usize, piece: &mut Vec<u8>) -> Result<()> {
        Pieces::next(self, wanted, piece);
        Ok(())
    }
}

/// The bytes of a member of another archive; at the end their CRC is compared.
pub(super) struct Copied<'a> {
    payload: &'a Payload,
    bytes: Option<Verified>,
    left: u64,
}

impl<'a> Copied<'a> {
    /// An array's data.
    pub(super) fn new(member: &'a Member) -> Result<Copied<'a>> {
        let left = member.data_len();
        Ok(Copied { payload: member.payload(), bytes: Some(member.data()?), left })
    }

    /// Everything behind the first bytes, which have been read already and have that CRC.
    pub(super) fn behind(payload: &'a Payload, (len, crc): (u64, u32)) -> Result<Copied<'a>> {
        let bytes = payload.verified_from(len, crc).map_err(|error| payload.blame(error))?;
        Ok(Copied { payload, bytes: Some(bytes), left: payload.size - len })
    }
}

impl Feed for Copied<'_> {
    fn next(&mut self, wanted: usize, piece: &mut Vec<u8>) -> Result<()> {
        let len = self.left.min(wanted as u64);
        self.left -= len;
        piece.resize(len as usize, 0);
        match &mut self.bytes {
            Some(bytes) if len > 0 => bytes.fill(piece),
            bytes => bytes.take().map_or(Ok(()), Verified::finish),
        }
        .map_err(|error| self.payload.blame(error))
    }
}

/// The bytes of any reader.
pub(super) struct FromReader<R>(pub(super) R);

impl<R: Read> Feed for FromReader<R> {
    fn next(&mut self, wanted: usize, piece: &mut Vec<u8>) -> Result<()> {
        piece.resize(wanted, 0);
        let mut filled = 0;
        while filled < wanted {
            match self.0.read(&mut piece[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    let reading = |e| Error::io(e, "cannot read the member's bytes");
                    return Err(e.downcast::<Error>().unwrap_or_else(reading));
                }
            }
        }
        piece.truncate(filled);
        Ok(())
    }
}

/// Passes all pieces of a feed to `take`, and gives their CRC-32 and how many bytes they had. `at` is where in
/// the file the first of them goes.
pub(super) fn hashed(
    feed: &mut dyn Feed,
    at: u64,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<(u32, u64)> {
    let mut hasher = Hasher::new();
    let (mut piece, mut len) = (Vec::new(), 0);
    loop {
        feed.next(wanted(at + len), &mut piece)?;
        if piece.is_empty() {
            return Ok((hasher.finalize(), len));
        }
        hasher.update(&piece);
        take(&piece)?;
        len += piece.len() as u64;
    }
}

/// How many bytes to ask for next, so that pieces begin at multiples of their size.
fn wanted(at: u64) -> usize {
    PIECE - at as usize % PIECE
}

/// The same for a feed of about `size` bytes, with a second thread if it is worth one.
pub(super) fn hashed_ahead(
    feed: &mut (dyn Feed + Send),
    size: u64,
    at: u64,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<(u32, u64)> {
    if size < PARALLEL_FROM || threads::cores() == 1 {
        return hashed(feed, at, take);
    }
    let (filled, pieces) = mpsc::sync_channel(AHEAD);
    let (used, empty) = mpsc::sync_channel(AHEAD);
    let ahead = thread::scope(|scope| {
        let feed = &mut *feed;
        let fill = move || fill_ahead(feed, at, &filled, &empty);
        let filler = thread::Builder::new().spawn_scoped(scope, fill).ok()?;
        let taken = take_all(&pieces, &used, &mut take);
        // It stops when nobody takes its pieces.
        drop((pieces, used));
        let filled = filler.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Some(taken.and(filled))
    });
    // Where the system allows no more threads, this one does all.
    ahead.unwrap_or_else(|| hashed(feed, at, take))
}

/// Sends piece after piece, into buffers that come back; gives the CRC and the number of bytes sent.
fn fill_ahead(
    feed: &mut dyn Feed,
    at: u64,
    filled: &SyncSender<Vec<u8>>,
    empty: &Receiver<Vec<u8>>,
) -> Result<(u32, u64)> {
    let mut hasher = Hasher::new();
    let mut len = 0;
    loop {
        let mut piece = empty.try_recv().unwrap_or_default();
        feed.next(wanted(at + len), &mut piece)?;
        hasher.update(&piece);
        len += piece.len() as u64;
        if piece.is_empty() || filled.send(piece).is_err() {
            return Ok((hasher.finalize(), len));
        }
    }
}

fn take_all(
    pieces: &Receiver<Vec<u8>>,
    used: &SyncSender<Vec<u8>>,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    for piece in pieces {
        take(&piece)?;
        // Of those in use, one more than there is room for may come back at the very end.
        _ = used.try_send(piece);
    }
    Ok(())
}
