//! What is wrong is said, and where; and it is what zlib finds wrong.

use savez_deflate::{ErrorKind, Inflater, inflate};

use crate::streams::{BitWriter, Stream, encoded, zlib_verdict};

/// Streams of up to a few hundred bytes, of all kinds of blocks.
fn small() -> Vec<Stream> {
    let mut streams = encoded(120);
    streams.extend(encoded(900).into_iter().filter(|stream| stream.bytes.len() < 400));
    streams.retain({
        let mut seen = std::collections::HashSet::new();
        move |stream| seen.insert(stream.bytes.clone())
    });
    streams
}

#[test]
fn every_truncation_is_an_error() {
    let mut inflater = Inflater::new();
    for Stream { name, bytes, data } in small() {
        let mut out = vec![0; data.len()];
        for size in 0..bytes.len() {
            let error = inflater.inflate(&bytes[..size], &mut out).expect_err(&name);
            assert_eq!(error.kind(), ErrorKind::Truncated, "{name}, {size} bytes");
            assert!(error.bit() <= 8 * size as u64);
        }
    }
}

#[test]
fn every_flipped_bit_has_the_verdict_of_zlib() {
    let mut inflater = Inflater::new();
    let (mut accepted, mut rejected) = (0, 0);
    for Stream { name, mut bytes, data } in small() {
        for bit in 0..8 * bytes.len() {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut out = vec![0; data.len()];
            let ours = inflater.inflate(&bytes, &mut out);
            let theirs = zlib_verdict(&bytes, data.len());
            match theirs {
                Some((data, size)) => {
                    assert_eq!(ours, Ok(size), "{name}, bit {bit}");
                    assert!(out == data, "{name}, bit {bit}");
                    accepted += 1;
                }
                None => {
                    assert!(ours.is_err(), "{name}, bit {bit}");
                    rejected += 1;
                }
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert!(accepted > 10_000 && rejected > 10_000, "{accepted} accepted, {rejected} rejected");
}

/// Checks kind and bit of the fault, and that zlib rejects the stream as well.
#[track_caller]
fn assert_fault(stream: &BitWriter, room: usize, kind: ErrorKind, bit: usize) {
    // As if the stream went on.
    let mut bytes = stream.finish();
    bytes.extend([0; 400]);
    for room in [room, room + 5000] {
        let error = inflate(&bytes, &mut vec![0; room]).expect_err("a fault");
        assert_eq!((error.kind(), error.bit()), (kind, bit as u64), "{error}");
        assert_eq!(zlib_verdict(&bytes, room), None);
    }
}

/// A dynamic block's header as far as the lengths of the precode: one bit for 0 and 1 each, two bits for … whatever is
/// asked for, given as (symbol, bits).
fn header(literals: u32, distances: u32, precode: &[(usize, u32)]) -> BitWriter {
    let mut writer = BitWriter::default();
    writer.put(0b101, 3).put(literals - 257, 5).put(distances - 1, 5).put(15, 4);
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
        let length =
            precode.iter().find(|&&(other, _)| other == symbol).map_or(0, |&(_, bits)| bits);
        writer.put(length, 3);
    }
    writer
}

#[test]
fn faults_of_blocks_are_named() {
    assert_fault(BitWriter::default().put(0b111, 3), 10, ErrorKind::BlockType, 3);
    let mut stored = BitWriter::default();
    stored.put(1, 8).put(5, 16).put(!4, 16);
    assert_fault(&stored, 5, ErrorKind::StoredLength, 40);
}

#[test]
fn faults_of_headers_are_named() {
    let ones = [(0, 1), (1, 1)];
    assert_fault(&header(287, 1, &ones), 10, ErrorKind::CodeCount, 17);
    assert_fault(&header(257, 31, &ones), 10, ErrorKind::CodeCount, 17);
    // A precode without symbols, with one, with too few, with too many.
    for precode in [&[][..], &[(0, 1)], &[(0, 1), (1, 2)], &[(0, 1), (1, 1), (2, 1)]] {
        assert_fault(&header(257, 1, precode), 10, ErrorKind::CodeLengths, 74);
    }
    // Nothing but zeros.
    assert_fault(&header(257, 1, &ones), 10, ErrorKind::NoEndOfBlock, 74 + 258);
    // Repeats the length before the first; goes beyond the last.
    let mut repeat = header(257, 1, &[(0, 1), (16, 1)]);
    assert_fault(repeat.put(1, 1), 10, ErrorKind::CodeRepeat, 74);
    let mut repeat = header(257, 1, &[(0, 1), (18, 1)]);
    repeat.put(1, 1).put(127, 7).put(1, 1);
    assert_fault(repeat.put(127, 7), 10, ErrorKind::CodeRepeat, 82);
    // Three literals of one bit.
    let mut many = header(257, 1, &ones);
    many.put(0b11, 32);
    (0..7).for_each(|_| {
        many.put(0, 32);
    });
    many.put(1, 1).put(1, 1);
    assert_fault(&many, 10, ErrorKind::CodeLengths, 74 + 258);
}

/// The header of a block with an end of one bit, and a literal 0 of one bit if `two`; and one distance of one bit.
fn one_bit_codes(two: bool, distance: bool) -> BitWriter {
    let mut writer = header(257, 1, &[(0, 1), (1, 1)]);
    writer.put(u32::from(two), 32);
    (0..7).for_each(|_| {
        writer.put(0, 32);
    });
    writer.put(1, 1).put(u32::from(distance), 1);
    writer
}

/// As zlib: a code of a single bit may be incomplete, and its other value is an error only where it occurs.
#[test]
fn single_codes_are_accepted() {
    for distance in [true, false] {
        for two in [true, false] {
            let mut stream = one_bit_codes(two, distance);
            let end = u32::from(two);
            if two {
                stream.put(0, 5);
            }
            let stream = stream.put(end, 1).finish();
            let length = if two { 5 } else { 0 };
            assert_eq!(zlib_verdict(&stream, length), Some((vec![0; length], stream.len())));
            assert_eq!(inflate(&stream, &mut vec![7; length]), Ok(stream.len()));
        }
    }
    let mut unused = one_bit_codes(false, true);
    let at = unused.position();
    assert_fault(unused.put(1, 1), 10, ErrorKind::Symbol, at);
}

/// A fixed block with so many zeros before what is at fault.
fn fixed(zeros: usize) -> BitWriter {
    let mut writer = BitWriter::default();
    writer.put(0b011, 3);
    for _ in 0..zeros {
        writer.put(0b0000_1100, 8);
    }
    writer
}

#[test]
fn faults_of_symbols_are_named() {
    for zeros in [0, 1, 5000] {
        // Symbols 286 and 287 are the last two of eight bits.
        for symbol in [0b0110_0011, 0b1110_0011] {
            let mut stream = fixed(zeros);
            let at = stream.position();
            assert_fault(stream.put(symbol, 8), zeros, ErrorKind::Symbol, at);
        }
        // A match of three bytes, at distance symbol 30 and 31.
        for symbol in [0b01111, 0b11111] {
            let mut stream = fixed(zeros);
            let at = stream.position();
            assert_fault(
                stream.put(0b100_0000, 7).put(symbol, 5),
                zeros + 3,
                ErrorKind::DistanceSymbol,
                at,
            );
        }
    }
    // Distance 2 after one byte; distance 32,768 after one byte less.
    let mut stream = fixed(1);
    let at = stream.position();
    assert_fault(stream.put(0b100_0000, 7).put(0b10000, 5), 4, ErrorKind::Distance, at);
    let mut stream = fixed(32_767);
    let at = stream.position();
    stream.put(0b100_0000, 7).put(0b10111, 5).put(0x1fff, 13);
    assert_fault(&stream, 32_770, ErrorKind::Distance, at);
}

#[test]
fn errors_say_where() {
    let error = inflate(&[7, 0], &mut [0; 3]).expect_err("a reserved block");
    assert_eq!(
        error.to_string(),
        "the DEFLATE stream has a block of the reserved type (at byte 0, bit 3, after 0 bytes of output)"
    );
    assert!(size_of::<savez_deflate::Error>() <= 24);
}
