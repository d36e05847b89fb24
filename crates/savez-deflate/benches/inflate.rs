//! Inflating against libdeflate and zlib-rs, on data as arrays hold them. Prints the best of interleaved rounds in MB/s of
//! output, ours as a multiple of libdeflate, and two halves inflated in turn as a multiple of the whole.
//!
//! `cargo bench -p savez-deflate --bench inflate [-- NAME…] [ROUNDS]`

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use flate2::{Decompress, FlushDecompress};
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use savez_deflate::{Inflater, inflate_two_segments};

type Decoder<'a> = (&'a str, Box<dyn FnMut(&[u8], &mut [u8]) + 'a>);

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(60);
    let is_asked = |name: &str| {
        let mut names =
            arguments.iter().filter(|argument| argument.parse::<usize>().is_err()).peekable();
        names.peek().is_none() || names.any(|asked| name.contains(asked.as_str()))
    };
    println!(
        "{:24} {:>6} {:>9} {:>9} {:>9} {:>7} {:>7}",
        "", "ratio", "ours", "libdefl.", "zlib-rs", "ours/ld", "in turn"
    );
    let mut ratios = Vec::new();
    for (name, data) in arrays().into_iter().filter(|(name, _)| is_asked(name)) {
        for level in [1, 6, 12] {
            let stream = compress(&data, level);
            let (first, second) = data.split_at(data.len() / 2);
            let halves = [first, second].map(|half| compress(half, level));
            let speeds = race(&stream, &halves, &data, rounds);
            ratios.push(speeds[0] / speeds[1]);
            println!(
                "{:24} {:6.3} {:9.0} {:9.0} {:9.0} {:7.3} {:7.3}",
                format!("{name} -{level}"),
                data.len() as f64 / stream.len() as f64,
                speeds[0],
                speeds[1],
                speeds[2],
                speeds[0] / speeds[1],
                speeds[3] / speeds[0],
            );
        }
    }
    let mean = ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64;
    println!("{:24} {:>43.3}", "geometric mean", mean.exp());
}

fn compress(data: &[u8], level: i32) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::new(level).expect("a level"));
    let mut stream = vec![0; compressor.deflate_compress_bound(data.len())];
    let size = compressor.deflate_compress(data, &mut stream).expect("room enough");
    stream.truncate(size);
    stream
}

/// The best speed of each, in MB/s.
fn race(stream: &[u8], halves: &[Vec<u8>; 2], data: &[u8], rounds: usize) -> Vec<f64> {
    let mut ours = Inflater::new();
    let mut in_turn = [Inflater::new(), Inflater::new()];
    let mut libdeflate = Decompressor::new();
    let mut zlib = Decompress::new(false);
    let mut decoders: [Decoder<'_>; 4] = [
        ("ours", Box::new(|input, out| assert_eq!(ours.inflate(input, out), Ok(stream.len())))),
        (
            "libdeflate",
            Box::new(|input, out| {
                assert_eq!(libdeflate.deflate_decompress(input, out), Ok(data.len()));
            }),
        ),
        (
            "zlib-rs",
            Box::new(|input, out| {
                zlib.reset(false);
                zlib.decompress(input, out, FlushDecompress::Finish).expect("a valid stream");
            }),
        ),
        (
            "two halves",
            Box::new(|_, out| {
                let (first, second) = out.split_at_mut(data.len() / 2);
                let inputs = halves.each_ref().map(Vec::as_slice);
                let ended = inflate_two_segments(in_turn.each_mut(), inputs, [first, second]);
                assert_eq!(ended, [Ok(true), Ok(true)]);
            }),
        ),
    ];
    let mut out = vec![0; data.len()];
    let repeats = (1_000_000 / data.len()).max(1);
    let mut best = vec![f64::INFINITY; decoders.len()];
    for _ in 0..rounds {
        for ((name, decode), best) in decoders.iter_mut().zip(&mut best) {
            out.fill(0);
            let start = Instant::now();
            for _ in 0..repeats {
                decode(black_box(stream), black_box(&mut out));
            }
            *best = best.min(start.elapsed().as_secs_f64());
            assert!(out == data, "{name} decodes to something else");
        }
    }
    best.iter().map(|best| (repeats * data.len()) as f64 / best / 1e6).collect()
}

