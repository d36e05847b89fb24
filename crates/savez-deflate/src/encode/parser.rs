//! Turns a segment into literals and matches.
//!
//! A match is put off while the next place has a better one (lazy evaluation), by gain rather than by length. The segment
//! is taken in stretches; after each the prices follow what was written, and the phases that did not pay are dropped. Where
//! none is left, bytes are passed over as literals until a sample, or a probe, finds that something is repeated.

use super::Hints;
use super::chains::Chains;
use super::cost::BIT;
use super::finder::{Finder, Found, Match, SUMS};
use super::level::Effort;
use super::split::Parse;
use super::symbols::{
    Counts, DISTANCE_SYMBOLS, END, MAX_LENGTH, Sequence, WINDOW, byte_counts, distance_symbol,
    repetition,
};
use super::trial::Choice;

/// Bytes of a stretch, of a probe, and of the first two stretches.
const STRETCH: usize = 8192;
const PROBE: usize = 1024;
const FIRST: usize = 2048;
/// What the next place must gain more, for it to be waited for.
pub(super) const MARGIN: u32 = BIT;
/// A match of this length where none was looked for shows that something is repeated.
pub(super) const WAKING: usize = 24;
/// Bytes before which nothing is passed over, and how far apart the places are that are remembered of what is.
const IDLE_FROM: usize = 4096;
const SPARSE: usize = 32;
/// More than one hit (three bytes of the item before) among so many places, for a while, ends the passing over.
const HIT: u32 = 16;
/// Bytes that must follow for a search.
pub(super) const LOOKED_AT: usize = 8;
/// Symbols that a block must have to be worth a header.
const PIECE_SYMBOLS: u32 = 2048;
const PIECE_MOST: usize = 16 * STRETCH;

const _: () = assert!(STRETCH + MAX_LENGTH + LOOKED_AT < SUMS, "no room for the prices");

pub(super) struct Parser {
    pub(super) finder: Finder,
    pub(super) chains: Chains,
    /// Symbols lately written, the older the fainter.
    recent: Counts,
    /// What a byte of the last stretch took, in sixteenths of a bit.
    pub(super) bits: usize,
    /// Whether no phase was worth a search before this stretch.
    pub(super) idle: bool,
    pub(super) choice: Choice,
    /// Before this place every phase is searched: near the start, and where other data seem to begin.
    pub(super) all_before: usize,
}

impl Parser {
    pub(super) fn new() -> Self {
        Self {
            finder: Finder::new(),
            chains: Chains::new(),
            recent: Counts::ZERO,
            bits: 0,
            idle: false,
            choice: Choice::FIRST,
            all_before: 0,
        }
    }

    pub(super) fn parse(&mut self, bytes: &[u8], hints: Hints, effort: &Effort, parse: &mut Parse) {
        let item = hints.item.clamp(1, WINDOW);
        self.guess(&bytes[..bytes.len().min(4 * STRETCH)], item);
        self.bits = 8 * BIT as usize;
        self.choice = Choice::FIRST;
        self.all_before = effort.all_before;
        parse.clear();
        let threes = bytes.len() <= effort.threes_below;
        self.finder.clear(bytes.len(), hints.item, hints.row, threes);
        self.chains.clear();
        if self.finder.phases.is_regular() {
            self.parse_all::<true>(bytes, item, effort, parse);
        } else {
            self.parse_all::<false>(bytes, item, effort, parse);
        }
    }

