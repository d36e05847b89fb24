//! What threads do together: stopped at once, one of several errors, and nothing lost where there are none.

use std::env;
use std::process::Command;

use savez::{Archive, Compression, Error, ErrorKind, Member, Style, WriteOptions};

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
        writer.finish().expect("finish");
        let archive = Archive::from_bytes(file.into_inner()).expect("open");
        assert!(archive.read::<Vec<u32>>("x").expect("read") == data);
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
