//! Loading named arrays with each crate, into memory of their own.

use std::any::Any;
use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use ndarray::{ArrayD, OwnedRepr};
use savez::Archive;

use crate::{Check, Outcome, Work};

type Arrays = Vec<(String, ArrayD<f32>)>;

/// Loading all float32 arrays of the file in `directory` that is in the crate's format.
pub(crate) fn work(crate_name: &str, directory: &Path) -> Outcome<(Work, Check)> {
    let file = match crate_name {
        "savez" => "savez.npz",
        "safetensors" => "input.safetensors",
        _ => "input.npz",
    };
    work_on(file, crate_name, directory)
}

/// Loading the same arrays from a file in which they are in the other byte order.
pub(crate) fn swapped(crate_name: &str, directory: &Path) -> Outcome<(Work, Check)> {
    work_on("swapped.npz", crate_name, directory)
}

fn work_on(file: &str, crate_name: &str, directory: &Path) -> Outcome<(Work, Check)> {
    let load: fn(&Path) -> Outcome<Arrays> = match crate_name {
        "savez" => savez,
        "ndarray-npy" => ndarray_npy,
        "npyz" => npyz,
        "safetensors" => safetensors,
        _ => return Err(format!("no such crate: {crate_name}").into()),
    };
    let path = directory.join(file);
    let ours = directory.join("savez.npz");
    Ok((Box::new(move || Ok(Box::new(load(&path)?))), Box::new(move |found| same(&ours, found))))
}

/// Opening an archive and reading the last of so many arrays.
pub(crate) fn last(count: usize, directory: &Path) -> Outcome<(Work, Check)> {
    let path = directory.join("savez.npz");
    let name = format!("layer{:07}.w", count - 1);
    Ok((
        Box::new(move || Ok(Box::new(Archive::open(&path)?.read::<Vec<f32>>(&name)?))),
        Box::new(move |found| match found.downcast_ref::<Vec<f32>>() {
            Some(row) if row[15] == (16 * count - 1) as f32 => Ok(()),
            _ => Err("other values".into()),
        }),
    ))
}

fn savez(path: &Path) -> Outcome<Arrays> {
    let archive = Archive::open(path)?;
    archive.names().map(|name| Ok((name.to_owned(), archive.read(name)?))).collect()
}

fn ndarray_npy(path: &Path) -> Outcome<Arrays> {
    let mut archive = ndarray_npy::NpzReader::new(File::open(path)?)?;
    let names = archive.names()?;
    names
        .into_iter()
        .map(|name| {
            let array = archive.by_name::<OwnedRepr<f32>, _>(&format!("{name}.npy"));
            Ok((name, array?))
        })
        .collect()
}

fn npyz(path: &Path) -> Outcome<Arrays> {
    let mut archive = npyz::npz::NpzArchive::open(path)?;
    let names: Vec<String> = archive.array_names().map(str::to_owned).collect();
    names
        .into_iter()
        .map(|name| {
            let array = archive.by_name(&name)?.ok_or("no such array")?;
            let shape: Vec<usize> = array.shape().iter().map(|&n| n as usize).collect();
            Ok((name, ArrayD::from_shape_vec(shape, array.into_vec()?)?))
        })
        .collect()
}

/// As candle and burn do: the file mapped, the numbers copied out of it.
fn safetensors(path: &Path) -> Outcome<Arrays> {
    let file = File::open(path)?;
    // SAFETY: nobody changes the file while the contender has it mapped.
    let map = unsafe { Mmap::map(&file)? };
    let tensors = safetensors::SafeTensors::deserialize(&map)?;
    tensors
        .iter()
        .map(|(name, tensor)| {
            let (numbers, _) = tensor.data().as_chunks();
            let numbers = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            Ok((name.to_owned(), ArrayD::from_shape_vec(tensor.shape().to_vec(), numbers)?))
        })
        .collect()
}

fn same(ours: &Path, found: &dyn Any) -> Outcome<()> {
    let found = found.downcast_ref::<Arrays>().ok_or("no arrays")?;
    let archive = Archive::open(ours)?;
    if found.len() != archive.len() {
        return Err("not all arrays".into());
    }
    for (name, array) in found {
        if archive.read::<ArrayD<f32>>(name)? != *array {
            return Err(format!("{name}: other values").into());
        }
    }
    Ok(())
}

/// Loading the arrays of `input.npz`, which are compressed and of any dtypes.
pub(crate) fn inflated(crate_name: &str, directory: &Path) -> Outcome<(Work, Check)> {
    let path = directory.join("input.npz");
    let work: Work = match crate_name {
        "savez" => Box::new(move || {
            let archive = Archive::open(&path)?;
            let arrays: savez::Result<Vec<_>> =
                archive.names().map(|name| archive.read_array(name)).collect();
            Ok(Box::new(arrays?))
        }),
        "ndarray-npy" => inflated_by_ndarray_npy(path)?,
        _ => return Err(format!("no such crate: {crate_name}").into()),
    };
    // Both crates compare checksums as they read.
    Ok((work, Box::new(|_| Ok(()))))
}

fn inflated_by_ndarray_npy(path: PathBuf) -> Outcome<Work> {
    type Reader = ndarray_npy::NpzReader<File>;
    type Read = fn(&mut Reader, &str) -> Outcome<Box<dyn Any>>;
    fn read<T>(reader: &mut Reader, name: &str) -> Outcome<Box<dyn Any>>
    where
        T: ndarray_npy::ReadableElement + 'static,
    {
        let array: ArrayD<T> = reader.by_name::<OwnedRepr<T>, _>(&format!("{name}.npy"))?;
        Ok(Box::new(array))
    }
    let archive = Archive::open(&path)?;
    let reads = archive
        .names()
        .map(|name| {
            let read: Read = match archive.member(name)?.dtype().to_string().as_str() {
                "<f4" => read::<f32>,
                "<f8" => read::<f64>,
                "<i8" => read::<i64>,
                "|b1" => read::<bool>,
                "|u1" => read::<u8>,
                other => return Err(format!("{name}: unexpected dtype {other}").into()),
            };
            Ok((name.to_owned(), read))
        })
        .collect::<Outcome<Vec<(String, Read)>>>()?;
    Ok(Box::new(move || {
        let mut reader = Reader::new(File::open(&path)?)?;
        let arrays: Outcome<Vec<_>> =
            reads.iter().map(|(name, read)| read(&mut reader, name)).collect();
        Ok(Box::new(arrays?))
    }))
}
