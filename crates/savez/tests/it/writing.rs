//! Archives written: what a failure leaves behind, and that every way gives the same arrays.

use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;

use savez::{
    Archive, Compression, DType, ErrorKind, Order, Plan, Region, Selection, Style, WriteOptions,
    Writer,
};

/// A directory of the test's own, empty, removed at the end.
pub(crate) struct Dir(pub(crate) PathBuf);

impl Dir {
    pub(crate) fn new(name: &str) -> Dir {
        let dir = std::env::temp_dir().join(format!("savez-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory");
        Dir(dir)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("a directory");
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Hands out a megabyte that does not compress, then fails.
struct Breaking(usize);

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 >= 1 << 20 {
            return Err(io::Error::other("the cable is out"));
        }
        for byte in buffer.iter_mut() {
            self.0 += 1;
            *byte = (self.0.wrapping_mul(0x9e37_79b9) >> 13) as u8;
        }
        Ok(buffer.len())
    }
}

fn with_a_failure(mut writer: Writer<'_>) {
    writer.add("a", &[1u8, 2, 3]).expect("add");
    let error = writer.add_raw("broken", Breaking(0)).err().expect("the reader fails");
    assert!(error.to_string().contains("cable"), "{error}");
    writer.add("b", &[4u8]).expect("add");
    writer.finish().expect("finish");
}

#[test]
fn a_member_that_failed_leaves_no_trace() {
    let dir = Dir::new("failed-member");
    for compression in [Compression::None, Compression::DEFLATE] {
        let options = WriteOptions::new().compression(compression);
        let path = dir.0.join("a.npz");
        with_a_failure(options.clone().create(&path).expect("create"));
        let mut file = Cursor::new(Vec::new());
        with_a_failure(options.seekable(&mut file).expect("seekable"));
        let in_file = std::fs::read(&path).expect("read");
        assert!(in_file.len() < 2000, "the failed bytes were left at the end");
        for bytes in [in_file, file.into_inner()] {
            let archive = Archive::from_bytes(bytes).expect("open");
            assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "b"]);
            assert_eq!(archive.read::<Vec<u8>>("b").expect("read"), [4]);
        }
    }
}

/// Takes so many bytes, then none.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_that_failed_is_lost_without_panic() {
    let values: Vec<u64> = (0..50_000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    for compression in [Compression::None, Compression::DEFLATE] {
        for room in [0, 10, 100, 1000, 100_000] {
            let mut writer = WriteOptions::new().compression(compression).stream(Full(room));
            let error = writer.add("a", &values).err().expect("no room");
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(writer.add("b", &1u8).is_err());
            assert!(writer.finish().is_err());
        }
    }
}

