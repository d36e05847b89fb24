//! Level 1: greedy, without prices.
//!
//! A segment is taken in stretches, each parsed in one of three ways: as literals only, with matches at two near distances
//! found from masks of equal bytes (`near`), or also where the next bytes were seen before (`far`). At a probe the start of
//! the stretch is parsed in all three; the fastest that is hardly larger than the best is used until the next probe, or until
//! a sample shows that the bytes have changed.

mod far;
mod near;

use super::Hints;
use super::cost::block_bits;
use super::split::Parse;
use super::symbols::{Counts, MAX_LENGTH, Sequence, WINDOW, byte_counts, repetition};
use far::Far;
use near::Near;

/// Bytes of a stretch, and of a probe.
const STRETCH: usize = 16_384;
const PROBE: usize = 4096;
/// How far apart probes are, at least and at most.
const PROBE_GAP: usize = 16_384;
const PROBE_GAP_MOST: usize = 131_072;
/// A way may lose one part in so many of the output if it is faster.
const PROBE_LOSS: u64 = 32;
/// Places of a stretch that are looked at before it is parsed.
const SAMPLES: usize = 64;
/// Symbols that a block must have to be worth a header.
const PIECE_SYMBOLS: usize = 8192;

/// How a stretch is parsed, the fastest first.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Literals,
    Near,
    Far,
}

/// Where a parse is put: sequences, and the counts of their symbols.
struct Sink {
    sequences: Vec<Sequence>,
    counts: Counts,
    /// Where the literals begin that no sequence has yet.
    run: usize,
    /// Bytes of matches.
    matched: usize,
}

impl Sink {
    fn new() -> Self {
        Self { sequences: Vec::new(), counts: Counts::ZERO, run: 0, matched: 0 }
    }

    fn clear(&mut self, run: usize) {
        self.sequences.clear();
        self.counts = Counts::ZERO;
        self.run = run;
        self.matched = 0;
    }

    /// A match, and the literals before it, which are counted elsewhere.
    #[inline(always)]
    fn matched(&mut self, at: usize, length: usize, distance: usize) {
        self.counts.matched(length, distance);
        self.sequence(at, length, distance);
    }

    /// The same, if the match is counted elsewhere too.
    #[inline(always)]
    fn sequence(&mut self, at: usize, length: usize, distance: usize) {
        self.sequences.push(Sequence {
            literals: (at - self.run) as u32,
            length: length as u16,
            distance: distance as u16,
        });
        self.run = at + length;
        self.matched += length;
    }

    /// The literals up to `end`, which are counted elsewhere.
    fn literals(&mut self, end: usize) {
        if self.run < end {
            let literals = (end - self.run) as u32;
            self.sequences.push(Sequence { literals, length: 0, distance: 0 });
            self.run = end;
        }
    }
}

/// The way of the stretches up to a place, if the bytes stay as they are.
struct Plan {
    way: Way,
    until: usize,
    /// Bytes between the last probe and the next.
    gap: usize,
    /// What `alike` gave for the bytes that were probed.
    alike: usize,
}

pub(super) struct Fast {
    far: Far,
    near: Near,
    sink: Sink,
}

impl Fast {
    pub(super) fn new() -> Self {
        Self { far: Far::new(), near: Near::new(), sink: Sink::new() }
    }

    pub(super) fn parse(&mut self, bytes: &[u8], hints: Hints, parse: &mut Parse) {
        parse.clear();
        self.far.clear();
        let item = hints.item.clamp(1, WINDOW);
        let row = if (1..=WINDOW).contains(&hints.row) { hints.row } else { 1 };
        let mut plan = Plan { way: Way::Literals, until: 0, gap: PROBE_GAP, alike: 0 };
        let (mut at, mut symbols) = (0, 0);
        let mut counts = Counts::ZERO;
        while at < bytes.len() {
            let start = at;
            let distances = [item, row].map(|distance| if distance <= at { distance } else { 1 });
            self.sink.clear(at);
            at = if at == 0 {
                self.literals(bytes, at, item.min(PROBE).min(bytes.len()))
            } else {
                self.put_repetition(bytes, at, [1, distances[0]])
            };
            if at == start {
                self.follow(&mut plan, bytes, at, distances);
                let end = bytes.len().min(at + STRETCH);
                at = self.stretch(bytes, at, end, plan.way, distances);
            }
            symbols += self.sink.sequences.len() + (at - start) - self.sink.matched;
            parse.sequences.extend_from_slice(&self.sink.sequences);
            counts.add(&self.sink.counts);
            if symbols >= PIECE_SYMBOLS || at == bytes.len() {
                parse.end_piece(at, std::mem::replace(&mut counts, Counts::ZERO));
                symbols = 0;
            }
        }
    }

