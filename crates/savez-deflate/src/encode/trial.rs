//! Chooses the search of a stretch: chains of four bytes, or the finder's buckets and chains of eight.
//!
//! Where a byte takes many bits, chains of four find what two places of a bucket have forgotten. Where it takes few, most
//! places of such a chain begin the same zeros, and chains of eight lead farther; but not always, so both are tried there.

use super::cost::BIT;
use super::level::Effort;
use super::parser::{LOOKED_AT, Parser};
use super::split::Parse;
use super::symbols::{Counts, WINDOW};

/// What a byte takes, at most, where chains of four are never followed, and at least, where those of eight never are.
const SPARSE_BITS: usize = BIT as usize / 3;
const DENSE_BITS: usize = 2 * BIT as usize;
/// Bytes that are parsed in both ways to choose one, and between two choices, at least and at most.
const TRIAL: usize = 4096;
const GAP: usize = 12_288;
const GAP_MOST: usize = 262_144;
/// The finder must save one part in so many, because chains of four are faster.
const FASTER: u32 = 64;

/// What was chosen, and until where.
pub(super) struct Choice {
    chained: bool,
    until: usize,
}

impl Choice {
    pub(super) const FIRST: Self = Self { chained: true, until: 0 };
}

impl Parser {
    /// Parses from the start of `span` to its end or somewhat farther, or less far; gives the end.
    pub(super) fn search<const REGULAR: bool>(
        &mut self,
        bytes: &[u8],
        span: (usize, usize),
        effort: &Effort,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        let (start, end) = span;
        let chained = match self.bits {
            _ if effort.chain_depth == 0 || self.idle => false,
            few if few < SPARSE_BITS => false,
            many if many >= DENSE_BITS => {
                self.choice.until = start;
                true
            }
            _ if start < self.choice.until => self.choice.chained,
            _ => {
                let span = (start, end.min(start + TRIAL));
                let end = self.trial::<REGULAR>(bytes, span, effort, parse, counts);
                self.choice.until = end + (3 * end).clamp(GAP, GAP_MOST);
                return end;
            }
        };
        self.search_by::<REGULAR>(chained, bytes, span, effort, parse, counts)
    }

    /// Parses with both searches, and keeps what is smaller.
    fn trial<const REGULAR: bool>(
        &mut self,
        bytes: &[u8],
        span: (usize, usize),
        effort: &Effort,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        let before = parse.sequences.len();
        let (bits, phases) = (self.bits, self.finder.phases.clone());
        let mut chained = Counts::ZERO;
        let chained_end = self.search_by::<REGULAR>(true, bytes, span, effort, parse, &mut chained);
        let between = parse.sequences.len();
        let chained_phases = std::mem::replace(&mut self.finder.phases, phases);
        let chained_bits = std::mem::replace(&mut self.bits, bits);
        let mut other = Counts::ZERO;
        let end = self.search_by::<REGULAR>(false, bytes, span, effort, parse, &mut other);
        let of_chained = u64::from(self.finder.costs.of(&chained)) * (end - span.0) as u64;
        let of_other = u64::from(self.finder.costs.of(&other)) * (chained_end - span.0) as u64;
        self.choice.chained = of_chained <= of_other + of_other / u64::from(FASTER);
        if self.choice.chained {
            parse.sequences.truncate(between);
            counts.add(&chained);
            (self.bits, self.finder.phases) = (chained_bits, chained_phases);
            chained_end
        } else {
            parse.sequences.drain(before..between);
            counts.add(&other);
            end
        }
    }

    fn search_by<const REGULAR: bool>(
        &mut self,
        chained: bool,
        bytes: &[u8],
        span: (usize, usize),
        effort: &Effort,
        parse: &mut Parse,
        counts: &mut Counts,
    ) -> usize {
        let start = span.0;
        if chained {
            self.chains.catch_up(bytes, start);
            let all = self.finder.phases.are_all();
            let end = match (all, self.bits > DENSE_BITS) {
                (true, true) => {
                    self.chained::<REGULAR, true, false>(bytes, span, effort, parse, counts)
                }
                (true, false) => {
                    self.chained::<REGULAR, true, true>(bytes, span, effort, parse, counts)
                }
                (false, true) => {
                    self.chained::<REGULAR, false, false>(bytes, span, effort, parse, counts)
                }
                (false, false) => {
                    self.chained::<REGULAR, false, true>(bytes, span, effort, parse, counts)
                }
            };
            self.chains.pass_to(end);
            return end;
        }
        self.finder.prepare();
        let from = self.finder.seen.max(start.saturating_sub(WINDOW));
        if from < start {
            self.finder.phases.wake();
            self.finder.window.fill(bytes, bytes.len().min(start + LOOKED_AT));
            self.finder.remember::<REGULAR>(from, start);
        }
        let depth = if self.bits > DENSE_BITS { effort.depth_dense } else { effort.depth };
        let end = self.stretch::<REGULAR>(bytes, span, depth, effort, parse, counts);
        self.finder.seen = end;
        end
    }
}
