//! What the encoder writes, four inflaters of other people read back: zlib-rs, libdeflate, miniz_oxide whole, and
//! zlib-rs once more segment by segment.
//!
//! The long run: `SAVEZ_FUZZ=1000000 cargo test --release -p savez-deflate --test encode fuzz`.

mod kinds;

use flate2::{Decompress, FlushDecompress, Status};
use kinds::{KINDS, Random};
use savez_deflate::{Encoder, Hints, Level};

/// Encodes each of `segments` and checks the whole, and each segment alone, against all inflaters.
fn check(encoder: &mut Encoder, segments: &[&[u8]], what: &dyn Fn() -> String) -> usize {
    let mut stream = b"before".to_vec();
    let mut ends = Vec::new();
    for (number, segment) in segments.iter().enumerate() {
        let start = stream.len();
        encoder.segment(segment, number + 1 == segments.len(), &mut stream);
        assert!(
            stream.len() - start <= Encoder::bound(segment.len()),
            "over the bound: {}",
            what()
        );
        ends.push(stream.len());
    }
    assert_eq!(&stream[..6], b"before");
    let whole = segments.concat();
    let mut start = 6;
    for (segment, &end) in segments.iter().zip(&ends) {
        let alone = zlib(&stream[start..end], segment.len());
        assert_eq!(
            alone,
            Some((segment.to_vec(), end == stream.len())),
            "a segment alone: {}",
            what()
        );
        start = end;
    }
    let stream = &stream[6..];
    assert_eq!(zlib(stream, whole.len()), Some((whole.clone(), true)), "zlib: {}", what());
    assert!(
        miniz_oxide::inflate::decompress_to_vec(stream).is_ok_and(|found| found == whole),
        "miniz: {}",
        what()
    );
    let mut room = vec![0; whole.len()];
    let n = libdeflater::Decompressor::new().deflate_decompress(stream, &mut room);
    assert!(n == Ok(whole.len()) && room == whole, "libdeflate: {}", what());
    stream.len()
}

/// What zlib-rs makes of all of `stream`, and whether it ends there; `None` for an error, or bytes left over.
fn zlib(stream: &[u8], len: usize) -> Option<(Vec<u8>, bool)> {
    let mut room = vec![0; len + 1];
    let mut inflater = Decompress::new(false);
    let status = inflater.decompress(stream, &mut room, FlushDecompress::Sync).ok()?;
    room.truncate(inflater.total_out() as usize);
    (inflater.total_in() as usize == stream.len()).then_some((room, status == Status::StreamEnd))
}

fn levels() -> impl Iterator<Item = Level> {
    (0..=9).map(|level| Level::new(level).expect("0 to 9 are levels"))
}

#[test]
fn all_lengths_and_items() {
    let mut random = Random(1);
    let bytes: Vec<Vec<u8>> = KINDS.iter().map(|kind| (kind.make)(&mut random, 4096)).collect();
    for item in [0, 1, 2, 3, 4, 8, 12, 16, 100] {
        let mut encoder = Encoder::new(Level::DEFAULT, Hints { item, row: item * 16 });
        for len in 0..=4096 {
            let bytes = &bytes[len % bytes.len()][..len];
            check(&mut encoder, &[bytes], &|| format!("{len} bytes, item {item}"));
        }
    }
}

#[test]
fn all_kinds_and_levels() {
    let mut random = Random(2);
    for kind in KINDS {
        let bytes = (kind.make)(&mut random, 150_000);
        for level in levels() {
            for (item, row) in
                [(kind.item, 0), (kind.item, 1000), (0, 0), (7, 32_768), (1 << 40, usize::MAX)]
            {
                let mut encoder = Encoder::new(level, Hints { item, row });
                check(&mut encoder, &[&bytes], &|| format!("{} {level:?} {item} {row}", kind.name));
            }
        }
    }
}

#[test]
fn segments_are_independent() {
    let mut random = Random(3);
    for level in levels() {
        let mut encoder = Encoder::new(level, Hints { item: 4, row: 0 });
        let parts: Vec<Vec<u8>> =
            KINDS.iter().map(|kind| (kind.make)(&mut random, 70_001)).collect();
        let mut parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        // The same bytes twice in a row, an empty segment in the middle, one byte, an empty one at the end.
        parts.extend([parts[1], parts[1], &[], &[7], &[]]);
        check(&mut encoder, &parts, &|| format!("{level:?}"));
    }
}

#[test]
fn output_depends_on_nothing_else() {
    let mut random = Random(4);
    for level in levels() {
        let mut used = Encoder::new(level, Hints { item: 8, row: 64 });
        for len in [10, 100, 1000, 5000, 66_000, 131_072, 40_000, 2_000_000, 300] {
            for kind in KINDS {
                let bytes = (kind.make)(&mut random, len);
                let (mut a, mut b) = (Vec::new(), Vec::new());
                used.segment(&bytes, false, &mut a);
                Encoder::new(level, Hints { item: 8, row: 64 }).segment(&bytes, false, &mut b);
                assert!(a == b, "{} {len} {level:?}", kind.name);
                if len > 100_000 && level > Level::DEFAULT {
                    break;
                }
            }
        }
    }
}

