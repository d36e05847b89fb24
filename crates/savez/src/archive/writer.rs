//! Writing archives: [`Writer`], one array after the other.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::compress::{self, Cut};
use super::feed::{self, Copied, Feed, FromReader};
use super::member::Member;
use super::options::{Compression, WriteOptions};
use super::plan::Plan;
use super::threads;
use crate::io::sink::Sink;
use crate::npy::array::python_objects;
use crate::npy::view::AsArray;
use crate::zip::crc::{Cover, Region};
use crate::zip::layout::Layout;
use crate::zip::record::Method;
use crate::{Error, Result};

/// An archive being written. Of a file, nothing is visible before [`finish`](Writer::finish); a
/// writer that is dropped leaves the old file, or none.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-writer-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("weights.npz");
/// let mut w = savez::Writer::create(&path)?;
/// w.add("w", &[[1.0f32, 2.0], [3.0, 4.0]])?;
/// w.add("step", &42i64)?;
/// w.finish()?;
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<'w> {
    sink: Sink<'w>,
    options: WriteOptions,
    plan: Plan,
    crcs: Vec<u32>,
    file: Option<PathBuf>,
    /// A stream, or anything by a panic, broke off within a member; there is no way to go on.
    broken: bool,
    watch: Box<dyn FnMut(u64) -> Result<()> + Send + 'w>,
}

impl Writer<'static> {
    /// Starts an archive that will take the name `path` when it is finished. [`WriteOptions`] has
    /// other ways.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn create(path: impl AsRef<Path>) -> Result<Writer<'static>> {
        WriteOptions::new().create(path)
    }
}

impl<'w> Writer<'w> {
    pub(super) fn new(sink: Sink<'w>, options: WriteOptions, file: Option<&Path>) -> Self {
        let layout = Layout::new(options.style, sink.is_stream(), sink.start());
        Self::start(sink, options, layout, file)
    }

    /// A writer of what follows the members that `layout` has.
    pub(super) fn start(
        sink: Sink<'w>,
        options: WriteOptions,
        layout: Layout,
        file: Option<&Path>,
    ) -> Self {
        let plan = Plan::start(options.clone(), layout);
        let file = file.map(Path::to_owned);
        Writer {
            sink,
            options,
            plan,
            crcs: Vec::new(),
            file,
            broken: false,
            watch: Box::new(|_| Ok(())),
        }
    }

    /// Whether the old file stays until [`finish`](Self::finish). It does not if the options say
    /// so, for devices and pipes, and in a directory where no file may be added.
    pub fn is_atomic(&self) -> bool {
        self.sink.is_atomic()
    }

    /// Has `watch` called after every piece of some 100 KB with the number of bytes that went into
    /// the archive since the last call, as they were before compression. An error of it, such as
    /// [`Error::stopped`], ends the call that was going on.
    pub fn watch(&mut self, watch: impl FnMut(u64) -> Result<()> + Send + 'w) -> &mut Self {
        self.watch = Box::new(watch);
        self
    }

    /// Writes an array as the member `{name}.npy`. Of arrays that are not contiguous no copy is
    /// made.
    ///
    /// # Errors
    /// If there is one of that name, NumPy or zip could not hold it, or the system refuses. The
    /// archive is then as it was before the call (but for a stream, which is lost).
    pub fn add<A: AsArray + ?Sized>(&mut self, name: &str, array: &A) -> Result<&mut Self> {
        let done = array.as_array().and_then(|array| {
            let header = array.header();
            if header.dtype().has_objects() {
                return Err(python_objects());
            }
            let mut pieces = array.pieces(header.order());
            let (head, size) = (header.to_bytes()?, header.nbytes() as u64);
            self.add_data(name, head, size, &mut pieces, &Cut::of(&header))
        });
        self.close(&format!("{name}.npy"), done)
    }

    /// Writes an array that lies in another file as the member `{name}.npy`, passing it through
    /// piece by piece. Its header is written anew; Python objects go along as the pickle they are,
    /// header and all.
    ///
    /// # Errors
    /// As [`add`](Self::add), and if the other file is damaged.
    pub fn copy(&mut self, name: &str, array: &Member) -> Result<&mut Self> {
        let head =
            if array.dtype().has_objects() { array.read_head() } else { array.header().to_bytes() };
        let cut =
            if array.dtype().has_objects() { Cut::of_bytes() } else { Cut::of(array.header()) };
        let done = head.and_then(|head| {
            self.add_data(name, head, array.data_len(), &mut Copied::new(array)?, &cut)
        });
        self.close(&format!("{name}.npy"), done)
    }

    /// Writes a member of any name with the bytes of a reader, whatever they mean.
    ///
    /// # Errors
    /// As [`add`](Self::add), and if the reader fails.
    pub fn add_raw(&mut self, member: &str, bytes: impl Read) -> Result<&mut Self> {
        let done = self.add_bytes(member, bytes);
        self.close(member, done)
    }

    /// Writes the directory and gives the file its name. Only now is there an archive.
    ///
    /// # Errors
    /// If the system refuses, or a stream was lost before. The old file is then what it was.
    pub fn finish(mut self) -> Result<()> {
        let file = self.file.take();
        self.try_finish().map_err(|error| error.in_file(file.as_deref()))
    }

    fn try_finish(mut self) -> Result<()> {
        self.check_unbroken()?;
        let directory = self.plan.layout().directory(&self.crcs);
        let at = self.plan.layout().end();
        self.sink.write_at(at, &directory)?;
        self.sink.finish(at + directory.len() as u64)
    }

