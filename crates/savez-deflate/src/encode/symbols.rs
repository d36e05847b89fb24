//! The alphabets of RFC 1951, section 3.2.5, and what a parse is made of: sequences and the counts of their symbols.

/// The shortest and longest match, and the longest distance.
pub(super) const MIN_LENGTH: usize = 3;
pub(super) const MAX_LENGTH: usize = 258;
pub(super) const WINDOW: usize = 32_768;

/// The literal/length symbol that ends a block.
pub(super) const END: usize = 256;
/// Literals, the end of the block and lengths.
pub(super) const LITLEN_SYMBOLS: usize = 286;
pub(super) const DISTANCE_SYMBOLS: usize = 30;

/// Length minus three, by symbol minus 257.
const LENGTH_BASE: [u8; 29] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128,
    160, 192, 224, 255,
];

const LENGTH_EXTRA: [u8; 29] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

/// Symbol minus 257, by length minus three.
static LENGTH_SYMBOL: [u8; 256] = {
    let mut table = [0; 256];
    let mut symbol = 0;
    let mut length = 0;
    while length < 256 {
        if symbol < 28 && length >= LENGTH_BASE[symbol + 1] as usize {
            symbol += 1;
        }
        table[length] = symbol as u8;
        length += 1;
    }
    table
};

/// Symbol of a distance minus one below 256, and behind those by 128th of it.
static DISTANCE_SYMBOL: [u8; 512] = {
    let mut table = [0; 512];
    let mut class = 0u32;
    while class < 512 {
        let above = if class < 256 { class } else { (class - 256) << 7 };
        table[class as usize] = if above < 2 {
            above as u8
        } else {
            // Two symbols for each power of two, told apart by the bit below the highest.
            let extra_bits = above.ilog2() - 1;
            (2 * extra_bits + (above >> extra_bits)) as u8
        };
        class += 1;
    }
    table
};

/// A symbol and the bits that follow its code.
#[derive(Clone, Copy)]
pub(super) struct Symbol {
    pub(super) symbol: usize,
    pub(super) extra: u32,
    pub(super) extra_bits: u32,
}

/// The literal/length symbol of a match `length`, 3..=258.
#[inline(always)]
pub(super) fn length_symbol(length: usize) -> Symbol {
    let above = (length - MIN_LENGTH) & 255;
    let class = LENGTH_SYMBOL[above] as usize;
    Symbol {
        symbol: END + 1 + class,
        extra: (above - LENGTH_BASE[class] as usize) as u32,
        extra_bits: u32::from(LENGTH_EXTRA[class]),
    }
}

/// The symbol of a `distance`, 1..=32,768.
#[inline(always)]
pub(super) fn distance_symbol(distance: usize) -> Symbol {
    let above = distance - 1;
    let class = if above < 256 { above } else { 256 + (above >> 7) };
    let symbol = DISTANCE_SYMBOL[class & 511] as usize;
    let extra_bits = distance_extra_bits(symbol);
    Symbol { symbol, extra: above as u32 & ((1 << extra_bits) - 1), extra_bits }
}

/// Bits that follow the code of a literal/length symbol.
pub(super) fn litlen_extra_bits(symbol: usize) -> u32 {
    if symbol <= END { 0 } else { u32::from(LENGTH_EXTRA[symbol - END - 1]) }
}

/// Bits that follow the code of a distance symbol.
#[inline(always)]
pub(super) fn distance_extra_bits(symbol: usize) -> u32 {
    (symbol as u32 / 2).saturating_sub(1)
}

/// Literals and the match behind them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sequence {
    pub(super) literals: u32,
    /// 0: no match behind the literals.
    pub(super) length: u16,
    pub(super) distance: u16,
}

/// How often each symbol occurs.
#[derive(Clone)]
pub(super) struct Counts {
    pub(super) litlen: [u32; LITLEN_SYMBOLS],
    pub(super) distance: [u32; DISTANCE_SYMBOLS],
}

