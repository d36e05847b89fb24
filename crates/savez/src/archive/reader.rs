//! Reading archives: [`Archive`].

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, TryLockError};

use super::ahead::{self, Ahead};
use super::batch;
use super::map::MappedArchive;
use super::member::{self, Member};
use super::payload::{Payload, Verified};
use super::verify;
use crate::io::source::{ReadAt, Source};
use crate::npy::array::{Array, FromArray, Unread};
use crate::npy::header::Header;
use crate::zip::directory::{Directory, Entry};
use crate::zip::label::Label;
use crate::{Error, ErrorKind, Limits, Result};

/// How often to look for the end of a file that somebody is adding to.
const MOST_RETRIES: usize = 100;

/// How often to look again where its size was the same afterwards.
const MOST_UNCHANGED: usize = 2;

/// An open `.npz` file: its directory has been read and checked, its members not yet.
///
/// Reading is positional and through a shared reference, so an archive may be used by many threads
/// at once and after a fork. A file that our [`Writer`](crate::Writer) replaces meanwhile stays
/// readable as it was.
#[derive(Clone)]
pub struct Archive {
    source: Arc<Source>,
    directory: Arc<Directory>,
    file: Option<Arc<Path>>,
    limits: Limits,
    /// Nobody waits for it: another thread may be at it, or one that did not come along when the process forked.
    ahead: Arc<Mutex<Ahead>>,
}

impl Archive {
    /// Opens a file. What cannot be read at places, such as a pipe, is read into memory.
    ///
    /// # Errors
    /// If it cannot be opened or is no zip file that all readers would read alike.
    pub fn open(path: impl AsRef<Path>) -> Result<Archive> {
        Self::open_with(path, Limits::default())
    }

