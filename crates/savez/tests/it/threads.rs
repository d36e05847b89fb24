//! What threads do together: stopped at once, one of several errors, and nothing lost where there are none.

use std::env;
use std::process::Command;

use savez::{
    Archive, ArrayView, AsArray, Compression, Error, ErrorKind, Member, Style, WriteOptions, Writer,
};

use crate::writing::Dir;

const MIB: usize = 1 << 20;

#[test]
fn a_watch_that_wants_no_more_stops_all_threads() {
    // Members without an index, each of which is for one thread.
    let data = vec![1u8; 128 * MIB];
    let mut file = std::io::Cursor::new(Vec::new());
    let options = WriteOptions::new().style(Style::Numpy);
    let options = options.compression(Compression::Deflate { level: 1 });
    let mut writer = options.seekable(&mut file).expect("seekable");
    writer.add("a", &data).expect("add").add("b", &data).expect("add");
    writer.finish().expect("finish");
    let archive = Archive::from_bytes(file.into_inner()).expect("open");
    let members = [archive.member("a").expect("a"), archive.member("b").expect("b")];
    let mut rooms = [vec![0u8; data.len()], vec![0u8; data.len()]];
    let jobs = members.iter().zip(rooms.iter_mut().map(Vec::as_mut_slice)).collect();
    let mut told = 0;
    let stopped = Member::read_many(jobs, |more| {
        told += more;
        if told > 8 * MIB as u64 { Err(Error::stopped()) } else { Ok(()) }
    });
    assert_eq!(stopped.expect_err("stopped").kind(), ErrorKind::Stopped);
    for room in rooms {
        assert_eq!(room.last(), Some(&0), "a thread went on to the end");
    }
}

#[test]
fn of_several_damaged_members_the_first_is_named() {
    let dir = Dir::new("threads-damaged");
    let path = dir.0.join("a.npz");
    let data: Vec<u32> = (0..MIB as u32).collect();
    savez::savez(&path, &[("stored", &data)]).expect("savez");
    let options = WriteOptions::new().style(Style::Numpy).compression(Compression::DEFLATE);
    let mut writer = options.append(&path).expect("append");
    writer.add("deflated", &data).expect("add");
    writer.finish().expect("finish");
    let mut bytes = std::fs::read(&path).expect("read");
    let deflated =
        Archive::open(&path).expect("open").entry("deflated").expect("entry").stored_size();
    // In the last bytes of the stored data, and in the midst of the others.
    let stored = 4 * MIB - 1;
    let middle = bytes.len() - deflated as usize / 2;
    for at in [stored, middle] {
        bytes[at] ^= 0x10;
    }
    let archive = Archive::from_bytes(bytes).expect("open");
    for _ in 0..20 {
        let error = archive.read_all().expect_err("damaged").to_string();
        assert!(error.contains("stored.npy"), "{error}");
    }
}

#[test]
fn all_is_written_and_read_where_no_thread_can_start() {
    const CHILD: &str = "SAVEZ_TEST_WITHOUT_THREADS";
    if env::var_os(CHILD).is_none() {
        let name = "threads::all_is_written_and_read_where_no_thread_can_start";
        let child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", name, "--test-threads=1"])
            .env(CHILD, "1")
            // A stack that no address space has room for.
            .env("RUST_MIN_STACK", (usize::MAX / 4).to_string())
            .output()
            .expect("a process");
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        return;
    }
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "a thread could start");
    let data: Vec<u32> = (0..MIB as u32).collect();
    for compression in [Compression::None, Compression::DEFLATE] {
        let mut file = std::io::Cursor::new(Vec::new());
        let options = WriteOptions::new().compression(compression).threads(3);
        let mut writer = options.seekable(&mut file).expect("seekable");
        writer.add("x", &data).expect("add");
        writer.add_all([("y", &data), ("z", &data)]).expect("add");
        writer.finish().expect("finish");
        let archive = Archive::from_bytes(file.into_inner()).expect("open");
        for name in ["x", "y", "z"] {
            assert!(archive.read::<Vec<u32>>(name).expect("read") == data);
        }
    }
}

#[test]
#[cfg(feature = "zstd")]
fn slow_compressors_can_be_stopped_often() {
    let mut file = std::io::Cursor::new(Vec::new());
    let options = WriteOptions::new().compression(Compression::Zstd { level: 1 });
    let (mut most, mut all) = (0, 0);
    let mut writer = options.seekable(&mut file).expect("seekable");
    writer.watch(|more| {
        most = more.max(most);
        all += more;
        Ok(())
    });
    writer.add("x", &vec![1u8; 3 * MIB]).expect("add");
    writer.finish().expect("finish");
    assert!(most <= 128 << 10 && all == 3 * MIB as u64, "{most} bytes at once, {all} together");
}

/// Arrays of none to many segments, many of them small, in an order that makes no two batches alike.
fn of_all_sizes() -> Vec<(String, Vec<u32>)> {
    let lens = [3, 150_000, 0, 40, 900, 25_000, 1, 400_000, 16_384, 7, 190_000];
    let arrays = (0..110u32).map(|number| {
        let len = lens[number as usize % lens.len()] / (1 + number / 22);
        let values = (0..len).map(|i| i.wrapping_mul(0x9e37_79b9 + number) >> (i % 5 * 7));
        (format!("array {number}"), values.collect())
    });
    arrays.collect()
}