    fn check_unbroken(&mut self) -> Result<()> {
        // A member neither counted in nor taken back: a panic of the caller's was caught outside.
        self.broken |= self.plan.layout().slots().len() != self.crcs.len();
        if self.broken {
            return Err(Error::parameter("the archive broke off within an earlier member"));
        }
        Ok(())
    }

    /// An array of that npy header and so many bytes of data.
    fn add_data(
        &mut self,
        name: &str,
        head: Vec<u8>,
        size: u64,
        data: &mut (dyn Feed + Send),
        cut: &Cut,
    ) -> Result<u32> {
        self.check_unbroken()?;
        let method = self.options.compression.method();
        let number = self.plan.add_array(name, head.clone(), size, method)?;
        match method {
            Method::STORED => self.write_region(number, size, data),
            _ => self.compress(number, head, data, cut),
        }
    }

    /// A stored array is written as one region, then what stands in front of it.
    fn write_region(
        &mut self,
        number: usize,
        size: u64,
        data: &mut (dyn Feed + Send),
    ) -> Result<u32> {
        let slot = self.plan.layout().slot(number).clone();
        // The place is kept, or, in a stream, taken: there the CRC follows in a descriptor.
        self.sink.write_at(slot.offset, &self.plan.front(number, 0))?;
        let start = self.plan.data_offset(number);
        let mut at = start;
        let (crc32, len) = feed::hashed_ahead(data, size, start, |piece| {
            self.sink.write_at(at, piece)?;
            at += piece.len() as u64;
            (self.watch)(piece.len() as u64)
        })?;
        let mut cover = Cover::default();
        cover.add(Region { member: number, offset: 0, len, crc32 });
        let crc = self.plan.crc(number, cover)?;
        match slot.descriptor(crc) {
            Some(descriptor) => self.sink.write_at(start + len, &descriptor)?,
            None => self.sink.write_at(slot.offset, &slot.local_header(crc))?,
        }
        Ok(crc)
    }

    fn add_bytes(&mut self, member: &str, bytes: impl Read) -> Result<u32> {
        self.check_unbroken()?;
        let method = self.options.compression.method();
        let align = self.options.align;
        let number = self.plan.add_member(member, Vec::new(), method, None, align)?;
        let mut bytes = FromReader(bytes);
        match method {
            Method::STORED => self.store(number, &mut bytes),
            _ => self.compress(number, Vec::new(), &mut bytes, &Cut::of_bytes()),
        }
    }

    /// A member of unknown size, as it is.
    fn store(&mut self, number: usize, data: &mut dyn Feed) -> Result<u32> {
        let start = self.open(number)?;
        let mut at = start;
        let (crc, size) = feed::hashed(data, start, |piece| {
            self.sink.write_at(at, piece)?;
            at += piece.len() as u64;
            (self.watch)(piece.len() as u64)
        })?;
        self.seal(number, crc, size, size)
    }

    /// A member of known or unknown size, compressed: `head`, then the data.
    fn compress(
        &mut self,
        number: usize,
        head: Vec<u8>,
        data: &mut dyn Feed,
        cut: &Cut,
    ) -> Result<u32> {
        let start = self.open(number)?;
        let mut at = start;
        let put = |stored: &[u8], len| {
            self.sink.write_at(at, stored)?;
            at += stored.len() as u64;
            (self.watch)(len)
        };
        let done = match self.options.compression {
            Compression::Deflate { level } => {
                let threads = self.options.threads.unwrap_or_else(threads::cores);
                compress::to_deflate(head, data, cut, level, threads, put)?
            }
            #[cfg(feature = "zstd")]
            Compression::Zstd { level } => compress::to_zstd(&head, data, level, put)?,
            Compression::None => return Err(Error::parameter("nothing is to be compressed")),
        };
        if let Some(index) = done.index {
            self.plan.layout().set_segments(number, index);
        }
        self.seal(number, done.crc, done.size, done.stored_size)
    }

    /// Keeps, or in a stream takes, the place of the local header; gives where the bytes start.
    fn open(&mut self, number: usize) -> Result<u64> {
        let slot = self.plan.layout().slot(number);
        self.sink.write_at(slot.offset, &slot.local_header(0))?;
        Ok(slot.start())
    }

    /// Fills in what only writing could tell.
    fn seal(&mut self, number: usize, crc: u32, size: u64, stored_size: u64) -> Result<u32> {
        self.plan.layout().close(number, size, stored_size);
        let slot = self.plan.layout().slot(number).clone();
        match slot.descriptor(crc) {
            Some(descriptor) => self.sink.write_at(slot.start() + stored_size, &descriptor)?,
            None => self.sink.write_at(slot.offset, &slot.local_header(crc))?,
        }
        Ok(crc)
    }

    /// Counts a member in, or takes back what there was of it.
    fn close(&mut self, member: &str, done: Result<u32>) -> Result<&mut Self> {
        match done {
            Ok(crc) => {
                self.crcs.push(crc);
                Ok(self)
            }
            Err(error) => {
                if self.plan.layout().slots().len() > self.crcs.len() {
                    self.plan.withdraw(member, self.sink.reached());
                    self.broken |= self.sink.is_stream();
                }
                Err(error.in_member(member).in_file(self.file.as_deref()))
            }
        }
    }
}
