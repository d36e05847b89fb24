//! One block: its code lengths, the cheapest of the three forms of RFC 1951, section 3.2.3, and its bits.

use super::bits::{BitWriter, Run};
use super::huffman;
use super::symbols::{
    Counts, DISTANCE_SYMBOLS, END, LITLEN_SYMBOLS, MIN_LENGTH, Sequence, distance_extra_bits,
    distance_symbol, length_symbol, litlen_extra_bits,
};

/// The most bytes a stored block holds.
const MAX_STORED: usize = 65_535;
/// The longest code of a literal or length: four fit between two flushes. A bit less than RFC 1951 allows costs nothing.
const LITLEN_LIMIT: u8 = 14;
/// The order in which a header gives the lengths of the code of code lengths.
const HEADER_ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Writes `bytes` as a block, or several if they are stored.
///
/// `counts` are those of `sequences`, with the end of the block not yet among them.
pub(super) fn write(
    w: &mut BitWriter<'_>,
    bytes: &[u8],
    sequences: &[Sequence],
    counts: &mut Counts,
    last: bool,
) {
    counts.litlen[END] = 1;
    let dynamic = Code::optimal(counts);
    let header = Header::new(&dynamic);
    let fixed = Code::fixed();
    let dynamic_bits = 3 + header.bits() + dynamic.bits(counts);
    let fixed_bits = 3 + fixed.bits(counts);
    let stored_bits = stored_bits(bytes.len(), w.partial());
    if stored_bits <= dynamic_bits.min(fixed_bits) {
        write_stored(w, bytes, last);
    } else if fixed_bits <= dynamic_bits {
        w.reserve(fixed_bits);
        w.push(u64::from(last) | 1 << 1, 3);
        w.flush();
        write_symbols(w, bytes, sequences, &fixed);
    } else {
        w.reserve(dynamic_bits);
        w.push(u64::from(last) | 2 << 1, 3);
        header.write(w);
        write_symbols(w, bytes, sequences, &dynamic);
    }
}

/// Bits of `len` bytes stored behind `partial` bits of a byte.
fn stored_bits(len: usize, partial: u32) -> u64 {
    let first = 3 + u64::from((5 + 8 - partial) % 8) + 32;
    let more = (len.max(1) - 1) / MAX_STORED;
    first + 40 * more as u64 + 8 * len as u64
}

/// Bytes that `len` bytes take as stored blocks from a byte boundary on.
pub(super) const fn stored_bound(len: usize) -> usize {
    let blocks = if len == 0 { 1 } else { len.div_ceil(MAX_STORED) };
    len + 5 * blocks
}

/// Writes `bytes` as stored blocks; an empty one if there are none.
pub(super) fn write_stored(w: &mut BitWriter<'_>, mut bytes: &[u8], last: bool) {
    loop {
        let (block, rest) = bytes.split_at(bytes.len().min(MAX_STORED));
        bytes = rest;
        w.reserve(8);
        w.push(u64::from(last && bytes.is_empty()), 3);
        w.align();
        let len = block.len() as u16;
        w.bytes(&len.to_le_bytes());
        w.bytes(&(!len).to_le_bytes());
        w.bytes(block);
        if bytes.is_empty() {
            return;
        }
    }
}

/// Code lengths of the two alphabets.
struct Code {
    litlen: [u8; 288],
    distance: [u8; 32],
}

impl Code {
    fn optimal(counts: &Counts) -> Self {
        let mut code = Self { litlen: [0; 288], distance: [0; 32] };
        huffman::lengths(&counts.litlen, LITLEN_LIMIT, &mut code.litlen[..LITLEN_SYMBOLS]);
        huffman::lengths(&counts.distance, 15, &mut code.distance[..DISTANCE_SYMBOLS]);
        code
    }

    /// The code of RFC 1951, section 3.2.6.
    fn fixed() -> Self {
        let mut litlen = [8; 288];
        litlen[144..256].fill(9);
        litlen[256..280].fill(7);
        Self { litlen, distance: [5; 32] }
    }

