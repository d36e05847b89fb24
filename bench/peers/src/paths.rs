//! `paths NAME`: one hot path of the engine, once, for valgrind to count its instructions.
//!
//! Only what happens within [`measured`] is counted; `bench/instructions.py` says so to valgrind.
//! Without a name, lists the paths.

use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView2};
use savez::{Archive, Compression, Header, Limits, Order, WriteOptions, Writer};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What is counted, once it is set up.
type Work = Box<dyn FnMut() -> Outcome<()>>;

/// Sets a path up in a directory.
type Start = fn(&Path) -> Outcome<Work>;

/// The paths, by name.
const PATHS: [(&str, Start); 12] = [
    ("save 1 MiB", |place| save(place.join("a.npz"), Compression::None)),
    ("load 1 MiB", |place| load(place, Compression::None)),
    ("save 1 MiB, axes exchanged", save_transposed),
    ("save 1000 arrays", save_many),
    ("open 1000 arrays", open_many),
    ("load 1000 arrays", load_many),
    ("find each of 1000 arrays", find_many),
    ("slice 1 % of the rows", slice),
    ("write a header", |_| Ok(Box::new(write_header))),
    ("read a header", |_| read_header()),
    ("compress 1 MiB", |place| save(place.join("a.npz"), Compression::DEFLATE)),
    ("inflate 1 MiB", |place| load(place, Compression::DEFLATE)),
];

fn main() -> Outcome<()> {
    let Some(name) = std::env::args().nth(1) else {
        PATHS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let (_, start) = PATHS.iter().find(|(path, _)| *path == name).ok_or("no such path")?;
    let place = std::env::temp_dir().join(format!("savez-paths-{}", std::process::id()));
    std::fs::create_dir(&place)?;
    let done = start(&place).and_then(|mut work| {
        // Once before, for what is set up at first use.
        work()?;
        measured(&mut work)
    });
    std::fs::remove_dir_all(&place)?;
    done
}

#[inline(never)]
fn measured(work: &mut Work) -> Outcome<()> {
    work()
}

/// 1 MiB of numbers with some regularity, so that compressing them takes all its paths.
fn numbers() -> Array2<f32> {
    Array2::from_shape_fn((4096, 64), |(row, column)| {
        ((row * 7 + column * 13) % 1000) as f32 * 0.25 + (row ^ column) as f32
    })
}

fn save(path: PathBuf, compression: Compression) -> Outcome<Work> {
    let array = numbers();
    Ok(Box::new(move || {
        let mut writer = WriteOptions::new().compression(compression).create(&path)?;
        writer.add("x", &array)?;
        Ok(writer.finish()?)
    }))
}

fn load(place: &Path, compression: Compression) -> Outcome<Work> {
    let path = place.join("a.npz");
    save(path.clone(), compression)?()?;
    Ok(Box::new(move || {
        let array: Array2<f32> = Archive::open(&path)?.read("x")?;
        std::hint::black_box(&array);
        Ok(())
    }))
}

fn save_transposed(place: &Path) -> Outcome<Work> {
    let path = place.join("a.npz");
    let cube = numbers().into_shape_with_order((64, 64, 64))?;
    Ok(Box::new(move || {
        let mut writer = Writer::create(&path)?;
        writer.add("x", &cube.view().permuted_axes([1, 0, 2]))?;
        Ok(writer.finish()?)
    }))
}

fn many(path: &Path) -> Outcome<()> {
    let row = [0.5f32; 16];
    let mut writer = Writer::create(path)?;
    for number in 0..1000 {
        writer.add(&format!("layer{number:04}.w"), &row)?;
    }
    Ok(writer.finish()?)
}

fn save_many(place: &Path) -> Outcome<Work> {
    let path = place.join("a.npz");
    Ok(Box::new(move || many(&path)))
}

fn open_many(place: &Path) -> Outcome<Work> {
    let path = place.join("a.npz");
    many(&path)?;
    Ok(Box::new(move || {
        std::hint::black_box(Archive::open(&path)?);
        Ok(())
    }))
}

fn load_many(place: &Path) -> Outcome<Work> {
    let path = place.join("a.npz");
    many(&path)?;
    let archive = Archive::open(&path)?;
    Ok(Box::new(move || {
        for entry in archive.entries() {
            std::hint::black_box(archive.member_of(entry)?.read_array()?);
        }
        Ok(())
    }))
}

fn find_many(place: &Path) -> Outcome<Work> {
    let path = place.join("a.npz");
    many(&path)?;
    let archive = Archive::open(&path)?;
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    Ok(Box::new(move || {
        for name in &names {
            std::hint::black_box(archive.entry(name)?);
        }
        Ok(())
    }))
}

fn slice(place: &Path) -> Outcome<Work> {
    let path = place.join("a.npz");
    save(path.clone(), Compression::None)?()?;
    let archive = Archive::open(&path)?;
    Ok(Box::new(move || {
        std::hint::black_box(archive.member("x")?.slice(2000..2041)?);
        Ok(())
    }))
}

fn write_header() -> Outcome<()> {
    let header = Header::new("<f4".parse()?, &[4096, 64], Order::C)?;
    std::hint::black_box(header.to_bytes()?);
    Ok(())
}

fn read_header() -> Outcome<Work> {
    let mut bytes = Vec::new();
    savez::save_to(&mut bytes, &ArrayView2::from_shape((1, 3), &[1.0f32, 2.0, 3.0])?)?;
    Ok(Box::new(move || {
        std::hint::black_box(Header::from_bytes(&bytes, &Limits::default())?);
        Ok(())
    }))
}
