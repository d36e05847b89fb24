//! Files made to harm: each is refused, or read as every reader would read it, without panic and
//! without memory for bytes that are not there.

use std::io::{self, Read};
use std::slice::from_ref;
use std::sync::atomic::{AtomicUsize, Ordering};

use savez::{Archive, Compression, Error, ErrorKind, Limits, Member, ReadAt, WriteOptions};

use crate::handmade::{
    Part, deflate, end_record, extra, members_and_directory, npy, npy_with_header, zip,
    zip_with_comment, zip64_end_record, zip64_extra,
};

/// The one array of the archive, read by that name.
fn read(bytes: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    Archive::from_bytes(bytes)?.read(name)
}

#[track_caller]
fn refused<T>(result: Result<T, Error>, kind: ErrorKind, words: &str) {
    let error = result.err().expect("an error");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

fn a() -> Part {
    Part::stored("a.npy", &npy(&[1, 2, 3]))
}

fn b() -> Part {
    Part::stored("b.npy", &npy(&[4, 5, 6]))
}

#[test]
fn handmade_archives_are_read() {
    let bytes = zip(&[a(), Part::deflated("b.npy", &npy(&[4, 5, 6]))]);
    assert_eq!(read(&bytes, "a").expect("read"), [1, 2, 3]);
    assert_eq!(read(&bytes, "b").expect("read"), [4, 5, 6]);
}

// Bombs.

#[test]
fn members_that_inflate_to_more_than_declared_are_refused() {
    let bytes = npy(&vec![0; 100_000]);
    let honest = npy(&[1, 2, 3]);
    let mut part = Part::deflated("a.npy", &honest);
    part.stored = deflate(&[honest, bytes].concat());
    let len = part.stored.len() as u32;
    let bomb = zip(&[part.saying(|claims| claims.stored_size = len)]);
    refused(read(&bomb, "a"), ErrorKind::Format, "more than the declared 131 bytes");
    let archive = Archive::from_bytes(bomb).expect("open");
    let mut out = Vec::new();
    let raw = archive.raw(&archive.entries()[0]).expect("raw").read_to_end(&mut out);
    assert!(raw.is_err() && out.len() == 131);
}

#[test]
fn members_that_inflate_to_less_than_declared_are_refused() {
    let part = Part::deflated("a.npy", &npy(&[1, 2, 3])).saying(|claims| claims.size += 1);
    refused(read(&zip(&[part]), "a"), ErrorKind::Corrupt, "the data end after 131 bytes");
}

#[test]
fn sizes_beyond_what_deflate_can_give_are_refused() {
    let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000,)}";
    let part = Part::deflated("a.npy", &npy_with_header(text, &[]));
    let part = part.saying(|claims| claims.size = u32::MAX - 1);
    refused(read(&zip(&[part]), "a"), ErrorKind::Format, "more than its");
}

#[test]
fn stored_members_have_one_size() {
    for change in [1, 1 << 30] {
        let part = a().saying(|claims| claims.size += change);
        refused(read(&zip(&[part]), "a"), ErrorKind::Format, "its sizes differ");
    }
}

