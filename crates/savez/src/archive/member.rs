//! An array in a file, found but not yet read: [`Member`].

use std::path::Path;
use std::sync::Arc;

use super::fetch::{self, Job};
use super::inflate::Recent;
use super::map::MappedArray;
use super::payload::{Payload, Verified};
use super::slice::Part;
use super::verify;
use crate::io::source::Source;
use crate::npy::array::{Array, FromArray, Unread, python_objects};
use crate::npy::dtype::DType;
use crate::npy::header::{Header, Order, Preamble};
use crate::npy::native::{NO_REVERSAL, Reversal};
use crate::npy::selection::Selection;
use crate::zip::directory::Entry;
use crate::zip::record::Method;
use crate::zip::segments::{Known, Segments};
use crate::{Error, Limits, Result};

/// Enough for the header of nearly every array.
const HEAD_GUESS: usize = 256;

/// An array in a file: the member of an archive, or the whole of an `.npy` file.
///
/// Its header has been read; its data are read when asked for. It keeps the file open and may be
/// cloned and shared between threads.
///
/// The CRC of an archive's member covers the header too, but can only be checked against all
/// bytes: [`read`](Self::read) and [`read_array`](Self::read_array) do, [`slice`](Self::slice) and
/// the header alone do not, [`verify`](Self::verify) does nothing else. An `.npy` file has no
/// checksum.
#[derive(Clone)]
pub struct Member {
    payload: Payload,
    header: Header,
    /// Bytes of magic, version and header, and their CRC.
    head_len: u64,
    head_crc: u32,
    python2: bool,
    recent: Arc<Recent>,
}

impl Member {
    /// Opens an `.npy` file. What cannot be read at places, such as a pipe, is read into memory.
    ///
    /// # Errors
    /// If it cannot be opened, or does not start with an npy header.
    pub fn open(path: impl AsRef<Path>) -> Result<Member> {
        Self::open_with(path, Limits::default())
    }

