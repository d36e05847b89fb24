//! Writing archives: [`Writer`], one array after the other.

mod deflated;

use std::io::Read;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::deflated::Begun;
use super::compress::Cut;
use super::deflate::{Front, Segment};
use super::feed::{self, Copied, Feed, FromReader};
use super::heads::Heads;
use super::member::Member;
use super::options::{Compression, WriteOptions};
use super::plan::Plan;
use crate::io::sink::Sink;
use crate::npy::view::{ArrayView, AsArray};
use crate::zip::crc::{Cover, Region};
use crate::zip::layout::Layout;
use crate::zip::record::Method;
use crate::{Error, Result};

/// Members of no more data than this are copied, hashed and written in one go.
const SMALL: usize = 32 << 10;

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
    pub(super) sink: Sink<'w>,
    pub(super) options: WriteOptions,
    pub(super) plan: Plan,
    crcs: Vec<u32>,
    heads: Heads,
    /// The bytes of a small member, and its record.
    data: Vec<u8>,
    record: Vec<u8>,
    /// The member of which some segments are written.
    begun: Option<Begun>,
    file: Option<PathBuf>,
    /// A stream, or anything by a panic, broke off within a member; there is no way to go on.
    broken: bool,
    pub(super) watch: Box<dyn FnMut(u64) -> Result<()> + Send + 'w>,
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
            heads: Heads::default(),
            data: Vec::new(),
            record: Vec::new(),
            begun: None,
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
        match array.as_array().and_then(|array| self.add_view(name, &array)) {
            Ok(()) => Ok(self),
            done => self.close(&format!("{name}.npy"), done),
        }
    }

    /// Writes several arrays, as [`add`](Self::add) does one after the other. Where they are deflated, all
    /// threads are busy however small the arrays are, and no more than some segments of each thread are
    /// in memory; the bytes are the same.
    ///
    /// ```
    /// # let mut file = std::io::Cursor::new(Vec::new());
    /// use savez::{Compression, WriteOptions};
    ///
    /// let layers: Vec<Vec<f32>> = vec![vec![0.5; 1000]; 100];
    /// let names = (0..).map(|number| format!("layer {number}"));
    /// let mut w = WriteOptions::new().compression(Compression::DEFLATE).seekable(&mut file)?;
    /// w.add_all(names.zip(&layers))?;
    /// w.finish()?;
    /// # Ok::<(), savez::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `add`. The arrays before the one that failed are then in the archive, those behind it are not.
    pub fn add_all<N, A>(&mut self, arrays: impl IntoIterator<Item = (N, A)>) -> Result<&mut Self>
    where
        N: AsRef<str>,
        A: Deref<Target: AsArray>,
    {
        let Compression::Deflate { level } = self.options.compression else {
            for (name, array) in arrays {
                self.add(name.as_ref(), &*array)?;
            }
            return Ok(self);
        };
        let done = self.deflate_all(level, arrays);
        self.leave(done)
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

    pub(super) fn check_unbroken(&mut self) -> Result<()> {
        // A member neither counted in nor taken back: a panic of the caller's was caught outside.
        self.broken |= self.plan.layout().slots().len() != self.crcs.len();
        if self.broken {
            return Err(Error::parameter("the archive broke off within an earlier member"));
        }
        Ok(())
    }

    fn add_view(&mut self, name: &str, array: &ArrayView<'_>) -> Result<()> {
        let (header, head) = self.heads.of(array)?;
        let (order, size) = (header.order(), header.nbytes());
        if size <= SMALL && self.options.compression == Compression::None {
            let head = Arc::clone(head);
            return self.add_small(name, head, size, |data| array.copy_bytes(order, data));
        }
        let (head, cut) = (head.to_vec(), Cut::of(header));
        self.add_data(name, head, size as u64, &mut array.pieces(order), &cut)
    }

    /// An array of that npy header and a few bytes of data, stored: a record that is written as one.
    fn add_small(
        &mut self,
        name: &str,
        head: Arc<[u8]>,
        size: usize,
        copy_to: impl FnOnce(&mut [u8]),
    ) -> Result<()> {
        self.check_unbroken()?;
        let number = self.plan.add_array(name, head, size as u64, Method::STORED)?;
        let head = self.plan.head(number);
        // Copied first: what is hashed is what is written.
        self.data.clear();
        self.data.extend_from_slice(head);
        self.data.resize(head.len() + size, 0);
        copy_to(&mut self.data[head.len()..]);
        let crc = crc32fast::hash(&self.data);
        let slot = self.plan.layout().slot(number);
        self.record.clear();
        slot.put_local_header(crc, &mut self.record);
        self.record.extend_from_slice(&self.data);
        self.record.extend(slot.descriptor(crc).into_iter().flatten());
        self.sink.write_at(slot.offset, &self.record)?;
        (self.watch)(size as u64)?;
        self.crcs.push(crc);
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
    ) -> Result<()> {
        self.check_unbroken()?;
        let front = Front::Array { name: name.to_owned(), size };
        match self.options.compression {
            Compression::None => {
                let number = self.place(&front, head)?;
                self.write_region(number, size, data)
            }
            _ => self.compress(front, head, data, cut),
        }
    }

    /// Gives a member that begins with `head` its place.
    pub(super) fn place(&mut self, front: &Front, head: Vec<u8>) -> Result<usize> {
        let method = self.options.compression.method();
        match front {
            Front::Array { name, size } => self.plan.add_array(name, head.into(), *size, method),
            Front::Bytes { member } => {
                self.plan.add_member(member.clone(), head.into(), method, None)
            }
            Front::Listed(listed) => self.plan.add_listed(head, listed),
        }
    }

    /// A stored array is written as one region, then what stands in front of it.
    pub(super) fn write_region(
        &mut self,
        number: usize,
        size: u64,
        data: &mut (dyn Feed + Send),
    ) -> Result<()> {
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
        self.seal(number, crc, slot.size, slot.stored_size)
    }

    fn add_bytes(&mut self, member: &str, bytes: impl Read) -> Result<()> {
        self.check_unbroken()?;
        let mut bytes = FromReader(bytes);
        let front = Front::Bytes { member: member.to_owned() };
        match self.options.compression {
            Compression::None => {
                let number = self.place(&front, Vec::new())?;
                self.store(number, &mut bytes)
            }
            _ => self.compress(front, Vec::new(), &mut bytes, &Cut::of_bytes()),
        }
    }

    /// A member of unknown size, as it is.
    fn store(&mut self, number: usize, data: &mut dyn Feed) -> Result<()> {
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
    pub(super) fn compress(
        &mut self,
        front: Front,
        head: Vec<u8>,
        data: &mut dyn Feed,
        cut: &Cut,
    ) -> Result<()> {
        match self.options.compression {
            Compression::None => Err(Error::parameter("nothing is to be compressed")),
            Compression::Deflate { level } => {
                let mut deflater = self.deflater(level);
                let mut take = |segment: &Segment, stored: &[u8]| self.take(segment, stored);
                deflater.add(front, head, data, cut, &mut take)?;
                deflater.finish(&mut take)
            }
            #[cfg(feature = "zstd")]
            Compression::Zstd { level } => {
                let number = self.place(&front, head.clone())?;
                let start = self.open(number)?;
                let mut at = start;
                let done = super::compress::to_zstd(&head, data, level, |stored, len| {
                    self.sink.write_at(at, stored)?;
                    at += stored.len() as u64;
                    (self.watch)(len)
                })?;
                self.seal(number, done.crc, done.size, done.stored_size)
            }
        }
    }

    /// Keeps, or in a stream takes, the place of the local header; gives where the bytes start.
    pub(super) fn open(&mut self, number: usize) -> Result<u64> {
        let slot = self.plan.layout().slot(number);
        self.sink.write_at(slot.offset, &slot.local_header(0))?;
        Ok(slot.start())
    }

    /// Fills in what only writing could tell, and counts the member in.
    pub(super) fn seal(
        &mut self,
        number: usize,
        crc: u32,
        size: u64,
        stored_size: u64,
    ) -> Result<()> {
        self.plan.layout().close(number, size, stored_size);
        let slot = self.plan.layout().slot(number);
        match slot.descriptor(crc) {
            Some(descriptor) => self.sink.write_at(slot.start() + stored_size, &descriptor)?,
            None => self.sink.write_at(slot.offset, &slot.local_header(crc))?,
        }
        self.crcs.push(crc);
        Ok(())
    }

    /// Names what has failed in the member.
    fn close(&mut self, member: &str, done: Result<()>) -> Result<&mut Self> {
        self.leave(done.map_err(|error| error.in_member(member)))
    }

    /// Takes back what there is of a member that failed.
    pub(super) fn leave(&mut self, done: Result<()>) -> Result<&mut Self> {
        self.begun = None;
        let Err(mut error) = done else { return Ok(self) };
        if let Some(slot) = self.plan.layout().slots().get(self.crcs.len()) {
            let member = slot.name().to_owned();
            self.plan.withdraw(self.sink.reached());
            self.broken |= self.sink.is_stream();
            error = error.in_member(&member);
        }
        Err(error.in_file(self.file.as_deref()))
    }
}