#[test]
fn members_larger_than_the_limit_are_refused() {
    let bytes = zip(&[Part::deflated("a.npy", &npy(&vec![0; 10_000]))]);
    let limits = Limits::default().member_bytes(9_999);
    let dir = std::env::temp_dir().join(format!("savez-limits-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("a.npz"), bytes).expect("write");
    let archive = Archive::open_with(dir.join("a.npz"), limits).expect("open");
    refused(archive.read::<Vec<u8>>("a"), ErrorKind::Limit, "10000 bytes");
    std::fs::remove_dir_all(&dir).expect("clean up");
}

#[test]
fn bytes_behind_an_array_count_towards_the_limit() {
    let bytes = zip(&[Part::deflated("a.npy", &[npy(&[1, 2, 3]), vec![0; 10_000]].concat())]);
    let limits = Limits::default().member_bytes(9_999);
    let member = Archive::from_source(Bytes(bytes), limits).expect("open").member("a");
    refused(member.expect("a small array").read_data(), ErrorKind::Limit, "10003 bytes");
}

// Overlaps.

#[test]
fn members_in_the_same_place_are_refused() {
    let mut twin = a();
    let (members, _) = members_and_directory(&[a()]);
    twin.offset = Some(0);
    let (_, directory) = members_and_directory(&[a(), twin]);
    let end = end_record(2, directory.len() as u32, members.len() as u32, b"");
    let bytes = [members, directory, end].concat();
    refused(Archive::from_bytes(bytes), ErrorKind::Format, "two members overlap");
}

/// One member is DEFLATE's way of quoting the local header of the next, and both share its bytes.
#[test]
fn members_that_quote_the_next_one_are_refused() {
    let inner = Part::deflated("b.npy", &npy(&[7; 1000]));
    let (quoted, _) = members_and_directory(from_ref(&inner));
    let mut outer = Part::stored("a.npy", &quoted);
    outer.stored = Vec::new();
    let bytes = zip(&[outer, inner]);
    refused(Archive::from_bytes(bytes), ErrorKind::Format, "two members overlap");
}

/// The directory tells of members side by side, but a long extra field moves the bytes of the first
/// into the second.
#[test]
fn members_moved_into_the_next_one_are_refused() {
    let mut first = a();
    first.local.extra = extra(0xcafe, &[0; 60]);
    first.stored.truncate(first.stored.len() - 40);
    let archive = Archive::from_bytes(zip(&[first, b()])).expect("open");
    refused(archive.read_array("a"), ErrorKind::Format, "into the next member");
    assert_eq!(archive.read::<Vec<u8>>("b").expect("read"), [4, 5, 6]);
}

#[test]
fn members_that_reach_into_the_directory_are_refused() {
    let mut part = a().saying(|claims| {
        claims.stored_size += 1;
        claims.size += 1;
    });
    refused(Archive::from_bytes(zip(&[part.clone()])), ErrorKind::Format, "central directory");
    part = a();
    part.local.extra = extra(0xcafe, &[0; 60]);
    part.stored.truncate(part.stored.len() - 40);
    refused(read(&zip(&[part]), "a"), ErrorKind::Format, "central directory");
}

#[test]
fn gaps_between_members_are_let_pass() {
    let mut first = a();
    first.behind = vec![0; 1000];
    let bytes = zip(&[first, b()]);
    assert_eq!(read(&bytes, "b").expect("read"), [4, 5, 6]);
}

// Lies about the shape.

#[test]
fn arrays_larger_than_their_file_are_refused_at_once() {
    let shapes = [
        ("(1099511627776,)", "'<f8'"),
        ("(9223372036854775807,)", "'|u1'"),
        ("(1048576, 1048576)", "'<f8'"),
        ("(4,)", "'|V2147483647'"),
    ];
    for (shape, dtype) in shapes {
        let text = format!("{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}}}");
        let bytes = npy_with_header(&text, &[0; 64]);
        let words = "only 64 follow it";
        refused(Member::from_bytes(bytes.clone()), ErrorKind::Corrupt, words);
        for part in [Part::stored("a.npy", &bytes), Part::deflated("a.npy", &bytes)] {
            refused(
                Archive::from_bytes(zip(&[part])).and_then(|a| a.member("a")),
                ErrorKind::Corrupt,
                words,
            );
        }
    }
}

#[test]
fn shapes_that_are_none_are_refused() {
    for shape in [
        "(18446744073709551616,)",
        "(9223372036854775808,)",
        "(4611686018427387904, 4)",
        "(0, 4611686018427387904, 4)",
        "(-1,)",
        "(-1, -1)",
        "(True,)",
        "(1.0,)",
        "('1',)",
        "None",
        "[3]",
        "3",
        &format!("({})", "1, ".repeat(65)),
    ] {
        let text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}");
        let bytes = npy_with_header(&text, &[0; 64]);
        refused(Member::from_bytes(bytes), ErrorKind::Format, "");
    }
}

#[test]
fn elements_without_bytes_may_be_many() {
    for dtype in ["|V0", "|S0", "<U0"] {
        let text =
            format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': (1000000000000,)}}");
        let member = Member::from_bytes(npy_with_header(&text, &[])).expect("NumPy loads it");
        let array = member.read_array().expect("no bytes");
        assert_eq!((array.shape(), array.as_bytes().len()), ([1_000_000_000_000].as_slice(), 0));
        assert_eq!(member.slice(5..7).expect("a slice").shape(), [2]);
    }
    let text = "{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000000,)}";
    let member = Member::from_bytes(npy_with_header(text, &[])).expect("NumPy loads it");
    refused(member.read::<Vec<String>>(), ErrorKind::OutOfMemory, "cannot allocate");
}

#[test]
fn fields_larger_than_numpy_allows_are_refused() {
    for descr in [
        "'|S2147483648'",
        "'<U536870912'",
        "[('a', '|V2147483647'), ('b', '|u1')]",
        "[('a', '<f4', (2147483648, 0))]",
        "[('a', '|V0', (9223372036854775807, 9223372036854775807))]",
        "[('a', '<f4', (65536, 65536))]",
    ] {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (0,)}}");
        refused(Member::from_bytes(npy_with_header(&text, &[])), ErrorKind::Format, "");
    }
}

// Bytes behind the array, and checksums.

#[test]
fn bytes_behind_an_array_are_let_pass_but_checked() {
    let bytes = [npy(&[1, 2, 3]), vec![9; 20_000]].concat();
    for part in [Part::stored("a.npy", &bytes), Part::deflated("a.npy", &bytes)] {
        assert_eq!(read(&zip(from_ref(&part)), "a").expect("read"), [1, 2, 3]);
        let wrong = zip(&[part.saying(|claims| claims.crc ^= 1)]);
        refused(read(&wrong, "a"), ErrorKind::Corrupt, "bad CRC-32");
        let archive = Archive::from_bytes(wrong).expect("open");
        let member = archive.member("a").expect("its header is whole");
        refused(member.verify(), ErrorKind::Corrupt, "bad CRC-32");
        refused(member.read_data(), ErrorKind::Corrupt, "bad CRC-32");
    }
    let mut part = Part::stored("a.npy", &bytes);
    part.stored[15_000] ^= 1;
    refused(read(&zip(&[part]), "a"), ErrorKind::Corrupt, "bad CRC-32");
}

