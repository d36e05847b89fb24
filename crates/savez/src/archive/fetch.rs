//! The data of members into memory, by several threads.
//!
//! Reading scales with threads, writing does not. Stored members are read in pieces, each hashed while in
//! cache; the CRC of the whole follows from those of the pieces. Compressed members are a piece
//! each. Threads take the next piece when they are done with one, whatever member it belongs to.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crc32fast::Hasher;

use super::bounce::Bounce;
use super::inflate::Decoder;
use super::payload::{PIECE, Payload};
use super::threads;
use crate::npy::native::Reversal;
use crate::zip::record::Method;
use crate::zip::segments::Segments;
use crate::{Error, ErrorKind, Result};

/// How many bytes that are only read take as long as a deflated one: what is inflated depends on what is stored more
/// than on what it becomes.
const READ_FOR_INFLATED: u64 = 32;

/// Bytes that a thread takes at a time, and a multiple of which its share begins in memory: a huge page, or two
/// threads that come upon the same one would both clear it.
const SHARE: usize = 2 << 20;

/// The same of arrays that are too small for huge pages.
const SMALL_SHARE: usize = 1 << 20;

/// More threads than this wait for memory.
const MOST_THREADS: usize = 16;

/// A member's data and the room they go to.
pub(super) struct Job<'a> {
    pub(super) payload: &'a Payload,
    /// Bytes in front of the data, and their CRC.
    pub(super) head: (u64, u32),
    pub(super) room: &'a mut [u8],
    /// What is done to the data once they are hashed.
    pub(super) reversal: &'a Reversal,
}

impl Job<'_> {
    /// What it takes, in bytes that are only read.
    fn work(&self) -> u64 {
        let stored = match self.payload.method {
            Method::STORED => 0,
            _ => self.payload.stored_size,
        };
        stored.saturating_mul(READ_FOR_INFLATED).saturating_add(self.room.len() as u64)
    }
}

/// Fills the rooms of all jobs and compares the CRCs of their members. `watch` is told now and then how
/// many bytes there are more, also while only other threads are at work; its error ends the reading. Of
/// several members that are damaged, the error is that of the first.
pub(super) fn fetch(jobs: &mut [Job<'_>], mut watch: impl FnMut(u64) -> Result<()>) -> Result<()> {
    let mut told = 0;
    let mut tell = |done: u64| {
        // What is read once more was told before.
        let more = done.saturating_sub(told);
        told += more;
        watch(more)
    };
    match run(jobs, true, &mut tell) {
        // An index may lie and the stream be sound. If it is not, this says so too.
        Err(Failure::InMember { member, error })
            if jobs[member].payload.segments.is_some()
                && matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Format) =>
        {
            run(jobs, false, &mut tell)
        }
        result => result,
    }
    .map_err(|failure| match failure {
        Failure::Watch(error) | Failure::InMember { error, .. } => error,
    })
}

/// Why not everything was read.
enum Failure {
    /// The watch wants no more.
    Watch(Error),
    /// A member could not be read, or its CRC is wrong.
    InMember { member: usize, error: Error },
}

fn run(
    jobs: &mut [Job<'_>],
    by_segments: bool,
    tell: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<(), Failure> {
    let total: usize = jobs.iter().map(|job| job.room.len()).sum();
    let work = jobs.iter().map(Job::work).fold(0, u64::saturating_add);
    let threads = match jobs.iter().all(|job| job.payload.source.is_concurrent()) {
        true if work >= threads::PARALLEL_FROM => threads::cores(),
        _ => 1,
    };
    let (members, shares) = split(jobs, by_segments, threads);
    let threads = threads.min(shares.len()).min(MOST_THREADS);
    let work = Work {
        members,
        shares: Mutex::new(shares.into_iter()),
        done: AtomicU64::new(0),
        failed: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
    };
    let mut refusal = None;
    let mut tell = |done| {
        if refusal.is_none()
            && let Err(error) = tell(done)
        {
            refusal = Some(error);
            work.stopped.store(true, Ordering::Relaxed);
        }
    };
    let done = match threads {
        0 | 1 => work.run(&mut tell),
        _ => work.run_on(threads, &mut tell),
    };
    if done.failure.is_none() {
        tell(total as u64);
    }
    match refusal {
        Some(error) => Err(Failure::Watch(error)),
        None => work.check(done),
    }
}

/// What is to be done, and what has been.
struct Work<'a> {
    members: Vec<Member<'a>>,
    shares: Mutex<std::vec::IntoIter<Share<'a>>>,
    done: AtomicU64,
    /// A share could not be filled: those behind it need not be.
    failed: AtomicBool,
    /// Nobody wants the rest, not even of the shares at hand.
    stopped: AtomicBool,
}

/// What one thread, or all together, got done.
#[derive(Default)]
struct Done {
    crcs: Vec<ShareCrc>,
    /// The first in the order of the shares. All before it were taken, and are done.
    failure: Option<(usize, u64, Error)>,
}

impl Done {
    fn add(&mut self, other: Done) {
        self.crcs.extend(other.crcs);
        let failures = [self.failure.take(), other.failure].into_iter().flatten();
        self.failure = failures.min_by_key(|(member, at, _)| (*member, *at));
    }
}

struct Member<'a> {
    payload: &'a Payload,
    head: (u64, u32),
    len: u64,
    segments: Option<&'a Segments>,
    reversal: &'a Reversal,
}

