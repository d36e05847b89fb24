//! Members deflated: cut into segments, which several threads compress and one writes in the order of the data.
//!
//! The thread that has the data cuts them, copies them and takes what comes back; the others compress. They do not
//! care which member a segment belongs to: a large one keeps all of them busy, and so do many small ones, of
//! which a thread gets a batch at a time. What is written depends on the data, the dtype, the shape and the level
//! alone, not on how many threads there are. No more is in memory than a few batches for each of them.

use std::collections::BTreeMap;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use savez_deflate::{Encoder, Hints, Level};

use super::compress::Cut;
use super::feed::Feed;
use super::plan::Listed;
use crate::{Error, Result};

/// A thread gets segments of at least so many bytes at a time: enough that handing them over costs little
/// beside compressing them.
const BATCH: usize = 64 << 10;

/// Bytes that may be under way for each thread, or one batch, if it is larger.
const AHEAD: usize = 512 << 10;

/// What the archive has to know of a member before its bytes.
pub(super) enum Front {
    /// An array's name, and how many bytes of data it has.
    Array { name: String, size: u64 },
    /// The full name of a member of unknown size.
    Bytes { member: String },
    /// A member of another archive.
    Listed(Listed),
}

impl Front {
    /// The member's full name.
    pub(super) fn member(&self) -> String {
        match self {
            Front::Array { name, .. } => format!("{name}.npy"),
            Front::Bytes { member } => member.clone(),
            Front::Listed(listed) => listed.name.clone(),
        }
    }
}

/// A stretch of a member that is compressed alone.
pub(super) struct Segment {
    /// Of the first segment of a member.
    pub(super) front: Option<Front>,
    pub(super) bytes: Vec<u8>,
    /// Bytes of the member's head among them.
    pub(super) head_len: usize,
    /// Data bytes of the member's segments, if they are to be listed.
    pub(super) slab: Option<u64>,
    /// Whether it is the last of its member.
    pub(super) last: bool,
    pub(super) crc: u32,
    hints: Hints,
    /// Where its stored bytes end in those of the batch.
    stored_end: usize,
}

/// What is done with a segment and its stored bytes.
pub(super) type Take<'t> = dyn FnMut(&Segment, &[u8]) -> Result<()> + 't;

/// Compresses members, one after the other.
pub(super) struct Deflater {
    level: Level,
    threads: usize,
    /// Segments to be compressed next.
    batch: Batch,
    /// For what this thread compresses itself.
    encoder: Option<Encoder>,
    crew: Option<Crew>,
    /// Buffers of batches' size and more that may be used again.
    used: Vec<Vec<u8>>,
    spare: Vec<Batch>,
}

