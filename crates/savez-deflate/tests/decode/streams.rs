//! Streams to inflate: of several encoders, made by hand, and at random.

use std::io::Write;
use std::ops::Range;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use libdeflater::{CompressionLvl, Compressor};
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};

/// A stream, where it is from, and what it holds.
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

/// Streams of every encoder, level, strategy and way to flush, of arrays of up to `limit` bytes.
pub(crate) fn encoded(limit: usize) -> Vec<Stream> {
    let mut streams = Vec::new();
    for (name, data) in arrays(limit) {
        let mut add = |encoder: String, bytes| {
            streams.push(Stream { name: format!("{name}, {encoder}"), bytes, data: data.clone() });
        };
        for level in 0..=9 {
            add(
                format!("zlib-rs -{level}"),
                zlib(&data, level, data.len().max(1), FlushCompress::None),
            );
        }
        for flush in [FlushCompress::Sync, FlushCompress::Full, FlushCompress::Partial] {
            add(format!("zlib-rs {flush:?}"), zlib(&data, 6, (limit / 7).max(50), flush));
        }
        for level in 0..=12 {
            add(format!("libdeflate -{level}"), libdeflate(&data, level));
        }
        for (level, strategy) in [(1, 0), (6, 0), (9, 0), (6, 1), (6, 2), (6, 3), (6, 4), (9, 4)] {
            add(format!("miniz -{level} {strategy}"), miniz(&data, level, strategy));
        }
    }
    streams
}

/// Noise, runs of every short period, text, labels, masks, nothing.
pub(crate) fn arrays(limit: usize) -> Vec<(String, Vec<u8>)> {
    let mut random = Random(1);
    let mut arrays = vec![("nothing".to_owned(), vec![]), ("a byte".to_owned(), vec![77])];
    let mut add = |name: &str, data: Vec<u8>| arrays.push((name.to_owned(), data));
    add("zeros", vec![0; limit]);
    add("noise", random.bytes(limit));
    add("floats", (0..limit / 4).flat_map(|i| (i as f32).sqrt().to_le_bytes()).collect());
    add("integers", (0..limit as u64 / 8).flat_map(|i| (i * i).to_le_bytes()).collect());
    add("classes", (0..limit).map(|_| random.below(10) as u8).collect());
    add("skewed", (0..limit).map(|_| random.skewed()).collect());
    add("mask", (0..limit).map(|i| u8::from(i % 640 < 100 + i / 640 % 90)).collect());
    let words = ["0.125", ",", "1e-3", "\n", "setosa", " ", "-17", "nan"];
    let mut text = String::new();
    while text.len() < limit {
        text.push_str(words[random.below(words.len())]);
    }
    text.truncate(limit);
    add("text", text.into_bytes());
    let mut periods = Vec::new();
    for period in (1..=40).cycle() {
        if periods.len() >= limit {
            break;
        }
        let pattern = random.bytes(period);
        let length = random.below(300) + 3;
        periods.extend(pattern.iter().cycle().take(length));
    }
    periods.truncate(limit);
    add("periods", periods);
    arrays
}

pub(crate) fn zlib(data: &[u8], level: u32, flush_every: usize, flush: FlushCompress) -> Vec<u8> {
    let mut encoder = Compress::new(Compression::new(level), false);
    let mut stream = Vec::with_capacity(2 * data.len() + 1000);
    for part in data.chunks(flush_every) {
        let before = encoder.total_in();
        encoder.compress_vec(part, &mut stream, flush).expect("a valid state");
        assert_eq!(encoder.total_in() - before, part.len() as u64);
    }
    let status = encoder.compress_vec(&[], &mut stream, FlushCompress::Finish);
    assert_eq!(status.expect("a valid state"), Status::StreamEnd);
    stream
}

pub(crate) fn libdeflate(data: &[u8], level: i32) -> Vec<u8> {
    let mut encoder = Compressor::new(CompressionLvl::new(level).expect("a level"));
    let mut stream = vec![0; encoder.deflate_compress_bound(data.len())];
    let size = encoder.deflate_compress(data, &mut stream).expect("room enough");
    stream.truncate(size);
    stream
}

/// `strategy` as zlib counts them: default, filtered, Huffman only, runs, fixed.
fn miniz(data: &[u8], level: i32, strategy: i32) -> Vec<u8> {
    let mut encoder = CompressorOxide::new(create_comp_flags_from_zip_params(level, -15, strategy));
    let mut stream = Vec::new();
    let (status, _) = compress_to_output(&mut encoder, data, TDEFLFlush::Finish, |part| {
        stream.write_all(part).is_ok()
    });
    assert_eq!(status, miniz_oxide::deflate::core::TDEFLStatus::Done);
    stream
}

