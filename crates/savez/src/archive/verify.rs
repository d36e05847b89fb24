//! All bytes read and compared with their checksums, by several threads, and none of them kept.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crc32fast::Hasher;

use super::batch;
use super::bounce::Bounce;
use super::fetch::{ShareCrc, joined};
use super::inflate::Decoder;
use super::member::Member;
use super::payload::{PIECE, Payload};
use super::reader::Archive;
use super::threads;
use crate::zip::directory::Entry;
use crate::zip::record::Method;
use crate::zip::segments::Segments;
use crate::{Error, ErrorKind, Result};

/// Bytes of a stored member that a thread takes at a time.
const SHARE: u64 = 4 << 20;

/// The same of a deflated one that has an index.
const DEFLATED_SHARE: u64 = 1 << 20;

/// Slabs that are larger are not decoded alone: each thread has two in memory.
const LARGEST_SLAB: u64 = 16 << 20;

/// The errors of all members that are damaged, in the order of the archive.
pub(super) fn archive(
    archive: &Archive,
    watch: impl FnMut(u64) -> Result<()>,
) -> Result<Vec<Error>> {
    let entries = archive.entries();
    let total = entries.iter().map(Entry::size).fold(0, u64::saturating_add);
    Work::new(Place::Archive(archive.clone()), shares(entries)).run(total, watch)
}

/// The error of one member, if it is damaged.
pub(super) fn member(member: &Member, watch: impl FnMut(u64) -> Result<()>) -> Result<()> {
    let payload = member.payload();
    let mut shares = Vec::new();
    let has_index = payload.segments.is_some();
    push_parts(&mut shares, 0, payload.method, has_index, payload.stored_size);
    let work = Work::new(Place::Alone(member.clone()), shares);
    work.run(payload.size, watch)?.into_iter().next().map_or(Ok(()), Err)
}

/// Where members are.
enum Place {
    Archive(Archive),
    /// There is but number 0.
    Alone(Member),
}

/// What a thread takes at a time: some stored bytes of a member, or all of several that lie one behind the other.
struct Share {
    members: Range<usize>,
    bytes: Range<u64>,
    /// Bytes of the file to be read in one go for that.
    ahead: Range<u64>,
}

fn shares(entries: &[Entry]) -> Vec<Share> {
    let numbers: Vec<usize> = (0..entries.len()).collect();
    let mut shares = Vec::new();
    let mut rest = numbers.as_slice();
    while let Some(&number) = rest.first() {
        let (count, ahead) = batch::stretch(entries, rest);
        rest = &rest[count..];
        if ahead.is_empty() {
            let entry = &entries[number];
            // There are no more bytes than that, whatever the directory says.
            let size = entry.stored_size().min(entry.next().saturating_sub(entry.offset()));
            let has_index = entry.segments().is_some();
            push_parts(&mut shares, number, entry.method(), has_index, size);
        } else {
            shares.push(Share { members: number..number + count, bytes: 0..u64::MAX, ahead });
        }
    }
    shares
}

/// Cuts a member so that threads can share it, if it is stored or has an index.
fn push_parts(shares: &mut Vec<Share>, number: usize, method: Method, has_index: bool, size: u64) {
    let share = match method {
        Method::STORED => SHARE,
        Method::DEFLATED if has_index => DEFLATED_SHARE,
        _ => size.max(1),
    };
    let starts = (0..size.max(1)).step_by(share as usize);
    shares.extend(starts.map(|start| {
        let end = if size - start > share { start + share } else { u64::MAX };
        Share { members: number..number + 1, bytes: start..end, ahead: 0..0 }
    }));
}

struct Work {
    place: Place,
    shares: Vec<Share>,
    /// The share that is taken next.
    next: AtomicUsize,
    done: AtomicU64,
    /// Nobody wants the rest, not even of the shares at hand.
    stopped: AtomicBool,
    /// Members whose index does not fit their stream.
    misled: Mutex<HashSet<usize>>,
}

/// What one thread, or all together, found.
#[derive(Default)]
struct Found {
    parts: Vec<ShareCrc>,
    /// Errors, and the members that they are of.
    damage: Vec<(usize, Error)>,
}

/// What a thread reads into.
struct Room {
    bounce: Bounce,
    piece: Vec<u8>,
    decoder: Decoder,
    slabs: Vec<u8>,
}

impl Work {
    fn new(place: Place, shares: Vec<Share>) -> Work {
        Work {
            place,
            shares,
            next: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            misled: Mutex::default(),
        }
    }

