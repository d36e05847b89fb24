//! Deflated members in segments: the same arrays in every way of reading, little read for a part, and an
//! index that lies never believed.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use savez::{
    Archive, ArrayView, Compression, DType, ErrorKind, Limits, Order, ReadAt, Selection, Style,
    WriteOptions,
};

const FIELD: [u8; 2] = 0x7a73_u16.to_le_bytes();

/// Bytes that compress somewhat, no two stretches the same.
fn bytes(len: usize) -> Vec<u8> {
    let mut state = 7u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 60) as u8
    };
    (0..len).map(|at| if at % 4 == 3 { (at >> 14) as u8 } else { next() }).collect()
}

fn deflated(options: WriteOptions, dtype: &DType, shape: &[usize], order: Order) -> Vec<u8> {
    let data = bytes(shape.iter().product::<usize>() * dtype.itemsize());
    let array = ArrayView::new(dtype.clone(), shape, order, &data).expect("an array");
    let mut file = io::Cursor::new(Vec::new());
    let options = options.compression(Compression::DEFLATE);
    let mut writer = options.seekable(&mut file).expect("seekable");
    writer.add("x", &array).expect("add").add("y", &[1, 2, 3]).expect("add");
    writer.finish().expect("finish");
    file.into_inner()
}

/// Where the central directory starts, that of a few members.
fn directory_of(file: &[u8]) -> usize {
    let end = &file[file.len() - 22..];
    u32::from_le_bytes([end[16], end[17], end[18], end[19]]) as usize
}

fn has_index(file: &[u8]) -> bool {
    file[directory_of(file)..].windows(2).any(|window| window == FIELD)
}

#[test]
fn every_way_of_reading_gives_the_same_bytes() {
    for (descr, shape) in [
        ("<f4", &[300, 1000][..]),
        ("<f4", &[3, 700_000]),
        ("<f8", &[200_000]),
        ("|u1", &[1_500_000, 1]),
        ("|S3", &[7, 11, 9000]),
        ("[('a', '<i4'), ('b', '|V9')]", &[100_000]),
        ("<f8", &[]),
        ("|u1", &[700_000]),
        ("<u2", &[262_145]),
        ("<u2", &[262_144]),
        ("|u1", &[2, 300_000]),
    ] {
        let dtype: DType = descr.parse().expect("a dtype");
        let data = bytes(shape.iter().product::<usize>() * dtype.itemsize());
        for order in [Order::C, Order::Fortran] {
            let file = deflated(WriteOptions::new(), &dtype, shape, order);
            for threads in [1, 2, 5] {
                let other = deflated(WriteOptions::new().threads(threads), &dtype, shape, order);
                assert!(other == file, "{threads} threads wrote other bytes");
            }
            assert_eq!(has_index(&file), data.len() > 512 << 10, "{descr} {shape:?}");
            let archive = Archive::from_bytes(file).expect("open");
            let member = archive.member("x").expect("member");
            assert!(member.read_array().expect("read").as_bytes() == data);
            member.verify().expect("verify");
            archive.verify().expect("verify");
            let mut raw = Vec::new();
            let entry = archive.entry("x").expect("entry");
            archive.raw(entry).expect("raw").read_to_end(&mut raw).expect("read");
            assert!(raw.ends_with(&data));
            let all = archive.read_all().expect("read all");
            assert!(all[0].1.as_bytes() == data && all[1].1.as_bytes().len() == 12);
        }
    }
}

#[test]
fn slabs_of_arrays_that_are_not_contiguous_are_as_long_as_the_index_says() {
    let data = bytes(7 * 1300 * 300);
    for descr in ["<f4", "|S7", "|V700000"] {
        let dtype: DType = descr.parse().expect("a dtype");
        let count = data.len() / dtype.itemsize() / 2 * 2;
        let data = &data[..count * dtype.itemsize()];
        let array = ArrayView::new(dtype, &[count / 2, 2], Order::C, data).expect("an array");
        let every_other =
            array.select(&"::-1, ::-1".parse().expect("a selection")).expect("select");
        let mut file = io::Cursor::new(Vec::new());
        let options = WriteOptions::new().compression(Compression::DEFLATE);
        let mut writer = options.seekable(&mut file).expect("seekable");
        writer.add("x", &every_other).expect("add");
        writer.finish().expect("finish");
        let archive = Archive::from_bytes(file.into_inner()).expect("open");
        let member = archive.member("x").expect("member");
        assert!(member.is_random_access(), "{descr}");
        let read = member.slice("::-1, ::-1".parse::<Selection>().expect("a selection"));
        assert!(read.expect("slice").as_bytes() == data, "{descr}");
    }
}

