//! Long matches, where little is written: few symbols are made then, so that there is time to look for each.
//!
//! Places are remembered by their next six bytes, in the table of `far`, and by their next sixteen: among items of few values
//! the last places with the same six bytes are many, and hardly ever those of the longest match. Inside a match only places
//! where an item may start are remembered.

use super::Sink;
use super::far::{Far, HASH_BITS, agreement};
use super::near::count_literals;
use crate::encode::symbols::{MAX_LENGTH, MIN_LENGTH};

const LONG_BITS: u32 = 13;
/// Bytes behind a place that its hashes are made of.
const HASHED: usize = 16;
/// A shorter match at no near distance is given up for a longer one at the next place.
const LAZY_BELOW: usize = 8;
/// A match of this length at a near distance ends a search, and one so long by sixteen bytes that by six.
const NICE: usize = 32;
const NICE_LONG: usize = 16;
/// Bytes of a match in which places are remembered.
const REMEMBERED: usize = 64;
/// The longest item of which only the first byte is remembered.
const LONGEST_STEP: usize = 16;

/// Places by sixteen bytes.
pub(super) struct Long {
    /// By hash the last two places, the later in the low half.
    places: Box<[u32; 1 << LONG_BITS]>,
    /// Whether a place was remembered since all were forgotten.
    used: bool,
    /// Bytes between two places of a match that are remembered.
    step: usize,
}

impl Long {
    pub(super) fn new() -> Self {
        Self { places: Box::new([0; 1 << LONG_BITS]), used: false, step: 1 }
    }

    /// Forgets all of the segment before; the next one is made of such items.
    pub(super) fn clear(&mut self, item: usize) {
        if self.used {
            self.places.fill(0);
            self.used = false;
        }
        self.step = match item {
            0..=LONGEST_STEP => item.max(1),
            // Text, and records of words.
            _ if item.is_multiple_of(4) => 4,
            _ => 1,
        };
    }
}

/// What was found at a place; a length of 0 is none.
struct Match {
    length: usize,
    distance: usize,
}

impl Far {
    /// Parses from `start` to `end`.
    pub(super) fn deep_stretch(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        distances: [usize; 2],
        sink: &mut Sink,
    ) -> usize {
        self.window.fill(bytes, bytes.len().min(end + HASHED));
        if bytes.len() < end + HASHED {
            self.window.fill_zeros(HASHED);
        }
        self.long.used = true;
        let step = self.long.step;
        let [item, row] = distances;
        let mut last = item;
        let mut at = start;
        while at < end {
            let mut found = self.search_deep(at, end, [item, row, last]);
            if found.length == 0 {
                at += 1;
                continue;
            }
            let mut searched = at;
            while found.length < LAZY_BELOW
                && ![1, item, row].contains(&found.distance)
                && searched + 1 < end
            {
                searched += 1;
                let next = self.search_deep(searched, end, [item, row, last]);
                // A match much farther away must be longer by two.
                let dearer = usize::from(next.distance > 8 * found.distance);
                if next.length <= found.length + dearer {
                    break;
                }
                (at, found) = (searched, next);
            }
            last = found.distance;
            let match_end = at + found.length;
            while at > sink.run.max(last)
                && match_end - at < MAX_LENGTH
                && bytes[at - 1] == bytes[at - 1 - last]
            {
                at -= 1;
            }
            count_literals(bytes, sink.run, at, sink);
            sink.matched(at, match_end - at, last);
            let mut inside = (searched + 1).next_multiple_of(step);
            while inside < match_end.min(searched + REMEMBERED) {
                self.remember_deep(inside as u16);
                inside += step;
            }
            self.remember_deep((match_end - 1) as u16);
            at = match_end;
        }
        sink.counts.literals(&bytes[sink.run..end]);
        sink.literals(end);
        end
    }