    /// Takes all shares; tells `watch` now and then how many bytes there are more, `total` in all.
    fn run(self, total: u64, mut watch: impl FnMut(u64) -> Result<()>) -> Result<Vec<Error>> {
        let threads = match self.place.is_concurrent() {
            true if total >= threads::PARALLEL_FROM => threads::cores().min(self.shares.len()),
            _ => 1,
        };
        let (mut told, mut refusal) = (0, None);
        let mut tell = |done: u64| {
            if refusal.is_none()
                && let Err(error) = watch(done - told)
            {
                refusal = Some(error);
                self.stopped.store(true, Ordering::Relaxed);
            }
            told = done;
        };
        let mut found = Vec::new();
        if threads > 1 {
            let done = || self.done.load(Ordering::Relaxed);
            found = threads::run_on(threads, || self.take(|_| {}), || tell(done()));
        }
        if found.is_empty() {
            found.push(self.take(&mut tell));
        }
        // Of members that are damaged, or whose index is wrong, not all bytes were told.
        if !self.stopped.load(Ordering::Relaxed) {
            tell(total);
        }
        match refusal {
            Some(error) => Err(error),
            None => self.judge(found),
        }
    }

    /// Takes one share after the other until none is left; tells `watch` how many bytes all threads together have
    /// read.
    fn take(&self, mut watch: impl FnMut(u64)) -> Found {
        let mut found = Found::default();
        let mut room = Room::default();
        let mut step = |len: usize| {
            let len = len as u64;
            watch(self.done.fetch_add(len, Ordering::Relaxed) + len);
            if self.stopped.load(Ordering::Relaxed) { Err(Error::stopped()) } else { Ok(()) }
        };
        while let Some(share) = self.shares.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let place = self.place.ahead(&share.ahead);
            for number in share.members.clone() {
                match self.read(&place, number, share.bytes.clone(), &mut room, &mut step) {
                    Ok(part) => found.parts.extend(part),
                    // Who stopped it, says why.
                    Err(error) if error.kind() == ErrorKind::Stopped => {}
                    Err(error) => {
                        if ends_all(&error) {
                            self.stopped.store(true, Ordering::Relaxed);
                        }
                        found.damage.push((number, error));
                    }
                }
                if self.stopped.load(Ordering::Relaxed) {
                    return found;
                }
            }
        }
        found
    }

    /// Reads some stored bytes of a member, or decodes what begins among them; gives their CRC if they are not all that
    /// it has and nothing else tells whether they are sound.
    fn read(
        &self,
        place: &Place,
        number: usize,
        bytes: Range<u64>,
        room: &mut Room,
        step: &mut impl FnMut(usize) -> Result<()>,
    ) -> Result<Option<ShareCrc>> {
        let (payload, member) = place.open(number)?;
        let read = match (payload.method, &payload.segments, member) {
            (Method::STORED, ..) => room.hash(&payload, bytes, step).and_then(|(range, crc)| {
                let (start, len) = (range.start, range.end - range.start);
                match len == payload.stored_size {
                    true => payload.compare(crc).map(|()| None),
                    false => Ok(Some(ShareCrc { member: number, at: start, len, crc })),
                }
            }),
            (_, Some(segments), Some(member)) if segments.slab() <= LARGEST_SLAB => {
                match room.decode_slabs(&member, segments, bytes, step) {
                    // An index may lie and the stream be sound.
                    Err(error) if !ends_all(&error) && self.is_new(number) => {
                        room.decode(&payload, &mut |_| step(0)).map(|()| None)
                    }
                    Err(error) if ends_all(&error) => Err(error),
                    _ => Ok(None),
                }
            }
            _ if bytes.start == 0 => room.decode(&payload, step).map(|()| None),
            _ => Ok(None),
        };
        read.map_err(|error| payload.blame(error))
    }

    /// Whether no other share of the member was found not to be what the index says.
    fn is_new(&self, number: usize) -> bool {
        self.misled.lock().unwrap_or_else(PoisonError::into_inner).insert(number)
    }

    /// Compares the CRCs of members that were read in parts, and puts the damage in order.
    fn judge(&self, found: Vec<Found>) -> Result<Vec<Error>> {
        let (mut parts, mut damage) = (Vec::new(), Vec::new());
        for found in found {
            parts.extend(found.parts);
            damage.extend(found.damage);
        }
        if let Some(at) = damage.iter().position(|(_, error)| ends_all(error)) {
            return Err(damage.swap_remove(at).1);
        }
        parts.sort_unstable_by_key(|part| (part.member, part.at));
        for parts in parts.chunk_by(|part, next| part.member == next.member) {
            let number = parts[0].member;
            if let Err(error) = self.place.compare(number, parts) {
                damage.push((number, error));
            }
        }
        damage.sort_by_key(|(number, _)| *number);
        damage.dedup_by_key(|(number, _)| *number);
        Ok(damage.into_iter().map(|(_, error)| error).collect())
    }
}

