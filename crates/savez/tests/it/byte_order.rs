//! Numbers in either byte order, read as Rust values: in one piece or many, by one thread or several.

use std::fmt::Debug;
use std::path::Path;

use savez::{
    Archive, ArrayView, ByteOrder, Compression, DType, Element, FixedStr, Member, Order, Result,
    Style, WriteOptions,
};

use crate::handmade::{self, Part};
use crate::writing::Dir;

/// In one stretch, in shares of several threads, in shares that begin with huge pages.
const SIZES: [usize; 3] = [100, 3 << 20, 5 << 20];

/// Writes the values in all ways and reads them back; `bytes` are those of one of them.
fn check<T: Element + PartialEq + Debug>(
    dir: &Path,
    value: impl Fn(usize) -> T,
    bytes: impl Fn(&T, ByteOrder) -> Vec<u8>,
) -> Result<()> {
    let deflated = WriteOptions::new().compression(Compression::Deflate { level: 1 });
    let ways = [
        WriteOptions::new(),
        // The data begin at any byte.
        WriteOptions::new().style(Style::Numpy),
        deflated.clone(),
        deflated.style(Style::Numpy),
    ];
    for size in SIZES {
        // Of an odd number, no piece is the last whole one.
        let values: Vec<T> = (0..(size / size_of::<T>()) | 1).map(&value).collect();
        for order in [ByteOrder::Big, ByteOrder::Little] {
            let stored: Vec<u8> = values.iter().flat_map(|value| bytes(value, order)).collect();
            let dtype = DType::of::<T>().with_byte_order(order);
            let array = ArrayView::new(dtype, &[values.len()], Order::C, &stored)?;
            assert!(array.to_vec::<T>()? == values, "{array:?} in memory");
            for (number, options) in ways.iter().enumerate() {
                let path = dir.join("a.npz");
                let mut writer = options.clone().create(&path)?;
                writer.add("a", &array)?;
                writer.finish()?;
                let told = format!("{array:?}, written in way {number}");
                assert!(Archive::open(&path)?.read::<Vec<T>>("a")? == values, "{told}");
                // In memory, where one thread copies.
                let bytes = std::fs::read(&path)?;
                let archive = Archive::from_bytes(bytes)?;
                assert!(archive.read::<Vec<T>>("a")? == values, "{told}, in memory");
                assert!(archive.read_array("a")?.as_bytes() == stored, "{told}: an array changed");
            }
            let path = dir.join("a.npy");
            savez::save(&path, &array)?;
            assert!(Member::open(&path)?.read::<Vec<T>>()? == values, "{array:?}, npy");
        }
    }
    Ok(())
}

macro_rules! to_bytes {
    () => {
        |value, order| to_bytes!(value, order).to_vec()
    };
    ($value:expr, $order:expr) => {
        match $order {
            ByteOrder::Big => $value.to_be_bytes(),
            ByteOrder::Little => $value.to_le_bytes(),
        }
    };
}

#[test]
fn numbers_are_read_in_either_byte_order() -> Result<()> {
    let dir = Dir::new("byte-order-numbers");
    check::<u8>(&dir.0, |i| i as u8, to_bytes!())?;
    // No stretch of them comes again at a distance of whole pieces.
    check::<u16>(&dir.0, |i| ((i as u32).wrapping_mul(40_503) >> 7) as u16, to_bytes!())?;
    check::<i32>(&dir.0, |i| (i as i32).wrapping_mul(-1_640_531_527), to_bytes!())?;
    check::<f64>(&dir.0, |i| i as f64 / 3.0, to_bytes!())
}

#[cfg(feature = "derive")]
#[test]
fn records_of_which_pieces_are_no_multiple_are_read_in_either_byte_order() -> Result<()> {
    #[derive(Clone, Copy, Debug, PartialEq, savez::Record)]
    #[repr(C)]
    struct Event {
        time: u32,
        cell: [u16; 2],
        kind: [u8; 4],
    }
    let dir = Dir::new("byte-order-records");
    let event = |i: usize| Event {
        time: i as u32,
        cell: [i as u16, (i / 3) as u16],
        kind: [1, 2, 3, i as u8],
    };
    check(&dir.0, event, |event, order| {
        let [x, y] = event.cell;
        let (x, y) = (to_bytes!(x, order), to_bytes!(y, order));
        [&to_bytes!(event.time, order)[..], &x, &y, &event.kind].concat()
    })
}

#[cfg(feature = "derive")]
#[test]
fn records_longer_than_a_piece_are_read_in_either_byte_order() -> Result<()> {
    #[derive(Clone, Copy, Debug, PartialEq, savez::Record)]
    #[repr(C)]
    struct Spectrum {
        id: u16,
        kind: [u8; 2],
        counts: [u32; 70_000],
    }
    let dir = Dir::new("byte-order-long");
    let spectrum = |i: usize| Spectrum {
        id: i as u16,
        kind: [1, 2],
        counts: std::array::from_fn(|at| (at * 7 + i) as u32),
    };
    check(&dir.0, spectrum, |spectrum, order| {
        let counts = spectrum.counts.iter().flat_map(|count| to_bytes!(count, order));
        to_bytes!(spectrum.id, order).into_iter().chain(spectrum.kind).chain(counts).collect()
    })
}

#[test]
fn numbers_with_bytes_behind_them_are_read_in_either_byte_order() -> Result<()> {
    let numbers: Vec<u32> = (0..300_001).collect();
    let big: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let header = "{'descr': '>u4', 'fortran_order': False, 'shape': (300001,), }";
    let bytes = [&handmade::npy_with_header(header, &big)[..], b"and more"].concat();
    for part in [Part::stored("a.npy", &bytes), Part::deflated("a.npy", &bytes)] {
        let archive = Archive::from_bytes(handmade::zip(&[part]))?;
        assert!(archive.read::<Vec<u32>>("a")? == numbers);
    }
    Ok(())
}

#[test]
fn texts_without_letters_have_no_byte_order() -> Result<()> {
    for descr in [">U0", "<U0"] {
        let array = ArrayView::new(descr.parse()?, &[2, 3], Order::Fortran, &[])?;
        assert_eq!(array.to_vec::<FixedStr<0>>()?, [FixedStr([]); 6]);
        let dir = Dir::new("byte-order-empty");
        let path = dir.0.join("a.npy");
        savez::save(&path, &array)?;
        assert_eq!(Member::open(&path)?.read::<[[FixedStr<0>; 3]; 2]>()?, [[FixedStr([]); 3]; 2]);
    }
    Ok(())
}

#[test]
fn transposed_numbers_are_read_in_either_byte_order() -> Result<()> {
    // Columns, with more bytes than are gathered at a time.
    let (rows, columns) = (1001, 301);
    let at = |row: usize, column: usize| (row * columns + column) as u32;
    let expected: Vec<u32> = (0..rows * columns).map(|i| at(i / columns, i % columns)).collect();
    for (order, text) in [(ByteOrder::Big, ">u4"), (ByteOrder::Little, "<u4")] {
        let by_columns = (0..rows * columns).map(|i| at(i % rows, i / rows));
        let stored: Vec<u8> = by_columns.flat_map(|number| to_bytes!(number, order)).collect();
        let dtype: DType = text.parse()?;
        let array = ArrayView::new(dtype, &[rows, columns], Order::Fortran, &stored)?;
        assert!(array.to_vec::<u32>()? == expected, "{text}");
    }
    Ok(())
}
