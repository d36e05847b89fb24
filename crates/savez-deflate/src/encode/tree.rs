//! Finds, for each length that a match can have at a place, the nearest distance of such a match.
//!
//! The places with the same four bytes are a binary search tree in the order of what follows them, the latest at the root
//! (as in LZMA): on the way down to where a place belongs, those that agree with it longest are met, the nearest first. The
//! last place with the same three bytes, and a few distances that arrays have, are looked at besides.

use super::symbols::{MAX_LENGTH, MIN_LENGTH, WINDOW};
use super::window::Window;

const FOUR_BITS: u32 = 16;
const THREE_BITS: u32 = 14;
/// Agreeing bytes whose comparison counts as much as a step down the tree.
const STEP: usize = 64;

/// A match that a place may have: its length above its distance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Candidate(u32);

impl Candidate {
    #[inline(always)]
    pub(super) const fn new(length: usize, distance: usize) -> Self {
        Self((length << 16 | distance) as u32)
    }

    #[inline(always)]
    pub(super) fn length(self) -> usize {
        (self.0 >> 16) as usize
    }

    #[inline(always)]
    pub(super) fn distance(self) -> usize {
        self.0 as usize & 0xFFFF
    }
}

pub(super) struct Tree {
    window: Window,
    /// The length of the segment.
    end: usize,
    /// Places, counted from `WINDOW` so that 0 is beyond reach: the last with a hash of four bytes, or of three.
    four: Box<[u32; 1 << FOUR_BITS]>,
    three: Box<[u32; 1 << THREE_BITS]>,
    /// By place, the roots of what sorts before and behind it.
    children: Box<[u32; 2 * WINDOW]>,
    #[cfg(test)]
    worked: u64,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self {
            window: Window::new(),
            end: 0,
            four: Box::new([0; 1 << FOUR_BITS]),
            three: Box::new([0; 1 << THREE_BITS]),
            children: Box::new([0; 2 * WINDOW]),
            #[cfg(test)]
            worked: 0,
        }
    }

    /// Forgets all of the segment before.
    pub(super) fn clear(&mut self, end: usize) {
        self.window.clear();
        self.end = end;
        self.four.fill(0);
        self.three.fill(0);
    }

    /// Takes in the bytes of the segment up to `end`, less than `WINDOW` from the place that is looked at next.
    pub(super) fn fill(&mut self, segment: &[u8], end: usize) {
        self.window.fill(segment, end);
    }

    /// Appends the candidates at `at`, shorter ones first; remembers the place.
    ///
    /// The search ends with a match of `nice` bytes, or after `work` steps.
    pub(super) fn find(
        &mut self,
        at: usize,
        near: &[usize],
        nice: usize,
        work: u32,
        candidates: &mut Vec<Candidate>,
    ) {
        let first = candidates.len();
        let left = (self.end - at).min(MAX_LENGTH);
        if left < MIN_LENGTH {
            return;
        }
        let here = self.window.word(at as u16);
        let place = (at + WINDOW) as u32;
        let three = std::mem::replace(&mut self.three[hash_three(here)], place);
        let distance = (place - three) as usize;
        if distance < WINDOW {
            let differ = self.window.word((at as u16).wrapping_sub(distance as u16)) ^ here;
            // Those that agree in four bytes are in the tree.
            if differ & 0xFF_FFFF == 0 && (differ as u32 != 0 || left == 3) {
                candidates.push(Candidate::new(3, distance));
            }
        }
        self.insert(at, here, nice, work, |length, distance| {
            candidates.push(Candidate::new(length, distance));
        });
        for &distance in near {
            let before = (at as u16).wrapping_sub(distance as u16);
            if distance > at || (self.window.word(before) ^ here) & 0xFF_FFFF != 0 {
                continue;
            }
            let length = self.agreement(before, at as u16, 0, left);
            let found = &candidates[first..];
            if found.iter().all(|candidate| candidate.distance() != distance) {
                let shorter =
                    found.iter().take_while(|candidate| candidate.length() <= length).count();
                candidates.insert(first + shorter, Candidate::new(length, distance));
            }
        }
    }

    /// Remembers a place that is not searched.
    pub(super) fn remember(&mut self, at: usize, nice: usize, work: u32) {
        let here = self.window.word(at as u16);
        self.three[hash_three(here)] = (at + WINDOW) as u32;
        self.insert(at, here, nice, work, |_, _| ());
    }

    /// Makes `at` the root of its tree; `met` gets each match that is longer than those before, and at least four.
    #[inline(always)]
    fn insert(
        &mut self,
        at: usize,
        here: u64,
        nice: usize,
        mut work: u32,
        mut met: impl FnMut(usize, usize),
    ) {
        let left = (self.end - at).min(MAX_LENGTH);
        if left < 4 {
            return;
        }
        let place = (at + WINDOW) as u32;
        let mut node = std::mem::replace(&mut self.four[hash_four(here)], place);
        // Where the next is hung up that sorts before the place, and behind it; and how far those that do agree with it.
        let (mut lower, mut upper) = (slot(place, LOWER), slot(place, UPPER));
        let (mut agree_lower, mut agree_upper) = (0, 0);
        let mut longest = 3;
        loop {
            let distance = (place - node) as usize;
            if distance >= WINDOW || work == 0 {
                self.children[lower] = 0;
                self.children[upper] = 0;
                return;
            }
            let known = agree_lower.min(agree_upper);
            let other = (at as u16).wrapping_sub(distance as u16);
            let length = self.agreement(other, at as u16, known, left);
            let spent = 1 + ((length - known) / STEP) as u32;
            work = work.saturating_sub(spent);
            #[cfg(test)]
            {
                self.worked += u64::from(spent);
            }
            if length > longest {
                longest = length;
                met(length, distance);
            }
            if length >= nice.min(left) {
                // As good as equal: the place takes its stead.
                self.children[lower] = self.children[slot(node, LOWER)];
                self.children[upper] = self.children[slot(node, UPPER)];
                return;
            }
            let next = length as u16;
            if self.window.byte(other.wrapping_add(next))
                < self.window.byte((at as u16).wrapping_add(next))
            {
                self.children[lower] = node;
                lower = slot(node, UPPER);
                agree_lower = length;
                node = self.children[lower];
            } else {
                self.children[upper] = node;
                upper = slot(node, LOWER);
                agree_upper = length;
                node = self.children[upper];
            }
        }
    }

    /// How many bytes from two places on agree, `known` of them for sure, at most `most`.
    #[inline(always)]
    fn agreement(&self, before: u16, at: u16, known: usize, most: usize) -> usize {
        let mut n = known;
        while n < most {
            let differ = self.window.word(before.wrapping_add(n as u16))
                ^ self.window.word(at.wrapping_add(n as u16));
            if differ != 0 {
                return most.min(n + (differ.trailing_zeros() / 8) as usize);
            }
            n += 8;
        }
        most
    }
}

