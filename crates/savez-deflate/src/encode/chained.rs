//! Parses a stretch by chains of four bytes: a match is taken unless the next place has a better one.
//!
//! Where a byte takes many bits, better means longer, or nearer and hardly shorter: prices are asked of short matches only.
//! Elsewhere it means what is gained, and near distances are tried too.

use super::chains::Chained;
use super::cost::BIT;
use super::finder::{ENOUGH, Finder, Match, reaches};
use super::level::Effort;
use super::parser::{LOOKED_AT, MARGIN, Parser, WAKING};
use super::split::Parse;
use super::symbols::{Counts, MAX_LENGTH, Sequence};

/// Shorter matches than this are taken only if they cost less than their bytes.
const DOUBTFUL: usize = 8;
/// What a phase must gain to be asked further: parts in 1024 of the output.
const LEAST: u32 = 16;
/// If matches gain one part in so many of the output, all phases are asked: what begins at one today does so at another
/// tomorrow.
const GAINING: u32 = 8;

/// How a stretch is searched.
struct Search<'a> {
    finder: &'a Finder,
    chains: Chained<'a>,
    /// What is added to a place of the segment for one of the chains; wraps.
    shift: usize,
    /// The end of the segment, as a place of the chains.
    end: usize,
    depth: u32,
    nice: usize,
}

/// A match, where it begins, and how many places from there on were searched.
struct Taken {
    at: usize,
    length: usize,
    distance: usize,
    searched: usize,
}

impl Parser {
    /// Parses from `start` to `end` or somewhat farther, where the last match ends; ends early where it wakes all phases.
    ///
    /// `ALL` if all phases are asked.
    #[inline(never)]
    pub(super) fn chained<const REGULAR: bool, const ALL: bool, const WEIGHED: bool>(
        &mut self,
        bytes: &[u8],
        (start, end): (usize, usize),
        effort: &Effort,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        let Self { finder, chains, .. } = self;
        let ahead = bytes.len().min(end + MAX_LENGTH + LOOKED_AT);
        finder.price(start, &bytes[start..ahead]);
        let search_end = end.min(bytes.len().saturating_sub(LOOKED_AT));
        let (mut at, mut run, mut gained) = (start, start, 0);
        let mut woken = false;
        let (chained, first) = chains.at(bytes, start, ahead);
        let shift = first.wrapping_sub(start);
        let mut phases = std::mem::take(&mut finder.phases);
        let mut near = finder.near;
        let mut search = Search {
            finder,
            chains: chained,
            shift,
            end: bytes.len().wrapping_add(shift),
            depth: effort.chain_depth,
            nice: effort.chain_nice,
        };
        while at < search_end && !woken {
            if !ALL {
                let next = phases.next_searched::<REGULAR>(at).min(search_end);
                if next > at {
                    counts.literals(&bytes[at..next]);
                    if let Some(item) = phases.item_start::<REGULAR>(at, next) {
                        search.remember(item, item + 1);
                    }
                    at = next;
                    continue;
                }
            }
            let taken = if WEIGHED {
                search.gaining(at, search_end, &near, counts)
            } else {
                search.long(at, search_end, counts)
            };
            let Some(Taken { at: begin, length, distance, searched }) = taken else {
                search.literal(at, counts);
                at += 1;
                continue;
            };
            counts.matched(length, distance);
            parse.sequences.push(Sequence {
                literals: (begin - run) as u32,
                length: length as u16,
                distance: distance as u16,
            });
            near[2] = distance;
            let literals = search.finder.literals(begin, length);
            let gain = literals.saturating_sub(search.finder.costs.matched(length, distance));
            let phase = phases.of::<REGULAR>(begin);
            phases.book(phase, gain, gain);
            gained += gain;
            run = begin + length;
            at = run;
            if ALL {
                search.remember(begin + searched, run);
                continue;
            }
            for place in begin + searched..run {
                if phases.asks_tables(phases.of::<REGULAR>(place)) {
                    search.remember(place, place + 1);
                }
            }
            if length >= WAKING && !phases.asks_tables(phase) {
                phases.wake();
                woken = true;
            }
        }
        if !woken {
            at = at.max(end);
        }
        if run < at {
            counts.literals(&bytes[search_end.clamp(run, at)..at]);
            parse.sequences.push(Sequence { literals: (at - run) as u32, length: 0, distance: 0 });
        }
        let total = finder.costs.of(counts);
        self.bits = total as usize / (at - start);
        let pays = gained * GAINING > total || self.bits <= BIT as usize;
        if !woken && !pays && start >= self.all_before {
            phases.end_tables(total, LEAST);
        }
        finder.phases = phases;
        finder.near = near;
        at
    }
}