/// What zlib-rs makes of a stream that should hold `length` bytes: the bytes, and how much it read. `None` if it rejects
/// the stream, or finds more bytes or fewer.
pub(crate) fn zlib_verdict(stream: &[u8], length: usize) -> Option<(Vec<u8>, usize)> {
    let mut out = vec![0; length + 1];
    let mut decoder = Decompress::new(false);
    match decoder.decompress(stream, &mut out, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) if decoder.total_out() == length as u64 => {
            out.pop();
            Some((out, decoder.total_in() as usize))
        }
        _ => None,
    }
}

/// How many bytes a stream holds, as zlib-rs sees it, if it is valid and they are at most `limit`.
pub(crate) fn zlib_length(stream: &[u8], limit: usize) -> Option<usize> {
    let mut out = vec![0; limit];
    let mut decoder = Decompress::new(false);
    let status = decoder.decompress(stream, &mut out, FlushDecompress::Finish);
    matches!(status, Ok(Status::StreamEnd)).then(|| decoder.total_out() as usize)
}

/// Writes bits, the lowest first.
#[derive(Clone, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    bits: usize,
}

impl BitWriter {
    pub(crate) fn put(&mut self, value: u32, count: usize) -> &mut Self {
        for place in 0..count {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((value >> place & 1) as u8) << (self.bits % 8);
            self.bits += 1;
        }
        self
    }

    /// A code: the highest bit first.
    fn put_code(&mut self, (code, length): (u32, usize)) {
        self.put(code.reverse_bits() >> (32 - length), length);
    }

    pub(crate) fn align(&mut self) -> &mut Self {
        self.bits = 8 * self.bytes.len();
        self
    }

    pub(crate) fn stored(&mut self, is_last: bool, data: &[u8]) -> &mut Self {
        self.put(u32::from(is_last), 3).align();
        self.put(data.len() as u32, 16).put(!data.len() as u32, 16);
        self.bytes.extend(data);
        self.align()
    }

