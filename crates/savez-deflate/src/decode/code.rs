//! Prefix codes as tables: from the next bits to what they mean, in one look or two.
//!
//! A table has a slot for each value of the next [`width`](Code::width) bits. The few codes that are longer go on in a
//! subtable behind it. Where two literals fit into the width together, a slot can hold both.
//!
//! Which sets of code lengths are accepted is zlib's choice (`inftrees.c`): complete ones, and for literals and
//! distances also a single code of one bit; for distances, none at all.

use super::entry::{Entry, INVALID};

/// The longest code of a literal, length or distance.
const LONGEST: usize = 15;

/// The most symbols a code has: fixed blocks name two that may not occur.
pub(super) const SYMBOLS: usize = 288;

/// The code lengths are over-subscribed or incomplete.
#[derive(Debug)]
pub(super) struct NotPrefix;

/// What may be missing of a code.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Gaps {
    /// Nothing.
    No,
    /// All but a code of one bit, or that one too.
    Single,
}

/// A table for one code, in `SLOTS` slots.
#[derive(Clone, Debug)]
pub(super) struct Code<const SLOTS: usize> {
    slots: [Entry; SLOTS],
    width: u32,
}

impl<const SLOTS: usize> Code<SLOTS> {
    pub(super) fn new() -> Self {
        Code { slots: [INVALID; SLOTS], width: 1 }
    }

    /// How many bits the first look takes.
    #[inline(always)]
    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// All slots: those of the table itself first.
    #[inline(always)]
    pub(super) fn slots(&self) -> &[Entry; SLOTS] {
        &self.slots
    }

    /// What `bits` start with, and how many of them are to be skipped before the entry counts (in case of a subtable).
    #[inline(always)]
    pub(super) fn look_up(&self, bits: u64) -> (Entry, u32) {
        let first = self.slots[low(bits, self.width)];
        if !first.is_subtable() {
            return (first, 0);
        }
        let at = first.start() + low(bits >> self.width, first.subtable_width());
        (self.slots[at], self.width)
    }

    /// Makes this the code in which symbol `s` has `lengths[s]` bits (0: none) and means `meanings[s]`. The table is as
    /// wide as the longest code, but within `widths`.
    ///
    /// A subtable for codes of up to `b` more bits has `2^b` slots and holds at least `b + 1` codes, so all of them
    /// together take at most `2^b / (b + 1)` slots a symbol, for the largest `b`.
    pub(super) fn build(
        &mut self,
        lengths: &[u8],
        meanings: &[Entry],
        widths: std::ops::RangeInclusive<u32>,
        gaps: Gaps,
    ) -> Result<(), NotPrefix> {
        let counts = count_by_length(lengths);
        let longest = (1..=LONGEST).rev().find(|&length| counts[length] > 0).unwrap_or(0) as u32;
        let unused = unused_codes(&counts)?;
        if unused > 0 {
            if gaps == Gaps::No || longest > 1 {
                return Err(NotPrefix);
            }
            self.width = *widths.start();
            let single = lengths.iter().position(|&length| length == 1);
            let pair = [single.map_or(INVALID, |symbol| meanings[symbol].coded(1)), INVALID];
            self.slots[..1 << self.width]
                .iter_mut()
                .zip(pair.iter().cycle())
                .for_each(|(slot, &entry)| *slot = entry);
            return Ok(());
        }
        let mut sorted = [0u16; SYMBOLS];
        let sorted = sort_by_length(lengths, &counts, &mut sorted);
        self.width = longest.clamp(*widths.start(), *widths.end());
        self.fill(sorted, &counts, meanings);
        Ok(())
    }