#[cfg(feature = "xz")]
#[test]
fn an_lzma_stream_that_cannot_begin_is_damaged() {
    // Version, properties and their length, and a stream whose first byte is not 0.
    let stored = [9, 20, 5, 0, 0x5d, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
    let part = Part::stored("a.npy", &stored).saying(|claims| {
        claims.method = 14;
        claims.size = 100;
    });
    let file = zip(&[part]);
    refused(read(&file, "a"), ErrorKind::Corrupt, "the LZMA data are damaged");
    let archive = Archive::from_bytes(file).expect("open");
    refused(archive.verify(), ErrorKind::Corrupt, "the LZMA data are damaged");
}

#[test]
fn bytes_behind_a_compressed_stream_are_let_pass() {
    // `zipfile` takes them too: the stream says where it ends.
    let mut part = Part::deflated("a.npy", &npy(&[1, 2, 3]));
    part.stored.extend([0; 100]);
    let part = part.saying(|claims| claims.stored_size += 100);
    assert_eq!(read(&zip(&[part]), "a").expect("read"), [1, 2, 3]);
}

#[test]
fn faulty_deflate_streams_are_refused() {
    let whole = Part::deflated("a.npy", &npy(&[1, 2, 3]));
    let len = whole.stored.len();
    type Fault<'a> = &'a dyn Fn(&mut Vec<u8>);
    let streams: [Fault<'_>; 4] = [
        &|s| s.truncate(len - 1),
        &|s| s.truncate(0),
        // A block of the reserved type.
        &|s| s[0] |= 6,
        // A stored block whose length and its complement disagree.
        &|s| *s = [&[1, 5, 0, 0, 0], s.as_slice()].concat(),
    ];
    for change in streams {
        let mut part = whole.clone();
        change(&mut part.stored);
        let len = part.stored.len() as u32;
        let part = part.saying(|claims| claims.stored_size = len);
        assert!(read(&zip(&[part]), "a").is_err());
    }
}

// Headers. What a header's text may be is for the module `headers`.

#[test]
fn headers_longer_than_their_member_are_refused() {
    let mut bytes = npy(&[1, 2, 3]);
    bytes[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
    let limits = Limits::default().header_chars(usize::MAX);
    let archive = Archive::from_source(Bytes(zip(&[Part::stored("a.npy", &bytes)])), limits);
    refused(archive.expect("open").member("a"), ErrorKind::Corrupt, "should end at byte 65545");
    let huge = b"\x93NUMPY\x02\0\xff\xff\xff\xff{}".to_vec();
    refused(Member::from_bytes(huge.clone()), ErrorKind::Limit, "characters");
    let archive = Archive::from_source(Bytes(zip(&[Part::deflated("a.npy", &huge)])), limits);
    refused(archive.expect("open").member("a"), ErrorKind::Corrupt, "should end at byte");
}

#[test]
fn headers_beyond_the_first_read_are_found() {
    let fields: Vec<String> = (0..200).map(|i| format!("('field{i}', '|u1')")).collect();
    let text =
        format!("{{'descr': [{}], 'fortran_order': False, 'shape': (1,)}}", fields.join(", "));
    let bytes = npy_with_header(&text, &[7; 200]);
    for part in [Part::stored("a.npy", &bytes), Part::deflated("a.npy", &bytes)] {
        let array = Archive::from_bytes(zip(&[part])).and_then(|a| a.read_array("a"));
        assert_eq!(array.expect("read").as_bytes(), [7; 200]);
    }
}

#[test]
fn what_is_no_array_says_so() {
    for bytes in [&b""[..], b"\x93", b"\x93NUMPX\x01\0", b"\x80\x04K\x01.", b"hello"] {
        let archive = Archive::from_bytes(zip(&[Part::stored("a.npy", bytes)])).expect("open");
        refused(archive.member("a"), ErrorKind::NotAnArray, "not those of an npy file");
        let mut out = Vec::new();
        archive.raw(&archive.entries()[0]).expect("raw").read_to_end(&mut out).expect("read");
        assert_eq!(out, bytes);
    }
}

#[test]
fn python_objects_are_refused_before_their_pickle_is_touched() {
    for descr in ["'|O'", "[('a', '|O')]", "[('a', [('b', '|O', (2,))])]"] {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (1,)}}");
        let bytes = npy_with_header(&text, b"\x80\x04K\x01.");
        let member = Member::from_bytes(bytes).expect("its header is valid");
        refused(member.read_array(), ErrorKind::PythonObjects, "pickle");
        refused(member.read::<Vec<u64>>(), ErrorKind::PythonObjects, "pickle");
        refused(member.slice(..), ErrorKind::PythonObjects, "pickle");
        refused(member.map(), ErrorKind::PythonObjects, "pickle");
        assert_eq!(member.read_data().expect("bytes"), b"\x80\x04K\x01.");
    }
}

// The end of the archive.