    /// As [`open`](Self::open), within the given limits.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(path: impl AsRef<Path>, limits: Limits) -> Result<Member> {
        let path = path.as_ref();
        Source::open(path)
            .and_then(|source| Self::of_source(source, Some(Arc::from(path)), limits))
            .map_err(|error| error.in_file(Some(path)))
    }

    /// An `.npy` file that is in memory.
    ///
    /// # Errors
    /// If it does not start with an npy header.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Member> {
        Self::of_source(Source::from_bytes(bytes.into()), None, Limits::default())
    }

    fn of_source(source: Source, file: Option<Arc<Path>>, limits: Limits) -> Result<Member> {
        let size = source.size();
        Self::of_payload(Payload {
            source: Arc::new(source),
            file,
            member: None,
            method: Method::STORED,
            start: 0,
            stored_size: size,
            size,
            crc: None,
            limits,
            segments: None,
        })
    }

    /// The array that these bytes hold.
    pub(crate) fn of_payload(payload: Payload) -> Result<Member> {
        match Self::read_header(&payload) {
            Ok((header, head_len, head_crc, python2)) => {
                let recent = Arc::default();
                Ok(Member { payload, header, head_len, head_crc, python2, recent })
            }
            Err(error) => Err(payload.blame(error)),
        }
    }

    /// The same with an index of its segments, if it adds up.
    pub(crate) fn with_segments(mut self, index: Option<&[u8]>) -> Member {
        let data_len = self.payload.size - self.head_len;
        if let (Some(index), Some(crc)) = (index, self.payload.crc)
            && self.payload.method == Method::DEFLATED
            && data_len == self.header.nbytes() as u64
        {
            let known = Known {
                stored_size: self.payload.stored_size,
                head_len: self.head_len,
                head_crc: self.head_crc,
                data_len,
                crc,
            };
            self.payload.segments = Segments::parse(index, &known).map(Arc::new);
        }
        self
    }

    fn read_header(payload: &Payload) -> Result<(Header, u64, u32, bool)> {
        payload.check_sizes()?;
        let mut head = payload.head(HEAD_GUESS)?;
        let preamble =
            Preamble::parse(&head[..head.len().min(Preamble::MAX_LEN)], &payload.limits)?;
        if head.len() < preamble.total && (head.len() as u64) < payload.size {
            head = payload.head(preamble.total)?;
        }
        let (header, python2) = preamble.header(&head, &payload.limits)?;
        let head_len = preamble.total as u64;
        let room = payload.size - head_len;
        // The shape in a header of Python objects means nothing: what follows is a pickle.
        if header.nbytes() as u64 > room && !header.dtype().has_objects() {
            return Err(Error::corrupt(format!(
                "the header promises {} bytes of data, but only {room} follow it",
                header.nbytes()
            ))
            .hint("the file seems not fully written"));
        }
        if header.nbytes() as u64 > payload.limits.member_bytes {
            return Err(Error::limit(format!(
                "the array has {} bytes, more than the {} allowed",
                header.nbytes(),
                payload.limits.member_bytes
            ))
            .hint("raise Limits::member_bytes if you trust the file"));
        }
        Ok((header, head_len, crc32fast::hash(&head[..preamble.total]), python2))
    }

    /// What the npy header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The type of the elements.
    pub fn dtype(&self) -> &DType {
        self.header.dtype()
    }

    /// The lengths of the axes; empty for a single value.
    pub fn shape(&self) -> &[usize] {
        self.header.shape()
    }

    /// The order of the elements in the file.
    pub fn order(&self) -> Order {
        self.header.order()
    }

    /// Whether the header was written by Python 2, with integers like `10L`. Saved again, it opens
    /// faster in NumPy.
    pub fn is_python2(&self) -> bool {
        self.python2
    }

    /// Bytes of header and data together, and of what may follow them in the member or file.
    pub fn size(&self) -> u64 {
        self.payload.size
    }

    /// Where the data start, in bytes from the start of the file; `None` if they are compressed.
    pub fn data_offset(&self) -> Option<u64> {
        (self.payload.method == Method::STORED).then_some(self.payload.start + self.head_len)
    }

    /// Whether a part of the array can be read without all that comes before it: if it is stored, or
    /// compressed in segments, as this crate does.
    pub fn is_random_access(&self) -> bool {
        self.payload.method == Method::STORED || self.payload.segments.is_some()
    }

    /// Reads the array into a Rust value: see [`FromArray`] for which.
    ///
    /// # Errors
    /// If dtype or shape do not fit the value, the bytes are damaged, or memory is short.
    pub fn read<A: FromArray>(&self) -> Result<A> {
        let mut fill = |room: &mut [u8], reversal: &Reversal| {
            fetch::fetch(&mut [Job { reversal, ..self.job(room) }], |_| Ok(()))
        };
        A::from_array(Unread::new(&self.header, &mut fill)).map_err(|e| self.payload.blame(e))
    }

    /// Reads the array as it is, whatever its dtype.
    ///
    /// # Errors
    /// If it holds Python objects, the bytes are damaged, or memory is short.
    pub fn read_array(&self) -> Result<Array> {
        self.read()
    }

    /// The reading of the data into `room`.
    pub(super) fn job<'a>(&'a self, room: &'a mut [u8]) -> Job<'a> {
        Job { payload: &self.payload, head: self.head(), room, reversal: &NO_REVERSAL }
    }

    /// Reads the bytes of all elements, as they are and in the order of the file, into memory of
    /// the caller's. After every piece of some 100 KB, `watch` is told how many bytes it has; its
    /// error ends the reading.
    ///
    /// # Errors
    /// If `bytes` are not [`nbytes`](Header::nbytes) many, the array holds Python objects, or the
    /// bytes are damaged; of `watch` any.
    pub fn read_into(&self, bytes: &mut [u8], watch: impl FnMut(u64) -> Result<()>) -> Result<()> {
        Self::read_many(vec![(self, bytes)], watch)
    }

    /// Reads the bytes of several arrays, as [`read_into`](Self::read_into) does of one. Threads share
    /// the work, whichever array it belongs to.
    ///
    /// # Errors
    /// As `read_into`.
    pub fn read_many(
        arrays: Vec<(&Member, &mut [u8])>,
        watch: impl FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let mut jobs = Vec::with_capacity(arrays.len());
        for (member, room) in arrays {
            member.check_room(room.len()).map_err(|error| member.blame(error))?;
            jobs.push(member.job(room));
        }
        fetch::fetch(&mut jobs, watch)
    }

    fn check_room(&self, bytes: usize) -> Result<()> {
        if self.dtype().has_objects() {
            return Err(python_objects());
        }
        if bytes != self.header.nbytes() {
            return Err(Error::parameter(format!(
                "there is room for {bytes} bytes; the array has {}",
                self.header.nbytes()
            )));
        }
        Ok(())
    }

    /// Reads a part of the array, and of the file no more than that part needs: of an array compressed in
    /// segments the segments it touches, whose checksums are compared; of any other compressed one
    /// nothing behind the part. The result has the order of the file.
    ///
    /// ```no_run
    /// # let archive = savez::Archive::open("a.npz")?;
    /// let images = archive.member("images")?;
    /// let rows = images.slice(10..20)?;
    /// let corner = images.slice("..., ::2".parse::<savez::Selection>()?)?;
    /// # Ok::<(), savez::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`read_array`](Self::read_array), but for a CRC, which covers more than was read; and if
    /// the selection does not fit the shape.
    pub fn slice(&self, selection: impl Into<Selection>) -> Result<Array> {
        self.part(selection)?.read()
    }

    /// Finds a part of the array: its shape is known before it is read, into memory of the caller's if
    /// need be. See [`slice`](Self::slice).
    ///
    /// # Errors
    /// If the selection does not fit the shape, or the array holds Python objects.
    pub fn part(&self, selection: impl Into<Selection>) -> Result<Part<'_>> {
        if self.dtype().has_objects() {
            return Err(self.payload.blame(python_objects()));
        }
        Part::new(&self.payload, self.head_len, &self.recent, &self.header, &selection.into())
            .map_err(|e| self.payload.blame(e))
    }

    /// The array in the address space, without reading it: only what is touched is fetched.
    ///
    /// # Errors
    /// If the member is compressed or holds Python objects, or the system refuses. See
    /// [`Archive::map`](crate::Archive::map) for what the file must not do meanwhile.
    pub fn map(&self) -> Result<MappedArray> {
        MappedArray::new(&self.payload, self.head_len, &self.header)
            .map_err(|e| self.payload.blame(e))
    }

    /// The bytes behind the header, whatever they mean: for arrays of Python objects, a pickle.
    ///
    /// # Errors
    /// If the bytes are damaged, or memory is short.
    pub fn read_data(&self) -> Result<Vec<u8>> {
        self.try_read_data().map_err(|e| self.payload.blame(e))
    }

    fn try_read_data(&self) -> Result<Vec<u8>> {
        let mut verified = self.payload.verified_from(self.head_len, self.head_crc)?;
        let size = self.payload.size - self.head_len;
        if size > self.payload.limits.member_bytes {
            return Err(Error::limit(format!(
                "the data have {size} bytes, more than the {} allowed",
                self.payload.limits.member_bytes
            ))
            .hint("raise Limits::member_bytes if you trust the file"));
        }
        let data = crate::npy::memory::filled(
            usize::try_from(size).map_err(|_| Error::out_of_memory(size))?,
            |bytes| verified.fill(bytes),
        )?;
        verified.finish()?;
        Ok(data)
    }

    /// Magic, version and header as they stand in the file.
    pub(crate) fn read_head(&self) -> Result<Vec<u8>> {
        let head = self.payload.head(self.head_len as usize).map_err(|e| self.payload.blame(e))?;
        if crc32fast::hash(&head) != self.head_crc {
            return Err(self.payload.blame(Error::corrupt("the file has changed meanwhile")));
        }
        Ok(head)
    }

    /// How many bytes [`read_data`](Self::read_data) gives: those of the elements, or of the pickle.
    pub(crate) fn data_len(&self) -> u64 {
        if self.dtype().has_objects() {
            self.payload.size - self.head_len
        } else {
            self.header.nbytes() as u64
        }
    }

    /// The bytes behind the header; at their end the CRC is compared.
    pub(crate) fn data(&self) -> Result<Verified> {
        self.payload.verified_from(self.head_len, self.head_crc).map_err(|error| self.blame(error))
    }

    /// Bytes of magic, version and header, and their CRC.
    pub(super) fn head(&self) -> (u64, u32) {
        (self.head_len, self.head_crc)
    }

    /// Where its bytes are.
    pub(super) fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Adds to an error where it arose.
    pub(crate) fn blame(&self, error: Error) -> Error {
        self.payload.blame(error)
    }

    /// Reads all bytes and compares their CRC; keeps nothing. Of an `.npy` file, which has none, it reads nothing.
    ///
    /// # Errors
    /// If the bytes are damaged, or cannot be read.
    pub fn verify(&self) -> Result<()> {
        self.verify_watched(|_| Ok(()))
    }

    /// As [`verify`](Self::verify). `watch` is told now and then how many bytes were read since the last time, header
    /// and all and as they are without compression; its error ends the reading.
    ///
    /// # Errors
    /// As `verify`; of `watch` any.
    pub fn verify_watched(&self, watch: impl FnMut(u64) -> Result<()>) -> Result<()> {
        if self.payload.crc.is_none() {
            return Ok(());
        }
        verify::member(self, watch)
    }
}

/// The payload of an archive's member, its local header checked.
pub(crate) fn payload(
    source: &Arc<Source>,
    file: &Option<Arc<Path>>,
    entry: &Entry,
    end: u64,
    limits: Limits,
) -> Result<Payload> {
    let mut local = vec![0; entry.local_len_hint()];
    source.read_exact_at(&mut local, entry.offset())?;
    let start = entry.check_local(&local)?;
    let data_end = start.checked_add(entry.stored_size());
    if data_end.is_none_or(|data_end| data_end > end.min(entry.next())) {
        return Err(Error::format(
            "the member's data would reach into the next member or the central directory",
        )
        .at(entry.offset()));
    }
    Ok(Payload {
        source: Arc::clone(source),
        file: file.clone(),
        member: Some(entry.member_name().to_owned()),
        method: entry.method(),
        start,
        stored_size: entry.stored_size(),
        size: entry.size(),
        crc: Some(entry.crc32()),
        limits,
        segments: None,
    })
}
