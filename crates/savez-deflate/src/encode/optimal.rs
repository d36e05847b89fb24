//! The cheapest parse of a segment, as levels 8 and 9 look for it.
//!
//! A quick parse is cut into blocks. With the prices that the symbols of each block have there, the cheapest way through
//! all bytes is found from the end backwards, over every match that a tree gives for each place; that parse is cut into
//! blocks anew, and so on while it gets smaller. Matches are looked for once and kept, for a span of the segment at a time.

use super::Hints;
use super::cost::Costs;
use super::level::Search;
use super::split::{Parse, Piece};
use super::symbols::{Counts, END, MAX_LENGTH, MIN_LENGTH, Sequence, WINDOW};
use super::tree::{Candidate, Tree};

/// The most bytes of a span, and the candidates after which it ends before.
const SPAN: usize = 1 << 19;
const CANDIDATES: usize = 1 << 21;
/// Bytes that the tree takes in at a time.
const STRETCH: usize = 8192;
/// A repetition of so many of the longest matches is not searched, but for the last two.
const REPEATED: usize = 256;
/// The fewest symbols of a piece, and the most pieces of a span.
const PIECE_SYMBOLS: usize = 512;
const PIECES: usize = 256;

pub(super) struct Optimal {
    tree: Tree,
    costs: Costs,
    candidates: Vec<Candidate>,
    /// Where the candidates of each place of the span end.
    ends: Vec<u32>,
    /// What the rest of the span costs from each place on, and how it begins: a literal is a match of one byte.
    rest: Vec<u32>,
    steps: Vec<Candidate>,
    /// The parse that is being improved, of the span, and the one that is made.
    best: Parse,
    next: Parse,
}

impl Optimal {
    pub(super) fn new() -> Self {
        Self {
            tree: Tree::new(),
            costs: Costs::new(),
            candidates: Vec::new(),
            ends: Vec::new(),
            rest: Vec::new(),
            steps: Vec::new(),
            best: Parse::new(),
            next: Parse::new(),
        }
    }

    /// Makes `parse` the cheapest parse of `bytes`, cut into blocks, given a good one that is.
    pub(super) fn improve(
        &mut self,
        bytes: &[u8],
        hints: Hints,
        search: &Search,
        parse: &mut Parse,
    ) {
        let mut blocks = parse.pieces.clone();
        for block in &mut blocks {
            widen(&mut block.counts);
        }
        let guess = std::mem::replace(parse, Parse::new());
        self.tree.clear(bytes.len());
        let mut start = 0;
        while start < bytes.len() {
            let end = self.collect(bytes, start, hints, search);
            self.improve_span(bytes, (start, end), &blocks, search.passes);
            parse.append(&mut self.best);
            start = end;
        }
        parse.join_pieces();
        if parse.bits() > guess.bits() {
            *parse = guess;
        }
    }

    /// Looks for the candidates from `start` on; gives where the span ends.
    fn collect(&mut self, bytes: &[u8], start: usize, hints: Hints, search: &Search) -> usize {
        self.candidates.clear();
        self.ends.clear();
        let [item, row] = [hints.item, hints.row].map(|d| if d > WINDOW { 1 } else { d.max(1) });
        let mut near = [1, item, row, 1];
        let most = bytes.len().min(start + SPAN);
        let (mut at, mut filled) = (start, 0);
        while at < most && self.candidates.len() < CANDIDATES {
            if at >= filled {
                filled = at + STRETCH;
                self.tree.fill(bytes, bytes.len().min(filled + 2 * MAX_LENGTH));
            }
            let first = self.candidates.len();
            self.tree.find(at, &near, search.nice, search.work, &mut self.candidates);
            self.ends.push(self.candidates.len() as u32);
            let longest = longest_nearest(&self.candidates[first..]);
            at += 1;
            if longest.length() < search.nice {
                continue;
            }
            near[3] = longest.distance();
            let repeated = if longest.length() == MAX_LENGTH {
                repeats(&bytes[..most], at - 1, longest.distance())
            } else {
                0
            };
            if repeated >= REPEATED {
                for _ in 2..repeated {
                    self.skip_to(at - 1 + MAX_LENGTH - start);
                    self.candidates.push(longest);
                    self.skip_to(at + MAX_LENGTH - start);
                    at += MAX_LENGTH;
                }
                at += MAX_LENGTH - 1;
                self.skip_to(at - start);
                continue;
            }
            let skipped = most.min(at - 1 + longest.length());
            while at < skipped {
                if at >= filled {
                    filled = at + STRETCH;
                    self.tree.fill(bytes, bytes.len().min(filled + 2 * MAX_LENGTH));
                }
                self.tree.remember(at, search.nice, search.work);
                at += 1;
            }
            self.skip_to(at - start);
        }
        at
    }

    /// Gives the places of the span before `to` no more candidates.
    fn skip_to(&mut self, to: usize) {
        self.ends.resize(to, self.candidates.len() as u32);
    }