#[test]
fn comments_and_trailing_bytes_are_let_pass() {
    for comment in [&b"x"[..], &[b'P'; 65535], b"PK\x05", b"PK\x01\x02PK\x03\x04"] {
        let bytes = zip_with_comment(&[a()], comment);
        assert_eq!(read(&bytes, "a").expect("read"), [1, 2, 3]);
    }
    for junk in [1, 1000, 65535] {
        let bytes = [zip(&[a()]), vec![0; junk]].concat();
        assert_eq!(read(&bytes, "a").expect("as in zipfile"), [1, 2, 3]);
    }
    let bytes = [zip(&[a()]), vec![0; 65536]].concat();
    refused(read(&bytes, "a"), ErrorKind::Format, "there is no end record");
}

#[test]
fn two_archives_in_a_row_are_the_last() {
    let bytes = [zip(&[a()]), zip(&[b()])].concat();
    let archive = Archive::from_bytes(bytes).expect("open");
    assert_eq!(archive.names().collect::<Vec<_>>(), ["b"]);
    assert_eq!(archive.read::<Vec<u8>>("b").expect("read"), [4, 5, 6]);
}

/// An archive whose comment holds the directory and end record of another.
#[test]
fn archives_in_a_comment_are_refused() {
    for trailing in [&b""[..], b"junk"] {
        let comment = [zip(&[b()]).as_slice(), trailing].concat();
        let bytes = zip_with_comment(&[a()], &comment);
        refused(Archive::from_bytes(bytes), ErrorKind::Format, "two end records");
    }
}

/// `zipfile` sees an archive without members here: it takes the last record and does not count.
#[test]
fn end_records_in_a_comment_are_refused_though_they_do_not_add_up() {
    for (count, trailing) in [(0, &b""[..]), (0, b"x"), (5, b""), (5, b"x")] {
        let comment = [end_record(count, 0, 0, b"").as_slice(), trailing].concat();
        let bytes = zip_with_comment(&[a()], &comment);
        assert!(Archive::from_bytes(bytes).is_err(), "{count} entries, then {trailing:?}");
    }
}

#[test]
fn end_records_in_trailing_bytes_are_refused() {
    let fake = end_record(5, 0, 0, b"comment cut short");
    let bytes = [zip(&[a()]), fake[..30].to_vec()].concat();
    assert!(Archive::from_bytes(bytes).is_err());
}

#[test]
fn signatures_in_a_member_or_in_the_end_record_are_harmless() {
    let part = Part::stored("a.npy", &npy(b"PK\x05\x06"));
    assert_eq!(read(&zip(&[part]), "a").expect("read"), b"PK\x05\x06");
    // A directory at the offset that is the signature, as a number.
    let signature = 0x0605_4b50;
    let (members, directory) = members_and_directory(&[a()]);
    let source = Sparse {
        len: u64::from(signature) + directory.len() as u64 + 22,
        pieces: vec![
            (0, members),
            (u64::from(signature), directory.clone()),
            (
                u64::from(signature) + directory.len() as u64,
                end_record(1, directory.len() as u32, signature, b""),
            ),
        ],
    };
    let archive = Archive::from_source(source, Limits::default()).expect("open");
    assert_eq!(archive.read::<Vec<u8>>("a").expect("read"), [1, 2, 3]);
}

#[test]
fn bytes_before_the_archive_move_it() {
    let bytes = [b"#!/bin/sh\n".repeat(1000), zip(&[a(), b()])].concat();
    assert_eq!(read(&bytes, "b").expect("read"), [4, 5, 6]);
    let (members, directory) = members_and_directory(&[a()]);
    let (len, offset) = (directory.len() as u64, members.len() as u64);
    let end = [
        zip64_end_record(1, len, offset, offset + len),
        end_record(u16::MAX, u32::MAX, u32::MAX, b""),
    ];
    let bytes = [vec![0; 777], members, directory, end.concat()].concat();
    assert_eq!(read(&bytes, "a").expect("read"), [1, 2, 3]);
}

#[test]
fn end_records_that_do_not_add_up_are_refused() {
    let (members, directory) = members_and_directory(&[a(), b()]);
    let (len, offset) = (directory.len() as u32, members.len() as u32);
    for (entries, len, offset) in [
        (1, len, offset),
        (3, len, offset),
        (0, len, offset),
        (u16::MAX, len, offset),
        (2, len - 1, offset),
        (2, len + 1, offset),
        (2, 0, offset),
        (2, u32::MAX, offset),
        (2, len, offset + 1),
        (2, len, u32::MAX),
    ] {
        let end = end_record(entries, len, offset, b"");
        let bytes = [members.clone(), directory.clone(), end].concat();
        assert!(Archive::from_bytes(bytes).is_err(), "{entries} {len} {offset}");
    }
    let mut end = end_record(2, len, offset, b"");
    end[4] = 1;
    let bytes = [members, directory, end].concat();
    refused(Archive::from_bytes(bytes), ErrorKind::Unsupported, "several disks");
}

// ZIP64.

/// An archive of `a` with that ZIP64 end record and that short one.
fn zip64(long: impl Fn(u64, u64) -> Vec<u8>, short: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    let (members, directory) = members_and_directory(&[a()]);
    let (len, offset) = (directory.len() as u32, members.len() as u32);
    let end = [long(len.into(), offset.into()), short(len, offset)];
    [members, directory, end.concat()].concat()
}