    fn parse_all<const REGULAR: bool>(
        &mut self,
        bytes: &[u8],
        item: usize,
        effort: &Effort,
        parse: &mut Parse,
    ) {
        let (mut at, mut piece_start, mut next_probe) = (0, 0, 0);
        let mut counts = Counts::ZERO;
        while at < bytes.len() {
            let start = at;
            let mut stretch = Counts::ZERO;
            at = self.put_repetition(bytes, start, parse, &mut stretch);
            if at > start {
                self.finder.seen = at;
                self.chains.pass_to(at);
            }
            if at == start && at < next_probe && at >= IDLE_FROM && self.finder.phases.are_idle() {
                let end = next_probe.min(bytes.len());
                at = self.pass_over(bytes, start, end, item, parse, &mut stretch);
                if at < end {
                    next_probe = at;
                }
                self.finder.seen = at;
            } else if at == start {
                let probe = at >= next_probe;
                let idle = self.finder.phases.are_idle();
                let size = match probe {
                    _ if at < 2 * FIRST => FIRST,
                    true if idle => PROBE / 2,
                    true => PROBE,
                    false => STRETCH.min(next_probe - at),
                };
                let end = (at + size).min(bytes.len());
                self.finder.phases.begin(probe);
                let span = (start, end);
                self.idle = idle;
                let bits_before = self.bits;
                at = self.search::<REGULAR>(bytes, span, effort, parse, &mut stretch);
                let changed = self.bits > bits_before + bits_before / 2;
                if changed {
                    self.choice = Choice::FIRST;
                    self.finder.phases.wake();
                    self.all_before = at + effort.all_before;
                }
                if !self.finder.phases.asks_tables(0) && self.finder.seen == at {
                    let step = item.max(8).div_ceil(item) * item;
                    self.finder.remember_sparsely(start.next_multiple_of(item), at, step);
                }
                if probe && at >= 2 * FIRST {
                    let idle = self.finder.phases.are_idle();
                    next_probe = at
                        + if idle { at.clamp(8192, 65_536) } else { (at / 4).clamp(2048, 65_536) };
                }
                if changed {
                    // By the prices of other data, what this one repeats may be too dear ever to be matched.
                    self.guess(&bytes[at..bytes.len().min(at + STRETCH)], item);
                } else {
                    self.learn(&stretch);
                }
            }
            counts.add(&stretch);
            let symbols: u32 = counts.litlen.iter().sum();
            if symbols >= PIECE_SYMBOLS || at - piece_start >= PIECE_MOST || at == bytes.len() {
                parse.end_piece(at, std::mem::replace(&mut counts, Counts::ZERO));
                piece_start = at;
            }
        }
    }

    /// Puts bytes as literals up to `end`, or to where something is repeated; gives that place.
    fn pass_over(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        item: usize,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        self.finder.prepare();
        let step = SPARSE.div_ceil(item) * item;
        let last = end.min(bytes.len().saturating_sub(LOOKED_AT));
        let (mut at, mut filled) = (start.next_multiple_of(item), start);
        let (mut passed, mut hits) = (end, 0);
        while at < last {
            if at + LOOKED_AT > filled {
                filled = bytes.len().min(at + STRETCH);
                self.finder.window.fill(bytes, filled);
            }
            let repeated = self.finder.repeated_before(at);
            hits = if repeated >= 3 { hits + HIT } else { hits.saturating_sub(1) };
            if repeated >= 8 || hits > 8 * HIT {
                passed = at;
                break;
            }
            at += step;
        }
        if passed > start {
            put_literals(&bytes[start..passed], parse, counts);
            self.learn(counts);
        }
        passed
    }

    /// Puts what repeats the bytes at a near distance for very long, at the speed of a comparison; gives its end.
    fn put_repetition(
        &self,
        bytes: &[u8],
        start: usize,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        let near = self.finder.near.into_iter().rev();
        let Some((distance, matches)) = repetition(bytes, start, near) else { return start };
        for at in (start..).step_by(MAX_LENGTH).take(matches) {
            // Rows that repeat are zeros for the most part, which cost less at no distance: no extra bits.
            let is_at = |near: &usize| {
                *near < distance
                    && bytes[at..at + MAX_LENGTH] == bytes[at - near..at - near + MAX_LENGTH]
            };
            let distance = [1, self.finder.near[0]].into_iter().find(is_at).unwrap_or(distance);
            counts.matched(MAX_LENGTH, distance);
            parse.sequences.push(Sequence {
                literals: 0,
                length: MAX_LENGTH as u16,
                distance: distance as u16,
            });
        }
        start + matches * MAX_LENGTH
    }