#[test]
fn segments_of_another_writer_are_read_one_by_one() {
    let file = include_bytes!("../data/segments.npz").to_vec();
    assert!(file.len() < 8192, "a seed for the fuzzer");
    let read = Arc::new(AtomicU64::new(0));
    let source = Counted(file, Arc::clone(&read));
    let archive = Archive::from_source(source, Limits::default()).expect("open");
    assert_eq!(archive.read::<Vec<i32>>("a").err().map(|e| e.kind()), Some(ErrorKind::Mismatch));
    let numbers: Vec<i32> = (0..600).collect();
    let member = archive.member("a").expect("a");
    assert_eq!(member.read_array().expect("read").as_slice::<i32>().expect("numbers"), numbers);
    read.store(0, Ordering::Relaxed);
    let rows = member.slice(20..30).expect("slice");
    assert_eq!(rows.as_slice::<i32>().expect("numbers"), &numbers[400..]);
    assert!(read.load(Ordering::Relaxed) < 500, "more was read than one segment");
    let eighths: Vec<f64> = (0..100).map(|i| f64::from(i) / 8.0).collect();
    assert_eq!(archive.read::<Vec<f64>>("b").expect("b"), eighths);
    let bytes: Vec<u8> = (0..969).map(|i| (i * 7 % 256) as u8).collect();
    assert_eq!(archive.read_array("c").expect("c").as_bytes(), bytes);
}

#[test]
fn segments_that_cut_numbers_of_the_other_byte_order_are_read_right() {
    let file = include_bytes!("../data/segments_swapped.npz").to_vec();
    let archive = Archive::from_bytes(file).expect("open");
    let numbers: Vec<i32> = (0..600).collect();
    for name in ["whole", "cut"] {
        assert!(archive.member(name).expect("a member").is_random_access(), "an index");
        assert_eq!(archive.read::<Vec<i32>>(name).expect("read"), numbers, "{name}");
    }
}

#[test]
fn archives_as_numpy_writes_them_have_no_index() {
    let dtype: DType = "<f4".parse().expect("a dtype");
    let options = WriteOptions::new().style(Style::Numpy);
    let file = deflated(options, &dtype, &[1000, 1000], Order::C);
    assert!(!has_index(&file));
    Archive::from_bytes(file).expect("open").member("x").expect("member").verify().expect("verify");
}

/// Counts the bytes that are read.
struct Counted(Vec<u8>, Arc<AtomicU64>);

