//! Damaged and random input: never a panic, never a byte outside of the output, always the verdict of zlib.
//!
//! A few thousand inputs by default. A long run, with its own seed:
//! `SAVEZ_FUZZ=5000000 SAVEZ_SEED=1 cargo test --release -p savez-deflate --test decode fuzz -- --nocapture`
//!
//! With bounds watched by the address sanitizer: `RUSTFLAGS=-Zsanitizer=address RUSTC_BOOTSTRAP=1 cargo test
//! -p savez-deflate --test decode --target x86_64-unknown-linux-gnu`

use savez_deflate::Inflater;

use crate::streams::{Random, Stream, encoded, random_blocks, zlib_length, zlib_verdict};

const GUARD: usize = 400;

pub(crate) fn count(default: usize) -> usize {
    number("SAVEZ_FUZZ").unwrap_or(default)
}

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

pub(crate) fn random() -> Random {
    Random(number("SAVEZ_SEED").unwrap_or(0) as u64)
}

/// Inflates between two guards, and compares with zlib-rs. Returns whether the stream was accepted.
fn check(inflater: &mut Inflater, random: &mut Random, stream: &[u8], length: usize) -> bool {
    let mut guarded = vec![0xa5; length + 2 * GUARD];
    let out = &mut guarded[GUARD..GUARD + length];
    let theirs = zlib_verdict(stream, length);
    let ours = inflater.inflate(stream, out);
    let size = theirs.as_ref().map(|(_, size)| *size);
    assert_eq!(ours.ok(), size, "{ours:?}, {stream:?} to {length} bytes");
    if let Some((data, _)) = &theirs {
        assert!(out == data, "{stream:?}");
    }
    assert_pieces_agree(inflater, random, stream, out, ours);
    let is_whole = |guard: &[u8]| guard.iter().all(|&byte| byte == 0xa5);
    assert!(is_whole(&guarded[..GUARD]) && is_whole(&guarded[GUARD + length..]), "{stream:?}");
    theirs.is_some()
}

/// The same in two pieces.
fn assert_pieces_agree(
    inflater: &mut Inflater,
    random: &mut Random,
    stream: &[u8],
    out: &mut [u8],
    whole: Result<usize, savez_deflate::Error>,
) {
    let (mut first, second) = stream.split_at(random.below(stream.len() + 1));
    inflater.reset();
    let mut written = 0;
    let mut outcome = Ok(savez_deflate::Status::NeedsInput);
    if !first.is_empty() {
        outcome = inflater.decode(&mut first, out, &mut written, usize::MAX);
    }
    for mut piece in [second, &[]] {
        if outcome == Ok(savez_deflate::Status::NeedsInput) {
            outcome = inflater.decode(&mut piece, out, &mut written, usize::MAX);
        }
    }
    assert_eq!(outcome.map(|_| inflater.consumed() as usize), whole, "{stream:?}");
}

/// The stream with up to three bytes flipped, changed or put in, or cut short.
pub(crate) fn damaged(random: &mut Random, stream: &[u8]) -> Vec<u8> {
    let mut bytes = stream.to_vec();
    for _ in 0..random.below(4) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at + 1),
            _ => bytes.insert(at, random.next() as u8),
        }
    }
    bytes
}

#[test]
fn fuzz_of_damaged_streams() {
    let mut random = random();
    let mut inflater = Inflater::new();
    let sources: Vec<Stream> = [40, 300, 2000].into_iter().flat_map(encoded).collect();
    let mut accepted = 0;
    let rounds = count(20_000);
    for _ in 0..rounds {
        let source = &sources[random.below(sources.len())];
        let bytes = damaged(&mut random, &source.bytes);
        let length = match random.below(4) {
            0 => zlib_length(&bytes, 1 << 14).unwrap_or(source.data.len()),
            1 => random.below(source.data.len() + 300),
            _ => source.data.len(),
        };
        accepted += usize::from(check(&mut inflater, &mut random, &bytes, length));
    }
    println!("{accepted} of {rounds} accepted");
    assert!(accepted > rounds / 10);
}

#[test]
fn fuzz_of_random_blocks() {
    let mut random = random();
    let mut inflater = Inflater::new();
    let mut accepted = 0;
    let rounds = count(20_000) / 10;
    for _ in 0..rounds {
        let (blocks, symbols) = (1 + random.below(4), random.below(200));
        let mut stream = random_blocks(&mut random, blocks, symbols);
        let length = zlib_length(&stream, 1 << 20).expect("a valid stream");
        accepted += usize::from(check(&mut inflater, &mut random, &stream, length));
        for _ in 0..9 {
            let at = random.below(8 * stream.len());
            stream[at / 8] ^= 1 << (at % 8);
            let length = zlib_length(&stream, 1 << 16).unwrap_or(length);
            accepted += usize::from(check(&mut inflater, &mut random, &stream, length));
        }
    }
    println!("{accepted} of {} accepted", 10 * rounds);
    assert!(accepted >= rounds);
}

#[test]
fn fuzz_of_noise() {
    let mut random = random();
    let mut inflater = Inflater::new();
    for _ in 0..count(20_000) {
        let size = random.below(200);
        let mut bytes = random.bytes(size);
        if let Some(first) = bytes.first_mut() {
            // A third each of stored, fixed and dynamic blocks.
            *first = *first & !6 | (random.below(3) as u8) << 1;
        }
        let length = zlib_length(&bytes, 1 << 14).unwrap_or_else(|| random.below(3000));
        check(&mut inflater, &mut random, &bytes, length);
    }
}
