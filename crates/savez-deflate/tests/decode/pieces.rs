//! The answer does not depend on how the input is cut, nor on where the caller stops.

use savez_deflate::{Error, ErrorKind, Inflater, Status};

use crate::streams::{Random, Stream, encoded, random_blocks, zlib_length};

/// Inflates from pieces, in steps; returns what was consumed and what was written.
fn in_pieces(
    stream: &[u8],
    out: &mut [u8],
    mut piece: impl FnMut() -> usize,
    mut step: impl FnMut() -> usize,
) -> Result<u64, Error> {
    let mut inflater = Inflater::new();
    let mut rest = stream;
    let mut input: &[u8] = &[];
    let mut written = 0;
    let mut until = step();
    loop {
        if input.is_empty() {
            let length = piece().min(rest.len());
            (input, rest) = rest.split_at(length);
        }
        let before = written;
        match inflater.decode(&mut input, out, &mut written, until)? {
            Status::End => {
                assert!(written >= until.min(out.len()));
                assert_eq!(inflater.consumed() as usize, stream.len() - rest.len() - input.len());
                return Ok(inflater.consumed());
            }
            Status::Reached => {
                assert!(written >= until && written < until.max(before) + Inflater::OVERSHOOT);
                until += step();
            }
            Status::NeedsInput => assert!(input.is_empty()),
        }
    }
}

#[test]
fn cutting_the_input_changes_nothing() {
    let mut random = Random(5);
    for Stream { name, bytes, data } in encoded(4000) {
        let mut padded = bytes.clone();
        padded.extend([0xff; 20]);
        for length in [1, 2, 3, 7, 8, 9, 23, 24, 25, 100, 1000] {
            let mut out = vec![0; data.len()];
            let consumed = in_pieces(&padded, &mut out, || length, || usize::MAX);
            assert_eq!(consumed, Ok(bytes.len() as u64), "{name}, pieces of {length}");
            assert!(out == data, "{name}, pieces of {length}");
        }
        for step in [1, 2, 100, 1000, 5000] {
            let mut out = vec![0; data.len()];
            let consumed = in_pieces(&padded, &mut out, || 1 + random.below(40), || step);
            assert_eq!(consumed, Ok(bytes.len() as u64), "{name}, steps of {step}");
            assert!(out == data, "{name}, steps of {step}");
        }
    }
}

#[test]
fn cutting_random_blocks_changes_nothing() {
    let mut random = Random(6);
    for _ in 0..300 {
        let stream = random_blocks(&mut random, 3, 200);
        let length = zlib_length(&stream, 1 << 20).expect("a valid stream");
        let mut whole = vec![0; length];
        let consumed = in_pieces(&stream, &mut whole, || usize::MAX, || usize::MAX);
        let mut cut = vec![0; length];
        let mut other = random.clone();
        assert_eq!(
            in_pieces(&stream, &mut cut, || 1 + random.below(60), || 1 + other.below(600)),
            consumed
        );
        assert!(cut == whole);
    }
}

/// Errors, too, are the same, and at the same place.
#[test]
fn cutting_the_input_finds_the_same_faults() {
    let mut random = Random(7);
    for Stream { name, bytes, data } in encoded(1500) {
        for _ in 0..5 {
            let mut damaged = bytes.clone();
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
            let mut whole = vec![0; data.len()];
            let mut cut = vec![0; data.len()];
            let outcome = in_pieces(&damaged, &mut whole, || usize::MAX, || usize::MAX);
            for length in [1, 3, 50] {
                let again = in_pieces(&damaged, &mut cut, || length, || usize::MAX);
                assert_eq!(again, outcome, "{name}, pieces of {length}");
                let written = outcome.err().map_or(data.len(), |error| error.written() as usize);
                assert!(cut[..written] == whole[..written], "{name}, pieces of {length}");
            }
        }
    }
}

/// As `decode`'s documentation says: the last 32 KiB are enough to go on.
#[test]
fn a_sliding_window_is_enough() {
    const WINDOW: usize = 32 << 10;
    for Stream { name, bytes, data } in encoded(200_000) {
        let mut inflater = Inflater::new();
        let mut window = vec![0; WINDOW + 10_000];
        let (mut written, mut seen) = (0, 0);
        let mut input = &bytes[..];
        loop {
            let left = data.len() - seen;
            let fits = written + left <= window.len();
            let room = if fits { written + left } else { window.len() };
            let until = if fits { room } else { room - Inflater::OVERSHOOT };
            let before = written;
            let status = inflater.decode(&mut input, &mut window[..room], &mut written, until);
            assert!(window[before..written] == data[seen..seen + written - before], "{name}");
            seen += written - before;
            if status.expect(&name) == Status::End {
                break;
            }
            let from = written.saturating_sub(WINDOW);
            window.copy_within(from..written, 0);
            written -= from;
        }
        assert_eq!((seen, inflater.consumed()), (data.len(), bytes.len() as u64), "{name}");
    }
}

#[test]
fn an_error_stays_until_reset() {
    let mut inflater = Inflater::new();
    let mut out = [0; 10];
    let mut written = 0;
    let mut input: &[u8] = &[7, 0];
    let error =
        inflater.decode(&mut input, &mut out, &mut written, 10).expect_err("a reserved block");
    assert_eq!(error.kind(), ErrorKind::BlockType);
    assert_eq!(inflater.decode(&mut input, &mut out, &mut written, 10), Err(error));
    inflater.reset();
    let mut input: &[u8] = &[3, 0];
    assert_eq!(inflater.decode(&mut input, &mut [], &mut 0, 0), Ok(Status::End));
    assert_eq!(inflater.decode(&mut input, &mut [], &mut 0, 0), Ok(Status::End));
}