#[test]
fn zip64_end_records_are_read_if_they_agree() {
    let long = |len, offset| zip64_end_record(1, len, offset, offset + len);
    for sentinels in 0..8 {
        let bytes = zip64(long, |len, offset| {
            let or = |bit, sentinel, value| if sentinels & bit != 0 { sentinel } else { value };
            let entries = or(1, u32::from(u16::MAX), 1) as u16;
            end_record(entries, or(2, u32::MAX, len), or(4, u32::MAX, offset), b"")
        });
        assert_eq!(read(&bytes, "a").expect("read"), [1, 2, 3]);
    }
}

#[test]
fn zip64_end_records_that_disagree_are_refused() {
    let sentinels = |_, _| end_record(u16::MAX, u32::MAX, u32::MAX, b"");
    let longs: [&dyn Fn(u64, u64) -> Vec<u8>; 9] = [
        &|len, offset| zip64_end_record(2, len, offset, offset + len),
        &|len, offset| zip64_end_record(0, len, offset, offset + len),
        &|len, offset| zip64_end_record(u64::MAX, len, offset, offset + len),
        &|len, offset| zip64_end_record(1, len - 1, offset, offset + len),
        &|len, offset| zip64_end_record(1, u64::MAX, offset, offset + len),
        &|len, offset| zip64_end_record(1, len, u64::MAX, offset + len),
        &|len, offset| zip64_end_record(1, len, offset + 1, offset + len + 1),
        &|len, offset| zip64_end_record(1, len, offset, offset + len - 1),
        &|len, offset| zip64_end_record(1, len, offset, u64::MAX),
    ];
    for (number, long) in longs.iter().enumerate() {
        assert!(Archive::from_bytes(zip64(long, sentinels)).is_err(), "the ZIP64 record {number}");
    }
    let long = |len, offset| zip64_end_record(1, len, offset, offset + len);
    let shorts: [&dyn Fn(u32, u32) -> Vec<u8>; 3] = [
        &|len, offset| end_record(2, len, offset, b""),
        &|len, offset| end_record(1, len + 1, offset, b""),
        &|len, offset| end_record(1, len, offset + 1, b""),
    ];
    for short in shorts {
        refused(Archive::from_bytes(zip64(long, short)), ErrorKind::Format, "disagree");
    }
    let mut several = long(51, 161);
    several[72] = 2;
    assert!(Archive::from_bytes(zip64(|_, _| several.clone(), sentinels)).is_err());
}

#[test]
fn locators_without_a_record_are_refused() {
    let long = |len, offset| {
        let mut bytes = zip64_end_record(1, len, offset, offset + len);
        bytes[0] = b'Q';
        bytes
    };
    let bytes = zip64(long, |len, offset| end_record(1, len, offset, b""));
    refused(Archive::from_bytes(bytes), ErrorKind::Format, "no ZIP64 end record");
}

#[test]
fn zip64_extra_fields_give_what_headers_leave_out() {
    let size = a().central.size.into();
    for (sizes, offset, numbers) in
        [(true, false, vec![size, size]), (false, true, vec![0]), (true, true, vec![size, size, 0])]
    {
        let mut part = a();
        if sizes {
            part = part.saying(|claims| (claims.size, claims.stored_size) = (u32::MAX, u32::MAX));
        }
        part.offset = offset.then_some(u32::MAX);
        part.central.extra = [extra(0xcafe, b"x"), zip64_extra(&numbers)].concat();
        assert_eq!(read(&zip(&[part]), "a").expect("read"), [1, 2, 3]);
    }
}

#[test]
fn zip64_extra_fields_that_are_missing_short_or_double_are_refused() {
    let size = u64::from(a().central.size);
    let whole = zip64_extra(&[size, size]);
    for bytes in [
        Vec::new(),
        zip64_extra(&[]),
        zip64_extra(&[size]),
        whole[..whole.len() - 1].to_vec(),
        [whole.clone(), whole.clone()].concat(),
        [whole.clone(), zip64_extra(&[size, size + 1])].concat(),
        zip64_extra(&[u64::MAX, u64::MAX]),
        zip64_extra(&[size + 1, size + 1]),
    ] {
        let mut part = a().saying(|claims| {
            (claims.size, claims.stored_size) = (u32::MAX, u32::MAX);
        });
        part.central.extra = bytes.clone();
        assert!(Archive::from_bytes(zip(&[part])).is_err(), "{bytes:?}");
    }
    let mut part = a();
    part.offset = Some(u32::MAX);
    part.central.extra = zip64_extra(&[u64::MAX]);
    assert!(Archive::from_bytes(zip(&[part])).is_err());
}

#[test]
fn zip64_extra_fields_nobody_asked_for_change_nothing() {
    let mut part = a();
    part.central.extra = zip64_extra(&[5, 5, 5]);
    part.local.extra = zip64_extra(&[9, 9]);
    assert_eq!(read(&zip(&[part]), "a").expect("read"), [1, 2, 3]);
}

// Where local header and directory differ.