#[test]
fn a_dropped_writer_leaves_the_old_file() {
    let dir = Dir::new("dropped");
    let path = dir.0.join("a.npz");
    std::fs::write(&path, "old").expect("write");
    let mut writer = Writer::create(&path).expect("create");
    writer.add("a", &1u8).expect("add");
    drop(writer);
    assert_eq!(dir.names(), ["a.npz"]);
    assert_eq!(std::fs::read(&path).expect("read"), b"old");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_modes_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = Dir::new("links");
    let (file, link) = (dir.0.join("file.npz"), dir.0.join("link.npz"));
    symlink("file.npz", &link).expect("a link");
    for _ in 0..2 {
        // The link leads nowhere at first.
        savez::savez(&link, &[("a", &1u8)]).expect("write");
        assert!(link.symlink_metadata().expect("the link").is_symlink());
        assert_eq!(Archive::open(&file).and_then(|a| a.read::<u8>("a")).expect("read"), 1);
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("chmod");
    savez::savez(&link, &[("a", &2u8)]).expect("write");
    assert_eq!(file.metadata().expect("the file").permissions().mode() & 0o777, 0o640);
    // Links that lead to each other lead to no file.
    symlink("x", dir.0.join("y")).and_then(|()| symlink("y", dir.0.join("x"))).expect("links");
    assert!(savez::savez(dir.0.join("x"), &[("a", &1u8)]).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    let done = savez::savez("/dev/full", &[("a", &[1u8; 1000])]);
    assert_eq!(done.expect_err("no space").kind(), ErrorKind::Io);
}

#[test]
fn every_way_gives_the_same_arrays() {
    let fill = |mut writer: Writer<'_>| {
        writer.add("small", &[1u16, 2, 3]).expect("add");
        writer.add("large", &vec![7u8; 2 << 20]).expect("add");
        writer.add("é", &2.5f64).expect("add");
        assert_eq!(writer.add("small", &1u8).err().map(|e| e.kind()), Some(ErrorKind::Parameter));
        assert!(writer.add("a\0b", &1u8).is_err());
        assert!(writer.add(&"x".repeat(65532), &1u8).is_err());
        writer.finish().expect("finish");
    };
    let dir = Dir::new("ways");
    for (style, compression) in [
        (Style::Savez, Compression::None),
        (Style::Numpy, Compression::None),
        (Style::Savez, Compression::DEFLATE),
    ] {
        let options = WriteOptions::new().style(style).compression(compression);
        let path = dir.0.join("a.npz");
        fill(options.clone().create(&path).expect("create"));
        let mut seekable = Cursor::new(Vec::new());
        fill(options.clone().seekable(&mut seekable).expect("seekable"));
        let mut stream = Vec::new();
        fill(options.stream(&mut stream));
        let file = std::fs::read(&path).expect("read");
        assert_eq!(file, *seekable.get_ref());
        let first = crate::archives::contents(&Archive::from_bytes(file).expect("open"));
        for bytes in [seekable.into_inner(), stream] {
            let archive = Archive::from_bytes(bytes).expect("open");
            let found = crate::archives::contents(&archive).expect("read");
            assert_eq!(&found, first.as_ref().expect("read"));
            for (name, align) in [("small", 64), ("large", 4096), ("é", 64)] {
                let offset = archive.member(name).expect("a member").data_offset();
                if style == Style::Savez && compression == Compression::None {
                    assert_eq!(offset.map(|at| at % align), Some(0), "{name}");
                }
            }
        }
    }
}

#[test]
fn planned_regions_give_the_bytes_of_the_writer() {
    let dir = Dir::new("plan");
    let path = dir.0.join("a.npz");
    let plan = || {
        let mut plan = Plan::new();
        plan.add("x", DType::of::<u8>(), &[100], Order::C).expect("add");
        plan.add("none", DType::of::<f64>(), &[0], Order::C).expect("add");
        plan.create(&path).expect("create")
    };
    let bytes: Vec<u8> = (0..100).collect();
    let file = plan();
    let mut regions: Vec<Region> = [60..100, 0..25, 30..30, 25..60]
        .map(|r: std::ops::Range<usize>| file.write(0, r.start as u64, &bytes[r]).expect("write"))
        .to_vec();
    assert!(file.write(0, 99, &[1, 2]).is_err());
    assert!(file.write(0, u64::MAX, &[1, 2]).is_err());
    file.commit(regions.clone()).expect("commit");
    let mut written = Cursor::new(Vec::new());
    let mut writer = WriteOptions::new().seekable(&mut written).expect("seekable");
    writer.add("x", &bytes).expect("add").add("none", &[0.0f64; 0]).expect("add");
    writer.finish().expect("finish");
    assert_eq!(std::fs::read(&path).expect("read"), *written.get_ref());

    assert!(plan().commit(regions[1..].to_vec()).is_err(), "a region is missing");
    regions.push(Region { member: 0, offset: 100, len: u64::MAX, crc32: 0 });
    regions.push(Region { member: 0, offset: u64::MAX, len: 1, crc32: 0 });
    assert!(plan().commit(regions).is_err(), "regions beyond the data");
    assert_eq!(dir.names(), ["a.npz"]);
}

#[test]
fn plans_larger_than_any_file_are_refused() {
    let mut plan = Plan::new();
    let mut add = |name| plan.add(name, DType::of::<u8>(), &[1 << 62], Order::C);
    assert!(add("a").is_ok());
    assert!(add("b").is_err());
}

#[test]
fn slices_of_a_file_are_those_of_memory() {
    let values: Vec<u16> = (0..2 * 3 * 4 * 5).collect();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    for order in [Order::C, Order::Fortran] {
        let view = savez::ArrayView::new(DType::of::<u16>(), &[2, 3, 4, 5], order, &bytes);
        let view = view.expect("a view");
        for compression in [Compression::None, Compression::DEFLATE] {
            let mut out = Vec::new();
            let mut writer = WriteOptions::new().compression(compression).stream(&mut out);
            writer.add("a", &view).expect("add");
            writer.finish().expect("finish");
            let member = Archive::from_bytes(out).and_then(|a| a.member("a")).expect("a member");
            for text in [
                "0",
                "-1",
                "::-1",
                "..., ::-2",
                "1, ::2, ..., 3",
                ":, 1:, ::-3, -2:",
                "5:",
                "..., ::-1, ::-1",
                "::9223372036854775807",
                "::-9223372036854775808",
                "1,2,3,4",
            ] {
                let selection: Selection = text.parse().expect(text);
                let expected = view.select(&selection).expect(text);
                let found = member.slice(selection).expect(text);
                assert_eq!(found.shape(), expected.shape(), "{text}");
                let expected = expected.to_vec::<u16>().expect(text);
                assert_eq!(found.to_vec::<u16>().expect(text), expected, "{text} {order:?}");
            }
        }
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn strides_of_every_kind_are_walked() {
    use ndarray::{Array3, ArrayD, ArrayView2, ShapeBuilder};
    let array = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (100 * i + 10 * j + k) as i32);
    let row = ndarray::arr1(&[1, 2, 3]);
    let data = [1, 2, 3];
    let far = ArrayView2::from_shape((1, 3).strides((isize::MAX as usize, 1)), &data);
    let views = [
        array.view().into_dyn(),
        array.view().reversed_axes().into_dyn(),
        array.view().permuted_axes([1, 0, 2]).into_dyn(),
        array.slice(ndarray::s![..;-1, 1.., ..;-2]).into_dyn(),
        row.broadcast((4, 3)).expect("a broadcast").into_dyn(),
    ];
    for view in views.into_iter().chain(far.map(|view| view.into_dyn()).ok()) {
        let mut bytes = Vec::new();
        savez::save_to(&mut bytes, &view).expect("save");
        let found: ArrayD<i32> =
            savez::Member::from_bytes(bytes).and_then(|m| m.read()).expect("read");
        assert_eq!(found, view);
    }
}

#[test]
fn levels_beyond_the_last_are_the_last() {
    let archive = |level| {
        let mut bytes = Vec::new();
        let options = WriteOptions::new().compression(Compression::Deflate { level });
        let mut writer = options.stream(&mut bytes);
        writer.add("a", &[7u16; 1000]).expect("add");
        writer.finish().expect("finish");
        bytes
    };
    assert_eq!(archive(10), archive(9));
    assert_eq!(archive(u32::MAX), archive(9));
}

#[test]
fn a_panic_that_is_caught_breaks_the_archive_for_good() {
    for compression in [Compression::None, Compression::DEFLATE] {
        let mut file = Cursor::new(Vec::new());
        let options = WriteOptions::new().compression(compression);
        let mut writer = options.seekable(&mut file).expect("seekable");
        writer.add("a", &1u8).expect("add").watch(|_| panic!("as a test"));
        let add = std::panic::AssertUnwindSafe(|| _ = writer.add("b", &2u8));
        assert!(std::panic::catch_unwind(add).is_err());
        writer.watch(|_| Ok(()));
        assert!(writer.add("c", &3u8).is_err());
        assert!(writer.finish().is_err());
    }
}

/// A reader that gives this up must not be asked again.
#[test]
fn a_reader_may_stop_the_writing() {
    struct Stopping;
    impl Read for Stopping {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(savez::Error::stopped().into())
        }
    }
    let mut writer = WriteOptions::new().stream(io::sink());
    let error = writer.add_raw("a", Stopping).err().expect("stopped");
    assert_eq!(error.kind(), ErrorKind::Stopped);
}

#[test]
fn elements_that_numpy_could_not_hold_are_refused() {
    for dtype in [DType::Bytes(1 << 31), DType::Str(1 << 29, savez::ByteOrder::NATIVE)] {
        assert!(savez::ArrayView::new(dtype, &[0], Order::C, &[]).is_err());
    }
}

fn archive_of<A: savez::AsArray + ?Sized>(options: WriteOptions, array: &A) -> Archive {
    let mut bytes = Vec::new();
    let mut writer = options.stream(&mut bytes);
    writer.add("a", array).expect("add");
    writer.finish().expect("finish");
    Archive::from_bytes(bytes).expect("open")
}

#[test]
fn maps_are_refused_for_their_reason() {
    fn why<T: savez::Element + std::fmt::Debug>(archive: &Archive) -> String {
        archive.map().and_then(|map| map.view::<T>("a")).expect_err("a refusal").to_string()
    }
    let stored = WriteOptions::new();
    let numbers = archive_of(stored.clone(), &[1u32, 2, 3]);
    assert_eq!(&numbers.map().and_then(|map| map.view::<u32>("a")).expect("a view")[..], [1, 2, 3]);
    assert!(why::<i32>(&numbers).contains("i32"));
    assert!(why::<[u32; 2]>(&numbers).contains("does not end in"));
    let deflated = archive_of(stored.clone().compression(Compression::DEFLATE), &[1u32, 2, 3]);
    assert!(why::<u32>(&deflated).contains("nowhere in the file"));
    // Aligned are the data in the archive; the archive in memory is at an even address.
    let odd = archive_of(stored.clone().style(Style::Numpy), &[1u64, 2, 3]);
    assert_eq!(odd.member("a").expect("a member").data_offset().map(|at| at % 2), Some(1));
    assert!(why::<u64>(&odd).contains("a multiple of 8"));

    let order = if cfg!(target_endian = "little") { '>' } else { '<' };
    let dtype = format!("{order}u4").parse().expect("a dtype");
    let swapped = savez::ArrayView::new(dtype, &[1], Order::C, &[0, 0, 0, 1]).expect("a view");
    assert!(why::<u32>(&archive_of(stored.clone(), &swapped)).contains("byte order"));
    let two = savez::ArrayView::new(DType::of::<bool>(), &[3], Order::C, &[0, 1, 2]);
    let bools = archive_of(stored, &two.expect("a view"));
    assert!(why::<bool>(&bools).contains("a bool is 2 (byte 2"));
    assert_eq!(bools.read::<Vec<bool>>("a").expect("read"), [false, true, true]);
}

#[test]
fn both_byte_orders_and_both_orders_are_read() {
    let values: Vec<u16> = (0..6).collect();
    for (text, bytes) in [
        ("<u2", values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()),
        (">u2", values.iter().flat_map(|v| v.to_be_bytes()).collect()),
    ] {
        for (order, expected) in
            [(Order::C, [[0, 1, 2], [3, 4, 5]]), (Order::Fortran, [[0, 2, 4], [1, 3, 5]])]
        {
            let dtype: DType = text.parse().expect("a dtype");
            let view = savez::ArrayView::new(dtype, &[2, 3], order, &bytes).expect("a view");
            let archive = archive_of(WriteOptions::new(), &view);
            assert_eq!(archive.read::<[[u16; 3]; 2]>("a").expect("read"), expected);
            assert_eq!(archive.read::<Vec<[u16; 3]>>("a").expect("read"), expected);
            let array = archive.read_array("a").expect("read");
            assert_eq!((array.order(), array.as_bytes()), (order, &bytes[..]));
            #[cfg(feature = "ndarray")]
            {
                let array: ndarray::Array2<u16> = archive.read("a").expect("read");
                assert_eq!(array, ndarray::arr2(&expected));
            }
        }
    }
}

#[test]
fn zip64_is_used_where_it_is_needed_only() {
    for (size, zip64) in [(1u64 << 31, false), ((1 << 32) - (1 << 14), false), (1 << 32, true)] {
        let dir = Dir::new("zip64");
        let path = dir.0.join("a.npz");
        let mut plan = Plan::new();
        plan.add("a", DType::of::<u8>(), &[size as usize], Order::C).expect("add");
        plan.add("b", DType::of::<u8>(), &[1], Order::C).expect("add");
        let far = plan.data_offset(1) > u64::from(u32::MAX);
        assert_eq!(far, zip64, "where b is");
        // A sparse file: the zeros are never written, only vouched for.
        let mut zeros = crc32fast::Hasher::new_with_initial_len(crc32fast::hash(&[0]), 1);
        for bit in (0..63 - size.leading_zeros()).rev() {
            let half = zeros.clone();
            zeros.combine(&half);
            if size >> bit & 1 == 1 {
                zeros.update(&[0]);
            }
        }
        let file = plan.create(&path).expect("create");
        let b = file.write(1, 0, &[7]).expect("write");
        file.commit([Region { member: 0, offset: 0, len: size, crc32: zeros.finalize() }, b])
            .expect("commit");
        let archive = Archive::open(&path).expect("open");
        assert_eq!(archive.read::<Vec<u8>>("b").expect("read"), [7]);
        let last = archive.member("a").and_then(|a| a.slice(size as usize - 1..)).expect("slice");
        assert_eq!(last.as_bytes(), [0]);
        let len = std::fs::metadata(&path).expect("the file").len();
        let map = archive.map().expect("map");
        assert_eq!(map.array("a").expect("a").as_bytes().len() as u64, size);
        let mut tail = vec![0; 200];
        let file = std::fs::File::open(&path).expect("open");
        #[cfg(unix)]
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut tail, len - 200).expect("read");
        let locator = tail.windows(4).any(|window| window == b"PK\x06\x07");
        assert!(locator == zip64 || cfg!(not(unix)), "{size}");
    }
}
