//! Archives added to: that each reads as it did until the last step, and then as it should.

use std::fs;
use std::path::Path;

use savez::{Archive, Compression, ErrorKind, Style, WriteOptions};

use crate::writing::Dir;

/// Bytes that do not compress, with zip's signatures in them.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut bytes = Vec::with_capacity(len + 22);
    while bytes.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.push((state >> 24) as u8);
        if state >> 20 == 5 {
            bytes.extend(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        }
    }
    bytes
}

fn names(path: &Path) -> Vec<String> {
    let archive = Archive::open(path).expect("an archive");
    for name in archive.names() {
        archive.member(name).and_then(|member| member.verify()).expect("a sound member");
    }
    archive.names().map(str::to_owned).collect()
}

#[test]
fn an_archive_reads_as_it_did_until_the_end() {
    let dir = Dir::new("append-steps");
    let path = dir.0.join("a.npz");
    for options in [
        WriteOptions::new(),
        WriteOptions::new().style(Style::Numpy),
        WriteOptions::new().compression(Compression::DEFLATE),
        WriteOptions::new().durable(true),
    ] {
        savez::savez(&path, &[("a", &1), ("b", &2)]).expect("savez");
        let mut writer = options.append(&path).expect("append");
        assert_eq!(names(&path), ["a", "b"]);
        for number in 0..20 {
            let bytes = noise(1 << (number + 1));
            writer.add(&number.to_string(), &bytes).expect("add");
            assert_eq!(names(&path), ["a", "b"], "after {number} members");
        }
        writer.add("b", &[3, 4]).expect("add");
        assert_eq!(names(&path), ["a", "b"]);
        writer.finish().expect("finish");
        assert_eq!(names(&path).len(), 22);
        let archive = Archive::open(&path).expect("open");
        assert_eq!(archive.read::<i32>("a").expect("read"), 1);
        assert_eq!(archive.read::<Vec<i32>>("b").expect("read"), [3, 4]);
        assert_eq!(archive.read::<Vec<u8>>("17").expect("read"), noise(1 << 18));
    }
}

#[test]
fn a_dropped_writer_leaves_the_very_same_bytes() {
    let dir = Dir::new("append-dropped");
    let path = dir.0.join("a.npz");
    savez::savez(&path, &[("a", &1)]).expect("savez");
    let before = fs::read(&path).expect("read");
    for len in [10, 100_000, 1_000_000] {
        let mut writer = WriteOptions::new().append(&path).expect("append");
        writer.add("b", &noise(len)).expect("add");
        drop(writer);
        assert_eq!(fs::read(&path).expect("read"), before);
    }
}

#[test]
fn what_a_killed_writer_leaves_can_be_added_to() {
    let dir = Dir::new("append-killed");
    let path = dir.0.join("a.npz");
    savez::savez(&path, &[("a", &1)]).expect("savez");
    let mut writer = WriteOptions::new().append(&path).expect("append");
    writer.add("b", &noise(300_000)).expect("add");
    let copy = dir.0.join("killed.npz");
    fs::copy(&path, &copy).expect("copy");
    assert!(fs::metadata(&copy).expect("metadata").len() > 300_000);
    savez::append(&copy, &[("c", &3)]).expect("append");
    assert_eq!(names(&copy), ["a", "c"]);
}

#[test]
fn archives_of_many_members_are_copied() {
    let dir = Dir::new("append-many");
    let path = dir.0.join("a.npz");
    let mut writer = WriteOptions::new().create(&path).expect("create");
    for number in 0..2000 {
        writer.add(&number.to_string(), &number).expect("add");
    }
    writer.finish().expect("finish");
    let before = fs::read(&path).expect("read");
    let mut writer = WriteOptions::new().append(&path).expect("append");
    writer.add("5", &noise(100_000)).expect("add");
    assert_eq!(fs::read(&path).expect("read"), before);
    writer.finish().expect("finish");
    assert_eq!(names(&path).len(), 2000);
    assert_eq!(
        Archive::open(&path).expect("open").read::<Vec<u8>>("5").expect("read"),
        noise(100_000)
    );
    assert_eq!(dir.names(), ["a.npz"]);
}

#[test]
fn one_adds_at_a_time() {
    let dir = Dir::new("append-locked");
    for members in [1, 2000] {
        let path = dir.0.join(format!("{members}.npz"));
        let mut first = WriteOptions::new().append(&path).expect("create");
        for number in 0..members {
            first.add(&number.to_string(), &number).expect("add");
        }
        first.finish().expect("finish");
        let first = WriteOptions::new().append(&path).expect("append");
        let error = WriteOptions::new().append(&path).err().expect("locked");
        assert_eq!(error.kind(), ErrorKind::Busy);
        drop(first);
        savez::append(&path, &[("more", &1)]).expect("append");
    }
}

#[test]
fn two_who_start_the_same_archive_know_of_each_other() {
    let dir = Dir::new("append-new");
    let path = dir.0.join("a.npz");
    let mut first = WriteOptions::new().append(&path).expect("append");
    first.add("a", &1).expect("add");
    let error = WriteOptions::new().append(&path).err().expect("locked");
    assert_eq!(error.kind(), ErrorKind::Busy);
    first.finish().expect("finish");
    savez::append(&path, &[("b", &2)]).expect("append");
    assert_eq!(names(&path), ["a", "b"]);
}

#[test]
fn an_archive_that_came_to_nothing_leaves_no_file() {
    let dir = Dir::new("append-nothing");
    let path = dir.0.join("a.npz");
    drop(WriteOptions::new().append(&path).expect("append"));
    assert!(dir.names().is_empty());
    savez::append(&path, &[("a", &1)]).expect("append");
    assert_eq!(names(&path), ["a"]);
}

#[test]
fn what_cannot_be_added_to_is_refused() {
    let dir = Dir::new("append-refused");
    let path = dir.0.join("a.npz");
    savez::savez(&path, &[("a", &1)]).expect("savez");
    let archive = fs::read(&path).expect("read");
    for wrong in [
        [b"prefix".as_slice(), &archive].concat(),
        [&archive, b"suffix".as_slice()].concat(),
        b"something else".to_vec(),
    ] {
        fs::write(&path, &wrong).expect("write");
        savez::append(&path, &[("b", &1)]).expect_err("refused");
        assert_eq!(fs::read(&path).expect("read"), wrong);
    }
    // np.load would give the raw member under the array's name.
    let mut writer = WriteOptions::new().create(&path).expect("create");
    writer.add_raw("x", &b"text"[..]).expect("add");
    writer.finish().expect("finish");
    let error = savez::append(&path, &[("x", &1)]).expect_err("refused");
    assert!(error.to_string().contains("exactly"), "{error}");
    // An empty file, such as a temporary one, becomes an archive.
    fs::write(&path, b"").expect("write");
    savez::append(&path, &[("x", &1)]).expect("append");
    assert_eq!(names(&path), ["x"]);
}

#[test]
fn an_archive_opens_at_any_moment_while_it_is_added_to() {
    let dir = Dir::new("append-open");
    let path = dir.0.join("a.npz");
    savez::savez(&path, &[("a", &1)]).expect("savez");
    let data = vec![7u8; 300_000];
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for number in 0..600 {
                let mut writer = WriteOptions::new().append(&path).expect("append");
                writer.add(&format!("x{}", number % 20), &data).expect("add");
                writer.finish().expect("finish");
            }
        });
        while !writing.is_finished() {
            let archive = Archive::open(&path).expect("an archive");
            assert_eq!(archive.read::<i32>("a").expect("read"), 1);
        }
    });
}
