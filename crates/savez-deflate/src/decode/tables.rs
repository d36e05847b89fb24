//! The codes of a block: what their symbols mean, and how they are read from the block's header (RFC 1951, 3.2.5–3.2.7).

use super::ErrorKind;
use super::bits::Bits;
use super::code::{Code, Gaps, SYMBOLS};
use super::entry::Entry;

/// Literals and lengths: codes of up to 11 bits in one look, 12 where that pays.
const LITERAL_WIDTH: u32 = 11;
const WIDER: u32 = LITERAL_WIDTH + 1;
/// 2^12, and 2^3 / 4 slots a symbol behind them; less than 2^11 and 2^4 / 5 a symbol.
const LITERAL_SLOTS: usize = (1 << WIDER) + 2 * SYMBOLS;

/// Always as wide, so that it need not be looked up.
pub(super) const DISTANCE_WIDTH: u32 = 8;
/// 2^8, and 2^7 / 8 slots a symbol behind them.
const DISTANCE_SLOTS: usize = (1 << DISTANCE_WIDTH) + 16 * DISTANCES;

/// Two of them may not occur.
const DISTANCES: usize = 32;

/// A code length is itself coded by at most 7 bits.
const PRECODE_WIDTH: u32 = 7;
const PRECODE_MASK: u64 = (1 << PRECODE_WIDTH) - 1;
const PRECODE_SYMBOLS: usize = 19;

/// Two literals in a slot are worth their while if this share of looks finds two, …
const PAIRS_WORTH: f32 = 0.12;
/// … and by so much more as there are matches, …
const PAIRS_WORTH_WITH_MATCHES: f32 = 0.3;
/// … and if the output is to grow by this many bytes at least.
const PAIRS_FROM: usize = 16 << 10;

/// If so many symbols are literals, a table wider by a bit finds more pairs than it costs.
const LITERALS_ONLY: f32 = 0.95;

/// The order in which a header has the lengths of the precode's codes.
const PRECODE_ORDER: [u8; PRECODE_SYMBOLS] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

static LITERAL_MEANINGS: [Entry; SYMBOLS] = literal_meanings();
static DISTANCE_MEANINGS: [Entry; DISTANCES] = distance_meanings();
static PRECODE_MEANINGS: [Entry; PRECODE_SYMBOLS] = precode_meanings();

/// The two codes of the block at hand.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) literals: Code<LITERAL_SLOTS>,
    pub(super) distances: Code<DISTANCE_SLOTS>,
    are_fixed: bool,
    has_pairs: bool,
}

impl Tables {
    pub(super) fn new() -> Self {
        Tables { literals: Code::new(), distances: Code::new(), are_fixed: false, has_pairs: false }
    }

    /// Whether slots can hold two literals.
    pub(super) fn has_pairs(&self) -> bool {
        self.has_pairs
    }

    /// Those of a fixed block.
    pub(super) fn set_fixed(&mut self) {
        if self.are_fixed {
            return;
        }
        let mut lengths = [8; SYMBOLS];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let literals =
            self.literals.build(&lengths, &LITERAL_MEANINGS, 1..=LITERAL_WIDTH, Gaps::No);
        let distances = self.distances.build(
            &[5; DISTANCES],
            &DISTANCE_MEANINGS,
            DISTANCE_WIDTH..=DISTANCE_WIDTH,
            Gaps::No,
        );
        debug_assert!(literals.is_ok() && distances.is_ok());
        self.are_fixed = true;
        self.has_pairs = false;
    }

    /// Those that a header defines. The output can grow by at most `room` bytes.
    fn set(&mut self, literals: &[u8], distances: &[u8], room: usize) -> Result<(), ErrorKind> {
        self.are_fixed = false;
        let (literal_codes, distance_codes) = (&mut self.literals, &mut self.distances);
        let pairs = if room >= PAIRS_FROM { width_for_pairs(literals) } else { None };
        let widths = pairs.map_or(1..=LITERAL_WIDTH, |width| width..=width);
        literal_codes
            .build(literals, &LITERAL_MEANINGS, widths, Gaps::Single)
            .and_then(|()| {
                distance_codes.build(
                    distances,
                    &DISTANCE_MEANINGS,
                    DISTANCE_WIDTH..=DISTANCE_WIDTH,
                    Gaps::Single,
                )
            })
            .map_err(|_| ErrorKind::CodeLengths)?;
        self.has_pairs = pairs.is_some();
        if self.has_pairs {
            literal_codes.pair_literals();
        }
        Ok(())
    }
}

