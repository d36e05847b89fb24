//! Encodes segments: stretches of a DEFLATE stream that can be inflated alone.

mod bits;
mod block;
mod cost;
mod huffman;
mod lazy;
mod split;
mod symbols;
mod window;

use bits::BitWriter;
use split::Parse;

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// TODO
    pub const DEFAULT: Self = Self(6);
    /// TODO
    pub const fn new(level: u8) -> Option<Self> {
        if level <= 9 { Some(Self(level)) } else { None }
    }
}

/// What is known of the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Bytes of an item
    pub item: usize,
    /// Bytes of a row
    pub row: usize,
}

/// TODO
pub struct Encoder {
    level: Level,
    hints: Hints,
    parse: Parse,
    lazy: lazy::Lazy,
}

impl Encoder {
    /// TODO
    pub fn new(level: Level, hints: Hints) -> Self {
        Self { level, hints, parse: Parse::new(), lazy: lazy::Lazy::new() }
    }

    /// TODO
    pub fn segment(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let start = out.len();
        let mut w = BitWriter::new(out);
        self.parse.clear();
        self.lazy.parse(bytes, self.hints, &mut self.parse);
        self.parse.join_pieces();
        let (mut b, mut s) = (0, 0);
        let n = self.parse.pieces.len();
        for (i, p) in self.parse.pieces.iter_mut().enumerate() {
            block::write(&mut w, &bytes[b..p.bytes_end], &self.parse.sequences[s..p.sequences_end], &mut p.counts, last && i + 1 == n);
            b = p.bytes_end;
            s = p.sequences_end;
        }
        if !last && w.partial() != 0 || n == 0 {
            block::write_stored(&mut w, &[], last);
        }
        w.finish();
        let _ = (start, self.level);
    }
}
