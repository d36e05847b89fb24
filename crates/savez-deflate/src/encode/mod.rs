//! Encodes segments: stretches of a DEFLATE stream (RFC 1951) that can be inflated alone.
//!
//! A segment is parsed into literals and matches (`parser`, with `finder` and `phases` or with `chains` in `chained`, of
//! which `trial` chooses; `fast` at level 1; `optimal`, `tree` at the highest levels), the parse is cut into blocks
//! (`split`) and each block is written in its cheapest form (`block`).
//! Nothing here knows arrays, files or zip.

mod bits;
mod block;
mod chained;
mod chains;
mod cost;
mod fast;
mod finder;
mod huffman;
mod level;
mod optimal;
mod parser;
mod phases;
mod split;
mod symbols;
mod tree;
mod trial;
mod window;

pub use level::Level;

use bits::BitWriter;
use fast::Fast;
use optimal::Optimal;
use parser::Parser;
use split::Parse;

/// What is known of the bytes, in bytes; 0 where nothing is. Wrong hints cost size, never correctness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The size of an item, of a whole record for structured arrays.
    pub item: usize,
    /// How far an item is from the one in the next row: the stride of the last axis but one.
    pub row: usize,
}

/// What looks for matches, with its tables.
enum Way {
    /// Level 1.
    Fast(Box<Fast>),
    Thorough(Box<Parser>),
}

/// An encoder of segments, with its tables; keep it for many.
///
/// What it writes depends on the bytes, the level and the hints alone, not on the segments before nor on the machine.
pub struct Encoder {
    level: Level,
    hints: Hints,
    way: Way,
    /// Made when a level first needs it.
    optimal: Option<Box<Optimal>>,
    parse: Parse,
}

impl Encoder {
    /// An encoder, about two thirds of a megabyte large; twenty megabytes or so once levels 8 and 9 are used.
    pub fn new(level: Level, hints: Hints) -> Self {
        let way = if level == Level::FAST {
            Way::Fast(Box::new(Fast::new()))
        } else {
            Way::Thorough(Box::new(Parser::new()))
        };
        Self { level, hints, way, optimal: None, parse: Parse::new() }
    }

    /// What the segments to come are made of.
    pub fn set_hints(&mut self, hints: Hints) {
        self.hints = hints;
    }

    /// Appends a segment to `out`: blocks that refer to nothing before them and end on a byte boundary. The `last` of a stream
    /// ends it.
    ///
    /// It takes at most [`bound`](Self::bound) bytes. Segments of 256 KiB to some MiB are best: shorter ones lose
    /// the matches that reach back over their start, longer ones gain nothing.
    pub fn segment(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let start = out.len();
        if self.level > Level::STORED && !bytes.is_empty() {
            let parse = &mut self.parse;
            match &mut self.way {
                Way::Fast(fast) => fast.parse(bytes, self.hints, parse),
                Way::Thorough(parser) => {
                    parser.parse(bytes, self.hints, &self.level.effort(), parse);
                }
            }
            self.parse.join_pieces();
            if let Some(search) = self.level.search() {
                let optimal = self.optimal.get_or_insert_with(|| Box::new(Optimal::new()));
                optimal.improve(bytes, self.hints, &search, &mut self.parse);
            }
            self.write_blocks(bytes, last, out);
            if out.len() - start <= Self::bound(bytes.len()) {
                return;
            }
            out.truncate(start);
        }
        let mut w = BitWriter::new(out);
        block::write_stored(&mut w, bytes, last);
        w.finish();
    }

    /// The most bytes that a segment of `len` bytes takes: those of stored blocks.
    pub const fn bound(len: usize) -> usize {
        block::stored_bound(len)
    }

    fn write_blocks(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let mut w = BitWriter::new(out);
        let (mut bytes_start, mut sequences_start) = (0, 0);
        for piece in &mut self.parse.pieces {
            let sequences = &self.parse.sequences[sequences_start..piece.sequences_end];
            let final_block = last && piece.bytes_end == bytes.len();
            block::write(
                &mut w,
                &bytes[bytes_start..piece.bytes_end],
                sequences,
                &mut piece.counts,
                final_block,
            );
            (bytes_start, sequences_start) = (piece.bytes_end, piece.sequences_end);
        }
        if !last && w.partial() != 0 {
            // An empty stored block reaches the next byte boundary, as in a sync flush of zlib.
            block::write_stored(&mut w, &[], false);
        }
        w.finish();
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("level", &self.level)
            .field("hints", &self.hints)
            .finish_non_exhaustive()
    }
}
