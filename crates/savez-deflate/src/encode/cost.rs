//! What symbols cost, in sixteenths of a bit, estimated from counts.
//!
//! All in integers, so that every platform makes the same choices.

use super::symbols::{
    Counts, DISTANCE_SYMBOLS, END, LITLEN_SYMBOLS, MAX_LENGTH, MIN_LENGTH, distance_extra_bits,
    distance_symbol, litlen_extra_bits,
};

/// Costs of one bit.
pub(super) const BIT: u32 = 16;
/// The most that a symbol costs without its extra bits.
pub(super) const MOST: u32 = 15 * BIT;

/// `log2(1 + i / 256)` in 65,536ths, by repeated squaring.
static LOG2_FRACTION: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut x = (256 + i as u64) << 22;
        let mut log = 0u32;
        let mut bit = 0;
        while bit < 16 {
            x = (x * x) >> 30;
            log <<= 1;
            if x >= 1 << 31 {
                x >>= 1;
                log |= 1;
            }
            bit += 1;
        }
        table[i] = log as u16;
        i += 1;
    }
    table
};

/// `log2(x)` in 65,536ths, `x` > 0.
#[inline(always)]
fn log2(x: u32) -> u32 {
    let whole = x.ilog2();
    let fraction = (x << (31 - whole)) >> 23 & 255;
    (whole << 16) + u32::from(LOG2_FRACTION[fraction as usize])
}

/// Bits of the symbols in `counts`, by their entropy, with an estimate of the header; the end of the block left out.
pub(super) fn block_bits(counts: &Counts) -> u64 {
    let mut extra = 0;
    for (symbol, &count) in counts.litlen.iter().enumerate().skip(END + 1) {
        extra += u64::from(count) * u64::from(litlen_extra_bits(symbol));
    }
    for (symbol, &count) in counts.distance.iter().enumerate() {
        extra += u64::from(count) * u64::from(distance_extra_bits(symbol));
    }
    let (litlen, litlen_used) = entropy(&counts.litlen);
    let (distance, distance_used) = entropy(&counts.distance);
    // A code length costs three to four bits, runs of unused symbols ten.
    extra + litlen + distance + 60 + 4 * u64::from(litlen_used + distance_used)
}

/// Bits of the counted symbols, and how many are in use.
fn entropy(counts: &[u32]) -> (u64, u32) {
    let (mut sum, mut total, mut used) = (0u64, 0u32, 0);
    for &count in counts {
        if count > 0 {
            sum += u64::from(count) * u64::from(log2(count));
            total += count;
            used += 1;
        }
    }
    if total == 0 {
        return (0, 0);
    }
    let bits = (u64::from(total) * u64::from(log2(total))).saturating_sub(sum) >> 16;
    // A symbol takes a bit at least.
    (bits.max(u64::from(total)), used)
}

/// The price of each literal, length and distance.
pub(super) struct Costs {
    pub(super) literal: [u16; 256],
    /// By length, with extra bits; the first three are not used.
    pub(super) length: [u16; MAX_LENGTH + 1],
    /// By length symbol above the end, with extra bits.
    length_symbol: [u16; 29],
    /// By symbol, with extra bits.
    pub(super) distance: [u16; 32],
}

impl Costs {
    pub(super) fn new() -> Self {
        Self {
            literal: [0; 256],
            length: [0; MAX_LENGTH + 1],
            length_symbol: [0; 29],
            distance: [0; 32],
        }
    }

    /// The prices that the entropy of `counts` gives; what did not occur is dear, not impossible.
    pub(super) fn update(&mut self, counts: &Counts) {
        let litlen = prices::<LITLEN_SYMBOLS>(&counts.litlen, 13);
        let distance = prices::<DISTANCE_SYMBOLS>(&counts.distance, 9);
        self.literal.copy_from_slice(&litlen[..256]);
        let mut first = MIN_LENGTH;
        for (class, &price) in litlen[END + 1..].iter().enumerate() {
            let extra_bits = litlen_extra_bits(END + 1 + class);
            let price = price + (extra_bits * BIT) as u16;
            self.length_symbol[class] = price;
            let behind = (first + (1 << extra_bits)).min(MAX_LENGTH + 1);
            self.length[first..behind].fill(price);
            first = behind;
        }
        // The longest match has a symbol of its own, though the one before would do.
        self.length[MAX_LENGTH] = self.length_symbol[28];
        for (symbol, price) in distance.into_iter().enumerate() {
            self.distance[symbol] = price + (distance_extra_bits(symbol) * BIT) as u16;
        }
    }

    /// What all the symbols in `counts` cost, but for the end of the block.
    pub(super) fn of(&self, counts: &Counts) -> u32 {
        let sum = |counts: &[u32], prices: &[u16]| -> u32 {
            counts.iter().zip(prices).map(|(&count, &price)| count * u32::from(price)).sum()
        };
        sum(&counts.litlen[..256], &self.literal)
            + sum(&counts.litlen[END + 1..], &self.length_symbol)
            + sum(&counts.distance, &self.distance)
    }

    #[inline(always)]
    pub(super) fn matched(&self, length: usize, distance: usize) -> u32 {
        u32::from(self.length[length]) + self.distance(distance)
    }

    #[inline(always)]
    pub(super) fn distance(&self, distance: usize) -> u32 {
        u32::from(self.distance[distance_symbol(distance).symbol & 31])
    }
}

fn prices<const N: usize>(counts: &[u32; N], most: u32) -> [u16; N] {
    let total = counts.iter().sum::<u32>().max(1);
    let whole = log2(total);
    // What did not occur is priced as half an occurrence.
    let absent = ((whole + (1 << 16)) >> 12).min(most * BIT).max(2 * BIT) as u16;
    std::array::from_fn(|symbol| match counts[symbol] {
        0 => absent,
        count => ((whole - log2(count)) >> 12).clamp(BIT / 2, MOST) as u16,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_close() {
        for x in (1..5000).chain([65_535, 65_536, 1 << 24, u32::MAX]) {
            let exact = f64::from(x).log2();
            assert!((f64::from(log2(x)) / 65_536.0 - exact).abs() < 0.006, "{x}");
        }
    }
}