#[test]
fn local_headers_of_another_name_or_method_are_refused() {
    let mut part = a();
    part.local.name = b"c.npy".to_vec();
    refused(read(&zip(&[part.clone()]), "a"), ErrorKind::Format, "names");
    part.local.name = b"long.npy".to_vec();
    refused(read(&zip(&[part]), "a"), ErrorKind::Format, "names");
    let mut part = Part::deflated("a.npy", &npy(&[1, 2, 3]));
    part.local.method = 0;
    let words = "the central directory says deflated, the local header stored";
    refused(read(&zip(&[part]), "a"), ErrorKind::Format, words);
    let mut part = Part::stored("é.npy", &npy(&[1])).saying(|claims| claims.flags = 1 << 11);
    part.local.flags = 0;
    refused(read(&zip(&[part]), "é"), ErrorKind::Format, "encoded");
    let mut part = a();
    part.offset = Some(1);
    part.behind = vec![0; 9];
    refused(read(&zip(&[part, b()]), "a"), ErrorKind::Format, "no local header");
}

#[test]
fn sizes_and_crc_are_those_of_the_directory() {
    let mut part = a();
    (part.local.crc, part.local.size, part.local.stored_size) = (1, 2, u32::MAX);
    assert_eq!(read(&zip(&[part]), "a").expect("read"), [1, 2, 3]);
    let mut part = a();
    part.central.crc ^= 1;
    refused(read(&zip(&[part]), "a"), ErrorKind::Corrupt, "bad CRC-32");
}

#[test]
fn descriptors_with_and_without_signature_are_passed_over() {
    let signature: &[u8] = b"PK\x07\x08";
    for (signature, wide) in [(signature, 4), (signature, 8), (b"", 4), (b"", 8)] {
        for mut part in [a(), Part::deflated("a.npy", &npy(&[1, 2, 3]))] {
            part = part.saying(|claims| claims.flags = 1 << 3);
            part.behind = signature.to_vec();
            part.behind.extend(part.central.crc.to_le_bytes());
            for size in [part.central.stored_size, part.central.size] {
                part.behind.extend(&u64::from(size).to_le_bytes()[..wide]);
            }
            (part.local.crc, part.local.size, part.local.stored_size) = (0, 0, 0);
            let bytes = zip(&[part, b()]);
            assert_eq!(read(&bytes, "a").expect("read"), [1, 2, 3]);
            assert_eq!(read(&bytes, "b").expect("read"), [4, 5, 6]);
        }
    }
}

// Names.

#[test]
fn of_members_with_one_name_the_last_counts() {
    let archive = Archive::from_bytes(zip(&[
        a(),
        Part::stored("a.npy", &npy(&[4])),
        Part::stored("b", &npy(&[5])),
        Part::stored("b.npy", &npy(&[6])),
    ]))
    .expect("open");
    assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "a", "b", "b"]);
    for (name, values) in [("a", [4]), ("a.npy", [4]), ("b", [5]), ("b.npy", [6])] {
        assert_eq!(archive.read::<Vec<u8>>(name).expect(name), values, "{name}");
    }
}

#[test]
fn the_exact_member_comes_before_the_one_with_a_suffix() {
    let archive = Archive::from_bytes(zip(&[
        Part::stored("a.npy", &npy(&[1])),
        Part::stored("a.npy.npy", &npy(&[2])),
    ]))
    .expect("open");
    assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "a.npy"]);
    for (name, values) in [("a", [1]), ("a.npy", [1]), ("a.npy.npy", [2])] {
        assert_eq!(archive.read::<Vec<u8>>(name).expect(name), values, "{name}");
    }
    refused(archive.read_array("A"), ErrorKind::NotFound, "there are: a, a.npy");
    refused(archive.read_array("a.npy.npy.npy"), ErrorKind::NotFound, "no array");
}

#[test]
fn a_name_means_the_same_whatever_was_asked_for_before() {
    let spellings = ["a", "a.npy", "a.npy.npy", "b", "b.npy", "c", "c.npy", "d.npy"];
    let listings: [&[&str]; 3] = [
        &["a.npy", "a.npy.npy", "b.npy", "c.npy"],
        &["a.npy", "a.npy", "b", "b.npy", "c.npy", "c"],
        &["c.npy", "b.npy", "b.npy.npy", "a.npy"],
    ];
    for members in listings {
        let parts: Vec<_> = members.iter().map(|name| Part::stored(name, &npy(&[1]))).collect();
        let archive = Archive::from_bytes(zip(&parts)).expect("open");
        for first in spellings {
            for second in spellings {
                let expected = [first, second].map(|name| {
                    let exact = members.iter().rposition(|member| *member == name);
                    let suffixed =
                        || members.iter().rposition(|m| m.strip_suffix(".npy") == Some(name));
                    exact.or_else(suffixed)
                });
                let found = [first, second].map(|name| archive.position(name));
                assert_eq!(found, expected, "{first}, then {second}, in {members:?}");
            }
        }
    }
}

#[test]
fn names_are_cp437_unless_they_say_utf8() {
    let part = Part::stored("é.npy", &npy(&[1]));
    assert_eq!(read(&zip(from_ref(&part)), "├⌐").expect("as in zipfile"), [1]);
    let utf8 = part.saying(|claims| claims.flags = 1 << 11);
    assert_eq!(read(&zip(from_ref(&utf8)), "é").expect("read"), [1]);
    let broken = utf8.saying(|claims| claims.name = b"\xff.npy".to_vec());
    refused(Archive::from_bytes(zip(&[broken])), ErrorKind::Format, "not the UTF-8");
}

