//! Level 1: greedy, without prices.
//!
//! A segment is taken in stretches, each parsed in one of four ways: as literals only, with matches at two near distances
//! found from masks of equal bytes (`near`), or also where the next bytes were seen before: at the last two places (`far`), or,
//! where little is written, at more of them (`deep`). At a probe the start of the stretch is parsed in the first two and in one
//! of the others; the fastest that is hardly larger than the best is used until the next probe, or until a sample shows that the
//! bytes have changed.

mod deep;
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
/// Bytes of a probe that looks for long matches with nothing before it that they could repeat.
const PROBE_FIRST: usize = 16_384;
/// How far apart probes are, at least and at most.
const PROBE_GAP: usize = 16_384;
const PROBE_GAP_MOST: usize = 131_072;
/// A way may lose one part in so many of the output if it is faster.
const PROBE_LOSS: u64 = 32;
/// Where 1024 bytes take fewer bits in the fast ways, long matches are looked for.
const LITTLE: u64 = 3 * 1024;
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
    Deep,
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
        let item = hints.item.clamp(1, WINDOW);
        self.far.clear(item);
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
                if self.sink.run == at {
                    let end = bytes.len().min(at + STRETCH);
                    self.stretch(bytes, at, end, plan.way, distances);
                }
                at = self.sink.run;
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
            Way::Deep => self.far.deep_stretch(bytes, start, end, distances, &mut self.sink),
        }
    }

    fn literals(&mut self, bytes: &[u8], start: usize, end: usize) -> usize {
        self.sink.counts.add(&byte_counts(&bytes[start..end]));
        self.sink.literals(end);
        end
    }

    /// Changes the plan if its time is over, or if the bytes at `at` are no longer like those it was made for. Of a probe that
    /// put its bytes where they cannot be put again, in the tables, the parse stays.
    fn follow(&mut self, plan: &mut Plan, bytes: &[u8], at: usize, distances: [usize; 2]) {
        let alike = alike(bytes, at, distances[0]);
        let (few, many) = (alike.min(plan.alike), alike.max(plan.alike));
        let changed = many > 2 * few + SAMPLES / 8;
        if at < plan.until && !changed {
            return;
        }
        let way = self.probe(bytes, at, distances);
        if matches!(way, Way::Literals | Way::Near) {
            self.sink.clear(at);
        }
        plan.gap = if way == plan.way { (2 * plan.gap).min(PROBE_GAP_MOST) } else { PROBE_GAP };
        (plan.way, plan.until, plan.alike) = (way, at + plan.gap, alike);
    }

    /// The fastest way that makes of the next bytes hardly more than the best does. The last parse was the one with the tables.
    fn probe(&mut self, bytes: &[u8], at: usize, distances: [usize; 2]) -> Way {
        let end = bytes.len().min(at + PROBE);
        let mut literals = self.probed_bits(bytes, at, end, Way::Literals, distances);
        self.far.expect(literals);
        let mut near = self.probed_bits(bytes, at, end, Way::Near, distances);
        let tables = if literals.min(near) < LITTLE { Way::Deep } else { Way::Far };
        let found = if tables == Way::Deep {
            let length = if at < PROBE_FIRST { PROBE_FIRST } else { PROBE };
            let end = bytes.len().min(at + length);
            let middle = at + (end - at) / 2;
            literals = self.probed_bits(bytes, middle, end, Way::Literals, distances);
            near = self.probed_bits(bytes, middle, end, Way::Near, distances);
            self.deep_bits(bytes, [at, middle, end], distances)
        } else {
            self.probed_bits(bytes, at, end, tables, distances)
        };
        let best = literals.min(near).min(found);
        let enough = best + best / PROBE_LOSS;
        match () {
            () if literals <= enough => Way::Literals,
            () if near <= enough => Way::Near,
            () => tables,
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
        kilobyte_bits(&self.sink.counts, end - start)
    }

    /// Bits of 1024 bytes of the second half, when the first one can be referred to.
    fn deep_bits(&mut self, bytes: &[u8], halves: [usize; 3], distances: [usize; 2]) -> u64 {
        let [start, middle, end] = halves;
        self.sink.clear(start);
        self.stretch(bytes, start, middle, Way::Deep, distances);
        let first = self.sink.counts.clone();
        self.stretch(bytes, middle, end, Way::Deep, distances);
        let mut second = self.sink.counts.clone();
        second.subtract(&first);
        kilobyte_bits(&second, end - middle)
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

/// Bits of 1024 bytes, where so many bytes gave those symbols.
fn kilobyte_bits(counts: &Counts, bytes: usize) -> u64 {
    block_bits(counts) * 1024 / bytes as u64
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
