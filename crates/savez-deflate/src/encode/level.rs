//! How hard to try, from 0 to 9.

use super::symbols::MAX_LENGTH;

/// How hard the encoder tries, from 0, which stores the bytes, to 9.
///
/// Levels 1 to 7 take matches as they come, with ever deeper searches for them; level 8 looks at all ways to parse the
/// bytes for the cheapest, level 9 does so again and again with the prices that the last parse gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// Stores the bytes as they are.
    pub const STORED: Self = Self(0);
    /// The fastest that compresses.
    pub const FAST: Self = Self(1);
    /// What [`Default`] gives: not larger than zlib's level 6 in the geometric mean of arrays.
    pub const DEFAULT: Self = Self(6);
    /// The smallest output.
    pub const BEST: Self = Self(9);

    /// The level of a number; `None` above 9.
    pub const fn new(level: u8) -> Option<Self> {
        if level <= Self::BEST.0 { Some(Self(level)) } else { None }
    }

    /// Its number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// How the cheapest parse is looked for, at the levels that do.
    pub(super) fn search(self) -> Option<Search> {
        match self.0 {
            8 => Some(Search { nice: 64, work: 32, passes: 2 }),
            9 => Some(Search { nice: MAX_LENGTH, work: 150, passes: 4 }),
            _ => None,
        }
    }

    pub(super) fn effort(self) -> Effort {
        EFFORTS[self.0 as usize]
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What levels 8 and 9 do with the parse of the default level.
#[derive(Clone, Copy)]
pub(super) struct Search {
    /// Behind a match of this length, nothing is searched up to its end.
    pub(super) nice: usize,
    /// Places that are compared for one, at most; long comparisons count as several.
    pub(super) work: u32,
    /// Parses that are made, at most, each with the prices of the one before.
    pub(super) passes: u32,
}

/// What the levels differ in.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    /// Whether the next place is asked for a better match before one is taken.
    pub(super) lazy: bool,
    /// How many places of a chain of eight bytes are compared, 0: those of a bucket; where little is written, and elsewhere.
    ///
    /// Where little is written there is little to search, and a longer match saves the more.
    pub(super) depth: u32,
    pub(super) depth_dense: u32,
    /// A match of this length ends a search and is taken at once.
    pub(super) nice: usize,
    /// The same two for chains of four bytes; a depth of 0: they are not followed at all.
    pub(super) chain_depth: u32,
    pub(super) chain_nice: usize,
    /// What the tables, and the near distances, must gain at a phase to be asked further: parts in 1024 of the output.
    pub(super) tables_least: u32,
    pub(super) near_least: u32,
    /// Bytes at the start where every phase is searched, however little it gains.
    pub(super) all_before: usize,
    /// In a shorter segment places are remembered by three bytes too, which takes time and saves most where little is.
    pub(super) threes_below: usize,
}

/// By level; those of 8 and 9 start from the parse of the default, 0 and 1 have ways of their own.
const EFFORTS: [Effort; 10] = [
    effort(false, [0, 0], [0, 0], [16, 80, 40], [0, 0]),
    effort(false, [0, 0], [0, 0], [16, 80, 40], [0, 0]),
    effort(false, [0, 0], [0, 0], [16, 40, 20], [4096, 0]),
    effort(false, [4, 0], [0, 0], [16, 40, 20], [4096, 0]),
    effort(false, [12, 0], [0, 0], [32, 20, 10], [8192, 16_384]),
    effort(true, [12, 0], [16, 30], [64, 12, 4], [8192, 32_768]),
    effort(true, [24, 0], [20, 65], [128, 6, 2], [8192, 65_536]),
    effort(true, [96, 8], [100, 130], [128, 3, 1], [16_384, usize::MAX]),
    effort(true, [24, 0], [20, 65], [128, 6, 2], [8192, 65_536]),
    effort(true, [24, 0], [20, 65], [128, 6, 2], [8192, 65_536]),
];

const fn effort(
    lazy: bool,
    depth: [u32; 2],
    chain: [u32; 2],
    least: [usize; 3],
    sizes: [usize; 2],
) -> Effort {
    Effort {
        lazy,
        depth: depth[0],
        depth_dense: depth[1],
        nice: least[0],
        chain_depth: chain[0],
        chain_nice: chain[1] as usize,
        tables_least: least[1] as u32,
        near_least: least[2] as u32,
        all_before: sizes[0],
        threes_below: sizes[1],
    }
}
