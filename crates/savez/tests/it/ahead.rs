//! Small arrays asked for one by one: the file is read in few pieces, and no byte of them goes unchecked.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use savez::{Archive, Array, Compression, ErrorKind, Limits, Order, ReadAt, WriteOptions};

/// How many arrays there are: one in seven is too large to be read ahead, and none is like its neighbour.
const COUNT: usize = 1500;

fn values(number: usize) -> Vec<u32> {
    let len = if number % 7 == 3 { 6000 + number } else { number % 40 };
    (0..len as u32).map(|value| value.wrapping_mul(number as u32 + 1)).collect()
}

fn name(number: usize) -> String {
    format!("array {number}")
}

fn archive() -> Vec<u8> {
    let mut file = io::Cursor::new(Vec::new());
    let mut stored = WriteOptions::new().seekable(&mut file).expect("a writer");
    for number in 0..COUNT {
        stored.add(&name(number), &values(number)).expect("add");
    }
    stored.finish().expect("finish");
    file.into_inner()
}

/// Bytes that others may change, which counts the calls and notes the most that one of them asked for.
#[derive(Clone, Default)]
struct Shared {
    bytes: Arc<Mutex<Vec<u8>>>,
    calls: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Shared {
    fn of(bytes: Vec<u8>) -> (Shared, Archive) {
        let shared = Shared { bytes: Arc::new(Mutex::new(bytes)), ..Shared::default() };
        let archive = Archive::from_source(shared.clone(), Limits::default()).expect("open");
        shared.calls.store(0, Ordering::Relaxed);
        shared.most.store(0, Ordering::Relaxed);
        (shared, archive)
    }

    fn change(&self, change: impl FnOnce(&mut Vec<u8>)) {
        change(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ReadAt for Shared {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.most.fetch_max(buffer.len(), Ordering::Relaxed);
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let there = bytes.get(offset as usize..).unwrap_or_default();
        let len = there.len().min(buffer.len());
        buffer[..len].copy_from_slice(&there[..len]);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }
}

fn small(count: usize) -> Vec<u8> {
    let mut file = io::Cursor::new(Vec::new());
    let mut writer = WriteOptions::new().seekable(&mut file).expect("a writer");
    for number in 0..count {
        writer.add(&name(number), &[number as u16; 40]).expect("add");
    }
    writer.finish().expect("finish");
    file.into_inner()
}

#[test]
fn arrays_are_the_same_in_whatever_order_they_are_asked_for() {
    let bytes = archive();
    let forwards = Vec::from_iter(0..COUNT);
    let backwards = Vec::from_iter((0..COUNT).rev());
    let striding = Vec::from_iter((0..COUNT).map(|number| number * 7 % COUNT));
    let each_twice = Vec::from_iter((0..COUNT).flat_map(|number| [number, number]));
    let back_a_little = Vec::from_iter((5..COUNT).flat_map(|number| [number, number - 5]));
    for order in [forwards, backwards, striding, each_twice, back_a_little] {
        let (_, archive) = Shared::of(bytes.clone());
        for number in order {
            let read: Vec<u32> = archive.read(&name(number)).expect("read");
            assert_eq!(read, values(number), "array {number}");
        }
    }
    let all = Archive::from_bytes(bytes).expect("open").read_all().expect("read");
    for (number, (found, array)) in all.iter().enumerate() {
        assert_eq!(*found, name(number));
        assert_eq!(array.to_vec::<u32>().expect("numbers"), values(number));
    }
    assert_eq!(all.len(), COUNT);
}

#[test]
fn small_arrays_in_the_order_of_the_file_take_few_calls_and_bounded_ones() {
    let bytes = small(10_000);
    let (shared, archive) = Shared::of(bytes.clone());
    for number in 0..10_000 {
        assert_eq!(archive.read::<Vec<u16>>(&name(number)).expect("read"), [number as u16; 40]);
    }
    let (calls, most) = (shared.calls.load(Ordering::Relaxed), shared.most.load(Ordering::Relaxed));
    assert!(calls < bytes.len() / (60 << 10) + 10, "{calls} calls");
    assert!(most <= 64 << 10, "{most} bytes at once");
}

#[test]
fn an_array_alone_is_read_alone() {
    let (shared, archive) = Shared::of(small(10_000));
    for number in (0..10_000).rev().step_by(100) {
        assert_eq!(archive.read::<Vec<u16>>(&name(number)).expect("read"), [number as u16; 40]);
    }
    assert!(shared.calls.load(Ordering::Relaxed) <= 100);
    assert!(shared.most.load(Ordering::Relaxed) < 400);
}

#[test]
fn an_array_that_is_asked_for_again_is_read_again() {
    let (shared, archive) = Shared::of(small(100));
    for number in 0..10 {
        archive.read::<Vec<u16>>(&name(number)).expect("read");
    }
    let data = archive.member(&name(5)).expect("member").data_offset().expect("stored") as usize;
    shared.change(|bytes| bytes[data] ^= 1);
    let error = archive.read::<Vec<u16>>(&name(5)).expect_err("damaged");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("array 5.npy"), "{error}");
    shared.change(|bytes| bytes[data] ^= 1);
    assert_eq!(archive.read::<Vec<u16>>(&name(5)).expect("mended"), [5; 40]);
}

/// What was read before a change is as good as what a read at that time gave: the array of the directory, or
/// an error; never anything else.
#[test]
fn what_changes_meanwhile_is_an_error_or_not_seen() {
    let count = 3000;
    let (shared, archive) = Shared::of(small(count));
    let mut errors = 0;
    for number in 0..count {
        if number % 10 == 9 {
            // Somewhere ahead, in headers and in data, and back.
            let place = archive.entries()[number].size() as usize * (number + 3 * (number % 50));
            shared.change(|bytes| {
                let end = bytes.len();
                bytes[place.min(end - 1)] ^= 0x55;
            });
        }
        match archive.read::<Vec<u16>>(&name(number)) {
            Ok(read) => assert_eq!(read, [number as u16; 40]),
            Err(_) => errors += 1,
        }
    }
    assert!(errors > 0, "some changes are seen");
}

#[test]
fn bytes_that_were_bad_when_they_were_read_ahead_are_read_once_more() {
    let (shared, archive) = Shared::of(small(1000));
    let data = archive.member(&name(20)).expect("member").data_offset().expect("stored") as usize;
    shared.change(|bytes| bytes[data] ^= 1);
    for number in 0..10 {
        archive.read::<Vec<u16>>(&name(number)).expect("read");
    }
    shared.change(|bytes| bytes[data] ^= 1);
    for number in 10..1000 {
        assert_eq!(archive.read::<Vec<u16>>(&name(number)).expect("read"), [number as u16; 40]);
    }
}

#[test]
fn a_file_cut_short_meanwhile_is_an_error_that_says_so() {
    let (shared, archive) = Shared::of(small(1000));
    archive.read::<Vec<u16>>(&name(0)).expect("read");
    let offset = archive.member(&name(500)).expect("member").data_offset().expect("stored");
    shared.change(|bytes| bytes.truncate(offset as usize + 10));
    let results: Vec<_> = (1..1000).map(|number| archive.read::<Vec<u16>>(&name(number))).collect();
    let bad = results.iter().position(Result::is_err).expect("an error");
    assert_eq!(bad + 1, 500);
    let error = results[bad].as_ref().expect_err("cut short");
    assert!(error.to_string().contains("the file ends here"), "{error}");
}

#[test]
fn every_flipped_bit_of_a_member_is_seen_from_the_stretch_too() {
    let bytes = small(3);
    let (_, archive) = Shared::of(bytes.clone());
    let start = archive.member(&name(1)).expect("member").data_offset().expect("stored") as usize;
    let name_at = bytes.windows(7).position(|window| window == b"array 1").expect("a name");
    for place in (name_at..name_at + 11).chain(start - 128..start + 80) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (place % 8);
        let (_, archive) = Shared::of(damaged);
        archive.read::<Vec<u16>>(&name(0)).expect("read");
        assert!(archive.read::<Vec<u16>>(&name(1)).is_err(), "byte {place}");
        assert_eq!(archive.read::<Vec<u16>>(&name(2)).expect("read"), [2; 40]);
    }
}

#[test]
fn threads_share_an_archive_each_in_its_own_order() {
    let archive = Archive::from_bytes(archive()).expect("open");
    thread::scope(|scope| {
        for first in 0..4 {
            let archive = &archive;
            scope.spawn(move || {
                for number in (0..COUNT).map(|number| (number + first * COUNT / 3) % COUNT) {
                    let read: Vec<u32> = archive.read(&name(number)).expect("read");
                    assert_eq!(read, values(number), "array {number}");
                }
            });
        }
    });
}

#[test]
fn small_members_that_are_deflated_are_left_to_others() {
    let mut file = io::Cursor::new(Vec::new());
    let options = WriteOptions::new().compression(Compression::DEFLATE);
    let mut writer = options.seekable(&mut file).expect("a writer");
    writer.add("a", &[1u8; 100]).expect("add");
    writer.finish().expect("finish");
    let archive = Archive::from_bytes(file.into_inner()).expect("open");
    archive.read_ahead(0);
    assert!(!archive.is_ahead(0));
    assert_eq!(archive.small(0, |_, data| data.to_vec()), None);
    assert_eq!(archive.read::<Vec<u8>>("a").expect("read"), [1; 100]);
}

#[test]
fn header_and_data_are_handed_out_once() {
    let archive = Archive::from_bytes(small(3)).expect("open");
    assert!(!archive.is_ahead(1));
    assert_eq!(archive.small(1, |_, _| ()), None, "nothing was read");
    archive.read_ahead(1);
    assert!(archive.is_ahead(1));
    let taken = archive.small(1, |header, data| (header.clone(), data.to_vec()));
    let (header, data) = taken.expect("an array");
    assert_eq!((header.shape(), header.order(), data.len()), (&[40][..], Order::C, 80));
    assert!(!archive.is_ahead(1));
    assert_eq!(archive.small(1, |_, _| ()), None, "it was taken");
}

#[test]
fn an_array_may_be_read_while_another_is_taken() {
    let archive = Archive::from_bytes(small(3)).expect("open");
    archive.read_ahead(0);
    let other: Option<Array> = archive.small(0, |_, _| archive.read(&name(1)).expect("read"));
    assert_eq!(other.expect("taken").to_vec::<u16>().expect("numbers"), [1; 40]);
}