impl Counts {
    pub(super) const ZERO: Self =
        Self { litlen: [0; LITLEN_SYMBOLS], distance: [0; DISTANCE_SYMBOLS] };

    pub(super) fn literals(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.litlen[byte as usize] += 1;
        }
    }

    #[inline(always)]
    pub(super) fn matched(&mut self, length: usize, distance: usize) {
        self.litlen[length_symbol(length).symbol] += 1;
        self.distance[distance_symbol(distance).symbol] += 1;
    }

    /// Takes away what was counted before.
    pub(super) fn subtract(&mut self, before: &Self) {
        for (count, &less) in self.litlen.iter_mut().zip(&before.litlen) {
            *count -= less;
        }
        for (count, &less) in self.distance.iter_mut().zip(&before.distance) {
            *count -= less;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (count, &more) in self.litlen.iter_mut().zip(&other.litlen) {
            *count += more;
        }
        for (count, &more) in self.distance.iter_mut().zip(&other.distance) {
            *count += more;
        }
    }
}

/// Counts bytes; four tables, because one would wait for its own stores where bytes repeat.
pub(super) fn byte_counts(bytes: &[u8]) -> Counts {
    let mut tables = [[0u32; 256]; 4];
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        let word = u64::from_le_bytes(*chunk);
        for lane in 0..8 {
            tables[lane & 3][(word >> (8 * lane)) as usize & 255] += 1;
        }
    }
    for &byte in rest {
        tables[0][byte as usize] += 1;
    }
    let mut counts = Counts::ZERO;
    for (byte, count) in counts.litlen[..256].iter_mut().enumerate() {
        *count = tables.iter().map(|table| table[byte]).sum();
    }
    counts
}

/// The longest repetition that is put at once.
const REPETITION: usize = 65_536;

/// Of the distances the first at which the bytes from `start` on repeat themselves for very long, found at the speed of a comparison,
/// and how many of the longest matches that is.
pub(super) fn repetition(
    bytes: &[u8],
    start: usize,
    distances: impl IntoIterator<Item = usize>,
) -> Option<(usize, usize)> {
    let rest = &bytes[start..];
    let repeated = &rest[..rest.len().min(REPETITION) / MAX_LENGTH * MAX_LENGTH];
    let is_at = |distance: &usize| {
        !repeated.is_empty()
            && *distance <= start
            && repeated == &bytes[start - distance..start - distance + repeated.len()]
    };
    let distance = distances.into_iter().find(is_at)?;
    Some((distance, repeated.len() / MAX_LENGTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_rfc() {
        for (length, symbol, extra_bits, extra) in [
            (3, 257, 0, 0),
            (10, 264, 0, 0),
            (11, 265, 1, 0),
            (12, 265, 1, 1),
            (257, 284, 5, 30),
            (258, 285, 0, 0),
        ] {
            let found = length_symbol(length);
            assert_eq!(
                (found.symbol, found.extra_bits, found.extra),
                (symbol, extra_bits, extra),
                "{length}"
            );
            assert_eq!(litlen_extra_bits(symbol), extra_bits);
        }
    }

    #[test]
    fn distances_are_those_of_the_rfc() {
        for (distance, symbol, extra_bits, extra) in [
            (1, 0, 0, 0),
            (2, 1, 0, 0),
            (3, 2, 0, 0),
            (4, 3, 0, 0),
            (5, 4, 1, 0),
            (6, 4, 1, 1),
            (7, 5, 1, 0),
            (24_577, 29, 13, 0),
            (32_768, 29, 13, 8191),
        ] {
            let found = distance_symbol(distance);
            assert_eq!(
                (found.symbol, found.extra_bits, found.extra),
                (symbol, extra_bits, extra),
                "{distance}"
            );
            assert_eq!(distance_extra_bits(symbol), extra_bits);
        }
    }
}