/// What is in arrays: noise, smooth fields, images, labels, masks, tables as text; and some short ones.
fn arrays() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random(7);
    const N: usize = 1 << 18;
    let gauss: Vec<u8> = (0..N).flat_map(|_| (random.gauss() as f32).to_le_bytes()).collect();
    let smooth64: Vec<u8> = (0..N / 2)
        .flat_map(|i| ((i as f64 / 3000.0).sin() + 1e-3 * random.gauss()).to_le_bytes())
        .collect();
    let field: Vec<u8> = (0..N)
        .flat_map(|i| {
            let (x, y) = ((i % 1024) as f64, (i / 1024) as f64);
            let value = (x / 90.0).sin() * (y / 70.0).cos() * 100.0 + 0.2 * random.gauss();
            (((value * 64.0).round() / 64.0) as f32).to_le_bytes()
        })
        .collect();
    let image: Vec<u8> = (0..N)
        .flat_map(|i| {
            let (x, y) = ((i % 1024) as f64, (i / 1024) as f64);
            let light = 128.0 + 90.0 * (x / 200.0).sin() * (y / 150.0).cos();
            let edge = if ((x / 120.0) as u32 + (y / 100.0) as u32).is_multiple_of(2) {
                25.0
            } else {
                0.0
            };
            [1.0, 0.8, 0.6].map(|tint| (light * tint + edge + 2.0 * random.gauss()) as u8)
        })
        .collect();
    let drawing: Vec<u8> = (0..N)
        .flat_map(|i| {
            let (x, y) = ((i % 1024) as i32, (i / 1024) as i32);
            let shade = ((x - 500).pow(2) + (y - 500).pow(2)) / 20_000;
            [shade as u8 * 16, (x / 64) as u8 * 16, (y / 128) as u8 * 30]
        })
        .collect();
    let mut label = 0;
    let labels: Vec<u8> = (0..N / 2)
        .flat_map(|_| {
            if random.below(4) == 0 {
                label = random.below(1000);
            }
            label.to_le_bytes()
        })
        .collect();
    let classes: Vec<u8> = (0..N).map(|_| random.below(10) as u8).collect();
    let mask: Vec<u8> = (0..4 * N)
        .map(|i| {
            let (x, y) = ((i % 2048) as f64, (i / 2048) as f64);
            let wave = 300.0 * (y / 170.0).sin() + 40.0 * (y / 13.0).sin();
            u8::from(
                (x - 1000.0).abs() < 350.0 + wave
                    && (x as u32 / 128 + y as u32 / 90).is_multiple_of(2),
            )
        })
        .collect();
    let mut table = String::new();
    for i in 0..20_000 {
        let name = ["setosa", "versicolor", "virginica"][random.below(3) as usize];
        let (a, b) = (random.gauss(), random.gauss());
        writeln!(table, "{i},{:.3},{:.2},{},{name}", 5.0 + a, 10.0 * b, random.below(500))
            .expect("a String");
    }
    let ramp: Vec<u8> = (0..N as i64 / 4).flat_map(|i| i.to_le_bytes()).collect();
    vec![
        ("short noise 1 kB", gauss[..1000].to_vec()),
        ("short table 2 kB", table.as_bytes()[..2000].to_vec()),
        ("short labels 16 kB", labels[..16_000].to_vec()),
        ("short image 20 kB", image[..20_000].to_vec()),
        ("noise f32", gauss),
        ("smooth f64", smooth64),
        ("field f32", field),
        ("image u8x3", image),
        ("drawing u8x3", drawing),
        ("labels i64", labels),
        ("classes u8", classes),
        ("mask u8", mask),
        ("table text", table.into_bytes()),
        ("ramp i64", ramp),
    ]
}

/// A small generator of numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> i64 {
        (self.next() % n) as i64
    }

    /// Roughly normal: the sum of twelve uniform numbers.
    fn gauss(&mut self) -> f64 {
        (0..12).map(|_| (self.next() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0
    }
}