const LOWER: usize = 0;
const UPPER: usize = 1;

#[inline(always)]
fn slot(place: u32, side: usize) -> usize {
    2 * (place as usize % WINDOW) + side
}

#[inline(always)]
fn hash_four(here: u64) -> usize {
    ((here as u32).wrapping_mul(0x9E37_79B1) >> (32 - FOUR_BITS)) as usize
}

#[inline(always)]
fn hash_three(here: u64) -> usize {
    ((here as u32 & 0xFF_FFFF).wrapping_mul(0x9E37_79B1) >> (32 - THREE_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORK: u32 = 40;

    fn candidates(bytes: &[u8], work: u32) -> (Tree, Vec<Vec<Candidate>>) {
        let mut tree = Tree::new();
        tree.clear(bytes.len());
        let found = (0..bytes.len())
            .map(|at| {
                tree.fill(bytes, bytes.len().min(at + 300));
                let mut found = Vec::new();
                tree.find(at, &[], MAX_LENGTH, work, &mut found);
                found
            })
            .collect();
        (tree, found)
    }

    fn few_symbols(len: usize, symbols: u64) -> Vec<u8> {
        let mut state = 1u64;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                ((state >> 33) % symbols) as u8
            })
            .collect()
    }

    #[test]
    fn every_length_has_its_nearest_distance() {
        let bytes = few_symbols(1500, 3);
        let (_, found) = candidates(&bytes, u32::MAX);
        for (at, found) in found.iter().enumerate() {
            let mut expected = Vec::new();
            let mut longest = 3;
            for distance in 1..=at {
                let left = &bytes[at..bytes.len().min(at + MAX_LENGTH)];
                let length =
                    left.iter().zip(&bytes[at - distance..]).take_while(|(a, b)| a == b).count();
                if length > longest {
                    longest = length;
                    expected.push(Candidate::new(length, distance));
                }
            }
            let found: Vec<_> = found.iter().filter(|found| found.length() > 3).copied().collect();
            assert_eq!(found, expected, "{at}");
        }
    }

    /// No input takes more steps a place than it may, the last comparison apart: neither runs nor words that all differ late.
    #[test]
    fn work_is_bounded() {
        let len = 100_000;
        let period: Vec<u8> = few_symbols(301, 2).into_iter().cycle().take(len).collect();
        for bytes in [vec![0; len], period, few_symbols(len, 2)] {
            let (tree, _) = candidates(&bytes, WORK);
            let most = u64::from(WORK) + (MAX_LENGTH / STEP) as u64;
            assert!(tree.worked <= len as u64 * most, "{}", tree.worked);
        }
        let (tree, _) = candidates(&vec![0; len], WORK);
        assert!(tree.worked <= len as u64 * (1 + MAX_LENGTH / STEP) as u64, "{}", tree.worked);
    }
}