    /// As [`open`](Self::open), within the given limits.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(path: impl AsRef<Path>, limits: Limits) -> Result<Archive> {
        let path = path.as_ref();
        Source::open(path)
            .and_then(|source| Self::of_source(source, Some(Arc::from(path)), limits))
            .map_err(|error| error.in_file(Some(path)))
    }

    /// An archive in an open file, which is read at places: its cursor does not matter and does not
    /// move. `path` is what errors call it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_file(file: File, path: Option<&Path>, limits: Limits) -> Result<Archive> {
        Source::from_file(file)
            .and_then(|source| Self::of_source(source, path.map(Arc::from), limits))
            .map_err(|error| error.in_file(path))
    }

    /// An archive that is in memory.
    ///
    /// # Errors
    /// If the bytes are no zip file that all readers would read alike.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Archive> {
        Self::of_source(Source::from_bytes(bytes.into()), None, Limits::default())
    }

    /// An archive in a source of your own.
    ///
    /// # Errors
    /// If reading fails, or the bytes are no zip file that all readers would read alike.
    pub fn from_source(source: impl ReadAt + 'static, limits: Limits) -> Result<Archive> {
        Self::of_source(Source::from_other(Box::new(source))?, None, limits)
    }

    fn of_source(mut source: Source, file: Option<Arc<Path>>, limits: Limits) -> Result<Archive> {
        let mut read = Directory::read(&source);
        let mut unchanged = 0;
        for _ in 0..MOST_RETRIES {
            if read.is_ok() {
                break;
            }
            // Who adds to a file moves its end, maybe just while it was looked for, and maybe back.
            unchanged = if source.has_another_size() { 0 } else { unchanged + 1 };
            if unchanged > MOST_UNCHANGED {
                break;
            }
            read = Directory::read(&source);
        }
        let directory = Arc::new(read?);
        Ok(Archive { source: Arc::new(source), directory, file, limits, ahead: Arc::default() })
    }

    /// The same archive with its file closed: what the directory says stays known, and nothing can
    /// be read any more.
    pub fn closed(&self) -> Archive {
        let source = Arc::new(Source::from_bytes(Vec::new()));
        Archive { source, ahead: Arc::default(), ..self.clone() }
    }

    /// The names of the arrays, in the order of the archive: those of its members, without `.npy`.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries().iter().map(Entry::name)
    }

    /// Whether there is a member of that name, with or without `.npy`.
    pub fn contains(&self, name: &str) -> bool {
        self.directory.find(name).is_some()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the central directory says of each member.
    pub fn entries(&self) -> &[Entry] {
        self.directory.entries()
    }

    /// The member NumPy takes for `name`: the one spelled exactly so, else the one with `.npy`
    /// behind it; of several the last.
    ///
    /// # Errors
    /// If there is none.
    pub fn entry(&self, name: &str) -> Result<&Entry> {
        self.directory.find(name).ok_or_else(|| {
            let names: Vec<&str> = self.names().take(6).collect();
            let more = if self.len() > names.len() { ", …" } else { "" };
            Error::new(ErrorKind::NotFound, format!("there is no array {name:?} in the archive"))
                .hint(format!("there are: {}{more}", names.join(", ")))
                .in_file(self.file.as_deref())
        })
    }

    /// The number of that entry in [`entries`](Self::entries), if there is one.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.directory.position(name)
    }

    /// The array of that name, its header read.
    ///
    /// # Errors
    /// If there is no such member, or it holds no array.
    pub fn member(&self, name: &str) -> Result<Member> {
        self.member_of(self.entry(name)?)
    }

    /// The array that an entry of this archive stands for, its header read.
    ///
    /// # Errors
    /// If it holds no array.
    pub fn member_of(&self, entry: &Entry) -> Result<Member> {
        Ok(Member::of_payload(self.payload(entry)?)?.with_segments(entry.segments()))
    }

    /// Reads an array into a Rust value: see [`FromArray`] for which. Its CRC is checked.
    ///
    /// # Errors
    /// If there is no such array, dtype or shape do not fit the value, the bytes are damaged, or
    /// memory is short.
    pub fn read<A: FromArray>(&self, name: &str) -> Result<A> {
        let entry = self.entry(name)?;
        let small = self.read_small(entry, |header, data| {
            A::from_array(Unread::new(header, &mut |room, reversal| {
                reversal.copy(data, room);
                Ok(())
            }))
        });
        match small {
            Some(Ok(array)) => Ok(array),
            _ => self.member_of(entry)?.read(),
        }
    }

    /// Reads an array as it is, whatever its dtype. Its CRC is checked.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_array(&self, name: &str) -> Result<Array> {
        self.read(name)
    }

    /// The bytes of a member, whatever it holds, as a stream. Its end is an error if the CRC does
    /// not match.
    ///
    /// # Errors
    /// If the member's local header is damaged or its method is not known.
    pub fn raw(&self, entry: &Entry) -> Result<RawReader> {
        let payload = self.payload(entry)?;
        let verified = payload
            .check_sizes()
            .and_then(|()| payload.verified())
            .map_err(|error| payload.blame(error))?;
        Ok(RawReader { payload, verified })
    }

    /// The arrays of several entries, given by their numbers in [`entries`](Self::entries), with
    /// their headers read: for many small ones that lie close to each other, data and all with one call of
    /// the system. Opens as many from the first on as may be in memory for that at once (8 MiB).
    ///
    /// ```
    /// # let file = std::env::temp_dir().join(format!("savez-members-{}.npz", std::process::id()));
    /// # savez::savez(&file, &[("a", &1), ("b", &2)])?;
    /// let archive = savez::Archive::open(&file)?;
    /// let mut numbers = Vec::from_iter(0..archive.len());
    /// while !numbers.is_empty() {
    ///     let members = archive.members(&numbers)?;
    ///     numbers.drain(..members.len());
    ///     for member in members {
    ///         println!("{:?}", member.read_array()?);
    ///     }
    /// }
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), savez::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the first of them holds no array; an error of a later one is for the call that begins with
    /// it.
    ///
    /// # Panics
    /// If there is no entry of such a number.
    pub fn members(&self, numbers: &[usize]) -> Result<Vec<Member>> {
        batch::open(self, numbers)
    }

    /// Reads the bytes of a small stored member, given by its number in [`entries`](Self::entries), so that
    /// [`small`](Self::small) has them; and if it follows the one that was asked for last, those of members behind it, up to
    /// 64 KiB. Does nothing if they are at hand, or the member is not small, or another thread is doing the same.
    ///
    /// What keeps it from reading is for those to tell who read the member itself.
    ///
    /// # Panics
    /// If there is no entry of that number.
    pub fn read_ahead(&self, number: usize) {
        let entry = &self.entries()[number];
        self.with_ahead(entry, |ahead| self.fill(ahead, entry));
    }

    /// Passes header and data of a small member to `take`, its CRC compared and all else checked, if its bytes are at
    /// hand; they are forgotten then. `None` if it is to be read as any other: if its bytes are not at hand, or not
    /// those of an array, or damaged; or if it holds Python objects or was written by Python 2.
    ///
    /// ```
    /// # let file = std::env::temp_dir().join(format!("savez-small-{}.npz", std::process::id()));
    /// # savez::savez(&file, &[("a", &1u8), ("b", &2)])?;
    /// let archive = savez::Archive::open(&file)?;
    /// let mut sum = 0;
    /// for number in 0..archive.len() {
    ///     archive.read_ahead(number);
    ///     sum += match archive.small(number, |_, data| data[0]) {
    ///         Some(byte) => byte,
    ///         None => archive.member_of(&archive.entries()[number])?.read()?,
    ///     };
    /// }
    /// assert_eq!(sum, 3);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), savez::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there is no entry of that number.
    pub fn small<R>(&self, number: usize, take: impl FnOnce(&Header, &[u8]) -> R) -> Option<R> {
        let entry = &self.entries()[number];
        self.with_ahead(entry, |ahead| self.take_small(ahead, entry, take))?
    }

    /// Whether [`small`](Self::small) need not wait for [`read_ahead`](Self::read_ahead).
    ///
    /// # Panics
    /// If there is no entry of that number.
    pub fn is_ahead(&self, number: usize) -> bool {
        let entry = &self.entries()[number];
        self.with_ahead(entry, |ahead| ahead.has(entry)).unwrap_or(false)
    }

    /// As [`small`](Self::small), its bytes read if they are not at hand.
    pub(super) fn read_small<R>(
        &self,
        entry: &Entry,
        take: impl FnOnce(&Header, &[u8]) -> R,
    ) -> Option<R> {
        self.with_ahead(entry, |ahead| {
            self.fill(ahead, entry);
            self.take_small(ahead, entry, take)
        })?
    }

    fn fill(&self, ahead: &mut Ahead, entry: &Entry) {
        if !ahead.has(entry) {
            // Reading the member itself will fail too, and say why.
            _ = ahead.read(&self.source, entry, self.directory.end());
        }
    }

    fn take_small<R>(
        &self,
        ahead: &mut Ahead,
        entry: &Entry,
        take: impl FnOnce(&Header, &[u8]) -> R,
    ) -> Option<R> {
        let (header, data) = ahead.array(entry, &self.limits)?;
        let taken = take(header, data);
        ahead.drop_served(self.directory.end());
        Some(taken)
    }

    fn with_ahead<R>(&self, entry: &Entry, act: impl FnOnce(&mut Ahead) -> R) -> Option<R> {
        if !ahead::is_small(entry) {
            return None;
        }
        match self.ahead.try_lock() {
            Ok(mut ahead) => Some(act(&mut ahead)),
            Err(TryLockError::Poisoned(ahead)) => Some(act(&mut ahead.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Reads all arrays, with several threads; their CRCs are checked. Of several of the same name, all
    /// are there.
    ///
    /// # Errors
    /// As [`read`](Self::read), and if a member is no array.
    pub fn read_all(&self) -> Result<Vec<(String, Array)>> {
        batch::read_all(self)
    }

    /// Reads all bytes of all members, arrays or not, and compares their CRCs, with several threads; keeps
    /// nothing.
    ///
    /// ```
    /// # let file = std::env::temp_dir().join(format!("savez-verify-{}.npz", std::process::id()));
    /// # savez::savez(&file, &[("a", &1), ("b", &2)])?;
    /// savez::Archive::open(&file)?.verify()?;
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), savez::Error>(())
    /// ```
    ///
    /// # Errors
    /// That of the first member that is damaged; or if the system does not give the bytes.
    pub fn verify(&self) -> Result<()> {
        self.find_damage(|_| Ok(()))?.into_iter().next().map_or(Ok(()), Err)
    }

    /// Does the same, and gives an error for each member that is damaged, in the order of the archive; none if all is
    /// well. `watch` is told now and then how many bytes were read since the last time, as they are without
    /// compression; its error ends the reading.
    ///
    /// # Errors
    /// If the system does not give the bytes; of `watch` any.
    pub fn find_damage(&self, watch: impl FnMut(u64) -> Result<()>) -> Result<Vec<Error>> {
        verify::archive(self, watch)
    }

    /// Whether several threads read faster than one.
    pub(super) fn is_concurrent(&self) -> bool {
        self.source.is_concurrent()
    }

    /// The same archive, some bytes of it read ahead.
    pub(super) fn ahead(&self, range: Range<u64>) -> Result<Archive> {
        let source = self.source.ahead(range).map_err(|e| e.in_file(self.file.as_deref()))?;
        Ok(Archive { source: Arc::new(source), ..self.clone() })
    }

    pub(super) fn payload(&self, entry: &Entry) -> Result<Payload> {
        let end = self.directory.end();
        member::payload(&self.source, &self.file, entry, end, self.limits)
            .map_err(|error| error.in_member(entry.member_name()).in_file(self.file.as_deref()))
    }

    /// What the central headers say of the members, beside where their bytes are.
    pub(super) fn labels(&self) -> Result<Vec<Label>> {
        self.directory.labels(&self.source).map_err(|error| error.in_file(self.file.as_deref()))
    }

    /// The extra fields of a member's local header.
    pub(super) fn local_extra(&self, entry: &Entry) -> Result<Vec<u8>> {
        entry
            .local_extra(&self.source)
            .map_err(|error| error.in_member(entry.member_name()).in_file(self.file.as_deref()))
    }

    /// The archive's own comment, whatever its encoding; empty if there is none.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn comment(&self) -> Result<Vec<u8>> {
        self.directory.comment(&self.source).map_err(|error| error.in_file(self.file.as_deref()))
    }

    /// Maps the whole archive into the address space, to look at arrays without reading them.
    ///
    /// The file must not be changed in place or cut short while it is mapped: views would change
    /// under your hands, and the system ends a process that touches bytes which are gone. Programs
    /// that replace files, as ours does, do no harm. If in doubt, [`read`](Self::read).
    ///
    /// # Errors
    /// If the system refuses, or the archive is neither in a file nor in memory.
    pub fn map(&self) -> Result<MappedArchive> {
        let mapped = self.source.map().map_err(|error| error.in_file(self.file.as_deref()))?;
        let mut archive = self.clone();
        if let Some(mapped) = mapped {
            if mapped.size() != self.source.size() {
                return Err(Error::corrupt("the file has changed since it was opened")
                    .hint("open it again")
                    .in_file(self.file.as_deref()));
            }
            archive.source = Arc::new(mapped);
        }
        Ok(MappedArchive(archive))
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("file", &self.file)
            .field("names", &self.names().collect::<Vec<_>>())
            .finish()
    }
}

/// A member's bytes as a stream, whatever they mean; see [`Archive::raw`].
pub struct RawReader {
    payload: Payload,
    verified: Verified,
}

impl Read for RawReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.verified.next(buffer).map_err(|error| self.payload.blame(error).into())
    }
}