/// How wide the table should be, if two literals in a row often enough have codes that fit into it together. If the data
/// are what the code is made for, a code of `n` bits comes once in `2^n` symbols.
fn width_for_pairs(lengths: &[u8]) -> Option<u32> {
    let mut shares = [0.0; 16];
    for &length in lengths.iter().take(256) {
        shares[usize::from(length)] += 1.0 / (1u32 << length) as f32;
    }
    shares[0] = 0.0;
    let mut up_to = shares;
    for length in 1..16 {
        up_to[length] += up_to[length - 1];
    }
    let literals = up_to[15];
    let width = if literals >= LITERALS_ONLY { WIDER } else { LITERAL_WIDTH };
    let pairs: f32 =
        (1..width as usize).map(|first| shares[first] * up_to[width as usize - first]).sum();
    let worth = PAIRS_WORTH + PAIRS_WORTH_WITH_MATCHES * (1.0 - literals);
    (pairs >= worth).then_some(width)
}

/// A header as far as it has been read.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// How many lengths of the precode, of literals and lengths, and of distances there are.
    precodes: usize,
    literals: usize,
    distances: usize,
    /// How many are known.
    known_precodes: usize,
    known: usize,
    precode_lengths: [u8; PRECODE_SYMBOLS],
    lengths: [u8; SYMBOLS + DISTANCES],
    precode: Code<{ 1 << PRECODE_WIDTH }>,
}

/// What came of reading a header: its end, or the end of the input.
pub(super) type Complete = bool;

impl Header {
    pub(super) fn new() -> Self {
        Header {
            precodes: 0,
            literals: 0,
            distances: 0,
            known_precodes: 0,
            known: 0,
            precode_lengths: [0; PRECODE_SYMBOLS],
            lengths: [0; SYMBOLS + DISTANCES],
            precode: Code::new(),
        }
    }

    /// Forgets the header before.
    pub(super) fn start(&mut self) {
        (self.precodes, self.known_precodes, self.known) = (0, 0, 0);
    }

    /// Reads on, and when the header is complete, makes `tables` of it.
    pub(super) fn read(
        &mut self,
        bits: &mut Bits<'_>,
        tables: &mut Tables,
        room: usize,
    ) -> Result<Complete, ErrorKind> {
        if self.precodes == 0 && !self.read_counts(bits)? {
            return Ok(false);
        }
        if self.known_precodes < self.precodes && !self.read_precode(bits)? {
            return Ok(false);
        }
        if !self.read_lengths(bits)? {
            return Ok(false);
        }
        let (literals, distances) =
            self.lengths[..self.literals + self.distances].split_at(self.literals);
        if literals[256] == 0 {
            return Err(ErrorKind::NoEndOfBlock);
        }
        tables.set(literals, distances, room)?;
        Ok(true)
    }

    fn read_counts(&mut self, bits: &mut Bits<'_>) -> Result<Complete, ErrorKind> {
        let Some(counts) = bits.take(14) else { return Ok(false) };
        self.literals = 257 + (counts & 31) as usize;
        self.distances = 1 + (counts >> 5 & 31) as usize;
        self.precodes = 4 + (counts >> 10) as usize;
        if self.literals > 286 || self.distances > 30 {
            return Err(ErrorKind::CodeCount);
        }
        self.precode_lengths = [0; PRECODE_SYMBOLS];
        Ok(true)
    }

