//! Deflated members decoded to where they are wanted: whole streams, and slabs of streams that have an index.

use std::sync::{Arc, Mutex, PoisonError};

use crc32fast::Hasher;
use savez_deflate::{ErrorKind, Inflater, Status, inflate_two_segments};

use super::payload::{PIECE, Payload};
use crate::zip::codec::REACH;
use crate::zip::segments::{self, Segments};
use crate::{Error, Result};

/// Tables and room that are kept from one member to the next.
#[derive(Default)]
pub(super) struct Decoder {
    inflater: Inflater,
    /// For the second of two slabs.
    other: Option<Inflater>,
    /// Stored bytes.
    input: Vec<u8>,
    /// What comes before there is room for it where it is wanted.
    start: Vec<u8>,
}

impl Decoder {
    /// Decodes a whole stream: the head, which is passed over, and then all data into `room`. The CRC of both is
    /// compared. `step` is told how many bytes there are more; its error ends the decoding.
    pub(super) fn whole(
        &mut self,
        payload: &Payload,
        head: (u64, u32),
        room: &mut [u8],
        mut step: impl FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        self.inflater.reset();
        let mut stored = Stored { payload, at: 0, left: 0..0 };
        // Matches reach back into the head as long as there are fewer data than that.
        let head_len = head.0 as usize;
        let all = head_len + room.len();
        let mut start = std::mem::take(&mut self.start);
        start.resize(all.min(head_len + REACH + Inflater::OVERSHOOT), 0);
        let until = all.min(head_len + REACH);
        let mut decoded = 0;
        self.decode(&mut stored, &mut start, &mut decoded, until, all)?;
        let mut hasher = Hasher::new();
        hasher.update(&start[..decoded]);
        if decoded < head_len || crc32fast::hash(&start[..head_len]) != head.1 {
            return Err(Error::corrupt("the file has changed meanwhile"));
        }
        decoded -= head_len;
        room[..decoded].copy_from_slice(&start[head_len..head_len + decoded]);
        self.start = start;
        step(decoded)?;
        // To the end of the stream, also if all bytes are there before: there may be more.
        let mut ended = until == all;
        while !ended {
            let from = decoded;
            ended = from + PIECE >= room.len();
            self.decode(&mut stored, room, &mut decoded, from + PIECE, all)?;
            hasher.update(&room[from..decoded]);
            step(decoded - from)?;
        }
        payload.compare(hasher.finalize())
    }

    /// Decodes some more of a stream that holds `all` bytes.
    fn decode(
        &mut self,
        stored: &mut Stored<'_>,
        out: &mut [u8],
        decoded: &mut usize,
        until: usize,
        all: usize,
    ) -> Result<()> {
        loop {
            let mut input = stored.next(&mut self.input)?;
            let before = input.len();
            let status = self.inflater.decode(&mut input, out, decoded, until);
            let taken = before - input.len();
            stored.left.start += taken;
            match status {
                Ok(Status::Reached | Status::End) => return Ok(()),
                Ok(Status::NeedsInput) => {}
                Err(error) => return Err(damaged(error, all)),
            }
        }
    }

    /// Decodes the header's segment, of which length and CRC are known, and compares them.
    pub(super) fn head(
        &mut self,
        payload: &Payload,
        segments: &Segments,
        head: (u64, u32),
    ) -> Result<()> {
        let (len, crc) = head;
        let stored = segments.stored(0).start;
        if !segments::can_hold(stored, len) {
            return Err(Error::corrupt("the index gives the header more bytes than it can have"));
        }
        self.input.resize(self.input.len().max(stored as usize), 0);
        let input = &mut self.input[..stored as usize];
        payload.source.read_exact_at(input, payload.start)?;
        self.start.resize(self.start.len().max(len as usize), 0);
        let room = &mut self.start[..len as usize];
        let is_last = self
            .inflater
            .inflate_segment(input, room)
            .map_err(|error| damaged(error, len as usize).at(payload.start))?;
        if is_last || crc32fast::hash(room) != crc {
            return Err(Error::corrupt("bad CRC-32 of the header"));
        }
        Ok(())
    }