/// What `write` makes of a writer with so many threads, in a file and in a stream.
fn written(threads: usize, write: impl Fn(&mut Writer<'_>)) -> [Vec<u8>; 2] {
    let options = WriteOptions::new().compression(Compression::DEFLATE).threads(threads);
    let (mut file, mut stream) = (std::io::Cursor::new(Vec::new()), Vec::new());
    for mut writer in
        [options.clone().seekable(&mut file).expect("seekable"), options.stream(&mut stream)]
    {
        write(&mut writer);
        writer.finish().expect("finish");
    }
    [file.into_inner(), stream]
}

#[test]
fn many_members_are_the_same_bytes_whoever_compresses_them() {
    let arrays = of_all_sizes();
    let one_by_one = written(1, |writer| {
        for (name, array) in &arrays {
            writer.add(name, array).expect("add");
        }
    });
    for threads in [1, 2, 3, 16] {
        let together = written(threads, |writer| {
            writer.add_all(arrays.iter().map(|(name, array)| (name, array))).expect("add");
        });
        assert!(together == one_by_one, "{threads} threads wrote other bytes");
    }
    for file in one_by_one {
        let all = Archive::from_bytes(file).expect("open").read_all().expect("read");
        assert_eq!(all.len(), arrays.len());
        for ((name, array), (found, read)) in arrays.iter().zip(&all) {
            assert_eq!(found, name);
            assert!(read.as_slice::<u32>().expect("numbers") == array, "{name}");
        }
    }
}

/// Arrays, one of which is asked for only once it has a name that was there before.
fn with_a_double(at: usize) -> Vec<(String, Vec<u32>)> {
    let mut arrays = of_all_sizes();
    arrays[at].0 = arrays[at / 2].0.clone();
    arrays
}

#[test]
fn of_many_members_those_before_the_one_that_failed_stay() {
    for (threads, at) in [(1, 1), (3, 1), (1, 60), (3, 60), (3, 109)] {
        let arrays = with_a_double(at);
        let [file, _] = written(threads, |writer| {
            let error = writer
                .add_all(arrays.iter().map(|(name, array)| (name, array)))
                .err()
                .expect("there is one of that name");
            assert!(error.to_string().contains(&format!("{}.npy", arrays[at].0)), "{error}");
            writer.add("more", &[1u8]).expect("add");
        });
        let archive = Archive::from_bytes(file).expect("open");
        let names = arrays[..at].iter().map(|(name, _)| name.as_str()).chain(["more"]);
        assert!(archive.names().eq(names), "{threads} threads, {at}");
        archive.read_all().expect("read");
    }
}

#[test]
fn an_array_that_cannot_be_written_waits_for_those_before_it() {
    let objects = Unwritable;
    let arrays = of_all_sizes();
    let [file, stream] = written(3, |writer| {
        let sound = arrays.iter().map(|(name, array)| (name.as_str(), array as &dyn AsArray));
        let all = sound.clone().take(50).chain([("bad", &objects as &dyn AsArray)]);
        let error = writer.add_all(all.chain(sound.skip(50))).err().expect("it is refused");
        assert!(error.to_string().contains("bad.npy"), "{error}");
    });
    // Not a byte of it went anywhere, so that even a stream goes on.
    for file in [file, stream] {
        assert_eq!(Archive::from_bytes(file).expect("open").read_all().expect("read").len(), 50);
    }
}

struct Unwritable;

impl AsArray for Unwritable {
    fn as_array(&self) -> savez::Result<ArrayView<'_>> {
        Err(Error::stopped())
    }
}

#[test]
fn the_compressing_of_many_members_can_be_stopped() {
    let arrays = of_all_sizes();
    let all: u64 = arrays.iter().map(|(_, array)| array.len() as u64 * 4).sum();
    for threads in [1, 4] {
        let (mut asked, mut told) = (0, 0);
        let mut file = std::io::Cursor::new(Vec::new());
        let options = WriteOptions::new().compression(Compression::DEFLATE).threads(threads);
        let mut writer = options.seekable(&mut file).expect("seekable");
        writer.watch(|more| {
            told += more;
            if told > all / 4 { Err(Error::stopped()) } else { Ok(()) }
        });
        let counted = arrays.iter().map(|(name, array)| {
            asked += array.len() as u64 * 4;
            (name, array)
        });
        let stopped = writer.add_all(counted).err().expect("stopped");
        assert_eq!(stopped.kind(), ErrorKind::Stopped);
        drop(writer);
        // What was copied ahead is bounded, whatever there is.
        assert!(asked < told + 6 * MIB as u64 && asked < all, "{asked} of {all} bytes for {told}");
    }
}

#[test]
fn all_bytes_of_many_members_are_told() {
    let arrays = of_all_sizes();
    let all: u64 = arrays.iter().map(|(_, array)| array.len() as u64 * 4).sum();
    let mut told = 0;
    let mut writer = WriteOptions::new().compression(Compression::DEFLATE).stream(std::io::sink());
    writer.watch(|more| {
        told += more;
        Ok(())
    });
    writer.add_all(arrays.iter().map(|(name, array)| (name, array))).expect("add");
    writer.finish().expect("finish");
    assert_eq!(told, all);
}