#[test]
fn sixteen_mebibytes() {
    let mut random = Random(5);
    let mut bytes = vec![0; 16 << 20];
    for part in bytes.chunks_mut(1 << 20).step_by(3) {
        part.copy_from_slice(&KINDS[random.below(KINDS.len())].sample(&mut random, part.len()));
    }
    for level in [Level::STORED, Level::FAST, Level::DEFAULT, Level::BEST] {
        check(&mut Encoder::new(level, Hints { item: 8, row: 0 }), &[&bytes, &bytes[..1]], &|| {
            format!("{level:?}")
        });
    }
}

/// Sixteen mebibytes of one byte, and a mebibyte in which no word of 23 bits comes twice: what makes searches long.
#[test]
fn long_searches() {
    let mut state = 1u32;
    let bits: Vec<u8> = (0..1 << 20)
        .map(|_| {
            // x²³ + x⁵ + 1 is primitive: all states but 0 follow each other.
            state = state >> 1 | ((state ^ state >> 5) & 1) << 22;
            (state & 1) as u8
        })
        .collect();
    for number in [8, 9] {
        let level = Level::new(number).expect("a level");
        let mut encoder = Encoder::new(level, Hints { item: 1, row: 0 });
        let constant = vec![7; 16 << 20];
        assert!(check(&mut encoder, &[&constant], &|| format!("{level:?}")) < constant.len() / 500);
        // A bit a byte, and somewhat more.
        let size = check(&mut encoder, &[&bits], &|| format!("{level:?}"));
        assert!(size < bits.len() / 6, "{size}");
    }
}

/// 258 bytes that come again 32,768 later are one match: a byte more of distance, and they cannot be.
#[test]
fn longest_match_at_longest_distance() {
    let mut random = Random(6);
    let row = 32_768;
    let size = |distance: usize| {
        let mut bytes = random_bytes(&mut random, 40_000);
        bytes.copy_within(100..358, 100 + distance);
        bytes.truncate(100 + distance + 258);
        check(&mut Encoder::new(Level::BEST, Hints { item: 1, row }), &[&bytes], &|| {
            format!("{distance}")
        }) as i64
            - bytes.len() as i64
    };
    let mut size = size;
    assert!(size(row) < -129, "the match was not found");
    assert!(size(row + 1) > 0, "a match beyond the window");
}

/// Counts of literals like Fibonacci's make codes deeper than 15 bits.
#[test]
fn literals_that_force_the_length_limit() {
    let (mut a, mut b) = (1usize, 1usize);
    let mut bytes = Vec::new();
    for symbol in 0..25u8 {
        bytes.extend(std::iter::repeat_n(symbol * 7, a));
        (a, b) = (b, a + b);
    }
    let mut random = Random(7);
    for at in (1..bytes.len()).rev() {
        bytes.swap(at, random.below(at + 1));
    }
    for level in levels() {
        check(&mut Encoder::new(level, Hints::default()), &[&bytes], &|| format!("{level:?}"));
    }
}

#[test]
fn one_symbol_and_few() {
    for level in levels() {
        let mut encoder = Encoder::new(level, Hints::default());
        for byte in [0, 1, 143, 144, 255] {
            for len in
                [1, 2, 3, 4, 10, 257, 258, 259, 260, 516, 517, 65_535, 65_536, 65_537, 1 << 20]
            {
                let size =
                    check(&mut encoder, &[&vec![byte; len]], &|| format!("{byte} {len} {level:?}"));
                assert!(
                    level == Level::STORED || size <= 16 + len / 500,
                    "{byte} {len} {level:?}: {size}"
                );
            }
        }
        let all: Vec<u8> = (0..=255).collect();
        check(&mut encoder, &[&all, &all, &all.repeat(300)], &|| format!("all bytes, {level:?}"));
    }
}

#[test]
fn hostile_bytes_are_stored() {
    let mut random = Random(8);
    for len in [1000, 65_535, 65_536, 200_000, 1 << 20] {
        let bytes = random_bytes(&mut random, len);
        let mut encoder = Encoder::new(Level::DEFAULT, Hints { item: 8, row: 0 });
        let size = check(&mut encoder, &[&bytes], &|| format!("{len}"));
        assert!(size <= Encoder::bound(len));
    }
    assert_eq!(Encoder::bound(0), 5);
    assert_eq!(Encoder::bound(65_536), 65_546);
}

