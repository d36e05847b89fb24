//! Numbers in either byte order, read as Rust values: in one piece or many, by one thread or several.

use std::fmt::Debug;
use std::path::Path;

use savez::{
    Archive, ArrayView, ByteOrder, Compression, DType, Element, Member, Order, Result, Style,
    WriteOptions,
};

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
        |value, order| match order {
            ByteOrder::Big => value.to_be_bytes().to_vec(),
            ByteOrder::Little => value.to_le_bytes().to_vec(),
        }
    };
}

#[test]
fn numbers_are_read_in_either_byte_order() -> Result<()> {
    let dir = Dir::new("byte-order-numbers");
    check::<u8>(&dir.0, |i| i as u8, to_bytes!())?;
    check::<u16>(&dir.0, |i| (i * 40_503) as u16, to_bytes!())?;
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
        let (time, x, y) = match order {
            ByteOrder::Big => (event.time.to_be_bytes(), x.to_be_bytes(), y.to_be_bytes()),
            ByteOrder::Little => (event.time.to_le_bytes(), x.to_le_bytes(), y.to_le_bytes()),
        };
        [&time[..], &x, &y, &event.kind].concat()
    })
}

#[test]
fn transposed_numbers_are_read_in_either_byte_order() -> Result<()> {
    // Columns, with more bytes than are gathered at a time.
    let (rows, columns) = (1001, 301);
    let at = |row: usize, column: usize| (row * columns + column) as u32;
    let expected: Vec<u32> = (0..rows * columns).map(|i| at(i / columns, i % columns)).collect();
    for (order, text) in [(ByteOrder::Big, ">u4"), (ByteOrder::Little, "<u4")] {
        let by_columns = (0..rows * columns).map(|i| at(i % rows, i / rows));
        let stored: Vec<u8> = by_columns
            .flat_map(|number| match order {
                ByteOrder::Big => number.to_be_bytes(),
                ByteOrder::Little => number.to_le_bytes(),
            })
            .collect();
        let dtype: DType = text.parse()?;
        let array = ArrayView::new(dtype, &[rows, columns], Order::Fortran, &stored)?;
        assert!(array.to_vec::<u32>()? == expected, "{text}");
    }
    Ok(())
}
