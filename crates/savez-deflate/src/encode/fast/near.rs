//! Matches at two near distances, found from masks that tell which bytes repeat those before.

use super::STRETCH;
use super::Sink;
use crate::encode::symbols::{MAX_LENGTH, MIN_LENGTH, distance_symbol, length_symbol};

const WORDS: usize = STRETCH / 64;

/// A bit for each byte of a stretch, and one word more.
type Mask = [u64; WORDS + 1];

pub(super) struct Near {
    /// By distance, the bytes that repeat.
    equal: [Mask; 2],
    /// Where three bytes in a row repeat at one of the distances.
    starts: Mask,
    better: usize,
}

impl Near {
    pub(super) fn new() -> Self {
        Self { equal: [[0; WORDS + 1]; 2], starts: [0; WORDS + 1], better: 0 }
    }

    /// Parses from `start` to `end`, a stretch at most; gives the end.
    pub(super) fn stretch(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        distances: [usize; 2],
        sink: &mut Sink,
    ) -> usize {
        let here = &bytes[start..end];
        let words = here.len().div_ceil(64);
        self.starts[..=words].fill(0);
        for (equal, distance) in self.equal.iter_mut().zip(distances) {
            compare(here, &bytes[start - distance..end - distance], equal);
            let mut next = equal[0];
            for (word, start) in self.starts[..words].iter_mut().enumerate() {
                let this = next;
                next = equal[word + 1];
                *start |= this & (this >> 1 | next << 63) & (this >> 2 | next << 62);
            }
        }
        let equal =
            |way: usize| self.equal[way][..words].iter().map(|word| word.count_ones()).sum::<u32>();
        // Where both repeat nearly all, the first is cheaper.
        self.better = usize::from(equal(1) > equal(0) + equal(0) / 4);
        let mut at = 0;
        let mut matches = [0; 2];
        while let Some(found) = first_from(&self.starts[..words], at) {
            count_literals(here, at, found, sink);
            let lengths = [ones_from(&self.equal[0], found), ones_from(&self.equal[1], found)];
            let longer = usize::from(lengths[1] > lengths[0]);
            let mut left = lengths[longer];
            at = found;
            while left >= MIN_LENGTH {
                let length = left.min(MAX_LENGTH);
                sink.counts.litlen[length_symbol(length).symbol] += 1;
                matches[longer] += 1;
                sink.sequence(start + at, length, distances[longer]);
                at += length;
                left -= length;
            }
        }
        for (distance, matches) in distances.into_iter().zip(matches) {
            sink.counts.distance[distance_symbol(distance).symbol] += matches;
        }
        sink.counts.literals(&here[at..]);
        sink.literals(end);
        end
    }

    /// At which of the distances a match is more likely, in the last stretch.
    pub(super) fn better(&self) -> usize {
        self.better
    }
}

/// Counts the literals from `at` to `end`, four at a time; of the last four those behind `end` count nothing, which is
/// faster than to ask how many there are.
#[inline(always)]
pub(super) fn count_literals(here: &[u8], at: usize, end: usize, sink: &mut Sink) {
    let mut at = at;
    while at < end {
        let Some(four) = here.get(at..at + 4) else {
            sink.counts.literals(&here[at..end]);
            return;
        };
        for (n, &byte) in four.iter().enumerate() {
            sink.counts.litlen[byte as usize] += u32::from(at + n < end);
        }
        at += 4;
    }
}

/// Which of the bytes are equal; the word behind them is zero.
fn compare(here: &[u8], before: &[u8], equal: &mut Mask) {
    let (mut word, mut bits, mut n) = (0u64, 0, 0);
    let (a, a_rest) = here.as_chunks::<8>();
    let (b, b_rest) = before.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        let differ = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        word |= zero_bytes(differ) << bits;
        bits += 8;
        if bits == 64 {
            equal[n] = word;
            (word, bits, n) = (0, 0, n + 1);
        }
    }
    for (at, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        word |= u64::from(a == b) << (bits + at as u32);
    }
    equal[n] = word;
    if n < WORDS {
        equal[n + 1] = 0;
    }
}

/// A bit for each byte of `word` that is zero.
#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let zero = !(((word & LOW) + LOW) | word | LOW);
    // The top bit of byte i goes to bit 56 + i.
    (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The first bit from `at` on.
#[inline(always)]
fn first_from(mask: &[u64], at: usize) -> Option<usize> {
    let mut word = at / 64;
    let mut bits = *mask.get(word)? & (!0 << (at % 64));
    while bits == 0 {
        word += 1;
        bits = *mask.get(word)?;
    }
    Some(word * 64 + bits.trailing_zeros() as usize)
}

/// How many bits are set from `at` on.
#[inline(always)]
fn ones_from(mask: &Mask, at: usize) -> usize {
    let mut word = at / 64;
    let first = (!mask[word] >> (at % 64)).trailing_zeros() as usize;
    if first < 64 - at % 64 {
        return first;
    }
    let mut n = 64 - at % 64;
    loop {
        word += 1;
        let ones = mask.get(word).map_or(0, |bits| bits.trailing_ones() as usize);
        n += ones;
        if ones < 64 {
            return n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_bytes_are_found() {
        for pattern in 0..256u64 {
            for other in [1, 0x7F, 0x80, 0xFF] {
                let bytes: [u8; 8] =
                    std::array::from_fn(|n| if pattern >> n & 1 == 1 { 0 } else { other });
                assert_eq!(zero_bytes(u64::from_le_bytes(bytes)), pattern);
            }
        }
    }

    #[test]
    fn masks_tell_what_is_equal() {
        for len in (0..200).chain([STRETCH - 1, STRETCH]) {
            let here: Vec<u8> = (0..len).map(|n| (n * n / 8) as u8).collect();
            let before: Vec<u8> = (0..len).map(|n| (n * 7 / 4) as u8).collect();
            let mut mask = [!0; WORDS + 1];
            compare(&here, &before, &mut mask);
            let equal: Vec<bool> = (0..len).map(|n| here[n] == before[n]).collect();
            for at in 0..len {
                assert_eq!(mask[at / 64] >> (at % 64) & 1 == 1, equal[at], "{at} of {len}");
                let ones = equal[at..].iter().take_while(|&&equal| equal).count();
                assert_eq!(ones_from(&mask, at), ones, "{at} of {len}");
                let first = (at..len).find(|&at| equal[at]);
                assert_eq!(first_from(&mask[..len.div_ceil(64)], at), first, "{at} of {len}");
            }
        }
    }

    #[test]
    fn runs_of_any_length_end_where_they_do() {
        for len in [1, 2, 3, 63, 64, 65, 257, 258, 259, 261, 1000, STRETCH - 5] {
            let mut bytes = vec![7; len + 5];
            bytes[0] = 1;
            bytes[len + 2] = 9;
            let mut sink = Sink::new();
            sink.clear(1);
            let end = Near::new().stretch(&bytes, 1, bytes.len(), [1, 1], &mut sink);
            assert_eq!(end, bytes.len());
            let covered: usize = sink
                .sequences
                .iter()
                .map(|sequence| sequence.literals as usize + sequence.length as usize)
                .sum();
            assert_eq!(covered, bytes.len() - 1);
            let literals: u32 = sink.sequences.iter().map(|sequence| sequence.literals).sum();
            assert_eq!(literals, sink.counts.litlen[..256].iter().sum::<u32>());
            assert_eq!(covered - literals as usize, sink.matched);
        }
    }
}