    /// Fills the table with a complete code; `sorted` are its symbols, shortest codes first.
    fn fill(&mut self, sorted: &[u16], counts: &[u16; LONGEST + 1], meanings: &[Entry]) {
        let mut code = Reversed(0);
        let mut symbols = sorted.iter().map(|&symbol| meanings[usize::from(symbol)]);
        for length in 1..=self.width {
            // What has been set so far is the same for either value of the next bit.
            let half = 1 << (length - 1);
            self.slots.copy_within(..half, half);
            let count = counts[length as usize];
            for meaning in symbols.by_ref().take(usize::from(count)) {
                self.slots[code.0] = meaning.coded(length);
                code.advance(length);
            }
        }
        let mut end = 1 << self.width;
        let mut prefix = usize::MAX;
        let mut start = 0;
        for length in self.width + 1..=LONGEST as u32 {
            let mut left = counts[length as usize];
            for meaning in symbols.by_ref().take(usize::from(left)) {
                if code.0 & ((1 << self.width) - 1) != prefix {
                    prefix = code.0 & ((1 << self.width) - 1);
                    start = end;
                    let width = subtable_width(length, left, self.width, counts);
                    end += 1 << width;
                    self.slots[prefix] = Entry::subtable(start, width, self.width);
                }
                let entry = meaning.coded(length - self.width);
                let first = start + (code.0 >> self.width);
                for slot in self.slots[first..end].iter_mut().step_by(1 << (length - self.width)) {
                    *slot = entry;
                }
                code.advance(length);
                left -= 1;
            }
        }
    }

    /// Puts a second literal into each slot whose bits hold one after the first.
    pub(super) fn pair_literals(&mut self) {
        // Downwards: what follows a literal is looked up in a slot below, where it must still be alone.
        for slot in (0..1usize << self.width).rev() {
            let first = self.slots[slot];
            if first.is_literal() {
                let second = self.slots[slot >> first.bits()];
                if second.is_literal() && first.bits() + second.bits() <= self.width {
                    self.slots[slot] = first.paired(second);
                }
            }
        }
    }
}

/// The lowest `n` bits.
#[inline(always)]
fn low(bits: u64, n: u32) -> usize {
    (bits & ((1 << n) - 1)) as usize
}

/// How many symbols have a code of each length.
fn count_by_length(lengths: &[u8]) -> [u16; LONGEST + 1] {
    // Neighbours often have the same length: counted apart, they need not wait for each other.
    let mut counts = [[0u16; LONGEST + 1]; 4];
    for four in lengths.chunks(4) {
        for (&length, counts) in four.iter().zip(&mut counts) {
            counts[usize::from(length & 15)] += 1;
        }
    }
    let mut sum = std::array::from_fn(|length| counts.iter().map(|counts| counts[length]).sum());
    sum[0] = 0;
    sum
}

/// How many codes of [`LONGEST`] bits are left over.
fn unused_codes(counts: &[u16; LONGEST + 1]) -> Result<u32, NotPrefix> {
    let mut unused = 1u32;
    for &count in &counts[1..] {
        unused = (2 * unused).checked_sub(u32::from(count)).ok_or(NotPrefix)?;
    }
    Ok(unused)
}

/// The symbols that have a code, by its length, then by their own value: the order of canonical codes.
fn sort_by_length<'a>(
    lengths: &[u8],
    counts: &[u16; LONGEST + 1],
    sorted: &'a mut [u16; SYMBOLS],
) -> &'a [u16] {
    let mut next = [0u16; LONGEST + 1];
    for length in 1..LONGEST {
        next[length + 1] = next[length] + counts[length];
    }
    for (symbol, &length) in lengths.iter().enumerate() {
        if length > 0 {
            let place = &mut next[usize::from(length)];
            sorted[usize::from(*place)] = symbol as u16;
            *place += 1;
        }
    }
    &sorted[..usize::from(next[LONGEST])]
}

/// How many bits the codes that share a prefix of `primary` bits go on for at most, if the first of them has `length`
/// bits and is one of `left` such codes still to come.
fn subtable_width(length: u32, left: u16, primary: u32, counts: &[u16; LONGEST + 1]) -> u32 {
    let mut width = length - primary;
    let mut space = u32::from(left);
    while space < 1 << width {
        width += 1;
        space = 2 * space + u32::from(counts[(primary + width) as usize]);
    }
    width
}

/// A code with its first bit lowest, as it comes in the stream.
struct Reversed(usize);

impl Reversed {
    /// Goes on to the next code of `length` bits, or back to 0 after the last.
    fn advance(&mut self, length: u32) {
        let zeros = !self.0 & ((1 << length) - 1);
        match zeros.checked_ilog2() {
            Some(place) => self.0 = self.0 & ((1 << place) - 1) | 1 << place,
            None => self.0 = 0,
        }
    }
}
