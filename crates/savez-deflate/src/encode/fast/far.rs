//! Matches where the next four bytes were seen before, at the last two places with their hash, or at a near distance.

use super::Sink;
use super::deep::Long;
use crate::encode::symbols::{MAX_LENGTH, MIN_LENGTH};
use crate::encode::window::Window;

pub(super) const HASH_BITS: u32 = 14;
/// Bytes that must follow for a search.
const LOOKED_AT: usize = 8;
/// Bits that a match takes, without the extra bits of its distance, and those of one at the near distance.
const MATCH_BITS: u64 = 8;
const NEAR_BITS: u64 = 10;
/// The longest distance of a match: a place that is ahead, left by a probe, seems farther.
const FARTHEST: u16 = 32_767;

pub(super) struct Far {
    pub(super) window: Window,
    /// By hash the last two places, the later in the low half.
    pub(super) places: Box<[u32; 1 << HASH_BITS]>,
    pub(super) long: Long,
    /// By length (8: and more), how far away a match may be to be worth it.
    pub(super) reach: [u16; 9],
    /// The length from which a match at the near distance is worth it.
    pub(super) near_least: usize,
}

impl Far {
    pub(super) fn new() -> Self {
        let (window, places) = (Window::new(), Box::new([0; 1 << HASH_BITS]));
        let mut reach = [FARTHEST; 9];
        reach[..4].fill(0);
        Self { window, places, long: Long::new(), reach, near_least: MIN_LENGTH }
    }

    /// Sets what short matches are worth, where 1024 literals take so many bits.
    pub(super) fn expect(&mut self, literal_bits: u64) {
        for length in [4, 5] {
            let saved = (length as u64 * literal_bits / 1024).saturating_sub(MATCH_BITS);
            self.reach[length] = FARTHEST >> 15u64.saturating_sub(saved);
        }
        let near_pays = MIN_LENGTH as u64 * literal_bits > NEAR_BITS * 1024;
        self.near_least = if near_pays { MIN_LENGTH } else { MIN_LENGTH + 1 };
    }

    /// Forgets all of the segment before; the next one is made of such items.
    pub(super) fn clear(&mut self, item: usize) {
        self.window.clear();
        self.places.fill(0);
        self.long.clear(item);
    }

    /// Parses from `start` to `end` or somewhat farther, where the last match ends.
    pub(super) fn stretch(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        near_distance: usize,
        sink: &mut Sink,
    ) -> usize {
        self.window.fill(bytes, bytes.len().min(end + MAX_LENGTH + LOOKED_AT));
        let searchable = bytes.len().saturating_sub(LOOKED_AT);
        let search_end = end.min(searchable);
        let mut at = start;
        while at < search_end {
            let place = at as u16;
            let most = (bytes.len() - at).min(MAX_LENGTH);
            let (length, distance) = self.search(place, near_distance as u16, most);
            if length == 0 {
                sink.counts.litlen[self.window.byte(place) as usize] += 1;
                at += 1;
                continue;
            }
            sink.matched(at, length, distance as usize);
            at += length;
            if at <= searchable {
                // Four places without a question are faster than all of them, and nearly as good.
                for inside in [1, 2, 3.min(length - 1), length - 1] {
                    let place = place.wrapping_add(inside as u16);
                    self.remember(place, self.window.word(place));
                }
            }
        }
        let at = at.max(end);
        sink.counts.literals(&bytes[sink.run.max(search_end)..at]);
        sink.literals(at);
        at
    }

    /// The longest match worth it, of `most` bytes at most, and its distance; 0 if there is none. Remembers the place.
    #[inline(always)]
    fn search(&mut self, place: u16, near_distance: u16, most: usize) -> (usize, u16) {
        let here = self.window.word(place);
        let bucket = self.remember(place, here);
        let candidates = [bucket as u16, (bucket >> 16) as u16];
        let far = [self.window.word(candidates[0]) ^ here, self.window.word(candidates[1]) ^ here];
        let before = place.wrapping_sub(near_distance);
        let near = self.window.word(before) ^ here;
        if far[0] as u32 != 0 && far[1] as u32 != 0 && near << 40 != 0 {
            return (0, 0);
        }
        let (mut length, mut distance) = (agreement(near), near_distance);
        if length < self.near_least {
            length = 0;
        } else if length == 8 {
            length = self.window.extend(before, place, most);
        }
        for (candidate, differ) in candidates.into_iter().zip(far) {
            let far_distance = place.wrapping_sub(candidate);
            let mut far_length = agreement(differ);
            if far_distance.wrapping_sub(1) >= self.reach[far_length] {
                far_length = 0;
            } else if far_length == 8 {
                far_length = self.window.extend(candidate, place, most);
            }
            if far_length > length {
                (length, distance) = (far_length, far_distance);
            }
        }
        (length, distance)
    }

    #[inline(always)]
    fn remember(&mut self, place: u16, here: u64) -> u32 {
        let hash = (here as u32).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS);
        let bucket = &mut self.places[hash as usize];
        std::mem::replace(bucket, *bucket << 16 | u32::from(place))
    }
}

/// How many of eight bytes agree.
#[inline(always)]
pub(super) fn agreement(differ: u64) -> usize {
    if differ == 0 { 8 } else { (differ.trailing_zeros() / 8) as usize }
}