    pub(crate) fn position(&self) -> usize {
        self.bits
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// The lengths of a random complete code of `count` symbols, shuffled among `symbols` places.
fn random_code(random: &mut Random, count: usize, symbols: usize, longest: usize) -> Vec<u8> {
    let mut leaves = vec![0usize];
    while leaves.len() < count {
        // Deep leaves are split more often than they come, so that all lengths up to the longest occur.
        let at = if random.below(2) == 0 { leaves.len() - 1 } else { random.below(leaves.len()) };
        if leaves[at] < longest {
            leaves[at] += 1;
            leaves.push(leaves[at]);
        }
    }
    let mut lengths: Vec<u8> = leaves.iter().map(|&length| length as u8).collect();
    lengths.resize(symbols, 0);
    for at in (1..symbols).rev() {
        lengths.swap(at, random.below(at + 1));
    }
    lengths
}

/// The canonical codes of these lengths.
fn codes(lengths: &[u8]) -> Vec<(u32, usize)> {
    let mut next = 0;
    let mut codes = vec![(0, 0); lengths.len()];
    for length in 1..=15 {
        next <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|&(_, &l)| l == length) {
            codes[symbol] = (next, usize::from(length));
            next += 1;
        }
    }
    codes
}

/// A valid stream of dynamic blocks with random codes and random symbols, as no encoder writes them, mixed with stored
/// and empty ones. All lengths, distances and extra bits occur.
pub(crate) fn random_blocks(random: &mut Random, blocks: usize, symbols: usize) -> Vec<u8> {
    let mut writer = BitWriter::default();
    let mut written = 0;
    for block in 0..blocks {
        let is_last = block + 1 == blocks;
        match random.below(6) {
            0 => {
                let length = random.below(20);
                writer.stored(is_last, &random.bytes(length));
                written += length;
            }
            1 => {
                writer.put(u32::from(is_last) | 2, 3).put(0, 7);
            }
            _ => {
                writer.put(u32::from(is_last) | 4, 3);
                written += random_block(random, &mut writer, symbols, written);
            }
        }
    }
    writer.finish()
}

fn random_block(
    random: &mut Random,
    writer: &mut BitWriter,
    symbols: usize,
    mut written: usize,
) -> usize {
    let start = written;
    let literal_count = 2 + random.below(285);
    let mut literals = random_code(random, literal_count, 286, 15);
    if literals[256] == 0 {
        let other = literals.iter().position(|&length| length > 0).expect("a symbol");
        literals.swap(256, other);
    }
    let distances = match random.below(8) {
        0 => vec![0; 1 + random.below(30)],
        1 => {
            let mut single = vec![0; 30];
            single[random.below(30)] = 1;
            single
        }
        _ => {
            let count = 2 + random.below(29);
            random_code(random, count, 30, 15)
        }
    };
    put_header(random, writer, &literals, &distances);
    let (literal_codes, distance_codes) = (codes(&literals), codes(&distances));
    let usable: Vec<usize> = (0..286).filter(|&s| s != 256 && literals[s] > 0).collect();
    let near: Vec<usize> = (0..distances.len()).filter(|&s| distances[s] > 0).collect();
    for _ in 0..symbols {
        let Some(&symbol) = usable.get(random.below(usable.len() + 1)) else { continue };
        if symbol < 256 {
            writer.put_code(literal_codes[symbol]);
            written += 1;
            continue;
        }
        let lengths = length_range(symbol);
        let length = lengths.start + random.below(lengths.len());
        let fitting: Vec<usize> =
            near.iter().copied().filter(|&s| distance_range(s).start <= written).collect();
        if fitting.is_empty() {
            continue;
        }
        let far = fitting[random.below(fitting.len())];
        let reach = distance_range(far);
        let distance = reach.start + random.below(reach.len().min(written + 1 - reach.start));
        writer.put_code(literal_codes[symbol]);
        writer.put((length - lengths.start) as u32, extra_bits(lengths.len()));
        writer.put_code(distance_codes[far]);
        writer.put((distance - reach.start) as u32, extra_bits(reach.len()));
        written += length;
    }
    writer.put_code(literal_codes[256]);
    written - start
}

/// How many bits tell `count` values apart.
fn extra_bits(count: usize) -> usize {
    count.next_power_of_two().ilog2() as usize
}

fn put_header(random: &mut Random, writer: &mut BitWriter, literals: &[u8], distances: &[u8]) {
    let needed = |lengths: &[u8], least: usize| {
        lengths.iter().rposition(|&length| length > 0).map_or(least, |last| last + 1).max(least)
    };
    let (literal_count, distance_count) = (needed(literals, 257), needed(distances, 1));
    let lengths = [&literals[..literal_count], &distances[..distance_count]].concat();
    let mut operations = Vec::new();
    let mut at = 0;
    while at < lengths.len() {
        let length = lengths[at];
        let run = lengths[at..].iter().take_while(|&&other| other == length).count();
        let repeats = lengths[..at].last() == Some(&length);
        let times = if run >= 3 { 3 + random.below(run - 2) } else { 1 };
        match (length, times, repeats) {
            (_, 3..=6, true) if random.below(2) == 0 => operations.push((16, times, 3, 2)),
            (0, 11..=138, _) => operations.push((18, times, 11, 7)),
            (0, 3..=10, _) => operations.push((17, times, 3, 3)),
            _ => {
                operations.push((usize::from(length), 1, 1, 0));
                at += 1;
                continue;
            }
        }
        at += times;
    }
    let precode = random_code(random, 19, 19, 7);
    let precodes = codes(&precode);
    writer.put(literal_count as u32 - 257, 5).put(distance_count as u32 - 1, 5).put(15, 4);
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
        writer.put(u32::from(precode[symbol]), 3);
    }
    for (symbol, times, least, bits) in operations {
        writer.put_code(precodes[symbol]);
        writer.put((times - least) as u32, bits);
    }
}

/// The lengths that a symbol stands for.
fn length_range(symbol: usize) -> Range<usize> {
    if symbol == 285 {
        return 258..259;
    }
    let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
    let base = if symbol < 265 { symbol - 254 } else { 3 + ((4 + (symbol - 257) % 4) << extra) };
    base..base + (1 << extra)
}

/// The distances that a symbol stands for.
fn distance_range(symbol: usize) -> Range<usize> {
    if symbol < 4 {
        return symbol + 1..symbol + 2;
    }
    let extra = (symbol - 2) / 2;
    let base = 1 + ((2 + symbol % 2) << extra);
    base..base + (1 << extra)
}

/// A small generator of numbers (SplitMix64).
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// Small values much more often than large ones, so that codes get long.
    fn skewed(&mut self) -> u8 {
        (self.next().trailing_zeros() * 9 + self.below(9) as u32) as u8
    }
}