#[test]
fn names_with_a_nul_are_refused() {
    let part = Part::stored("a\0.txt", &npy(&[1]));
    refused(Archive::from_bytes(zip(&[part])), ErrorKind::Format, "NUL");
}

#[test]
fn odd_names_are_names() {
    for (member, name) in [
        ("", ""),
        (".npy", ""),
        ("/", "/"),
        ("../../up.npy", "../../up"),
        ("/abs.npy", "/abs"),
        ("C:\\x.npy", "C:\\x"),
        (" .npy", " "),
    ] {
        let archive = Archive::from_bytes(zip(&[Part::stored(member, &npy(&[1]))])).expect("open");
        assert_eq!(archive.names().collect::<Vec<_>>(), [name]);
        assert_eq!(archive.read::<Vec<u8>>(name).expect(member), [1]);
        assert!(archive.contains(member));
    }
    let long = "x".repeat(65535);
    let bytes = zip(&[Part::stored(&long, &npy(&[1]))]);
    assert_eq!(read(&bytes, &long).expect("read"), [1]);
}

// What zip can and we cannot.

#[test]
fn encrypted_members_say_so() {
    for (flags, words) in [(1, "encrypted"), (0x41, "encrypted"), (0x20, "patch data")] {
        let part = a().saying(|claims| claims.flags = flags);
        refused(read(&zip(&[part]), "a"), ErrorKind::Unsupported, words);
    }
    let mut part = a();
    part.local.flags = 1;
    refused(read(&zip(&[part]), "a"), ErrorKind::Unsupported, "encrypted");
}

#[test]
fn unknown_methods_say_so() {
    for method in [1, 6, 9, 97, 98, 99, 65535] {
        let part = a().saying(|claims| claims.method = method);
        let words = format!("compressed with method {method}");
        refused(read(&zip(&[part]), "a"), ErrorKind::Unsupported, &words);
    }
}

fn arange(bytes: &[u8]) -> Result<(), Error> {
    let values: Vec<i32> = Archive::from_bytes(bytes)?.read("a")?;
    assert_eq!(values, (0..300).collect::<Vec<_>>());
    Ok(())
}

/// Each of these, with one byte changed or cut off after it was, is an error or the same array.
#[cfg(any(feature = "bzip2", feature = "xz", feature = "zstd"))]
fn survives_damage(bytes: &[u8]) {
    arange(bytes).expect("whole");
    for place in 40..bytes.len() - 80 {
        let mut damaged = bytes.to_vec();
        damaged[place] ^= 0x10;
        _ = arange(&damaged);
    }
}

#[test]
fn bzip2_members_are_read_if_built_so() {
    let bytes = include_bytes!("../data/bzip2.npz");
    #[cfg(feature = "bzip2")]
    survives_damage(bytes);
    #[cfg(not(feature = "bzip2"))]
    refused(arange(bytes), ErrorKind::Unsupported, "with the feature \"bzip2\"");
}

#[test]
fn zstd_members_are_read_if_built_so() {
    let bytes = include_bytes!("../data/zstd.npz");
    #[cfg(feature = "zstd")]
    survives_damage(bytes);
    #[cfg(not(feature = "zstd"))]
    refused(arange(bytes), ErrorKind::Unsupported, "with the feature \"zstd\"");
}

#[test]
fn lzma_and_xz_members_are_read_if_built_so() {
    let files: [&[u8]; 3] = [
        include_bytes!("../data/lzma.npz"),
        include_bytes!("../data/lzma_no_end_marker.npz"),
        include_bytes!("../data/xz.npz"),
    ];
    for bytes in files {
        #[cfg(feature = "xz")]
        survives_damage(bytes);
        #[cfg(not(feature = "xz"))]
        refused(arange(bytes), ErrorKind::Unsupported, "with the feature \"xz\"");
    }
}

/// A stream may ask for a dictionary of 4 GiB; no honest one of a few bytes does.
#[cfg(feature = "xz")]
#[test]
fn huge_dictionaries_are_refused() {
    let mut lzma = include_bytes!("../data/lzma.npz").to_vec();
    lzma[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    refused(arange(&lzma), ErrorKind::Limit, "dictionary of 4294967295 bytes");
    let mut xz = include_bytes!("../data/xz.npz").to_vec();
    // The header of the first block: flags, filter id, size and properties, then padding and CRC.
    let block = 35 + 12;
    assert_eq!(xz[block..block + 4], [2, 0, 0x21, 1]);
    xz[block + 4] = 40;
    let crc = crc32fast::hash(&xz[block..block + 8]);
    xz[block + 8..block + 12].copy_from_slice(&crc.to_le_bytes());
    assert!(arange(&xz).expect_err("a dictionary of 4 GiB").to_string().contains("mem_limit"));
}

// Many members.

#[test]
fn seventy_thousand_members() {
    let mut bytes = Vec::new();
    let mut writer = WriteOptions::new().stream(&mut bytes);
    for i in 0..70_000u32 {
        writer.add(&i.to_string(), &i).expect("add");
    }
    writer.finish().expect("finish");
    let archive = Archive::from_bytes(bytes).expect("open");
    assert_eq!(archive.len(), 70_000);
    for i in (0..70_000u32).step_by(997) {
        assert_eq!(archive.read::<u32>(&i.to_string()).expect("read"), i);
    }
}

// Sources that fail.

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// Pieces in a sea of zeros.
struct Sparse {
    len: u64,
    pieces: Vec<(u64, Vec<u8>)>,
}

impl ReadAt for Sparse {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = buffer.len().min((self.len - offset) as usize);
        for (i, byte) in buffer[..len].iter_mut().enumerate() {
            let at = offset + i as u64;
            let piece = self.pieces.iter().find_map(|(start, bytes)| {
                at.checked_sub(*start).and_then(|place| bytes.get(place as usize))
            });
            *byte = piece.copied().unwrap_or(0);
        }
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }
}

