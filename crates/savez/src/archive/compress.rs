//! Members compressed: segment by segment, each by a thread of its own, in the order of the data.
//!
//! One thread takes the data, hashes them and writes what comes back; others compress. What they write depends on
//! the data, the dtype, the shape and the level alone, not on how many they are.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crc32fast::Hasher;
use savez_deflate::{Encoder, Hints, Level};

use super::feed::Feed;
use crate::npy::header::{Header, Order};
use crate::zip::segments::{Index, MOST_SLABS};
use crate::{Error, Result};

/// About so many bytes are compressed alone: few enough that parts of an array are cheap to read, and that all
/// threads have work; so many that it costs little of the size.
const SEGMENT: u64 = 512 << 10;

/// How a member is to be cut and compressed.
pub(super) struct Cut {
    /// Data bytes of a segment: whole rows, if they are no longer than that.
    slab: u64,
    /// Whether the member gets an index, and so its head a segment of its own.
    indexed: bool,
    hints: Hints,
}

impl Cut {
    /// The slabs of an array of that header: along its outermost axis in the file.
    pub(super) fn of(header: &Header) -> Cut {
        let item = header.dtype().itemsize().max(1);
        let shape = header.shape();
        let (outer, inner) = match header.order() {
            Order::C => (shape.first(), shape.last()),
            Order::Fortran => (shape.last(), shape.first()),
        };
        let data = header.nbytes() as u64;
        let row = outer.map_or(data, |&outer| data / (outer as u64).max(1)).max(item as u64);
        let unit = if row <= SEGMENT { row } else { item as u64 };
        let slab = (SEGMENT / unit).max(1) * unit;
        let slab = slab * data.div_ceil(slab).div_ceil(MOST_SLABS).max(1);
        let row = if shape.len() > 1 { inner.map_or(0, |&inner| inner * item) } else { 0 };
        let hints = Hints { item, row };
        match data > slab + slab / 2 {
            true => Cut { slab, indexed: true, hints },
            false => Cut { slab: data.max(1), indexed: false, hints },
        }
    }

    /// The slabs of bytes of which nothing is known.
    pub(super) fn of_bytes() -> Cut {
        Cut { slab: SEGMENT, indexed: false, hints: Hints::default() }
    }
}

/// What a member has become.
pub(super) struct Compressed {
    pub(super) crc: u32,
    pub(super) size: u64,
    pub(super) stored_size: u64,
    pub(super) index: Option<Vec<u8>>,
}

/// Compresses `head` and the data to a stream of segments, handing it to `put` piece by piece.
///
/// `put` is given stored bytes, and how many data bytes they stand for.
pub(super) fn to_deflate(
    head: Vec<u8>,
    data: &mut dyn Feed,
    cut: &Cut,
    level: u32,
    threads: usize,
    mut put: impl FnMut(&[u8], u64) -> Result<()>,
) -> Result<Compressed> {
    let level = Level::new(level.min(9) as u8).unwrap_or_default();
    let mut segments = Segments::new(head, data, cut)?;
    let mut done = Done::new(cut);
    let mut take = |segment: &Segment, stored: &[u8]| {
        done.add(segment, stored.len() as u64);
        put(stored, segment.data_len())
    };
    // One segment is not worth a thread.
    let worth_it = threads > 1 && !segments.is_single();
    if !(worth_it && in_parallel(&mut segments, level, cut.hints, threads, &mut take)?) {
        let mut encoder = Encoder::new(level, cut.hints);
        let mut stored = Vec::new();
        while let Some(segment) = segments.next()? {
            stored.clear();
            encoder.segment(&segment.bytes, segment.last, &mut stored);
            take(&segment, &stored)?;
            segments.used.push(segment.bytes);
        }
    }
    Ok(done.finish())
}

/// A stretch of a member to be compressed alone.
struct Segment {
    number: usize,
    bytes: Vec<u8>,
    /// Bytes of the head among them.
    head_len: usize,
    last: bool,
}

impl Segment {
    fn data_len(&self) -> u64 {
        (self.bytes.len() - self.head_len) as u64
    }
}

/// Cuts a member into segments.
struct Segments<'a> {
    data: &'a mut dyn Feed,
    slab: usize,
    /// Segments handed out.
    count: usize,
    next: Option<Segment>,
    /// The bytes of the segment behind that; none at the end.
    following: Vec<u8>,
    /// Buffers that may be used again.
    used: Vec<Vec<u8>>,
}

impl<'a> Segments<'a> {
    fn new(head: Vec<u8>, data: &'a mut dyn Feed, cut: &Cut) -> Result<Segments<'a>> {
        let slab = usize::try_from(cut.slab).map_err(|_| Error::out_of_memory(cut.slab))?;
        let following = Vec::new();
        let mut segments =
            Segments { data, slab, count: 0, next: None, following, used: Vec::new() };
        let (head_len, mut bytes) = (head.len(), head);
        if !cut.indexed {
            // Without an index, nothing would be gained by a segment for the head.
            bytes.append(&mut segments.piece()?);
        }
        segments.next = Some(Segment { number: 0, bytes, head_len, last: false });
        segments.following = segments.piece()?;
        Ok(segments)
    }

    /// Whether there is but one segment.
    fn is_single(&self) -> bool {
        self.count == 0 && self.following.is_empty()
    }

    fn next(&mut self) -> Result<Option<Segment>> {
        let Some(mut segment) = self.next.take() else { return Ok(None) };
        self.count += 1;
        segment.last = self.following.is_empty();
        if !segment.last {
            let bytes = self.piece()?;
            let bytes = std::mem::replace(&mut self.following, bytes);
            self.next = Some(Segment { number: self.count, bytes, head_len: 0, last: false });
        }
        Ok(Some(segment))
    }

    fn piece(&mut self) -> Result<Vec<u8>> {
        let mut piece = self.used.pop().unwrap_or_default();
        self.data.next(self.slab, &mut piece)?;
        Ok(piece)
    }
}

/// What is known of the segments so far.
struct Done {
    crc: Hasher,
    size: u64,
    stored_size: u64,
    slab: Option<u64>,
    index: Option<Index>,
}

impl Done {
    fn new(cut: &Cut) -> Done {
        let slab = cut.indexed.then_some(cut.slab);
        Done { crc: Hasher::new(), size: 0, stored_size: 0, slab, index: None }
    }