impl Search<'_> {
    /// The longest match at `at` or soon after, by length and distance.
    #[inline(always)]
    fn long(&mut self, at: usize, end: usize, counts: &mut Counts) -> Option<Taken> {
        let (depth, nice) = (self.depth, self.nice);
        let place = at.wrapping_add(self.shift);
        let (mut length, mut distance) = self.chains.longest(place, self.end, 2, (depth, nice));
        if distance == 0
            || length < DOUBTFUL
                && self.finder.literals(at, length) <= self.finder.costs.matched(length, distance)
        {
            return None;
        }
        let mut at = at;
        while length < nice && at + 1 < end {
            let place = (at + 1).wrapping_add(self.shift);
            let limits = (depth / 2, nice);
            let (longer, farther) = self.chains.longest(place, self.end, length - 1, limits);
            let nearer =
                |distance: usize, farther: usize| distance.ilog2() as i32 - farther.ilog2() as i32;
            if farther == 0 || 4 * (longer as i32 - length as i32) + nearer(distance, farther) <= 2
            {
                return Some(Taken { at, length, distance, searched: 2 });
            }
            self.literal(at, counts);
            at += 1;
            (length, distance) = (longer, farther);
        }
        Some(Taken { at, length, distance, searched: 1 })
    }

    /// The match at `at` or soon after that gains most.
    #[inline(always)]
    fn gaining(
        &mut self,
        at: usize,
        end: usize,
        near: &[usize; 3],
        counts: &mut Counts,
    ) -> Option<Taken> {
        let mut found = self.best(at, near, 2, self.depth);
        if found == Match::NONE {
            return None;
        }
        let (mut at, mut searched) = (at, 1);
        while found.length() < self.nice && at + 1 < end {
            let next = self.best(at + 1, near, found.length() - 1, self.depth / 2);
            if next.gain() <= found.gain() + MARGIN {
                searched = 2;
                break;
            }
            self.literal(at, counts);
            at += 1;
            found = next;
        }
        Some(Taken { at, length: found.length(), distance: found.distance(), searched })
    }

    /// What gains most of the matches at near distances and the longest of a chain, if that is longer than `shorter`.
    #[inline(always)]
    fn best(&mut self, at: usize, near: &[usize; 3], shorter: usize, depth: u32) -> Match {
        let place = at.wrapping_add(self.shift);
        let here = self.chains.word(place);
        let mut best = Match::NONE;
        for &distance in near {
            let differ = self.chains.word(place - distance) ^ here;
            if differ & 0xFF_FFFF == 0 && reaches(at, distance) {
                let length = self.chains.length(place, place - distance, differ, self.end);
                best = best.max(self.finder.weigh_known(at, distance, length));
            }
        }
        if best.length() >= 8 && self.chains.word(place - 1) == here {
            let length = self.chains.length(place, place - 1, 0, self.end);
            best = best.max(self.finder.weigh_known(at, 1, length));
        }
        if best.length() >= ENOUGH {
            self.chains.remember(place, place + 1);
            return best;
        }
        let shorter = shorter.max(best.length());
        let (length, distance) = self.chains.longest(place, self.end, shorter, (depth, self.nice));
        if distance > 0 {
            best = best.max(self.finder.weigh_known(at, distance, length));
        }
        best
    }

    #[inline(always)]
    fn literal(&self, at: usize, counts: &mut Counts) {
        counts.litlen[self.chains.byte(at.wrapping_add(self.shift)) as usize] += 1;
    }

    #[inline(always)]
    fn remember(&mut self, from: usize, to: usize) {
        self.chains.remember(from.wrapping_add(self.shift), to.wrapping_add(self.shift));
    }
}
