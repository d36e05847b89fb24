//! One-liners: NumPy's `save`, `savez`, `savez_compressed` and `load`, and `append`.

use std::io::Write;
use std::path::Path;

use super::member::Member;
use super::options::{Compression, WriteOptions};
use super::writer::Writer;
use crate::io::replace::Replacement;
use crate::io::sink::Sink;
use crate::npy::array::{FromArray, python_objects};
use crate::npy::view::{ArrayView, AsArray};
use crate::{Error, Result};

/// Bytes are written in pieces of this size, so that a watch is heard soon, and to multiples of it in the
/// file, which is fastest.
const PIECE: usize = 512 << 10;

/// Saves an array to an `.npy` file, which takes the name when it is whole.
///
/// Unlike NumPy's, it takes the path as it is and never adds an extension.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-save-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("x.npy");
/// savez::save(&path, &[1.0, 2.0, 3.0])?;
/// assert_eq!(savez::load::<Vec<f64>>(&path)?, [1.0, 2.0, 3.0]);
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If NumPy could not hold the array, or the system refuses. The old file is then what it was.
pub fn save<A: AsArray + ?Sized>(path: impl AsRef<Path>, array: &A) -> Result<()> {
    save_watched(path, array, |_| Ok(()))
}

/// As [`save`], with `watch` called after every piece of some 100 KB with the number of bytes
/// written since the last call. An error of it, such as [`Error::stopped`], ends the saving.
///
/// # Errors
/// As `save`; of `watch` any.
pub fn save_watched<A: AsArray + ?Sized>(
    path: impl AsRef<Path>,
    array: &A,
    watch: impl FnMut(u64) -> Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    try_save(path, array, watch).map_err(|error| error.in_file(Some(path)))
}

fn try_save<A: AsArray + ?Sized>(
    path: &Path,
    array: &A,
    mut watch: impl FnMut(u64) -> Result<()>,
) -> Result<()> {
    let array = array.as_array()?;
    let head = head(&array)?;
    let mut sink = Sink::replacement(Replacement::create(path, true, false)?);
    sink.write_at(0, &head)?;
    let mut end = head.len() as u64;
    array.for_each_piece(array.order(), |mut piece| {
        while !piece.is_empty() {
            let (part, rest) = piece.split_at(piece.len().min(PIECE - end as usize % PIECE));
            sink.write_at(end, part)?;
            end += part.len() as u64;
            watch(part.len() as u64)?;
            piece = rest;
        }
        Ok(())
    })?;
    sink.finish(end)
}

/// Writes a file with these bytes, whatever they mean, which takes the name when it is whole. For
/// what [`save`] refuses: arrays of Python objects, whose bytes only Python can make.
///
/// # Errors
/// If the system refuses. The old file is then what it was.
pub fn save_bytes(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    let path = path.as_ref();
    let write = || {
        let mut sink = Sink::replacement(Replacement::create(path, true, false)?);
        sink.write_at(0, bytes)?;
        sink.finish(bytes.len() as u64)
    };
    write().map_err(|error| error.in_file(Some(path)))
}

/// Writes an array to a writer as the bytes of an `.npy` file. Several may follow each other.
///
/// ```
/// let mut bytes = Vec::new();
/// savez::save_to(&mut bytes, &[1u8, 2, 3])?;
/// assert_eq!(savez::Member::from_bytes(bytes)?.read::<Vec<u8>>()?, [1, 2, 3]);
/// # Ok::<(), savez::Error>(())
/// ```
///
/// # Errors
/// If NumPy could not hold the array, or the writer fails.
pub fn save_to<A: AsArray + ?Sized>(mut out: impl Write, array: &A) -> Result<()> {
    let array = array.as_array()?;
    out.write_all(&head(&array)?).map_err(|error| Error::io(error, "cannot write the array"))?;
    array.write(out, array.order())
}

/// The npy header of an array that has no Python objects.
fn head(array: &ArrayView<'_>) -> Result<Vec<u8>> {
    if array.dtype().has_objects() {
        return Err(python_objects());
    }
    array.header().to_bytes()
}

/// Loads the array of an `.npy` file. Archives are opened with [`Archive`](crate::Archive).
///
/// # Errors
/// If it cannot be opened, holds no array or one of another dtype or shape, or is cut short.
pub fn load<A: FromArray>(path: impl AsRef<Path>) -> Result<A> {
    Member::open(path)?.read()
}

/// Saves several arrays to an archive, not compressed.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-savez-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("model.npz");
/// let w = vec![0.5f32; 100];
/// savez::savez(&path, &[("w", &w), ("step", &42i64)])?;
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Writer::add`](crate::Writer::add). The old file is then what it was.
pub fn savez(path: impl AsRef<Path>, arrays: &[(&str, &dyn AsArray)]) -> Result<()> {
    write(path.as_ref(), arrays, Compression::None)
}

/// Saves several arrays to an archive, compressed as NumPy does.
///
/// # Errors
/// As [`savez`].
pub fn savez_compressed(path: impl AsRef<Path>, arrays: &[(&str, &dyn AsArray)]) -> Result<()> {
    write(path.as_ref(), arrays, Compression::DEFLATE)
}

/// Adds several arrays to an archive, or replaces those of the same name; makes the archive if there
/// is none. See [`WriteOptions::append`].
///
/// # Errors
/// As there. The archive is then what it was.
pub fn append(path: impl AsRef<Path>, arrays: &[(&str, &dyn AsArray)]) -> Result<()> {
    write_all(WriteOptions::new().append(path)?, arrays)
}

fn write(path: &Path, arrays: &[(&str, &dyn AsArray)], compression: Compression) -> Result<()> {
    write_all(WriteOptions::new().compression(compression).create(path)?, arrays)
}

fn write_all(mut writer: Writer<'_>, arrays: &[(&str, &dyn AsArray)]) -> Result<()> {
    writer.add_all(arrays.iter().copied())?;
    writer.finish()
}
