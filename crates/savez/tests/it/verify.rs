//! Archives verified whole: every damaged member is named, however it is stored and whatever it holds.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use savez::{
    Archive, ArrayView, Compression, DType, Error, ErrorKind, Limits, Member, Order, ReadAt,
    WriteOptions,
};

use crate::handmade::{self, Part, npy};
use crate::writing::Dir;

const MIB: usize = 1 << 20;

/// Bytes that compress little.
fn mixed(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Small ones side by side, one in several parts, deflated ones, others than arrays, an empty one, a directory.
fn parts() -> Vec<Part> {
    let mut parts = vec![
        Part::stored("large.npy", &npy(&mixed(9 * MIB + 5))),
        Part::deflated("deflated.npy", &npy(&mixed(3 * MIB))),
        Part::stored("dir/", b""),
        Part::stored("notes.txt", &mixed(160_000)),
        Part::deflated("notes", &mixed(160_000)),
        Part::stored("empty", b""),
    ];
    parts.extend((0..300).map(|i| match i % 3 {
        0 => Part::deflated(&format!("small {i}.npy"), &npy(&mixed(i * 10))),
        _ => Part::stored(&format!("small {i}.npy"), &npy(&mixed(i * 10))),
    }));
    parts.push(Part::stored("last.npy", &npy(&mixed(4 * MIB - 128))));
    parts
}

/// Flips a bit of the bytes of a member.
fn damage(part: &mut Part, number: usize) {
    let at = part.stored.len() * (number % 7) / 7;
    part.stored[at] ^= 1 << (number % 8);
}

fn size(parts: &[Part]) -> u64 {
    parts.iter().map(|part| u64::from(part.central.size)).sum()
}

/// A source that has one thread, counts what is read, and breaks at one place.
struct Own {
    bytes: Vec<u8>,
    read: Arc<AtomicU64>,
    breaks_at: u64,
}

impl ReadAt for Own {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = buffer.len().min(self.bytes.len().saturating_sub(offset as usize));
        if (offset..offset + len as u64).contains(&self.breaks_at) {
            return Err(io::Error::other("a bad sector"));
        }
        buffer[..len].copy_from_slice(&self.bytes[offset as usize..][..len]);
        self.read.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }
}

fn own(bytes: Vec<u8>, breaks_at: u64) -> (Archive, Arc<AtomicU64>) {
    let read = Arc::new(AtomicU64::new(0));
    let source = Own { bytes, read: Arc::clone(&read), breaks_at };
    (Archive::from_source(source, Limits::default()).expect("open"), read)
}

/// The same bytes in memory, in a file, and in a source that one thread reads.
fn archives(dir: &Dir, bytes: &[u8]) -> [Archive; 3] {
    let path = dir.0.join("a.npz");
    std::fs::write(&path, bytes).expect("write");
    let memory = Archive::from_bytes(bytes).expect("open");
    [memory, Archive::open(&path).expect("open"), own(bytes.to_vec(), u64::MAX).0]
}

#[test]
fn sound_archives_are_read_whole_and_once() {
    let dir = Dir::new("verify-sound");
    let parts = parts();
    for archive in archives(&dir, &handmade::zip(&parts)) {
        let mut told = 0;
        let found = archive.find_damage(|more| {
            told += more;
            Ok(())
        });
        assert!(found.expect("verify").is_empty());
        assert_eq!(told, size(&parts));
        archive.verify().expect("verify");
    }
    let (archive, read) = own(handmade::zip(&parts), u64::MAX);
    read.store(0, Ordering::Relaxed);
    archive.verify().expect("verify");
    let read = read.load(Ordering::Relaxed);
    let stored: usize = parts.iter().map(|part| part.stored.len()).sum();
    assert!(read >= stored as u64 && read < stored as u64 * 21 / 20, "{read} of {stored} bytes");
    assert!(Archive::from_bytes(handmade::zip(&[])).expect("open").verify().is_ok());
}

#[test]
fn every_damaged_member_is_named_in_order() {
    let dir = Dir::new("verify-damaged");
    let whole = parts();
    let holding: Vec<usize> = (0..whole.len()).filter(|&i| !whole[i].stored.is_empty()).collect();
    // Each kind alone, and many at once.
    let mut choices: Vec<Vec<usize>> = holding.iter().take(6).map(|&i| vec![i]).collect();
    choices.push(vec![whole.len() - 1]);
    choices.push(holding.iter().copied().step_by(2).collect());
    choices.push(holding);
    for chosen in choices {
        let mut parts = whole.clone();
        for &number in &chosen {
            damage(&mut parts[number], number);
        }
        for archive in archives(&dir, &handmade::zip(&parts)) {
            let found = archive.find_damage(|_| Ok(())).expect("all bytes are there");
            let names: Vec<_> = found.iter().map(|error| error.member().unwrap_or("")).collect();
            let expected: Vec<_> = chosen
                .iter()
                .map(|&number| str::from_utf8(&parts[number].central.name).expect("a name"))
                .collect();
            assert_eq!(names, expected);
            let first = archive.verify().expect_err("damaged");
            assert_eq!(first.to_string(), found[0].to_string());
            for name in ["large", "last"].map(|name| format!("{name}.npy")) {
                if let Ok(member) = archive.member(&name) {
                    let is_damaged = expected.contains(&name.as_str());
                    assert_eq!(member.verify().is_err(), is_damaged, "{name}");
                }
            }
        }
    }
}

