//! Archives written anew: nothing lost, nothing damaged carried over, and old file or new.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use savez::{Archive, Compression, Error, ErrorKind, Method, Style, WriteOptions, Writer};

use crate::handmade::{self, Part};
use crate::writing::Dir;

const DEFLATE: Compression = Compression::Deflate { level: 6 };

/// Arrays of several sizes and layouts, one of them in several segments, and a member that is none.
fn fill(mut writer: Writer<'_>) {
    let rows: Vec<[f32; 300]> = (0..2000).map(|row| [row as f32 * 0.37; 300]).collect();
    writer.add("rows", &rows).expect("add").add("empty", &[0u8; 0]).expect("add");
    for number in 0..40 {
        writer.add(&format!("layers/{number}"), &vec![number; 700 * number]).expect("add");
    }
    writer.finish().expect("finish");
}

fn filled(dir: &Dir, name: &str, options: WriteOptions) -> std::path::PathBuf {
    let path = dir.0.join(name);
    fill(options.create(&path).expect("create"));
    path
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file")
}

#[test]
fn repacked_archives_are_those_that_would_have_been_written() {
    let dir = Dir::new("repack-same");
    let manners = [
        WriteOptions::new(),
        WriteOptions::new().align(1),
        WriteOptions::new().style(Style::Numpy),
        WriteOptions::new().compression(DEFLATE),
        WriteOptions::new().compression(Compression::Deflate { level: 1 }),
        WriteOptions::new().compression(DEFLATE).style(Style::Numpy),
    ];
    let out = dir.0.join("out.npz");
    for (number, from) in manners.iter().enumerate() {
        let source = filled(&dir, &format!("{number}.npz"), from.clone());
        for to in &manners {
            let expected = filled(&dir, "expected.npz", to.clone());
            for threads in [1, 3] {
                savez::repack(&source, &out, to.clone().threads(threads)).expect("repack");
                assert!(read(&out) == read(&expected), "{from:?} to {to:?}");
            }
        }
    }
}

#[test]
fn what_stays_compressed_stays_as_it_is() {
    let dir = Dir::new("repack-keep");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut sources = vec![
        filled(&dir, "deflated.npz", WriteOptions::new().compression(DEFLATE)),
        filled(&dir, "stored.npz", WriteOptions::new().align(1)),
        data.join("segments.npz"),
        data.join("two_compressed.npz"),
    ];
    for (name, there) in [
        ("bzip2.npz", cfg!(feature = "bzip2")),
        ("lzma.npz", cfg!(feature = "xz")),
        ("lzma_no_end_marker.npz", cfg!(feature = "xz")),
        ("xz.npz", cfg!(feature = "xz")),
        ("zstd.npz", cfg!(feature = "zstd")),
    ] {
        if there {
            sources.push(data.join(name));
        }
    }
    let out = dir.0.join("out.npz");
    let keeping = WriteOptions::new().compression(DEFLATE).keep_compression(true);
    for source in &sources {
        savez::repack(source, &out, keeping.clone()).expect("repack");
        let (old, new) = (Archive::open(source).expect("open"), Archive::open(&out).expect("open"));
        assert_eq!(old.len(), new.len());
        for (old_entry, new_entry) in old.entries().iter().zip(new.entries()) {
            let facts = |entry: &savez::Entry| {
                (entry.member_name().to_owned(), entry.method(), entry.stored_size(), entry.crc32())
            };
            assert_eq!(facts(old_entry), facts(new_entry));
            let (old, new) = (old.member_of(old_entry), new.member_of(new_entry));
            let (old, new) = (old.expect("a member"), new.expect("a member"));
            assert_eq!(old.is_random_access(), new.is_random_access());
            let (old, array) = (old.read_array().expect("read"), new.read_array().expect("read"));
            assert!(old.as_bytes() == array.as_bytes() && old.header() == array.header());
            assert!(new.data_offset().is_none_or(|offset| offset % 64 == 0));
        }
    }
    savez::repack(&sources[0], &out, keeping).expect("repack");
    assert!(read(&out) == read(&sources[0]), "ours are the same bytes again");
}

