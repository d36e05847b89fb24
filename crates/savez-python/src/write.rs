//! Writing `.npy` and `.npz` files from NumPy's arrays.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use numpy::{PyArrayDescr, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyString, PyTuple};
use savez::{Compression, DType, ErrorKind, Style, WriteOptions};

use crate::array::{Kept, Lent};
use crate::errors::Failure;
use crate::file::{PyWriter, raised};

/// How often Python may look at signals: often enough for Ctrl-C to seem immediate.
const SIGNALS_EVERY: Duration = Duration::from_millis(50);

/// How often to try for a file that somebody else is adding to.
const TRY_EVERY: Duration = Duration::from_millis(5);

/// Looks at signals now and then, and tells a progress callable what was done.
pub(crate) struct Watch {
    progress: Option<Py<PyAny>>,
    untold: u64,
    last: Instant,
}

impl Watch {
    pub(crate) fn new(progress: Option<Py<PyAny>>) -> Watch {
        Watch { progress, untold: 0, last: Instant::now() }
    }

    /// Takes note of `bytes` more. What Python raises comes back as our error.
    pub(crate) fn tell(&mut self, bytes: u64) -> savez::Result<()> {
        self.untold += bytes;
        if self.last.elapsed() < SIGNALS_EVERY {
            return Ok(());
        }
        self.tell_now()
    }

    /// Tells what is left to tell: at the end, so that the numbers add up.
    pub(crate) fn tell_now(&mut self) -> savez::Result<()> {
        let untold = std::mem::take(&mut self.untold);
        self.last = Instant::now();
        Python::attach(|py| {
            py.check_signals()?;
            match &self.progress {
                Some(progress) if untold > 0 => progress.call1(py, (untold,)).map(drop),
                _ => Ok(()),
            }
        })
        .map_err(|error| savez::Error::from(raised(error)))
    }
}

/// Writes an `.npy` file that takes its name when it is whole.
#[pyfunction]
pub(crate) fn write_npy(
    path: PathBuf,
    array: &Bound<'_, PyUntypedArray>,
    descr: &str,
) -> Result<(), Failure> {
    let lent = Lent::new(array, descr.parse()?)?;
    let mut watch = Watch::new(None);
    Ok(array.py().detach(|| savez::save_watched(path, &lent.view, |bytes| watch.tell(bytes)))?)
}

/// Writes a file with these bytes, which takes its name when it is whole.
#[pyfunction]
pub(crate) fn write_bytes(py: Python<'_>, path: PathBuf, bytes: &[u8]) -> Result<(), Failure> {
    Ok(py.detach(|| savez::save_bytes(path, bytes))?)
}

/// Writes an archive, or adds to the one there is.
///
/// `target` is a path, or a file object with `seekable` telling whether it can go back. `pairs` is an iterable of
/// names and values. `item` is given a pair and gives what is to be written: a name, an array and its descr; or
/// a member's name, bytes, and None.
#[pyfunction]
#[pyo3(signature = (target, pairs, item, *, seekable=None, append=false, compression=None, level=0, numpy_style=false,
                    align=64, threads=None, atomic=true, durable=false, progress=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn write_npz(
    py: Python<'_>,
    target: &Bound<'_, PyAny>,
    pairs: &Bound<'_, PyAny>,
    item: Bound<'_, PyAny>,
    seekable: Option<bool>,
    append: bool,
    compression: Option<&str>,
    level: u32,
    numpy_style: bool,
    align: u64,
    threads: Option<usize>,
    atomic: bool,
    durable: bool,
    progress: Option<Py<PyAny>>,
) -> Result<(), Failure> {
    let mut items = Items::new(pairs.try_iter()?, item);
    let options = options(compression, level, numpy_style, align, threads);
    let options = options.atomic(atomic).durable(durable);
    let mut writer = match seekable {
        None => {
            let path: PathBuf = target.extract()?;
            if append {
                waiting(py, || options.clone().append(&path))?
            } else {
                py.detach(|| options.create(path))?
            }
        }
        Some(true) => options.seekable(PyWriter::new(target)?)?,
        Some(false) => options.stream(PyWriter::new(target)?),
    };
    let watch = Arc::new(Mutex::new(Watch::new(progress)));
    let watched = Arc::clone(&watch);
    writer.watch(move |bytes| watched.lock().unwrap_or_else(PoisonError::into_inner).tell(bytes));
    loop {
        py.detach(|| writer.add_all(&mut items).map(drop))?;
        match items.stopped.take() {
            None => break,
            Some(Stop::AtBytes(member, bytes)) => {
                let bytes = bytes.as_bytes(py);
                py.detach(|| writer.add_raw(&member, bytes).map(drop))?;
            }
            Some(Stop::Failed(failure)) => return Err(failure),
        }
    }
    watch.lock().unwrap_or_else(PoisonError::into_inner).tell_now()?;
    Ok(py.detach(|| writer.finish())?)
}

/// Writes an archive anew as another, or in its own place.
#[pyfunction]
#[pyo3(signature = (src, dst, *, compression=None, keep_compression=false, level=0, numpy_style=false, align=64,
                    threads=None, durable=false, progress=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn repack_npz(
    py: Python<'_>,
    src: PathBuf,
    dst: PathBuf,
    compression: Option<&str>,
    keep_compression: bool,
    level: u32,
    numpy_style: bool,
    align: u64,
    threads: Option<usize>,
    durable: bool,
    progress: Option<Py<PyAny>>,
) -> Result<(), Failure> {
    let options = options(compression, level, numpy_style, align, threads);
    let options = options.keep_compression(keep_compression).durable(durable);
    let watch = Mutex::new(Watch::new(progress));
    let tell = |bytes| {
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing more, and so all that is left to tell, when the new file is about to take its name.
        if bytes == 0 { watch.tell_now() } else { watch.tell(bytes) }
    };
    waiting(py, || savez::repack_watched(&src, &dst, options.clone(), tell))
}