    fn read_precode(&mut self, bits: &mut Bits<'_>) -> Result<Complete, ErrorKind> {
        for &symbol in &PRECODE_ORDER[self.known_precodes..self.precodes] {
            let Some(length) = bits.take(3) else { return Ok(false) };
            self.precode_lengths[usize::from(symbol)] = length as u8;
            self.known_precodes += 1;
        }
        self.precode
            .build(
                &self.precode_lengths,
                &PRECODE_MEANINGS,
                PRECODE_WIDTH..=PRECODE_WIDTH,
                Gaps::No,
            )
            .map_err(|_| ErrorKind::CodeLengths)?;
        Ok(true)
    }

    fn read_lengths(&mut self, bits: &mut Bits<'_>) -> Result<Complete, ErrorKind> {
        let all = self.literals + self.distances;
        while self.known < all {
            if bits.count < PRECODE_WIDTH + 7 {
                bits.refill();
            }
            let entry = self.precode.slots()[(bits.buffer & PRECODE_MASK) as usize];
            if entry.bits() > bits.count {
                return Ok(false);
            }
            let (length, least) = match entry.symbol() {
                length @ ..16 => {
                    self.lengths[self.known] = length;
                    self.known += 1;
                    bits.consume(entry.bits());
                    continue;
                }
                16 if self.known == 0 => return Err(ErrorKind::CodeRepeat),
                16 => (self.lengths[self.known - 1], 3),
                17 => (0, 3),
                _ => (0, 11),
            };
            let times = least + entry.decode(bits.buffer) - entry.start();
            if times > all - self.known {
                return Err(ErrorKind::CodeRepeat);
            }
            self.lengths[self.known..self.known + times].fill(length);
            self.known += times;
            bits.consume(entry.bits());
        }
        Ok(true)
    }
}

const fn literal_meanings() -> [Entry; SYMBOLS] {
    let mut meanings = [Entry::forbidden(); SYMBOLS];
    let mut byte = 0;
    while byte < 256 {
        meanings[byte] = Entry::literal(byte as u8);
        byte += 1;
    }
    meanings[256] = Entry::end();
    // Eight lengths without extra bits, then four each with one, two, … of them; the last length has a code of its own.
    let (mut symbol, mut base) = (257, 3);
    while symbol < 285 {
        let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
        meanings[symbol] = Entry::value(base, extra as u8);
        base += 1 << extra;
        symbol += 1;
    }
    meanings[285] = Entry::value(258, 0);
    meanings
}

const fn distance_meanings() -> [Entry; DISTANCES] {
    let mut meanings = [Entry::forbidden(); DISTANCES];
    // Four distances without extra bits, then two each with one, two, … of them.
    let (mut symbol, mut base) = (0, 1);
    while symbol < 30 {
        let extra = if symbol < 4 { 0 } else { (symbol - 2) / 2 };
        meanings[symbol] = Entry::value(base, extra as u8);
        base = base.wrapping_add(1 << extra);
        symbol += 1;
    }
    meanings
}

const fn precode_meanings() -> [Entry; PRECODE_SYMBOLS] {
    let mut meanings = [Entry::value(0, 0); PRECODE_SYMBOLS];
    let mut symbol = 0;
    while symbol < PRECODE_SYMBOLS {
        let extra = match symbol {
            16 => 2,
            17 => 3,
            18 => 7,
            _ => 0,
        };
        meanings[symbol] = Entry::value(symbol as u16, extra);
        symbol += 1;
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of RFC 1951, 3.2.5.
    #[test]
    fn meanings_are_those_of_the_rfc() {
        let lengths = [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99,
            115, 131, 163, 195, 227, 258,
        ];
        let distances = [
            1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025,
            1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
        ];
        let extra = |base: &[usize], at: usize| {
            base.get(at + 1).map_or(0, |next| (next - base[at]).ilog2())
        };
        for (at, &base) in lengths.iter().enumerate() {
            let entry = LITERAL_MEANINGS[257 + at];
            let bits = if base == 227 { 5 } else { extra(&lengths, at) };
            assert_eq!((entry.start(), entry.bits()), (base, bits));
        }
        for (at, &base) in distances.iter().enumerate() {
            let entry = DISTANCE_MEANINGS[at];
            let bits = if base == 24577 { 13 } else { extra(&distances, at) };
            assert_eq!((entry.start(), entry.bits()), (base, bits));
        }
    }
}