    /// Parses from `start` to `end` or somewhat farther, where the last match ends.
    pub(super) fn stretch<const REGULAR: bool>(
        &mut self,
        bytes: &[u8],
        (start, end): (usize, usize),
        depth: u32,
        effort: &Effort,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        let finder = &mut self.finder;
        let ahead = bytes.len().min(end + MAX_LENGTH + LOOKED_AT);
        finder.window.fill(bytes, ahead);
        finder.price(start, &bytes[start..ahead]);
        let search_end = end.min(bytes.len().saturating_sub(LOOKED_AT));
        let (mut at, mut run, mut gained) = (start, start, 0);
        let mut put_off: Option<Found> = None;
        let mut woken = false;
        while at < search_end {
            let found = match put_off.take() {
                Some(found) => found,
                None => {
                    if REGULAR {
                        let skip = finder.phases.any_from(at).trailing_zeros() as usize;
                        if skip > 0 {
                            at = search_end.min(at + skip);
                            continue;
                        }
                    }
                    finder.search::<REGULAR>(at, depth, effort.nice)
                }
            };
            if found.best == Match::NONE {
                at += 1;
                continue;
            }
            let mut searched = 1;
            if effort.lazy
                && found.best.length() < effort.nice
                && at + 1 < search_end
                && finder.phases.tables_from(at + 1) & 1 != 0
            {
                let mut next = finder.search::<REGULAR>(at + 1, depth, effort.nice);
                if next.best.gain() > found.best.gain() + MARGIN {
                    next.over_near = next.over_near.min(next.best.gain() - found.best.gain());
                    put_off = Some(next);
                    at += 1;
                    continue;
                }
                searched = 2;
            }
            let (length, distance) = (found.best.length(), found.best.distance());
            counts.literals(&bytes[run..at]);
            counts.matched(length, distance);
            parse.sequences.push(Sequence {
                literals: (at - run) as u32,
                length: length as u16,
                distance: distance as u16,
            });
            finder.near[2] = distance;
            let phase = finder.phases.of::<REGULAR>(at);
            if length >= WAKING && !finder.phases.asks_tables(phase) {
                finder.phases.wake();
                woken = true;
            }
            finder.phases.book(phase, found.best.gain(), found.over_near);
            gained += found.best.gain();
            run = at + length;
            let remembered = if length < effort.nice { at + searched } else { run - 16 };
            finder.remember::<REGULAR>(remembered, run);
            at = run;
        }
        at = at.max(end);
        if run < at {
            put_literals(&bytes[run..at], parse, counts);
        }
        let total = finder.priced(at) - gained;
        self.bits = total as usize / (at - start);
        if !woken && start >= self.all_before && total as usize > (at - start) * BIT as usize {
            finder.phases.end(total, effort.tables_least, effort.near_least);
        }
        at
    }

    /// Prices for bytes of which nothing is known, given those at their `head`. What repeats the item before is left out, or
    /// zeros would be too cheap to match.
    fn guess(&mut self, head: &[u8], item: usize) {
        let mut counts = Counts::ZERO;
        let (first, rest) = head.split_at(item.min(head.len()));
        counts.literals(first);
        for (&byte, &before) in rest.iter().zip(head) {
            counts.litlen[byte as usize] += u32::from(byte != before);
        }
        let total: u32 = counts.litlen.iter().sum();
        for (class, count) in counts.litlen[END + 1..].iter_mut().enumerate() {
            *count = total / if class < 10 { 32 } else { 64 };
        }
        counts.distance = [8; DISTANCE_SYMBOLS];
        for distance in [1, item] {
            counts.distance[distance_symbol(distance).symbol] = 60;
        }
        self.finder.costs.update(&counts);
        self.recent = counts;
    }

    fn learn(&mut self, counts: &Counts) {
        let recent = &mut self.recent;
        for count in recent.litlen.iter_mut().chain(&mut recent.distance) {
            *count -= *count / 2;
        }
        recent.add(counts);
        self.finder.costs.update(recent);
    }
}

fn put_literals(bytes: &[u8], parse: &mut Parse, counts: &mut Counts) {
    if bytes.len() < 1024 {
        counts.literals(bytes);
    } else {
        counts.add(&byte_counts(bytes));
    }
    parse.sequences.push(Sequence { literals: bytes.len() as u32, length: 0, distance: 0 });
}