#[test]
fn a_flipped_bit_is_never_carried_over() {
    let dir = Dir::new("repack-flip");
    let array: Vec<u32> = (0..40_000).map(|n| n * 7919 % 1000).collect();
    let (path, out) = (dir.0.join("x.npz"), dir.0.join("out.npz"));
    for from in [WriteOptions::new(), WriteOptions::new().compression(DEFLATE)] {
        let mut file = Cursor::new(Vec::new());
        let mut writer = from.seekable(&mut file).expect("seekable");
        writer.add("x", &array).expect("add").add_raw("notes.txt", &b"read me"[..]).expect("add");
        writer.finish().expect("finish");
        let bytes = file.into_inner();
        let archive = Archive::from_bytes(bytes.clone()).expect("open");
        let size = archive.entries()[0].stored_size() as usize;
        let text = bytes.windows(7).position(|window| window == b"read me");
        let flips: Vec<usize> = (1..8).map(|eighth| size / 8 * eighth).chain(text).collect();
        for to in [
            WriteOptions::new(),
            WriteOptions::new().compression(DEFLATE),
            WriteOptions::new().keep_compression(true),
        ] {
            for &at in &flips {
                let mut damaged = bytes.clone();
                damaged[at] ^= 16;
                fs::write(&path, &damaged).expect("write");
                fs::write(&out, "old").expect("write");
                let error = savez::repack(&path, &out, to.clone()).expect_err("a flipped bit");
                assert_eq!(error.file(), Some(&*path), "{error}");
                assert!(error.member().is_some(), "{error}");
                assert_eq!(read(&out), b"old");
                savez::repack(&path, &path, to.clone()).expect_err("a flipped bit");
                assert!(read(&path) == damaged);
                assert_eq!(dir.names().len(), 2, "nothing is left behind");
            }
        }
    }
}

#[test]
fn an_archive_takes_its_own_place() {
    let dir = Dir::new("repack-own");
    let path = filled(&dir, "x.npz", WriteOptions::new());
    let expected = read(&filled(&dir, "y.npz", WriteOptions::new().compression(DEFLATE)));
    #[cfg(unix)]
    std::os::unix::fs::symlink("x.npz", dir.0.join("link.npz")).expect("a link");
    #[cfg(not(unix))]
    fs::copy(&path, dir.0.join("link.npz")).expect("a copy");
    // Even where files are to be written in place, the source must outlive the reading.
    let options = WriteOptions::new().compression(DEFLATE).atomic(false);
    savez::repack(&path, dir.0.join("link.npz"), options).expect("repack");
    let repacked = if cfg!(unix) { read(&path) } else { read(&dir.0.join("link.npz")) };
    assert!(repacked == expected);
    assert_eq!(dir.names().len(), 3);
}

#[test]
fn nobody_adds_to_it_meanwhile() {
    let dir = Dir::new("repack-busy");
    let path = dir.0.join("x.npz");
    savez::savez(&path, &[("a", &1)]).expect("savez");
    let mut adding = WriteOptions::new().append(&path).expect("append");
    let error = savez::repack(&path, &path, WriteOptions::new()).expect_err("somebody is adding");
    assert_eq!(error.kind(), ErrorKind::Busy);
    adding.add("b", &2).expect("add");
    adding.finish().expect("finish");
    let busy =
        savez::repack_watched(&path, &path, WriteOptions::new(), |_| {
            match WriteOptions::new().append(&path) {
                Err(error) => Err(error),
                Ok(_) => Ok(()),
            }
        });
    assert_eq!(busy.expect_err("it is being repacked").kind(), ErrorKind::Busy);
    savez::repack(&path, &path, WriteOptions::new()).expect("repack");
    assert_eq!(Archive::open(&path).expect("open").len(), 2);
    let missing = savez::repack(dir.0.join("no.npz"), &path, WriteOptions::new());
    assert_eq!(missing.expect_err("no such file").kind(), ErrorKind::Io);
    assert_eq!(dir.names(), ["x.npz"]);
}

#[test]
fn progress_adds_up_and_may_stop_it() {
    let dir = Dir::new("repack-watch");
    let deflated = WriteOptions::new().compression(DEFLATE);
    for from in [WriteOptions::new(), deflated.clone()] {
        let path = filled(&dir, "x.npz", from);
        let before = read(&path);
        let archive = Archive::open(&path).expect("open");
        let total: u64 = archive.entries().iter().map(savez::Entry::size).sum();
        for to in [
            WriteOptions::new(),
            deflated.clone(),
            deflated.clone().keep_compression(true),
            #[cfg(feature = "zstd")]
            WriteOptions::new().compression(Compression::Zstd { level: 3 }),
        ] {
            let mut told = 0;
            let out = dir.0.join("out.npz");
            savez::repack_watched(&path, &out, to.clone(), |bytes| {
                told += bytes;
                Ok(())
            })
            .expect("repack");
            assert_eq!(told, total, "{to:?}");
            let mut left = total / 2;
            let stopped = savez::repack_watched(&path, &path, to, |bytes| {
                left = left.saturating_sub(bytes);
                if left == 0 { Err(Error::stopped()) } else { Ok(()) }
            });
            assert_eq!(stopped.expect_err("stopped").kind(), ErrorKind::Stopped);
            assert!(read(&path) == before);
            assert_eq!(dir.names().len(), 2);
        }
    }
}

