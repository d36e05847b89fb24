//! One segment of a stream, alone.

use flate2::FlushCompress;
use savez_deflate::{ErrorKind, Inflater, inflate, inflate_segment};

use crate::streams::{arrays, zlib};

/// Segments of a stream that was fully flushed, and where they end: each inflates alone, and the whole is one stream.
#[test]
fn segments_inflate_alone_and_in_a_row() {
    const SLAB: usize = 7000;
    let mut inflater = Inflater::new();
    for (name, data) in arrays(40_000).into_iter().filter(|(_, data)| !data.is_empty()) {
        let mut stream = Vec::new();
        let count = data.len().div_ceil(SLAB);
        for (at, slab) in data.chunks(SLAB).enumerate() {
            let is_last = at + 1 == count;
            let mut segment = zlib(slab, 6, SLAB, FlushCompress::Full);
            if !is_last {
                // Without the empty last block, which is `03 00`.
                assert!(segment.ends_with(&[0, 0, 0xff, 0xff, 3, 0]), "{name}");
                segment.truncate(segment.len() - 2);
            }
            let mut out = vec![0; slab.len()];
            assert_eq!(inflater.inflate_segment(&segment, &mut out), Ok(is_last), "{name}");
            assert!(out == slab, "{name}");

            let kind = |input: &[u8], out: &mut [u8]| {
                inflate_segment(input, out).expect_err("a segment at fault").kind()
            };
            let mut more = vec![0; slab.len() + 1];
            assert_eq!(kind(&segment, &mut more), ErrorKind::TooShort, "{name}");
            assert_eq!(kind(&segment, &mut out[1..]), ErrorKind::TooLong, "{name}");
            let cut = &segment[..segment.len() - 1];
            assert_eq!(kind(cut, &mut out), ErrorKind::Truncated, "{name}");
            let behind = [&segment[..], &[0]].concat();
            let fault = if is_last { ErrorKind::Trailing } else { ErrorKind::Truncated };
            assert_eq!(kind(&behind, &mut out), fault, "{name}");
            stream.extend(segment);
        }
        let mut out = vec![0; data.len()];
        assert_eq!(inflate(&stream, &mut out), Ok(stream.len()), "{name}");
        assert!(out == data, "{name}");
    }
}

#[test]
fn a_segment_must_not_refer_to_the_one_before() {
    let data = b"again ".repeat(2);
    let stream = zlib(&data, 6, data.len() / 2, FlushCompress::Sync);
    // Up to and with the first flush.
    let flush =
        stream.windows(4).position(|bytes| bytes == [0, 0, 0xff, 0xff]).expect("a flush") + 4;
    let mut out = vec![0; data.len() / 2];
    assert_eq!(inflate_segment(&stream[..flush], &mut out), Ok(false));
    let error =
        inflate_segment(&stream[flush..], &mut out).expect_err("a match before the segment");
    assert_eq!((error.kind(), error.written()), (ErrorKind::Distance, 1));
}

/// A block that ends within a byte is no segment, even if the rest of the byte is zero.
#[test]
fn a_segment_ends_on_a_byte_boundary() {
    // An empty fixed block, not the last: 3 + 7 bits.
    let error = inflate_segment(&[2, 0], &mut []).expect_err("6 bits too many");
    assert_eq!(error.kind(), ErrorKind::Truncated);
    assert_eq!(inflate_segment(&[3, 0], &mut []), Ok(true));
    assert!(inflate_segment(&[], &mut []).is_err());
}
