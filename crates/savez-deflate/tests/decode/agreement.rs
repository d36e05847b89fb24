//! What others write, we read; what nobody writes, we read as zlib does.

use savez_deflate::{ErrorKind, Inflater, inflate};

use crate::streams::{Random, Stream, encoded, random_blocks, zlib_length, zlib_verdict};

const BEHIND: &[u8] = b"what comes behind the stream";

#[test]
fn streams_of_all_encoders_inflate_to_what_was_deflated() {
    let mut inflater = Inflater::new();
    for Stream { name, mut bytes, data } in encoded(150_000) {
        let size = bytes.len();
        for behind in [&[], BEHIND] {
            bytes.truncate(size);
            bytes.extend(behind);
            let mut out = vec![1; data.len()];
            assert_eq!(inflater.inflate(&bytes, &mut out), Ok(size), "{name}");
            assert!(out == data, "{name}");
            assert_eq!(inflater.consumed(), size as u64);
        }
    }
}

#[test]
fn more_or_less_room_than_the_stream_needs_is_an_error() {
    for Stream { name, bytes, data } in encoded(3000) {
        let mut out = vec![0; data.len() + 1];
        let short = inflate(&bytes, &mut out).expect_err(&name);
        assert_eq!(
            (short.kind(), short.written()),
            (ErrorKind::TooShort, data.len() as u64),
            "{name}"
        );
        for room in [data.len().saturating_sub(1), data.len().saturating_sub(400), 0] {
            if room < data.len() {
                let long = inflate(&bytes, &mut out[..room]).expect_err(&name);
                assert_eq!(long.kind(), ErrorKind::TooLong, "{name}");
                assert!(long.written() <= room as u64);
            }
        }
    }
}

#[test]
fn random_codes_decode_as_with_zlib() {
    let mut random = Random(3);
    let mut inflater = Inflater::new();
    for round in 0..1500 {
        let (blocks, symbols) = (1 + random.below(6), random.below(400));
        let stream = random_blocks(&mut random, blocks, symbols);
        let length = zlib_length(&stream, 1 << 20).expect("a valid stream");
        let (data, size) = zlib_verdict(&stream, length).expect("the same stream");
        let mut out = vec![0; length];
        assert_eq!(inflater.inflate(&stream, &mut out), Ok(size), "round {round}");
        assert!(out == data, "round {round}");
    }
}

/// A stored block can be empty, or as long as 65,535 bytes.
#[test]
fn stored_blocks_of_all_lengths() {
    let data = Random(4).bytes(65_535);
    let mut writer = crate::streams::BitWriter::default();
    let parts = [0, 65_535, 1, 0, 0, 300, 65_535, 0];
    for (at, &length) in parts.iter().enumerate() {
        writer.stored(at + 1 == parts.len(), &data[..length]);
    }
    let expected: Vec<u8> = parts.iter().flat_map(|&length| &data[..length]).copied().collect();
    let stream = writer.finish();
    let mut out = vec![0; expected.len()];
    assert_eq!(inflate(&stream, &mut out), Ok(stream.len()));
    assert!(out == expected);
}