/// An extra field that is nobody's here.
const FIELD: &[u8] = b"\xfe\xca\x04\0abcd";

#[test]
fn members_of_one_name_and_of_none_of_ours_are_kept() {
    let npy = |number: i32| {
        let mut bytes = Vec::new();
        savez::save_to(&mut bytes, &[number; 100]).expect("save");
        bytes
    };
    let in_437 = |part: Part| part.saying(|claims| claims.name = b"caf\x82.npy".to_vec());
    let parts = [
        Part::stored("a.npy", &npy(1)),
        Part::deflated("notes.txt", &b"read me ".repeat(100)),
        Part::stored("a.npy", &npy(2)).saying(|claims| claims.extra = FIELD.to_vec()),
        Part::stored("sub/", b""),
        in_437(Part::deflated("", &npy(3))),
        Part::stored("broken.npy", b"\x93NUMPY\x01\0\x04\0{'x'"),
    ];
    let archive =
        Archive::from_bytes(handmade::zip_with_comment(&parts, b"of the archive")).expect("open");
    for options in [
        WriteOptions::new(),
        WriteOptions::new().compression(DEFLATE),
        WriteOptions::new().keep_compression(true),
        WriteOptions::new().style(Style::Numpy),
    ] {
        let mut file = Cursor::new(Vec::new());
        let mut stream = Vec::new();
        let mut writer = options.clone().seekable(&mut file).expect("seekable");
        writer.repack(&archive).expect("repack");
        writer.finish().expect("finish");
        let mut writer = options.stream(&mut stream);
        writer.repack(&archive).expect("repack");
        writer.finish().expect("finish");
        for bytes in [file.into_inner(), stream] {
            // Of two headers each.
            assert_eq!(bytes.windows(FIELD.len()).filter(|window| window == &FIELD).count(), 2);
            assert_eq!(bytes.windows(8).filter(|window| window == b"caf\x82.npy").count(), 2);
            let again = Archive::from_bytes(bytes).expect("open");
            assert_eq!(again.comment().expect("a comment"), b"of the archive");
            let names = again.entries().iter().map(savez::Entry::member_name);
            let old = archive.entries().iter().map(savez::Entry::member_name);
            assert!(names.eq(old));
            for (old, new) in archive.entries().iter().zip(again.entries()) {
                let whole = |archive: &Archive, entry| {
                    let mut bytes = Vec::new();
                    let mut reader = archive.raw(entry).expect("a member");
                    std::io::Read::read_to_end(&mut reader, &mut bytes).expect("sound bytes");
                    bytes
                };
                assert_eq!(whole(&archive, old), whole(&again, new));
            }
            assert_eq!(again.entries()[3].method(), Method::STORED);
        }
    }
}

#[test]
fn names_that_are_there_are_refused_first() {
    let mut first = Cursor::new(Vec::new());
    fill(WriteOptions::new().seekable(&mut first).expect("seekable"));
    let archive = Archive::from_bytes(first.into_inner()).expect("open");
    let mut file = Cursor::new(Vec::new());
    let mut writer = WriteOptions::new().seekable(&mut file).expect("seekable");
    writer.add("layers/7", &1).expect("add");
    let error = writer.repack(&archive).err().expect("a member of that name");
    assert_eq!((error.kind(), error.member()), (ErrorKind::Parameter, Some("layers/7.npy")));
    writer.add("rows", &1).expect("add");
    writer.finish().expect("finish");
    assert_eq!(Archive::from_bytes(file.into_inner()).expect("open").len(), 2);
}

#[test]
fn lies_of_sizes_are_not_written_again() {
    let lying = Part::deflated("x.npy", &[0; 1000]).saying(|claims| claims.size = 999);
    let archive = Archive::from_bytes(handmade::zip(&[lying])).expect("open");
    for keep in [false, true] {
        let mut file = Cursor::new(Vec::new());
        let options = WriteOptions::new().keep_compression(keep);
        let mut writer = options.seekable(&mut file).expect("seekable");
        assert!(writer.repack(&archive).is_err());
    }
}