fn options(
    compression: Option<&str>,
    level: u32,
    numpy_style: bool,
    align: u64,
    threads: Option<usize>,
) -> WriteOptions {
    let options = WriteOptions::new()
        .style(if numpy_style { Style::Numpy } else { Style::Savez })
        .compression(match compression {
            None => Compression::None,
            Some("zstd") => Compression::Zstd { level },
            Some(_) => Compression::Deflate { level },
        })
        .align(align);
    match threads {
        Some(threads) => options.threads(threads),
        None => options,
    }
}

/// Does what only one at a time may do with an archive, once nobody else does.
fn waiting<T: Send>(
    py: Python<'_>,
    act: impl Fn() -> savez::Result<T> + Send + Sync,
) -> Result<T, Failure> {
    loop {
        match py.detach(&act) {
            Err(error) if error.kind() == ErrorKind::Busy => {
                py.check_signals()?;
                py.detach(|| thread::sleep(TRY_EVERY));
            }
            done => return Ok(done?),
        }
    }
}

/// The arrays among the items, with the GIL held only to ask for the next. It stops at whatever is no array.
struct Items {
    pairs: Py<PyIterator>,
    item: Py<PyAny>,
    dtypes: Dtypes,
    stopped: Option<Stop>,
}

enum Stop {
    /// A member's name and its bytes; there may be more items.
    AtBytes(String, Py<PyBytes>),
    Failed(Failure),
}

impl Items {
    fn new(pairs: Bound<'_, PyIterator>, item: Bound<'_, PyAny>) -> Items {
        let (pairs, item) = (pairs.unbind(), item.unbind());
        Items { pairs, item, dtypes: Dtypes::default(), stopped: None }
    }

    fn item(&mut self, pair: &Bound<'_, PyAny>) -> Result<Item, Failure> {
        if let Some((name, array, dtype)) = self.dtypes.plain(pair) {
            return Ok(Item::Array(name, Box::new(Kept::new(&array, dtype)?)));
        }
        take_apart(&self.item.bind(pair.py()).call1((pair,))?, &mut self.dtypes)
    }
}

impl Iterator for Items {
    type Item = (String, Box<Kept>);

    fn next(&mut self) -> Option<Self::Item> {
        Python::attach(|py| {
            let pair = self.pairs.bind(py).clone().next()?;
            let item = pair.map_err(Failure::from).and_then(|pair| self.item(&pair));
            self.stopped = Some(match item {
                Ok(Item::Array(name, array)) => return Some((name, array)),
                Ok(Item::Bytes(member, bytes)) => Stop::AtBytes(member, bytes),
                Err(failure) => Stop::Failed(failure),
            });
            None
        })
    }
}

/// Dtypes of which the text is known, so that Python need not be asked again what an array of them is saved as.
#[derive(Default)]
struct Dtypes(Vec<(Py<PyArrayDescr>, DType)>);

impl Dtypes {
    /// More are not worth looking through.
    const MOST: usize = 16;

    /// Name, array and dtype of a pair that is nothing but a name and an array of NumPy's own, of a dtype met
    /// before.
    fn plain<'py>(
        &self,
        pair: &Bound<'py, PyAny>,
    ) -> Option<(String, Bound<'py, PyUntypedArray>, DType)> {
        let pair = pair.cast_exact::<PyTuple>().ok().filter(|pair| pair.len() == 2)?;
        let value = pair.get_item(1).ok()?;
        let array = value.cast_into_exact::<PyUntypedArray>().ok()?;
        let descr = array.dtype();
        let (_, dtype) = self.0.iter().find(|(known, _)| known.is(&descr))?;
        let name = pair.get_item(0).ok()?.cast::<PyString>().ok()?.to_str().ok()?.to_owned();
        Some((name, array, dtype.clone()))
    }

    /// Takes note of the dtype of an array that Python has looked at, if there was nothing to warn of, nor will be.
    fn add(&mut self, array: &Bound<'_, PyUntypedArray>, dtype: &DType) -> PyResult<()> {
        let descr = array.dtype();
        let plain = !matches!(dtype, DType::Record(_)) && descr.getattr("metadata")?.is_none();
        if plain && self.0.len() < Self::MOST && !self.0.iter().any(|(known, _)| known.is(&descr)) {
            self.0.push((descr.unbind(), dtype.clone()));
        }
        Ok(())
    }
}

enum Item {
    Array(String, Box<Kept>),
    Bytes(String, Py<PyBytes>),
}

fn take_apart(item: &Bound<'_, PyAny>, dtypes: &mut Dtypes) -> Result<Item, Failure> {
    let item = item.cast::<PyTuple>().map_err(PyErr::from)?;
    let name: String = item.get_item(0)?.extract()?;
    let value = item.get_item(1)?;
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Item::Bytes(name, bytes.clone().unbind()));
    }
    let array = value.cast::<PyUntypedArray>().map_err(PyErr::from)?;
    let descr: String = item.get_item(2)?.extract()?;
    let dtype = descr.parse()?;
    dtypes.add(array, &dtype)?;
    Ok(Item::Array(name, Box::new(Kept::new(array, dtype)?)))
}