    /// Leaves the cheapest parse of the span that is found in `best`, cut into blocks.
    fn improve_span(&mut self, bytes: &[u8], span: (usize, usize), guess: &[Piece], passes: u32) {
        let mut least = u64::MAX;
        for pass in 0..passes {
            if pass == 0 {
                self.weigh(bytes, span, guess);
            } else {
                let blocks = std::mem::take(&mut self.best.pieces);
                self.weigh(bytes, span, &blocks);
                self.best.pieces = blocks;
            }
            self.follow(bytes, span);
            self.next.join_pieces();
            let bits = self.next.bits();
            if bits >= least {
                return;
            }
            let saved = least - bits;
            least = bits;
            std::mem::swap(&mut self.best, &mut self.next);
            if saved < bits / 4096 {
                return;
            }
        }
    }

    /// Finds the cheapest step at each place of the span, from its end backwards.
    fn weigh(&mut self, bytes: &[u8], (start, end): (usize, usize), blocks: &[Piece]) {
        self.rest.clear();
        self.rest.resize(end - start + 1, 0);
        self.steps.resize(end - start, LITERAL);
        let mut at = end;
        for (number, block) in blocks.iter().enumerate().rev() {
            let block_start = if number > 0 { blocks[number - 1].bytes_end } else { 0 };
            if block_start >= at {
                continue;
            }
            self.costs.update(&block.counts);
            while at > block_start.max(start) {
                at -= 1;
                self.weigh_place(at - start, bytes[at]);
            }
            if at == start {
                return;
            }
        }
    }

    #[inline(always)]
    fn weigh_place(&mut self, at: usize, byte: u8) {
        let Self { costs, candidates, ends, rest, steps, .. } = self;
        let mut least = rest[at + 1] + u32::from(costs.literal[byte as usize]);
        let mut step = LITERAL;
        let first = if at > 0 { ends[at - 1] as usize } else { 0 };
        let mut of_place = &candidates[first..ends[at] as usize];
        let left = rest.len() - 1 - at;
        // What serves a long match serves a shorter one: the cheapest distance of all that are long enough.
        let (mut cheapest, mut distance) = (u32::MAX, 0);
        while let Some((candidate, shorter)) = of_place.split_last() {
            of_place = shorter;
            let price = costs.distance(candidate.distance());
            if price <= cheapest {
                (cheapest, distance) = (price, candidate.distance());
            }
            let shortest = shorter.last().map_or(MIN_LENGTH, |next| next.length() + 1);
            let longest = candidate.length().min(left);
            if shortest > longest {
                continue;
            }
            let lengths = &costs.length[shortest..=longest];
            for (more, (&price, &behind)) in
                lengths.iter().zip(&rest[at + shortest..=at + longest]).enumerate()
            {
                let cost = behind + u32::from(price) + cheapest;
                if cost < least {
                    least = cost;
                    step = Candidate::new(shortest + more, distance);
                }
            }
        }
        rest[at] = least;
        steps[at] = step;
    }

    /// Writes down the steps from the start of the span as a parse in pieces.
    fn follow(&mut self, bytes: &[u8], (start, end): (usize, usize)) {
        let Self { steps, next: parse, .. } = self;
        parse.clear();
        let piece_symbols = PIECE_SYMBOLS.max((end - start) / PIECES / 4);
        let (mut at, mut literals, mut symbols) = (start, 0, 0);
        let mut counts = Counts::ZERO;
        while at < end {
            let step = steps[at - start];
            symbols += 1;
            if step == LITERAL {
                counts.litlen[bytes[at] as usize] += 1;
                literals += 1;
                at += 1;
            } else {
                let (length, distance) = (step.length(), step.distance());
                counts.matched(length, distance);
                let (length, distance) = (length as u16, distance as u16);
                parse.sequences.push(Sequence { literals, length, distance });
                literals = 0;
                at += length as usize;
            }
            if symbols >= piece_symbols || at == end {
                if literals > 0 {
                    parse.sequences.push(Sequence { literals, length: 0, distance: 0 });
                }
                parse.end_piece(at, std::mem::replace(&mut counts, Counts::ZERO));
                (literals, symbols) = (0, 0);
            }
        }
    }
}

const LITERAL: Candidate = Candidate::new(1, 0);

/// The longest of the candidates at a place, the nearest of equals.
fn longest_nearest(candidates: &[Candidate]) -> Candidate {
    let Some(&last) = candidates.last() else { return LITERAL };
    let equals = candidates.iter().rev().take_while(|other| other.length() == last.length());
    equals.copied().min_by_key(|other| other.distance()).unwrap_or(last)
}

/// How many of the longest matches follow each other from `at` on, all at `distance`.
fn repeats(bytes: &[u8], at: usize, distance: usize) -> usize {
    let matched = bytes[at..].chunks_exact(MAX_LENGTH);
    let before = bytes[at - distance..].chunks_exact(MAX_LENGTH);
    matched.zip(before).take_while(|(a, b)| a == b).count()
}

/// Lets what a quick parse never chose be tried.
fn widen(counts: &mut Counts) {
    let matches: u32 = counts.distance.iter().sum();
    for count in counts.litlen[END + 1..].iter_mut().chain(&mut counts.distance) {
        *count += 1 + matches / 128;
    }
}