    /// Bits of the symbols that were counted.
    fn bits(&self, counts: &Counts) -> u64 {
        let litlen = counts.litlen.iter().enumerate().map(|(symbol, &count)| {
            u64::from(count) * u64::from(u32::from(self.litlen[symbol]) + litlen_extra_bits(symbol))
        });
        let distance = counts.distance.iter().enumerate().map(|(symbol, &count)| {
            u64::from(count)
                * u64::from(u32::from(self.distance[symbol]) + distance_extra_bits(symbol))
        });
        litlen.sum::<u64>() + distance.sum::<u64>()
    }
}

/// The header of a dynamic block: both codes' lengths, as runs, in a code of their own.
struct Header {
    litlen_count: usize,
    distance_count: usize,
    /// (symbol, extra) of the code of code lengths.
    runs: [(u8, u8); LITLEN_SYMBOLS + DISTANCE_SYMBOLS],
    run_count: usize,
    lengths: [u8; 19],
    lengths_count: usize,
}

impl Header {
    fn new(code: &Code) -> Self {
        let litlen_count = used(&code.litlen[..LITLEN_SYMBOLS], 257);
        let distance_count = used(&code.distance[..DISTANCE_SYMBOLS], 1);
        let mut joined = [0; LITLEN_SYMBOLS + DISTANCE_SYMBOLS];
        joined[..litlen_count].copy_from_slice(&code.litlen[..litlen_count]);
        let joined_count = litlen_count + distance_count;
        joined[litlen_count..joined_count].copy_from_slice(&code.distance[..distance_count]);
        let mut runs = [(0, 0); LITLEN_SYMBOLS + DISTANCE_SYMBOLS];
        let run_count = runs_of(&joined[..joined_count], &mut runs);
        let mut counts = [0; 19];
        for &(symbol, _) in &runs[..run_count] {
            counts[symbol as usize] += 1;
        }
        let mut lengths = [0; 19];
        huffman::lengths(&counts, 7, &mut lengths);
        let unused = HEADER_ORDER.iter().rev().take_while(|&&symbol| lengths[symbol] == 0).count();
        Self {
            litlen_count,
            distance_count,
            runs,
            run_count,
            lengths,
            lengths_count: (19 - unused).max(4),
        }
    }

    fn bits(&self) -> u64 {
        let runs = &self.runs[..self.run_count];
        let runs = runs.iter().map(|&(symbol, _)| {
            u64::from(u32::from(self.lengths[symbol as usize]) + run_extra_bits(symbol))
        });
        14 + 3 * self.lengths_count as u64 + runs.sum::<u64>()
    }

    fn write(&self, w: &mut BitWriter<'_>) {
        w.push(self.litlen_count as u64 - 257, 5);
        w.push(self.distance_count as u64 - 1, 5);
        w.push(self.lengths_count as u64 - 4, 4);
        w.flush();
        for &symbol in &HEADER_ORDER[..self.lengths_count] {
            w.push(u64::from(self.lengths[symbol]), 3);
            w.flush();
        }
        let mut codes = [0; 19];
        huffman::codes(&self.lengths, &mut codes);
        for &(symbol, extra) in &self.runs[..self.run_count] {
            w.push(u64::from(codes[symbol as usize]), u32::from(self.lengths[symbol as usize]));
            w.push(u64::from(extra), run_extra_bits(symbol));
            w.flush();
        }
    }
}

/// Symbols up to the last one in use, at least `least`.
fn used(lengths: &[u8], least: usize) -> usize {
    lengths.iter().rposition(|&length| length > 0).map_or(0, |last| last + 1).max(least)
}

fn run_extra_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Code lengths as (symbol, extra) of RFC 1951, section 3.2.7; gives how many.
fn runs_of(lengths: &[u8], runs: &mut [(u8, u8)]) -> usize {
    let mut n = 0;
    let mut put = |symbol, extra| {
        runs[n] = (symbol, extra);
        n += 1;
    };
    for same in lengths.chunk_by(|a, b| a == b) {
        let length = same[0];
        let mut left = same.len();
        if length == 0 {
            while left >= 3 {
                let run = left.min(138);
                if run <= 10 {
                    put(17, (run - 3) as u8)
                } else {
                    put(18, (run - 11) as u8)
                }
                left -= run;
            }
        } else if left >= 4 {
            put(length, 0);
            left -= 1;
            while left >= 3 {
                let run = left.min(6);
                put(16, (run - 3) as u8);
                left -= run;
            }
        }
        for _ in 0..left {
            put(length, 0);
        }
    }
    n
}