#[test]
fn every_part_of_an_array_in_segments_is_looked_at() {
    // Some fifteen slabs, in several shares.
    let data: Vec<u8> = mixed(8 * MIB).iter().map(|byte| byte & 0x7f).collect();
    let mut file = io::Cursor::new(Vec::new());
    let options = WriteOptions::new().compression(Compression::Deflate { level: 1 });
    let mut writer = options.seekable(&mut file).expect("seekable");
    writer.add("x", &data).expect("add");
    writer.finish().expect("finish");
    let file = file.into_inner();
    let archive = Archive::from_bytes(file.as_slice()).expect("open");
    assert!(archive.member("x").expect("a member").is_random_access());
    let stored = archive.entry("x").expect("an entry").stored_size() as usize;
    assert!(stored > 5 * MIB);
    for place in 0..40 {
        let mut wrong = file.clone();
        wrong[300 + place * (stored - 300) / 40] ^= 0x18;
        let archive = Archive::from_bytes(wrong).expect("open");
        let is_read = archive.read::<Vec<u8>>("x").is_ok();
        assert_eq!(archive.verify().is_ok(), is_read, "place {place}");
        assert!(!is_read, "place {place} means nothing");
    }
}

#[test]
fn a_long_header_in_segments_is_looked_at_as_others_read_it() {
    // Whoever knows the index passes over the end of the header's segment.
    let fields: Vec<String> = (0..40).map(|i| format!("('number {i}', '<u4')")).collect();
    let dtype: DType = format!("[{}]", fields.join(", ")).parse().expect("a dtype");
    let data = vec![0; 4000 * dtype.itemsize()];
    let array = ArrayView::new(dtype, &[4000], Order::C, &data).expect("an array");
    let mut file = io::Cursor::new(Vec::new());
    let options = WriteOptions::new().compression(Compression::DEFLATE);
    let mut writer = options.seekable(&mut file).expect("seekable");
    writer.add("x", &array).expect("add");
    writer.finish().expect("finish");
    let file = file.into_inner();
    let mut damaged = 0;
    for bit in (8 * 100..8 * 400).step_by(3) {
        let mut wrong = file.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        let archive = Archive::from_bytes(wrong).expect("open");
        let read = archive.raw(&archive.entries()[0]).expect("sizes").read_to_end(&mut Vec::new());
        assert_eq!(archive.verify().is_ok(), read.is_ok(), "bit {bit}");
        damaged += usize::from(read.is_err());
    }
    assert!(damaged > 500, "{damaged} of 800");
}

#[test]
fn headers_that_lie_are_damage_of_their_member() {
    let mut parts = parts();
    // The local header, the sizes, the shape; and a method that nobody knows.
    parts[0].local.name[0] = b'L';
    parts[3].central.size += 1;
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }\n";
    parts[7] = Part::stored("short.npy", &handmade::npy_with_header(header, &[0; 80]));
    parts[8] = parts[8].clone().saying(|claims| claims.method = 77);
    let archive = Archive::from_bytes(handmade::zip(&parts)).expect("open");
    let found = archive.find_damage(|_| Ok(())).expect("all bytes are there");
    let found: Vec<_> = found.iter().map(|error| (error.member(), error.kind())).collect();
    let expected = [
        (Some("large.npy"), ErrorKind::Format),
        (Some("notes.txt"), ErrorKind::Format),
        (Some("short.npy"), ErrorKind::Corrupt),
        (Some("small 2.npy"), ErrorKind::Unsupported),
    ];
    assert_eq!(found, expected);
}

#[test]
fn who_wants_no_more_is_heard_at_once() {
    let (archive, read) = own(handmade::zip(&parts()), u64::MAX);
    read.store(0, Ordering::Relaxed);
    let stopped = archive.find_damage(|_| Err(Error::stopped())).expect_err("stopped");
    assert_eq!(stopped.kind(), ErrorKind::Stopped);
    assert!(read.load(Ordering::Relaxed) < MIB as u64);
    let member = archive.member("large").expect("a member");
    let stopped = member.verify_watched(|_| Err(Error::stopped())).expect_err("stopped");
    assert_eq!(stopped.kind(), ErrorKind::Stopped);
    assert!(read.load(Ordering::Relaxed) < 2 * MIB as u64);
}

#[test]
fn what_the_system_does_not_give_is_no_damage() {
    let mut parts = parts();
    damage(&mut parts[0], 3);
    let bytes = handmade::zip(&parts);
    // In the data of the second member.
    let breaks_at = (parts[0].stored.len() + parts[1].stored.len() / 2) as u64;
    let error = own(bytes, breaks_at).0.find_damage(|_| Ok(())).expect_err("a bad sector");
    assert_eq!((error.kind(), error.member()), (ErrorKind::Io, Some("deflated.npy")));
    assert!(error.to_string().contains("a bad sector"), "{error}");
}

#[test]
fn an_npy_file_has_nothing_to_compare() {
    let mut told = 0;
    let member = Member::from_bytes(npy(&[1, 2, 3])).expect("open");
    let watch = |more| {
        told += more;
        Ok(())
    };
    member.verify_watched(watch).expect("no checksum");
    assert_eq!(told, 0);
}