/// What a thread takes at a time: a part of a stored member, a slab or two of a segmented one, or a whole one.
struct Share<'a> {
    member: usize,
    number: usize,
    /// Bytes from the start of the data.
    at: u64,
    room: &'a mut [u8],
}

/// The CRC of a part of a stored member.
pub(super) struct ShareCrc {
    pub(super) member: usize,
    /// Bytes from where reading began to the part.
    pub(super) at: u64,
    pub(super) len: u64,
    pub(super) crc: u32,
}

/// The CRC of a head, of which length and CRC are known, and all parts behind it, in their order.
pub(super) fn joined(head: (u64, u32), parts: &[ShareCrc]) -> u32 {
    let mut hasher = Hasher::new_with_initial_len(head.1, head.0);
    for part in parts {
        hasher.combine(&Hasher::new_with_initial_len(part.crc, part.len));
    }
    hasher.finalize()
}

fn split<'a>(
    jobs: &'a mut [Job<'_>],
    by_segments: bool,
    threads: usize,
) -> (Vec<Member<'a>>, Vec<Share<'a>>) {
    let (mut members, mut shares) = (Vec::new(), Vec::new());
    // Many members keep all threads busy, whoever takes which.
    let threads = if jobs.len() > threads { 1 } else { threads };
    for (member, Job { payload, head, room, reversal }) in jobs.iter_mut().enumerate() {
        let unit = reversal.unit();
        let segments = payload.segments.as_deref().filter(|segments| {
            // Slabs that cut elements are none of ours.
            by_segments && segments.slab().is_multiple_of(unit as u64)
        });
        members.push(Member { payload, head: *head, len: room.len() as u64, segments, reversal });
        // What the first takes, all together, and what each of them and of the others takes.
        let (first, of_first, of_others) = match (payload.method, segments) {
            (Method::STORED, _) if room.len() < 2 * SHARE => {
                let share = SMALL_SHARE.next_multiple_of(unit);
                (0, share, share)
            }
            (Method::STORED, _) => {
                let first = (SHARE - room.as_ptr().addr() % SHARE).next_multiple_of(unit);
                (first, first, SHARE.next_multiple_of(unit))
            }
            // It fits into memory, as the room does.
            (_, Some(segments)) => {
                let slab = segments.slab().min(room.len() as u64) as usize;
                let pairs = pairs(room.len().div_ceil(slab.max(1)), threads);
                (2 * pairs * slab, 2 * slab, slab)
            }
            _ => (0, room.len(), room.len()),
        };
        let (first, others) = room.split_at_mut(first.min(room.len()));
        let first = first.chunks_mut(of_first.max(1));
        let (mut at, mut number) = (0, 0);
        for room in first.chain(others.chunks_mut(of_others.max(1))) {
            let len = room.len();
            shares.push(Share { member, number, at, room });
            at += len as u64;
            number += len.div_ceil(of_others);
        }
    }
    (members, shares)
}

/// Of how many pairs of slabs, at most, each is for one thread, if all are to end together: two take less time in turn than
/// one after the other.
fn pairs(slabs: usize, threads: usize) -> usize {
    slabs - slabs.div_ceil(2).next_multiple_of(threads.max(1)).min(slabs)
}

impl<'a> Work<'a> {
    /// Takes one share after the other until none is left; tells `watch` how many bytes all
    /// threads together have.
    fn run(&self, mut watch: impl FnMut(u64)) -> Done {
        let mut done = Done::default();
        let mut bounce = Bounce::default();
        let mut decoder = None;
        while let Some(share) = self.next() {
            let member = &self.members[share.member];
            let (number, at) = (share.member, share.at);
            let mut step = |len: usize| {
                let len = len as u64;
                watch(self.done.fetch_add(len, Ordering::Relaxed) + len);
                if self.stopped.load(Ordering::Relaxed) { Err(Error::stopped()) } else { Ok(()) }
            };
            let filled = match member.payload.method {
                Method::STORED => {
                    member.read(share, &mut bounce, &mut step).map(|crc| done.crcs.push(crc))
                }
                _ => member.decode(share, &mut decoder, &mut step),
            };
            if let Err(error) = filled {
                self.failed.store(true, Ordering::Relaxed);
                done.failure = Some((number, at, member.payload.blame(error)));
                break;
            }
        }
        done
    }