    /// Decodes as many slabs as `room` is for, one or two, and compares their CRCs.
    pub(super) fn slabs(
        &mut self,
        payload: &Payload,
        segments: &Segments,
        number: usize,
        room: &mut [u8],
    ) -> Result<()> {
        let slab = segments.data(number);
        let slab = (slab.end - slab.start) as usize;
        let stored = segments.stored(number);
        let second = (room.len() > slab).then(|| segments.stored(number + 1));
        let end = second.map_or(stored.end, |second| second.end);
        let len = usize::try_from(end - stored.start)
            .map_err(|_| Error::out_of_memory(end - stored.start))?;
        self.input.resize(self.input.len().max(len), 0);
        let input = &mut self.input[..len];
        payload.source.read_exact_at(input, payload.start + stored.start)?;
        let (input, second_input) = input.split_at((stored.end - stored.start) as usize);
        let (room, second_room) = room.split_at_mut(slab.min(room.len()));
        if second_room.is_empty() {
            let is_last = self.inflater.inflate_segment(input, room);
            return checked(payload, segments, number, room, is_last);
        }
        let inflaters = [&mut self.inflater, self.other.get_or_insert_default()];
        let [is_last, second_is_last] = inflate_two_segments(
            inflaters,
            [input, second_input],
            [&mut room[..], &mut second_room[..]],
        );
        checked(payload, segments, number, room, is_last)?;
        checked(payload, segments, number + 1, second_room, second_is_last)
    }
}

/// Sees that a slab is what the index says, after it was inflated or was not.
fn checked(
    payload: &Payload,
    segments: &Segments,
    number: usize,
    slab: &[u8],
    is_last: Result<bool, savez_deflate::Error>,
) -> Result<()> {
    let is_last = is_last.map_err(|error| {
        damaged(error, slab.len()).at(payload.start + segments.stored(number).start)
    })?;
    if is_last != segments.is_last(number) || crc32fast::hash(slab) != segments.crc(number) {
        return Err(Error::corrupt(format!(
            "bad CRC-32 of bytes {:?} of the data",
            segments.data(number)
        ))
        .hint("the file was damaged; restore it from a copy"));
    }
    Ok(())
}

fn damaged(error: savez_deflate::Error, all: usize) -> Error {
    match error.kind() {
        ErrorKind::TooLong => {
            Error::format(format!("the compressed data hold more than the declared {all} bytes"))
        }
        ErrorKind::TooShort => Error::corrupt(format!(
            "the data end after {} bytes; {all} should be there",
            error.written()
        )),
        _ => Error::corrupt(format!("the deflated data are damaged: {error}")),
    }
}

/// The stored bytes of a member, piece by piece.
struct Stored<'a> {
    payload: &'a Payload,
    /// Bytes read so far.
    at: u64,
    /// Which of those in the buffer are still to be decoded.
    left: std::ops::Range<usize>,
}

impl Stored<'_> {
    /// What is left in the buffer, or, if nothing is, the next piece; nothing at the end.
    fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<&'b [u8]> {
        if self.left.is_empty() {
            let len = (self.payload.stored_size - self.at).min(PIECE as u64) as usize;
            buffer.resize(buffer.len().max(len), 0);
            self.payload.source.read_exact_at(&mut buffer[..len], self.payload.start + self.at)?;
            self.at += len as u64;
            self.left = 0..len;
        }
        Ok(&buffer[self.left.clone()])
    }
}

/// Slabs of an array that were decoded last, for those who read it part by part.
#[derive(Default)]
pub(super) struct Recent {
    /// The latest at the end.
    slabs: Mutex<Vec<(usize, Arc<Vec<u8>>)>>,
}

/// Bytes of slabs to keep at the most; one slab in any case.
const KEEP: u64 = 4 << 20;

impl Recent {
    /// A slab, decoded now if it was not before.
    pub(super) fn get(
        &self,
        decoder: &mut Decoder,
        payload: &Payload,
        segments: &Segments,
        number: usize,
    ) -> Result<Arc<Vec<u8>>> {
        let lock = || self.slabs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut slabs = lock();
        if let Some(found) = slabs.iter().position(|(kept, _)| *kept == number) {
            let slab = slabs.remove(found);
            slabs.push(slab.clone());
            return Ok(slab.1);
        }
        drop(slabs);
        let range = segments.data(number);
        let len = range.end - range.start;
        let mut slab = Vec::new();
        slab.try_reserve_exact(len as usize).map_err(|_| Error::out_of_memory(len))?;
        slab.resize(len as usize, 0);
        decoder.slabs(payload, segments, number, &mut slab)?;
        let slab = Arc::new(slab);
        let mut slabs = lock();
        let most = (KEEP / segments.slab()).max(1) as usize;
        let surplus = (slabs.len() + 1).saturating_sub(most);
        slabs.drain(..surplus);
        slabs.push((number, Arc::clone(&slab)));
        Ok(slab)
    }
}