impl ReadAt for Counted {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = &self.0[(offset as usize).min(self.0.len())..];
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.1.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

#[test]
fn a_hundredth_of_the_rows_takes_little_of_the_file() {
    let dtype: DType = "<f4".parse().expect("a dtype");
    let (rows, row) = (16_384, 1024);
    let file = deflated(WriteOptions::new(), &dtype, &[rows, row], Order::C);
    let size = file.len() as u64;
    let data = bytes(rows * row * 4);
    let read = Arc::new(AtomicU64::new(0));
    let source = Counted(file, Arc::clone(&read));
    let archive = Archive::from_source(source, Limits::default()).expect("open");
    let member = archive.member("x").expect("member");
    assert!(member.is_random_access());
    for start in [0, 5000, 10_001, rows - 164] {
        read.store(0, Ordering::Relaxed);
        let part = member.slice(start..start + 164).expect("slice");
        assert!(part.as_bytes() == &data[start * row * 4..(start + 164) * row * 4]);
        let read = read.load(Ordering::Relaxed);
        assert!(read * 100 <= size * 3, "{read} bytes of {size} for rows from {start}");
    }
    // Row by row, each slab is decoded once.
    read.store(0, Ordering::Relaxed);
    for number in 200..600 {
        let part = member.slice(number..number + 1).expect("slice");
        assert!(part.as_bytes() == &data[number * row * 4..(number + 1) * row * 4]);
    }
    assert!(read.load(Ordering::Relaxed) * 100 <= size * 4);
    let column = member.slice("100:300, 17".parse::<Selection>().expect("a selection"));
    let wanted: Vec<u8> =
        (100..300).flat_map(|y| data[(y * row + 17) * 4..][..4].to_vec()).collect();
    assert!(column.expect("slice").as_bytes() == wanted);
}

/// Where the index stands in an archive, and how long it is.
fn index_of(file: &[u8]) -> (usize, usize) {
    let directory = directory_of(file);
    let found = file[directory..].windows(2).position(|window| window == FIELD);
    let at = directory + found.expect("an index");
    (at + 4, usize::from(u16::from_le_bytes([file[at + 2], file[at + 3]])))
}

/// Reads all and parts: the right bytes, or errors.
fn read_with_care(file: Vec<u8>, data: &[u8]) -> bool {
    let Ok(archive) = Archive::from_bytes(file) else { return false };
    let Ok(member) = archive.member("x") else { return false };
    for rows in [0..10, 200..300, 299..300] {
        if let Ok(part) = member.slice(rows.clone()) {
            assert!(part.as_bytes() == &data[rows.start * 4000..rows.end * 4000], "wrong bytes");
        }
    }
    let (mut read, mut told) = (vec![0; data.len()], 0);
    let result = member.read_into(&mut read, |more| {
        told += more;
        Ok(())
    });
    if result.is_ok() {
        assert!(read == data, "wrong bytes");
        assert_eq!(told, data.len() as u64, "told of some bytes twice");
    }
    let mut told = 0;
    let damage = archive.find_damage(|more| {
        told += more;
        Ok(())
    });
    assert_eq!(told, archive.entries().iter().map(|entry| entry.size()).sum::<u64>());
    let damage = damage.expect("all bytes are there");
    assert_eq!(damage.is_empty(), result.is_ok(), "{damage:?}");
    assert_eq!(member.verify().is_ok(), result.is_ok());
    result.is_ok()
}

#[test]
fn an_index_that_lies_is_not_believed() {
    let dtype: DType = "<f4".parse().expect("a dtype");
    let file = deflated(WriteOptions::new(), &dtype, &[300, 1000], Order::C);
    let data = bytes(1_200_000);
    assert!(read_with_care(file.clone(), &data));
    let (at, len) = index_of(&file);
    for byte in at..at + len {
        for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut wrong = file.clone();
            wrong[byte] ^= flip;
            // The stream is sound, so all can be read.
            assert!(read_with_care(wrong, &data), "byte {} of the index", byte - at);
        }
    }
    for number in 0..len {
        let mut wrong = file.clone();
        wrong[at + number..at + len].rotate_left(1);
        assert!(read_with_care(wrong, &data));
        let mut wrong = file.clone();
        wrong[at + number..at + len].fill(0xff);
        assert!(read_with_care(wrong, &data));
    }
}

#[test]
fn an_index_whose_checksums_fit_but_not_its_sizes_is_not_believed() {
    let dtype: DType = "<f4".parse().expect("a dtype");
    let file = deflated(WriteOptions::new(), &dtype, &[300, 1000], Order::C);
    let data = bytes(1_200_000);
    let (at, len) = index_of(&file);
    // Sizes of three bytes each follow version, head and slab; move a byte from one to the next.
    let slabs = 3;
    let first = at + len - slabs * 7;
    let size = |file: &[u8], number: usize| -> u32 {
        let b = &file[first + number * 7..];
        u32::from(b[0] & 0x7f) | u32::from(b[1] & 0x7f) << 7 | u32::from(b[2]) << 14
    };
    let put = |file: &mut [u8], number: usize, size: u32| {
        let b = &mut file[first + number * 7..];
        (b[0], b[1], b[2]) = (size as u8 | 0x80, (size >> 7) as u8 | 0x80, (size >> 14) as u8);
    };
    assert!(size(&file, 0) > 1 << 14, "sizes of three bytes");
    for (shift, number) in [(1, 0), (2, 0), (100, 0), (10_000, 0), (1, 1), (100, 1)] {
        let mut wrong = file.clone();
        let (a, b) = (size(&file, number), size(&file, number + 1));
        put(&mut wrong, number, a - shift);
        put(&mut wrong, number + 1, b + shift);
        assert!(read_with_care(wrong, &data), "shifted by {shift}");
    }
    // Two slabs told as if they were each other.
    let mut wrong = file.clone();
    let (a, b) = (wrong[first..first + 7].to_vec(), wrong[first + 7..first + 14].to_vec());
    wrong[first..first + 7].copy_from_slice(&b);
    wrong[first + 7..first + 14].copy_from_slice(&a);
    assert!(read_with_care(wrong, &data));
}

#[test]
fn a_flipped_bit_in_the_stream_is_an_error_or_means_nothing() {
    let dtype: DType = "<f4".parse().expect("a dtype");
    let file = deflated(WriteOptions::new(), &dtype, &[300, 1000], Order::C);
    let data = bytes(1_200_000);
    let flips = || (100..590_000).step_by(9973);
    let harmless = flips().filter(|&at| {
        let mut wrong = file.clone();
        wrong[at] ^= 1 << (at % 8);
        read_with_care(wrong, &data)
    });
    assert!(harmless.count() * 10 < flips().count());
}