    fn add(&mut self, segment: &Segment, stored: u64) {
        let mut hasher = Hasher::new();
        hasher.update(&segment.bytes);
        self.crc.combine(&hasher);
        self.size += segment.bytes.len() as u64;
        self.stored_size += stored;
        match (&mut self.index, self.slab) {
            (Some(index), _) => index.add(stored, hasher.finalize()),
            (None, Some(slab)) => self.index = Some(Index::new(stored, slab)),
            (None, None) => {}
        }
    }

    fn finish(self) -> Compressed {
        Compressed {
            crc: self.crc.finalize(),
            size: self.size,
            stored_size: self.stored_size,
            index: self.index.map(Index::into_bytes),
        }
    }
}

/// What a thread gives back.
struct Outcome {
    segment: Segment,
    stored: thread::Result<Vec<u8>>,
}

/// Gives whether the system allows a thread; if it does not, nothing has been done.
fn in_parallel(
    segments: &mut Segments<'_>,
    level: Level,
    hints: Hints,
    threads: usize,
    take: &mut dyn FnMut(&Segment, &[u8]) -> Result<()>,
) -> Result<bool> {
    // As many as keep all busy while the oldest is written.
    let most = threads + 2;
    thread::scope(|scope| {
        // Dropped at the end, whereupon the threads end, even if there are jobs left.
        let (jobs, jobs_out) = mpsc::channel();
        let (outcomes_in, outcomes) = mpsc::channel();
        let jobs_out = Arc::new(Mutex::new(jobs_out));
        let start = || {
            let (jobs, outcomes) = (Arc::clone(&jobs_out), outcomes_in.clone());
            let work = move || work(level, hints, &jobs, &outcomes);
            thread::Builder::new().spawn_scoped(scope, work).is_ok()
        };
        if !start() {
            return Ok(false);
        }
        let mut started = 1;
        let mut waiting = BTreeMap::new();
        let (mut begun, mut taken) = (0, 0);
        let mut spare = Vec::new();
        loop {
            while begun - taken < most
                && let Some(segment) = segments.next()?
            {
                begun += 1;
                // No more threads than segments. If the system allows but a few, they do.
                if started < threads.min(begun) && start() {
                    started += 1;
                }
                _ = jobs.send((segment, spare.pop().unwrap_or_default()));
            }
            if begun == taken {
                return Ok(true);
            }
            // The threads are there as long as `jobs` is.
            let Ok(Outcome { segment, stored }) = outcomes.recv() else { return Ok(true) };
            let stored = stored.unwrap_or_else(|payload| panic::resume_unwind(payload));
            waiting.insert(segment.number, (segment, stored));
            while let Some((segment, stored)) = waiting.remove(&taken) {
                take(&segment, &stored)?;
                taken += 1;
                segments.used.push(segment.bytes);
                spare.push(stored);
            }
        }
    })
}

/// Compresses one segment after the other, until there are no more.
fn work(
    level: Level,
    hints: Hints,
    jobs: &Mutex<Receiver<(Segment, Vec<u8>)>>,
    outcomes: &Sender<Outcome>,
) {
    let mut encoder = Encoder::new(level, hints);
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((segment, mut stored)) = job else { return };
        // Whoever waits for the outcome must hear of a panic, or would wait for ever.
        let stored = panic::catch_unwind(AssertUnwindSafe(|| {
            stored.clear();
            encoder.segment(&segment.bytes, segment.last, &mut stored);
            stored
        }));
        if outcomes.send(Outcome { segment, stored }).is_err() {
            return;
        }
    }
}

/// Data bytes that go to Zstandard at a time: half a block of it. At level 22 a block takes 0.2 s, and
/// whoever wants to stop should not have to wait for several.
#[cfg(feature = "zstd")]
const STEP: usize = 64 << 10;

/// Compresses `head` and the data to one frame of Zstandard, as [`to_deflate`] does.
#[cfg(feature = "zstd")]
pub(super) fn to_zstd(
    head: &[u8],
    data: &mut dyn Feed,
    level: u32,
    mut put: impl FnMut(&[u8], u64) -> Result<()>,
) -> Result<Compressed> {
    use std::io::Write;
    let failed = |error| Error::io(error, "cannot compress");
    let mut encoder =
        zstd::stream::write::Encoder::new(Vec::new(), level.clamp(1, 22) as i32).map_err(failed)?;
    encoder.write_all(head).map_err(failed)?;
    let mut stored_size = 0;
    let (data_crc, len) = super::feed::hashed(data, 0, |piece| {
        piece.chunks(STEP).try_for_each(|step| {
            encoder.write_all(step).map_err(failed)?;
            let stored = std::mem::take(encoder.get_mut());
            stored_size += stored.len() as u64;
            put(&stored, step.len() as u64)
        })
    })?;
    let rest = encoder.finish().map_err(failed)?;
    put(&rest, 0)?;
    let mut crc = Hasher::new();
    crc.update(head);
    crc.combine(&Hasher::new_with_initial_len(data_crc, len));
    Ok(Compressed {
        crc: crc.finalize(),
        size: head.len() as u64 + len,
        stored_size: stored_size + rest.len() as u64,
        index: None,
    })
}