/// Codes above their number of bits, which a shift takes from the six lowest bits.
struct Codes {
    literals: [u32; 256],
    /// By length minus three, with the extra bits.
    lengths: [u32; 256],
    /// By symbol.
    distances: [u32; 32],
    end: u32,
}

impl Codes {
    fn new(code: &Code) -> Self {
        let (mut litlen, mut distance) = ([0; 288], [0; 32]);
        huffman::codes(&code.litlen, &mut litlen);
        huffman::codes(&code.distance, &mut distance);
        let of = |symbol: usize| u32::from(litlen[symbol]) << 8 | u32::from(code.litlen[symbol]);
        let mut codes =
            Self { literals: [0; 256], lengths: [0; 256], distances: [0; 32], end: of(END) };
        for (symbol, slot) in codes.literals.iter_mut().enumerate() {
            *slot = of(symbol);
        }
        for (above, slot) in codes.lengths.iter_mut().enumerate() {
            let symbol = length_symbol(above + MIN_LENGTH);
            let code = of(symbol.symbol);
            *slot = (code | symbol.extra << 8 << (code & 15)) + symbol.extra_bits;
        }
        for (symbol, slot) in codes.distances.iter_mut().enumerate() {
            *slot = u32::from(distance[symbol]) << 8 | u32::from(code.distance[symbol]);
        }
        codes
    }

    #[inline(always)]
    fn four(&self, four: [u32; 4]) -> (u64, u32) {
        let [a, b, c, d] = four;
        let low = u64::from(a >> 8) | u64::from(b >> 8).wrapping_shl(a);
        let high = u64::from(c >> 8) | u64::from(d >> 8).wrapping_shl(c);
        let low_count = a.wrapping_add(b);
        (low | high.wrapping_shl(low_count), low_count.wrapping_add(c).wrapping_add(d) & 63)
    }

    #[inline(always)]
    fn matched(&self, length: usize, distance: usize) -> (u64, u32) {
        let length = self.lengths[(length - MIN_LENGTH) & 255];
        let symbol = distance_symbol(distance);
        let distance = self.distances[symbol.symbol & 31];
        let code = u64::from(distance >> 8) | u64::from(symbol.extra).wrapping_shl(distance);
        let bits = u64::from(length >> 8) | code.wrapping_shl(length);
        (bits, (length & 63) + (distance & 63) + symbol.extra_bits)
    }
}

fn write_symbols(w: &mut BitWriter<'_>, bytes: &[u8], sequences: &[Sequence], code: &Code) {
    let codes = Codes::new(code);
    w.run(|w| {
        let mut at = 0;
        for sequence in sequences {
            let run_end = at + sequence.literals as usize;
            write_literals(w, bytes, at, run_end, &codes);
            let length = sequence.length as usize;
            if length > 0 {
                let (bits, count) = codes.matched(length, sequence.distance as usize);
                w.put(bits, count);
            }
            at = run_end + length;
        }
        w.put(u64::from(codes.end >> 8), codes.end & 63);
    });
}

/// Writes the literals from `at` to `end`, four at a time; of the last four those behind `end` count for nothing, which
/// is faster than to ask how many there are.
#[inline(always)]
fn write_literals(w: &mut Run<'_>, bytes: &[u8], at: usize, end: usize, codes: &Codes) {
    let mut at = at;
    while end - at > 4 {
        let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        let (bits, count) = codes.four(four.map(|byte| codes.literals[byte as usize]));
        w.put(bits, count);
        at += 4;
    }
    let left = end - at;
    if left == 0 {
        return;
    }
    let four = match bytes.get(at..at + 4) {
        Some(four) => [four[0], four[1], four[2], four[3]],
        None => std::array::from_fn(|n| bytes.get(at + n).copied().unwrap_or(0)),
    };
    let of = |n: usize| codes.literals[four[n] as usize] & 0u32.wrapping_sub(u32::from(n < left));
    let (bits, count) = codes.four([of(0), of(1), of(2), of(3)]);
    w.put(bits, count);
}
