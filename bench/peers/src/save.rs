//! Saving named arrays with each crate.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use npyz::WriterBuilder;
use npyz::zip::CompressionMethod;
use npyz::zip::write::FileOptions;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use savez::{Archive, Array, AsArray};

use crate::{Check, Outcome, Work};

type Arrays = Vec<(String, Array2<f32>)>;

/// Four arrays of so many bytes each, of numbers that no compressor gets smaller.
pub(crate) fn weights(nbytes: usize) -> Arrays {
    let mut state = 1u64;
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    (0..4)
        .map(|i| (format!("w{i}"), Array2::from_shape_simple_fn((nbytes / 256, 64), &mut number)))
        .collect()
}

/// Arrays of 64 bytes.
pub(crate) fn small(count: usize) -> Arrays {
    (0..count).map(|i| (format!("layer{i:07}.w"), Array2::from_elem((1, 16), i as f32))).collect()
}

/// Saving to `path`.
pub(crate) fn work(crate_name: &str, arrays: Arrays, path: &Path) -> Outcome<(Work, Check)> {
    let save = match crate_name {
        "savez" => savez,
        "ndarray-npy" => ndarray_npy,
        "npyz" => npyz,
        "safetensors" => safetensors,
        _ => return Err(format!("no such crate: {crate_name}").into()),
    };
    let archive = crate_name != "safetensors";
    let expected = if archive { arrays.clone() } else { Vec::new() };
    let saved = path.to_owned();
    let path = path.to_owned();
    Ok((
        Box::new(move || Ok(Box::new(save(&path, &arrays)?))),
        Box::new(move |_| {
            if expected.is_empty() {
                return Ok(());
            }
            let archive = Archive::open(&saved)?;
            for (name, array) in &expected {
                let read: Array2<f32> = archive.read(name)?;
                if read != array {
                    return Err(format!("{name}: other values").into());
                }
            }
            Ok(())
        }),
    ))
}

fn savez(path: &Path, arrays: &Arrays) -> Outcome<()> {
    let mut writer = savez::Writer::create(path)?;
    for (name, array) in arrays {
        writer.add(name, array)?;
    }
    Ok(writer.finish()?)
}

fn ndarray_npy(path: &Path, arrays: &Arrays) -> Outcome<()> {
    let mut writer = ndarray_npy::NpzWriter::new(BufWriter::new(File::create(path)?));
    for (name, array) in arrays {
        writer.add_array(name.as_str(), array)?;
    }
    writer.finish()?;
    Ok(())
}

fn npyz(path: &Path, arrays: &Arrays) -> Outcome<()> {
    let mut archive = npyz::npz::NpzWriter::create(path)?;
    let options =
        FileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for (name, array) in arrays {
        let shape = array.shape().iter().map(|&n| n as u64).collect::<Vec<_>>();
        let builder = archive.array(name, options)?.default_dtype().shape(&shape);
        let mut writer = builder.begin_nd()?;
        writer.extend(array.iter())?;
        writer.finish()?;
    }
    Ok(())
}

fn safetensors(path: &Path, arrays: &Arrays) -> Outcome<()> {
    let views: HashMap<&str, TensorView<'_>> = arrays
        .iter()
        .map(|(name, array)| {
            let bytes = bytes_of(array.as_slice().ok_or("not contiguous")?);
            let view = TensorView::new(Dtype::F32, array.shape().to_vec(), bytes)?;
            Ok((name.as_str(), view))
        })
        .collect::<Outcome<_>>()?;
    Ok(safetensors::serialize_to_file(views, None, path)?)
}

fn bytes_of(numbers: &[f32]) -> &[u8] {
    // SAFETY: every byte of an `f32` is initialised, a `u8` has no alignment, and the length is
    // that of the same memory, borrowed for the same time.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// Compressing the arrays of `input.npz`, of any dtypes, to `path`.
pub(crate) fn compressed(
    crate_name: &str,
    directory: &Path,
    path: &Path,
) -> Outcome<(Work, Check)> {
    let archive = Archive::open(directory.join("input.npz"))?;
    let path = path.to_owned();
    let saved = path.clone();
    let check: Check = Box::new(move |_| {
        let archive = Archive::open(&saved)?;
        archive.names().try_for_each(|name| Ok(archive.read_array(name).map(drop)?))
    });
    match crate_name {
        "savez" => Ok((compressed_by_savez(&archive, path)?, check)),
        "ndarray-npy" => Ok((compressed_by_ndarray_npy(&archive, path)?, check)),
        _ => Err(format!("no such crate: {crate_name}").into()),
    }
}

fn compressed_by_savez(archive: &Archive, path: PathBuf) -> Outcome<Work> {
    let arrays = archive
        .names()
        .map(|name| Ok((name.to_owned(), archive.read_array(name)?)))
        .collect::<Outcome<Vec<(String, Array)>>>()?;
    Ok(Box::new(move || {
        let listed: Vec<(&str, &dyn AsArray)> =
            arrays.iter().map(|(name, array)| (name.as_str(), array as &dyn AsArray)).collect();
        Ok(Box::new(savez::savez_compressed(&path, &listed)?))
    }))
}

fn compressed_by_ndarray_npy(archive: &Archive, path: PathBuf) -> Outcome<Work> {
    type Writer = ndarray_npy::NpzWriter<BufWriter<File>>;
    type Add = Box<dyn Fn(&mut Writer) -> Outcome<()>>;
    fn add<T>(archive: &Archive, name: &str) -> Outcome<Add>
    where
        T: savez::Element + ndarray_npy::WritableElement,
    {
        let array: ndarray::ArrayD<T> = archive.read(name)?;
        let name = name.to_owned();
        Ok(Box::new(move |writer| Ok(writer.add_array(name.as_str(), &array)?)))
    }
    let adds = archive
        .names()
        .map(|name| match archive.member(name)?.dtype().to_string().as_str() {
            "<f4" => add::<f32>(archive, name),
            "<f8" => add::<f64>(archive, name),
            "<i8" => add::<i64>(archive, name),
            "|b1" => add::<bool>(archive, name),
            "|u1" => add::<u8>(archive, name),
            other => Err(format!("{name}: unexpected dtype {other}").into()),
        })
        .collect::<Outcome<Vec<Add>>>()?;
    Ok(Box::new(move || {
        let mut writer = Writer::new_compressed(BufWriter::new(File::create(&path)?));
        adds.iter().try_for_each(|add| add(&mut writer))?;
        writer.finish()?;
        Ok(Box::new(()))
    }))
}