/// Whether it says nothing of the bytes: the system did not give them, or nobody wants them any more.
fn ends_all(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Io | ErrorKind::OutOfMemory | ErrorKind::Stopped)
}

impl Place {
    fn is_concurrent(&self) -> bool {
        match self {
            Place::Archive(archive) => archive.is_concurrent(),
            Place::Alone(member) => member.payload().source.is_concurrent(),
        }
    }

    /// The same, some of its bytes read.
    fn ahead(&self, bytes: &Range<u64>) -> Place {
        match self {
            // If it fails, so does what reads one of the members, and says which.
            Place::Archive(archive) => Place::Archive(match bytes.is_empty() {
                true => archive.clone(),
                false => archive.ahead(bytes.clone()).unwrap_or_else(|_| archive.clone()),
            }),
            Place::Alone(member) => Place::Alone(member.clone()),
        }
    }

    /// Where the bytes of a member are, and what is known of it if it is an array.
    fn open(&self, number: usize) -> Result<(Payload, Option<Member>)> {
        let archive = match self {
            Place::Alone(member) => return Ok((member.payload().clone(), Some(member.clone()))),
            Place::Archive(archive) => archive,
        };
        let entry = &archive.entries()[number];
        let payload = archive.payload(entry)?;
        match Member::of_payload(payload.clone()) {
            Ok(member) => {
                let member = member.with_segments(entry.segments());
                Ok((member.payload().clone(), Some(member)))
            }
            Err(error) if error.kind() == ErrorKind::NotAnArray => Ok((payload, None)),
            Err(error) => Err(error),
        }
    }

    /// Compares the CRC of a stored member, given those of all its parts.
    fn compare(&self, number: usize, parts: &[ShareCrc]) -> Result<()> {
        let (payload, _) = self.open(number)?;
        payload.compare(joined((0, 0), parts)).map_err(|error| payload.blame(error))
    }
}

impl Default for Room {
    fn default() -> Room {
        Room {
            bounce: Bounce::default(),
            piece: vec![0; PIECE],
            decoder: Decoder::default(),
            slabs: Vec::new(),
        }
    }
}

impl Room {
    /// Reads bytes of a stored member; gives which there were, and their CRC.
    fn hash(
        &mut self,
        payload: &Payload,
        bytes: Range<u64>,
        step: &mut impl FnMut(usize) -> Result<()>,
    ) -> Result<(Range<u64>, u32)> {
        let bytes = bytes.start..bytes.end.min(payload.stored_size);
        let mut hasher = Hasher::new();
        for at in bytes.clone().step_by(PIECE) {
            let len = (bytes.end - at).min(PIECE as u64) as usize;
            let piece = &mut self.piece[..len];
            self.bounce.read_exact_at(&payload.source, piece, payload.start + at)?;
            hasher.update(piece);
            step(len)?;
        }
        Ok((bytes, hasher.finalize()))
    }

    /// Decodes all bytes of a member and compares their CRC.
    fn decode(
        &mut self,
        payload: &Payload,
        step: &mut impl FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let mut bytes = payload.verified()?;
        loop {
            match bytes.next(&mut self.piece)? {
                0 => return Ok(()),
                len => step(len)?,
            }
        }
    }

    /// Decodes the slabs whose segments begin among these stored bytes, and the header if it does, and compares their
    /// CRCs.
    fn decode_slabs(
        &mut self,
        member: &Member,
        segments: &Segments,
        bytes: Range<u64>,
        step: &mut impl FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let payload = member.payload();
        if bytes.start == 0 {
            let head = member.head();
            self.decoder.head(payload, segments, head)?;
            step(head.0 as usize)?;
        }
        let mut numbers = segments.starting_in(&bytes);
        while let Some(number) = numbers.next() {
            // Two take less time in turn than one after the other.
            let last = numbers.next().unwrap_or(number);
            let len = segments.data(last).end - segments.data(number).start;
            self.slabs.resize(len as usize, 0);
            self.decoder.slabs(payload, segments, number, &mut self.slabs)?;
            step(len as usize)?;
        }
        Ok(())
    }
}