    /// Parses from `start`, which is not 0, to `end` or somewhat farther, where the last match ends.
    fn stretch(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        way: Way,
        distances: [usize; 2],
    ) -> usize {
        match way {
            Way::Literals => self.literals(bytes, start, end),
            Way::Near => self.near.stretch(bytes, start, end, distances, &mut self.sink),
            Way::Far => {
                let near = distances[self.near.better()];
                self.far.stretch(bytes, start, end, near, &mut self.sink)
            }
        }
    }

    fn literals(&mut self, bytes: &[u8], start: usize, end: usize) -> usize {
        self.sink.counts.add(&byte_counts(&bytes[start..end]));
        self.sink.literals(end);
        end
    }

    /// Changes the plan if its time is over, or if the bytes at `at` are no longer like those it was made for.
    fn follow(&mut self, plan: &mut Plan, bytes: &[u8], at: usize, distances: [usize; 2]) {
        let alike = alike(bytes, at, distances[0]);
        let (few, many) = (alike.min(plan.alike), alike.max(plan.alike));
        let changed = many > 2 * few + SAMPLES / 8;
        if at < plan.until && !changed {
            return;
        }
        let way = self.probe(bytes, at, distances);
        plan.gap = if way == plan.way { (2 * plan.gap).min(PROBE_GAP_MOST) } else { PROBE_GAP };
        (plan.way, plan.until, plan.alike) = (way, at + plan.gap, alike);
    }

    /// The fastest way that makes of the next bytes hardly more than the best does.
    fn probe(&mut self, bytes: &[u8], at: usize, distances: [usize; 2]) -> Way {
        let end = bytes.len().min(at + PROBE);
        let literals = self.probed_bits(bytes, at, end, Way::Literals, distances);
        self.far.expect(literals);
        let near = self.probed_bits(bytes, at, end, Way::Near, distances);
        let far = self.probed_bits(bytes, at, end, Way::Far, distances);
        self.sink.clear(at);
        let best = literals.min(near).min(far);
        let enough = best + best / PROBE_LOSS;
        match () {
            () if literals <= enough => Way::Literals,
            () if near <= enough => Way::Near,
            () => Way::Far,
        }
    }

    /// Bits of 1024 bytes, if parsed so.
    fn probed_bits(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        way: Way,
        distances: [usize; 2],
    ) -> u64 {
        self.sink.clear(start);
        let end = self.stretch(bytes, start, end, way, distances);
        block_bits(&self.sink.counts) * 1024 / (end - start) as u64
    }

    /// Puts what repeats the bytes at a near distance for very long, at the speed of a comparison; gives its end.
    fn put_repetition(&mut self, bytes: &[u8], start: usize, distances: [usize; 2]) -> usize {
        let Some((distance, matches)) = repetition(bytes, start, distances) else { return start };
        for number in 0..matches {
            self.sink.matched(start + number * MAX_LENGTH, MAX_LENGTH, distance);
        }
        start + matches * MAX_LENGTH
    }
}

/// How many samples of the stretch at `at` have three bytes that repeat those at `distance`.
fn alike(bytes: &[u8], at: usize, distance: usize) -> usize {
    let end = bytes.len().min(at + STRETCH);
    let here = bytes[at..end].chunks_exact(STRETCH / SAMPLES);
    let before = bytes[at - distance..].chunks_exact(STRETCH / SAMPLES);
    here.zip(before)
        .filter(|(here, before)| {
            let equal: [bool; 8] = std::array::from_fn(|n| here[n] == before[n]);
            equal.windows(3).any(|three| three == [true; 3])
        })
        .count()
}