impl Deflater {
    pub(super) fn new(level: u32, threads: usize) -> Deflater {
        Deflater {
            level: Level::new(level.min(9) as u8).unwrap_or_default(),
            threads,
            batch: Batch::default(),
            encoder: None,
            crew: None,
            used: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Compresses `head` and the data. `take` is given segments of this and of earlier members, in their order;
    /// the last of them when it is [`finish`](Self::finish)ed.
    pub(super) fn add(
        &mut self,
        front: Front,
        head: Vec<u8>,
        data: &mut dyn Feed,
        cut: &Cut,
        take: &mut Take<'_>,
    ) -> Result<()> {
        let len = usize::try_from(cut.slab).map_err(|_| Error::out_of_memory(cut.slab))?;
        let (mut front, mut head_len, mut bytes) = (Some(front), head.len(), head);
        let mut next = self.piece(data, len)?;
        if !cut.indexed {
            // Without an index, nothing would be gained by a segment for the head.
            bytes.append(&mut next);
            data.next(len, &mut next)?;
        }
        loop {
            let last = next.is_empty();
            let slab = cut.indexed.then_some(cut.slab);
            let (front, head_len) = (front.take(), mem::take(&mut head_len));
            let segment = Segment {
                front,
                bytes,
                head_len,
                slab,
                last,
                crc: 0,
                hints: cut.hints,
                stored_end: 0,
            };
            self.push(segment, take)?;
            if last {
                return Ok(());
            }
            bytes = next;
            next = self.piece(data, len)?;
        }
    }

    /// Has `take` called for all segments that are left.
    pub(super) fn finish(&mut self, take: &mut Take<'_>) -> Result<()> {
        let last = mem::take(&mut self.batch);
        if self.crew.is_none() {
            // One batch is not worth a thread.
            return self.compress(last, take);
        }
        self.pass_on(last, take)?;
        while self.take_one(take)? {}
        Ok(())
    }

    fn piece(&mut self, data: &mut dyn Feed, len: usize) -> Result<Vec<u8>> {
        let used = if len >= BATCH { self.used.pop() } else { None };
        let mut piece = used.unwrap_or_default();
        data.next(len, &mut piece)?;
        Ok(piece)
    }

    fn push(&mut self, segment: Segment, take: &mut Take<'_>) -> Result<()> {
        if self.batch.len >= BATCH {
            let next = self.spare.pop().unwrap_or_default();
            let full = mem::replace(&mut self.batch, next);
            if self.threads > 1 && self.crew.is_none() {
                self.crew = Crew::start(self.level);
            }
            self.pass_on(full, take)?;
        }
        self.batch.len += segment.bytes.len();
        self.batch.segments.push(segment);
        Ok(())
    }

    fn pass_on(&mut self, batch: Batch, take: &mut Take<'_>) -> Result<()> {
        // As many as keep all busy while the oldest is compressed, or written.
        let most = self.threads + 2;
        let full = |crew: &Crew| crew.under_way() >= most && crew.bytes >= most * AHEAD;
        while self.crew.as_ref().is_some_and(full) {
            self.take_one(take)?;
        }
        match &mut self.crew {
            Some(crew) => {
                crew.send(batch, self.threads);
                Ok(())
            }
            // The system allows no thread, or nobody wants one.
            None => self.compress(batch, take),
        }
    }

    fn compress(&mut self, mut batch: Batch, take: &mut Take<'_>) -> Result<()> {
        let new = || Encoder::new(self.level, Hints::default());
        batch.compress(self.encoder.get_or_insert_with(new));
        self.hand_over(batch, take)
    }

    /// Waits for the oldest batch; gives whether there was one.
    fn take_one(&mut self, take: &mut Take<'_>) -> Result<bool> {
        let Some(batch) = self.crew.as_mut().and_then(Crew::receive) else { return Ok(false) };
        self.hand_over(batch, take)?;
        Ok(true)
    }

    fn hand_over(&mut self, mut batch: Batch, take: &mut Take<'_>) -> Result<()> {
        let mut start = 0;
        for segment in &batch.segments {
            take(segment, &batch.stored[start..segment.stored_end])?;
            start = segment.stored_end;
        }
        let large = batch.segments.drain(..).map(|segment| segment.bytes);
        self.used.extend(large.filter(|bytes| bytes.capacity() >= BATCH));
        batch.len = 0;
        self.spare.push(batch);
        Ok(())
    }
}

/// Segments that one thread compresses, of one member or of several.
#[derive(Default)]
struct Batch {
    segments: Vec<Segment>,
    /// Bytes of all segments.
    len: usize,
    stored: Vec<u8>,
}

impl Batch {
    fn compress(&mut self, encoder: &mut Encoder) {
        self.stored.clear();
        for segment in &mut self.segments {
            encoder.set_hints(segment.hints);
            encoder.segment(&segment.bytes, segment.last, &mut self.stored);
            segment.stored_end = self.stored.len();
            segment.crc = crc32fast::hash(&segment.bytes);
        }
    }
}

/// Batches by their numbers, on the way to the threads.
type Jobs = Mutex<Receiver<(u64, Batch)>>;

/// A batch that is compressed, or with what a thread panicked.
type Outcome = (u64, thread::Result<Batch>);

/// Threads that compress.
struct Crew {
    level: Level,
    threads: Vec<JoinHandle<()>>,
    /// None when they are to end.
    jobs: Option<Sender<(u64, Batch)>>,
    jobs_out: Arc<Jobs>,
    outcomes: Receiver<Outcome>,
    outcomes_in: Sender<Outcome>,
    /// What has come back before its turn.
    waiting: BTreeMap<u64, Batch>,
    sent: u64,
    received: u64,
    /// Bytes of the batches under way.
    bytes: usize,
}

impl Crew {
    /// One thread, if the system allows it.
    fn start(level: Level) -> Option<Crew> {
        let (jobs, jobs_out) = mpsc::channel();
        let (outcomes_in, outcomes) = mpsc::channel();
        let mut crew = Crew {
            level,
            threads: Vec::new(),
            jobs: Some(jobs),
            jobs_out: Arc::new(Mutex::new(jobs_out)),
            outcomes,
            outcomes_in,
            waiting: BTreeMap::new(),
            sent: 0,
            received: 0,
            bytes: 0,
        };
        crew.grow();
        if crew.threads.is_empty() { None } else { Some(crew) }
    }

    fn grow(&mut self) {
        let (level, jobs, outcomes) =
            (self.level, Arc::clone(&self.jobs_out), self.outcomes_in.clone());
        let work = move || work(level, &jobs, &outcomes);
        self.threads.extend(thread::Builder::new().spawn(work));
    }

    /// Batches sent that have not been received.
    fn under_way(&self) -> usize {
        (self.sent - self.received) as usize
    }

    fn send(&mut self, batch: Batch, most_threads: usize) {
        // No more threads than batches. If the system allows but a few, they do.
        if self.under_way() >= self.threads.len() && self.threads.len() < most_threads {
            self.grow();
        }
        if let Some(jobs) = &self.jobs {
            self.bytes += batch.len;
            // The receiver is there as long as the crew.
            _ = jobs.send((self.sent, batch));
            self.sent += 1;
        }
    }

    /// The oldest batch under way, as soon as it is compressed.
    fn receive(&mut self) -> Option<Batch> {
        if self.under_way() == 0 {
            return None;
        }
        loop {
            if let Some(batch) = self.waiting.remove(&self.received) {
                self.received += 1;
                self.bytes -= batch.len;
                return Some(batch);
            }
            let (number, batch) = self.outcomes.recv().ok()?;
            let batch = batch.unwrap_or_else(|payload| panic::resume_unwind(payload));
            self.waiting.insert(number, batch);
        }
    }
}

impl Drop for Crew {
    /// Nobody waits for what is still to be done.
    fn drop(&mut self) {
        self.jobs = None;
        let jobs = self.jobs_out.lock().unwrap_or_else(PoisonError::into_inner);
        while jobs.try_recv().is_ok() {}
        drop(jobs);
        for thread in self.threads.drain(..) {
            // Its panics came as outcomes.
            _ = thread.join();
        }
    }
}

/// Compresses one batch after the other, until there are no more.
fn work(level: Level, jobs: &Jobs, outcomes: &Sender<Outcome>) {
    let mut encoder = Encoder::new(level, Hints::default());
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, mut batch)) = job else { return };
        // Whoever waits for the outcome must hear of a panic, or would wait for ever.
        let compressed = panic::catch_unwind(AssertUnwindSafe(|| {
            batch.compress(&mut encoder);
            batch
        }));
        if outcomes.send((number, compressed)).is_err() {
            return;
        }
    }
}