    /// The same by other threads.
    fn run_on(&self, threads: usize, watch: &mut impl FnMut(u64)) -> Done {
        let tell = || watch(self.done.load(Ordering::Relaxed));
        let parts = threads::run_on(threads, || self.run(|_| {}), tell);
        if parts.is_empty() {
            return self.run(watch);
        }
        let mut done = Done::default();
        parts.into_iter().for_each(|part| done.add(part));
        done
    }

    fn next(&self) -> Option<Share<'a>> {
        // Read while nobody else takes one: every share before one that failed has been taken.
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = self.failed.load(Ordering::Relaxed) || self.stopped.load(Ordering::Relaxed);
        if ended { None } else { shares.next() }
    }

    /// Compares the CRCs of stored members, up to the first in which something failed.
    fn check(&self, mut done: Done) -> Result<(), Failure> {
        done.crcs.sort_unstable_by_key(|share| (share.member, share.at));
        let mut crcs = done.crcs.as_slice();
        let last = done.failure.as_ref().map_or(self.members.len(), |(member, ..)| *member);
        for (number, member) in self.members[..last].iter().enumerate() {
            let len = crcs.iter().take_while(|share| share.member == number).count();
            let (own, rest) = crcs.split_at(len);
            member.check(own).map_err(|error| Failure::InMember {
                member: number,
                error: member.payload.blame(error),
            })?;
            crcs = rest;
        }
        match done.failure {
            Some((member, _, error)) => Err(Failure::InMember { member, error }),
            None => Ok(()),
        }
    }
}

impl Member<'_> {
    /// Reads a part of a stored member.
    fn read(
        &self,
        share: Share<'_>,
        bounce: &mut Bounce,
        step: &mut impl FnMut(usize) -> Result<()>,
    ) -> Result<ShareCrc> {
        let Share { member, at, room, .. } = share;
        let len = room.len() as u64;
        let mut from = self.payload.start + self.head.0 + at;
        let mut hasher = Hasher::new();
        for piece in room.chunks_mut(self.piece()) {
            bounce.read_exact_at(&self.payload.source, piece, from)?;
            if self.payload.crc.is_some() {
                hasher.update(piece);
            }
            self.reversal.apply(piece);
            from += piece.len() as u64;
            step(piece.len())?;
        }
        Ok(ShareCrc { member, at, len, crc: hasher.finalize() })
    }

    /// Decodes a slab or two, or a whole member, and compares their CRC.
    fn decode(
        &self,
        share: Share<'_>,
        decoder: &mut Option<Decoder>,
        step: &mut impl FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let Share { number, room, .. } = share;
        // There may be bytes behind the array.
        let is_all = self.head.0 + self.len == self.payload.size;
        match (self.payload.method, self.segments) {
            (Method::DEFLATED, Some(segments)) => {
                let decoder = decoder.get_or_insert_default();
                decoder.slabs(self.payload, segments, number, room)?;
                step(room.len())?;
            }
            (Method::DEFLATED, None) if is_all => {
                decoder.get_or_insert_default().whole(self.payload, self.head, room, step)?;
            }
            _ => {
                let mut bytes = self.payload.verified_from(self.head.0, self.head.1)?;
                for piece in room.chunks_mut(self.piece()) {
                    bytes.fill(piece)?;
                    self.reversal.apply(piece);
                    step(piece.len())?;
                }
                return bytes.finish();
            }
        }
        self.reversal.apply(room);
        Ok(())
    }

    /// Bytes to read at a time.
    fn piece(&self) -> usize {
        PIECE.next_multiple_of(self.reversal.unit())
    }

    /// Compares the CRC of a stored member, given those of its parts.
    fn check(&self, parts: &[ShareCrc]) -> Result<()> {
        if self.payload.method != Method::STORED && self.len > 0 {
            return Ok(());
        }
        // There may be bytes behind the array.
        let read = self.head.0 + self.len;
        self.payload.verified_from(read, joined(self.head, parts))?.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn slabs_are_paired_so_that_no_thread_has_more_to_do_than_another() {
        // One thread: all but the last of an odd number.
        assert_eq!([0, 1, 2, 3, 8].map(|slabs| pairs(slabs, 1)), [0, 0, 1, 1, 4]);
        // Two: a slab each; a pair and a slab; two pairs; and so on.
        assert_eq!([1, 2, 3, 4, 6, 15].map(|slabs| pairs(slabs, 2)), [0, 0, 1, 2, 2, 7]);
        assert_eq!([8, 16, 20, 33].map(|slabs| pairs(slabs, 16)), [0, 0, 4, 1]);
    }
}