/// Hands out a byte or two at a time, and is interrupted in between.
struct Halting(Bytes, AtomicUsize);

impl ReadAt for Halting {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let turn = self.1.fetch_add(1, Ordering::Relaxed);
        if turn.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(turn % 3);
        self.0.read_at(&mut buffer[..len], offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

/// Fails from the given call on.
struct Failing(Bytes, AtomicUsize);

impl ReadAt for Failing {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err()
        {
            return Err(io::Error::other("the disk is on fire"));
        }
        self.0.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

/// Archives of an array of 300 numbers in every method of this build.
fn arange_archives() -> Vec<Vec<u8>> {
    let values: Vec<i32> = (0..300).collect();
    let mut archives = Vec::new();
    for compression in [Compression::None, Compression::DEFLATE] {
        let mut bytes = Vec::new();
        let mut writer = WriteOptions::new().compression(compression).stream(&mut bytes);
        writer.add("a", &values).expect("add");
        writer.finish().expect("finish");
        archives.push(bytes);
    }
    #[cfg(feature = "bzip2")]
    archives.push(include_bytes!("../data/bzip2.npz").to_vec());
    #[cfg(feature = "zstd")]
    archives.push(include_bytes!("../data/zstd.npz").to_vec());
    #[cfg(feature = "xz")]
    archives.extend([
        include_bytes!("../data/lzma.npz").to_vec(),
        include_bytes!("../data/xz.npz").to_vec(),
    ]);
    archives
}

#[test]
fn short_and_interrupted_reads_are_tried_again() {
    for bytes in arange_archives() {
        let source = Halting(Bytes(bytes), AtomicUsize::new(0));
        let archive = Archive::from_source(source, Limits::default()).expect("open");
        let values: Vec<i32> = archive.read("a").expect("read");
        assert_eq!(values, (0..300).collect::<Vec<_>>());
        let slice = archive.member("a").and_then(|member| member.slice(7..9)).expect("slice");
        assert_eq!(slice.to_vec::<i32>().expect("numbers"), [7, 8]);
    }
}

#[test]
fn failing_sources_are_at_fault_whatever_the_method() {
    for bytes in arange_archives() {
        let mut failures = 0;
        for calls in 0.. {
            let source = Failing(Bytes(bytes.clone()), AtomicUsize::new(calls));
            let read = Archive::from_source(source, Limits::default())
                .and_then(|archive| archive.read::<Vec<i32>>("a"));
            match read {
                Ok(_) => break,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
                    assert!(error.to_string().contains("on fire"), "{error}");
                    failures += 1;
                }
            }
        }
        // At least one in the directory and one in the array.
        assert!(failures >= 2);
    }
}

/// Says that it read more than there was room for, or that it is larger than it is.
struct Liar(Bytes, u64);

impl ReadAt for Liar {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset).map(|read| read + self.1 as usize)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.size()? + 1 - self.1)
    }
}

#[test]
fn sources_that_lie_are_refused() {
    for bytes in arange_archives() {
        for lie in [0, 1] {
            let source = Liar(Bytes(bytes.clone()), lie);
            let archive = Archive::from_source(source, Limits::default());
            assert!(archive.and_then(|archive| archive.read_array("a")).is_err());
        }
    }
}

#[test]
fn entries_of_another_archive_do_no_harm() {
    let large = Archive::from_bytes(zip(&[Part::stored("x", &[0; 9999]), a()])).expect("open");
    let small = Archive::from_bytes(zip(&[a()])).expect("open");
    assert!(small.member_of(&large.entries()[1]).is_err());
    assert!(small.raw(&large.entries()[0]).is_err());
}

#[test]
fn files_cut_short_after_they_were_opened_are_errors() {
    let dir = std::env::temp_dir().join(format!("savez-cut-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    let path = dir.join("a.npz");
    std::fs::write(&path, zip(&[a(), b()])).expect("write");
    let archive = Archive::open(&path).expect("open");
    let member = archive.member("b").expect("its header");
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(170))
        .expect("cut");
    refused(member.read_array(), ErrorKind::Corrupt, "b.npy");
    refused(member.slice(..), ErrorKind::Corrupt, "the file ends here");
    refused(member.map(), ErrorKind::Corrupt, "shorter");
    refused(archive.map().map(|_| ()), ErrorKind::Corrupt, "changed");
    std::fs::remove_dir_all(&dir).expect("clean up");
}