    /// The longest match before `end`, where a near one may be shorter than others. Remembers the place.
    #[inline(always)]
    fn search_deep(&mut self, at: usize, end: usize, near: [usize; 3]) -> Match {
        let place = at as u16;
        let [by_sixteen, by_six] = self.remember_deep(place);
        let here = self.window.word(place);
        let most = (end - at).min(MAX_LENGTH);
        let (mut length, mut distance) = (0, 1);
        for near_distance in near {
            let before = place.wrapping_sub(near_distance as u16);
            let mut agree = agreement(self.window.word(before) ^ here);
            if agree == 8 {
                agree = self.window.extend(before, place, most);
            }
            if agree > length {
                (length, distance) = (agree, near_distance);
            }
        }
        length = length.min(most);
        if length < self.near_least {
            length = 0;
        }
        for (bucket, nice) in [(by_sixteen, NICE), (by_six, NICE_LONG)] {
            if length >= nice {
                break;
            }
            for candidate in [bucket as u16, (bucket >> 16) as u16] {
                let found = self.far_length(candidate, place, length, most);
                if found > length {
                    (length, distance) = (found, place.wrapping_sub(candidate) as usize);
                }
            }
        }
        Match { length: if length < MIN_LENGTH { 0 } else { length }, distance }
    }

    /// The length of a match at `candidate`, `most` at most; 0 if it is not worth it, or surely not longer than `least`.
    #[inline(always)]
    fn far_length(&self, candidate: u16, place: u16, least: usize, most: usize) -> usize {
        let agree = agreement(self.window.word(candidate) ^ self.window.word(place));
        let distance = place.wrapping_sub(candidate);
        if distance.wrapping_sub(1) >= self.reach[agree] {
            return 0;
        }
        if agree < 8 {
            return agree.min(most);
        }
        if least >= 8 {
            let tail = (least - 7) as u16;
            let differ = self.window.word(candidate.wrapping_add(tail))
                ^ self.window.word(place.wrapping_add(tail));
            if differ != 0 {
                return 0;
            }
        }
        self.window.extend(candidate, place, most)
    }

    /// The last places with the same sixteen bytes, and with the same six.
    #[inline(always)]
    fn remember_deep(&mut self, place: u16) -> [u32; 2] {
        const PRIMES: [u64; 2] = [0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F];
        let here = self.window.word(place);
        let behind = self.window.word(place.wrapping_add(8));
        let sixteen = here.wrapping_mul(PRIMES[0]) ^ behind.wrapping_mul(PRIMES[1]);
        let six = (here << 16).wrapping_mul(PRIMES[0]);
        let long = &mut self.long.places[(sixteen >> (64 - LONG_BITS)) as usize];
        let short = &mut self.places[(six >> (64 - HASH_BITS)) as usize];
        [long, short].map(|bucket| std::mem::replace(bucket, *bucket << 16 | u32::from(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_long_matches_that_give_them_back() {
        let mut state = 1u32;
        let mut bytes = Vec::new();
        for _ in 0..1200 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.extend_from_slice(&u64::from(state >> 30).to_le_bytes());
        }
        let mut far = Far::new();
        far.clear(8);
        let mut sink = Sink::new();
        sink.clear(8);
        let middle = 4001;
        assert_eq!(far.deep_stretch(&bytes, 8, middle, [8, 8], &mut sink), middle);
        let end = far.deep_stretch(&bytes, middle, bytes.len(), [8, 8], &mut sink);
        assert_eq!(end, bytes.len());

        let mut back = bytes[..8].to_vec();
        let mut long = 0;
        for sequence in &sink.sequences {
            let at = back.len();
            back.extend_from_slice(&bytes[at..at + sequence.literals as usize]);
            for _ in 0..sequence.length {
                back.push(back[back.len() - sequence.distance as usize]);
            }
            long += usize::from(sequence.length >= 24);
        }
        assert_eq!(back, bytes);
        assert_eq!(sink.matched, sink.sequences.iter().map(|s| s.length as usize).sum::<usize>());
        let literals: u32 = sink.sequences.iter().map(|sequence| sequence.literals).sum();
        assert_eq!(literals, sink.counts.litlen[..256].iter().sum::<u32>());
        // Of 4096 sequences of six labels many come back among 1200.
        assert!(long > 100, "{long} of {}", sink.sequences.len());
    }
}