#[test]
fn hints_help() {
    let mut random = Random(9);
    let size = |bytes: &[u8], hints| {
        check(&mut Encoder::new(Level::DEFAULT, hints), &[bytes], &|| format!("{hints:?}"))
    };
    let mut sizes = |name: &str, item| {
        let kind = KINDS.iter().find(|kind| kind.name == name).expect("it is there");
        let bytes = (kind.make)(&mut random, 400_000);
        (size(&bytes, Hints { item, row: 0 }), size(&bytes, Hints::default()))
    };
    let (with, without) = sizes("range i32", 4);
    assert!(with < without, "{with} with, {without} without");
    let (with, without) = sizes("decimals", 8);
    assert!(with <= without + without / 1000, "{with} with, {without} without");
    assert!(without < 200_000, "{without}");
}

/// Smooth and sorted numbers, whose bytes are repeated at places that change, and where the repeats are far apart; and zeros with
/// little between them, where the extra bits of a distance are most of what is written.
#[test]
fn lookup_tables_and_sparse_matrices_are_not_much_larger_than_by_libdeflate() {
    let of = |count: usize, value: &dyn Fn(usize) -> f64| -> Vec<u8> {
        (0..count).flat_map(|i| value(i).to_le_bytes()).collect()
    };
    let mut random = Random(12);
    let mut steps = 0.0;
    let mut sorted: Vec<f64> = (0..40_000)
        .map(|_| {
            steps += random.below(40) as f64;
            steps / 1000.0
        })
        .collect();
    sorted.sort_by(f64::total_cmp);
    let cases = [
        ("hundredths", of(30_000, &|i| i as f64 / 100.0)),
        ("julian hours", of(20_000, &|i| 2_451_545.0 + i as f64 / 24.0)),
        ("sorted decimals", of(40_000, &|i| sorted[i])),
        ("quantised", of(40_000, &|i| ((i as f64 * 0.01).sin() * 500.0).round() / 8.0)),
        ("unit matrix", of(40_000, &|i| f64::from(i % 200 == i / 200))),
        ("blocks", of(25_600, &|i| f64::from(i % 160 / 4 == i / 160 / 4))),
        ("few ones", of(22_500, &|i| f64::from(i % 499 == i / 499))),
    ];
    for (name, bytes) in cases {
        let mut room = vec![0; bytes.len() + 1000];
        let level = libdeflater::CompressionLvl::new(6).expect("a level");
        let theirs = libdeflater::Compressor::new(level)
            .deflate_compress(&bytes, &mut room)
            .expect("room for it");
        let mut encoder = Encoder::new(Level::DEFAULT, Hints { item: 8, row: 0 });
        let ours = check(&mut encoder, &[&bytes], &|| name.to_owned());
        assert!(ours <= theirs + theirs / 10, "{name}: {ours} bytes, libdeflate {theirs}");
    }
}

#[test]
fn levels_are_in_order() {
    assert_eq!(Level::new(10), None);
    assert_eq!(Level::default(), Level::DEFAULT);
    let mut random = Random(10);
    let bytes: Vec<u8> = KINDS.iter().flat_map(|kind| (kind.make)(&mut random, 100_000)).collect();
    let sizes: Vec<usize> = levels()
        .map(|level| {
            check(&mut Encoder::new(level, Hints { item: 8, row: 0 }), &[&bytes], &|| {
                format!("{level:?}")
            })
        })
        .collect();
    for pair in sizes.windows(2) {
        assert!(pair[1] <= pair[0] + pair[0] / 25, "{sizes:?}");
    }
    assert_eq!(sizes.iter().min(), Some(&sizes[9]), "{sizes:?}");
}

/// Streams of random kinds spliced at random, with random hints, levels and cuts.
#[test]
fn fuzz() {
    let count =
        std::env::var("SAVEZ_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(3000);
    let mut random =
        Random(std::env::var("SAVEZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(11));
    let mut encoders: Vec<Encoder> =
        levels().map(|level| Encoder::new(level, Hints::default())).collect();
    for number in 0..count {
        let mut bytes = Vec::new();
        for _ in 0..1 + random.below(4) {
            let len = 1 << random.below(14);
            let len = random.below(len) + 1;
            bytes.extend(KINDS[random.below(KINDS.len())].sample(&mut random, len));
        }
        let encoder = &mut encoders[random.below(10)];
        let hints = Hints {
            item: [0, 1, 2, 4, 8, 16, 3, 29, 63, 64, 65][random.below(11)],
            row: random.below(3000),
        };
        encoder.set_hints(hints);
        let (head, tail) = bytes.split_at(random.below(bytes.len() + 1));
        check(encoder, &[head, tail], &|| format!("input {number}, {encoder:?}", encoder = hints));
    }
}

fn random_bytes(random: &mut Random, len: usize) -> Vec<u8> {
    (0..len).map(|_| random.next() as u8).collect()
}
