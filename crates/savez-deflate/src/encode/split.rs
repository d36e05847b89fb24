//! Where one block ends and the next begins: a parse comes in pieces with their counts, and neighbours are joined
//! while one header for both is cheaper than two.

use super::cost;
use super::symbols::{Counts, Sequence};

/// A stretch of a parse, small enough that no block need end inside it.
#[derive(Clone)]
pub(super) struct Piece {
    /// Bytes and sequences of the segment up to its end.
    pub(super) bytes_end: usize,
    pub(super) sequences_end: usize,
    pub(super) counts: Counts,
}

/// A segment as literals and matches.
pub(super) struct Parse {
    pub(super) sequences: Vec<Sequence>,
    pub(super) pieces: Vec<Piece>,
    /// Bits of each piece as a block, and of the block that joins it with the next; kept for their memory.
    alone: Vec<u64>,
    joined: Vec<u64>,
}

impl Parse {
    pub(super) fn new() -> Self {
        Self { sequences: Vec::new(), pieces: Vec::new(), alone: Vec::new(), joined: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.sequences.clear();
        self.pieces.clear();
    }

    pub(super) fn end_piece(&mut self, bytes_end: usize, counts: Counts) {
        self.pieces.push(Piece { bytes_end, sequences_end: self.sequences.len(), counts });
    }

    /// Takes all of `other`, the parse of what follows.
    pub(super) fn append(&mut self, other: &mut Self) {
        let before = self.sequences.len();
        self.sequences.append(&mut other.sequences);
        for mut piece in other.pieces.drain(..) {
            piece.sequences_end += before;
            self.pieces.push(piece);
        }
    }

    /// Bits of the blocks, as estimated when pieces were joined.
    pub(super) fn bits(&self) -> u64 {
        self.alone.iter().sum()
    }

    /// Joins neighbours, the pair that saves most first, until no pair saves.
    pub(super) fn join_pieces(&mut self) {
        let Self { pieces, alone, joined, .. } = self;
        alone.clear();
        alone.extend(pieces.iter().map(|piece| cost::block_bits(&piece.counts)));
        joined.clear();
        joined.extend(pieces.windows(2).map(|pair| joined_bits(&pair[0], &pair[1])));
        loop {
            let saved = |at: usize| (alone[at] + alone[at + 1]).saturating_sub(joined[at]);
            let Some(at) =
                (0..joined.len()).max_by_key(|&at| saved(at)).filter(|&at| saved(at) > 0)
            else {
                return;
            };
            let left = pieces.remove(at);
            pieces[at].counts.add(&left.counts);
            alone[at + 1] = joined[at];
            alone.remove(at);
            joined.remove(at);
            if at > 0 {
                joined[at - 1] = joined_bits(&pieces[at - 1], &pieces[at]);
            }
            if at < joined.len() {
                joined[at] = joined_bits(&pieces[at], &pieces[at + 1]);
            }
        }
    }
}

fn joined_bits(left: &Piece, right: &Piece) -> u64 {
    let mut counts = left.counts.clone();
    counts.add(&right.counts);
    cost::block_bits(&counts)
}
