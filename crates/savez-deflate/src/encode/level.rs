//! How hard to try, from 0 to 9.

/// How hard the encoder tries, from 0, which stores the bytes, to 9.
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

    pub(super) fn effort(self) -> Effort {
        EFFORTS[self.0 as usize]
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What the levels differ in.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    /// A match of this length is taken at once.
    pub(super) nice: usize,
    /// What the tables, and the near distances, must gain at a phase to be asked further: parts in 1024 of the output.
    pub(super) tables_least: u32,
    pub(super) near_least: u32,
    /// A shorter segment is parsed twice, the second time with the prices of the first.
    pub(super) twice_below: usize,
}

const EFFORTS: [Effort; 10] = [
    effort(16, 80, 40, 0),
    effort(16, 80, 40, 0),
    effort(16, 50, 20, 0),
    effort(16, 30, 12, 0),
    effort(32, 16, 6, 0),
    effort(32, 8, 3, 8192),
    effort(64, 5, 2, 16_384),
    effort(128, 3, 1, 65_536),
    effort(258, 1, 1, 1 << 20),
    effort(258, 0, 0, 1 << 24),
];

const fn effort(nice: usize, tables_least: u32, near_least: u32, twice_below: usize) -> Effort {
    Effort { nice, tables_least, near_least, twice_below }
}
