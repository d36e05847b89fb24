//! The central directory, found and checked: what members there are and where.
//!
//! A [`Directory`] that exists is consistent: one end record, as many headers as it counts, every
//! member inside the file and none over another. That a member's local header agrees, and that
//! its bytes match its CRC, is seen when it is read.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use memchr::memmem;

use super::label::Label;
use super::name;
use super::record::{
    CENTRAL_HEADER, CENTRAL_HEADER_LEN, CentralHeader, END_RECORD, END_RECORD_LEN, EndRecord,
    FLAG_ENCRYPTED, FLAG_PATCHED, FLAG_STRONG_ENCRYPTION, FLAG_UTF8, Fields, LOCAL_HEADER_LEN,
    LocalHeader, Method, ZIP64_END_RECORD_LEN, ZIP64_LOCATOR, ZIP64_LOCATOR_LEN,
};
use crate::io::source::Source;
use crate::{Error, ErrorKind, Result};

/// The longest comment an archive can have, and so how far before the end its end record can be.
const MAX_COMMENT: u64 = u16::MAX as u64;

/// So many names are looked for before an index of all is made.
const SEARCHES_WITHOUT_INDEX: usize = 2;

/// The members of an archive, in the order of its central directory.
#[derive(Debug)]
pub(crate) struct Directory {
    entries: Vec<Entry>,
    /// Indices of `entries`, by name; made when it pays.
    by_name: OnceLock<Names>,
    /// The member behind the one last found by its name.
    next: AtomicUsize,
    /// How many names have been looked for so far.
    searches: AtomicUsize,
    /// Where the members end and the directory starts.
    end: u64,
    /// Where the end record ends.
    ending: u64,
    /// Bytes in front of the archive.
    prefix: u64,
}

/// The central headers of an archive's members, to be listed again in a new directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    bytes: Arc<[u8]>,
    /// Each member's name, and where in `bytes` its header is.
    members: Arc<[(String, Range<usize>)]>,
    names: Arc<HashSet<String>>,
}

impl Kept {
    /// Names and headers, in the order of the directory.
    pub(crate) fn headers(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.members.iter().map(|(name, range)| (name.as_str(), &self.bytes[range.clone()]))
    }

    /// Whether there is a member of that name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// What the central directory says of a member.
#[derive(Clone, Debug)]
pub struct Entry {
    name: String,
    /// The name's bytes, if they are not those of `name`: in code page 437.
    raw_name: Option<Box<[u8]>>,
    flags: u16,
    method: Method,
    crc: u32,
    size: u64,
    stored_size: u64,
    external_attributes: u32,
    /// Of its local header in the file.
    offset: u64,
    /// Where the next member's local header, or the central directory, starts.
    next: u64,
    /// The index of segments, not checked.
    segments: Option<Box<[u8]>>,
}

impl Entry {
    /// The member's name as it is spelled in the archive: `weights.npy`.
    pub fn member_name(&self) -> &str {
        &self.name
    }

    /// The name under which NumPy gives the array: without one `.npy` at the end.
    pub fn name(&self) -> &str {
        self.name.strip_suffix(".npy").unwrap_or(&self.name)
    }

    /// How its bytes are stored.
    pub fn method(&self) -> Method {
        self.method
    }

    /// CRC-32 of its bytes, not stored but as they are read.
    pub fn crc32(&self) -> u32 {
        self.crc
    }

    /// Its bytes when read: npy header and data.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its bytes as stored.
    pub fn stored_size(&self) -> u64 {
        self.stored_size
    }

    /// Whether it stands for a directory.
    pub fn is_directory(&self) -> bool {
        self.name.ends_with('/')
    }

    /// Whether it is a symbolic link of Unix.
    pub fn is_symlink(&self) -> bool {
        self.external_attributes >> 28 == 0o12
    }

    /// Where its local header starts in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the next member or the central directory starts.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// What the archive says of the member's segments, not checked.
    pub(crate) fn segments(&self) -> Option<&[u8]> {
        self.segments.as_deref()
    }

    /// Where the member's bytes start in the file, once `header`, which stands at its offset and
    /// is followed by `name`, proves to be the local header of this entry.
    pub(crate) fn check_local(&self, bytes: &[u8]) -> Result<u64> {
        let wrong = |cause: String| Err(Error::format(cause).at(self.offset));
        let Some(local) = LocalHeader::parse(bytes) else {
            return wrong("there is no local header where the central directory says".into());
        };
        if self.flags & FLAG_ENCRYPTED != 0 || local.flags & FLAG_ENCRYPTED != 0 {
            return Err(Error::unsupported("the member is encrypted"));
        }
        if self.flags & (FLAG_PATCHED | FLAG_STRONG_ENCRYPTION) != 0 {
            return Err(Error::unsupported("the member is compressed patch data or encrypted"));
        }
        let name = bytes.get(LOCAL_HEADER_LEN..LOCAL_HEADER_LEN + usize::from(local.name_len));
        if name != Some(self.raw_name()) {
            return wrong(
                "the names in the central directory and in the local header differ".into(),
            );
        }
        if local.method != self.method {
            return wrong(format!(
                "the central directory says {}, the local header {}",
                self.method, local.method
            ));
        }
        if !self.raw_name().is_ascii() && (local.flags ^ self.flags) & FLAG_UTF8 != 0 {
            return wrong(
                "central directory and local header differ in how the name is encoded".into(),
            );
        }
        Ok(self.offset + local.total_len() as u64)
    }

    /// The extra fields of the local header.
    ///
    /// # Errors
    /// If it is not the local header of this entry.
    pub(crate) fn local_extra(&self, source: &Source) -> Result<Vec<u8>> {
        let mut local = vec![0; self.local_len_hint()];
        source.read_exact_at(&mut local, self.offset)?;
        let start = self.check_local(&local)?;
        let extra = self.offset + local.len() as u64;
        let mut bytes = vec![0; (start - extra) as usize];
        source.read_exact_at(&mut bytes, extra)?;
        Ok(bytes)
    }

    /// Bytes to read at the offset so that [`check_local`](Self::check_local) has the name.
    pub(crate) fn local_len_hint(&self) -> usize {
        LOCAL_HEADER_LEN + self.raw_name().len()
    }

    /// Whether this is the member NumPy takes for `name`, where all end in `.npy`.
    fn is_plainly(&self, name: &str) -> bool {
        match self.name.strip_prefix(name) {
            Some(rest) => rest.is_empty() || rest == ".npy" && !name.ends_with(".npy"),
            None => false,
        }
    }

    /// The name as it is spelled in the headers.
    fn raw_name(&self) -> &[u8] {
        self.raw_name.as_deref().unwrap_or(self.name.as_bytes())
    }
}

impl Directory {
    /// Finds the directory of the archive that ends where the source ends.
    pub(crate) fn read(source: &Source) -> Result<Directory> {
        let tail_start = source.size().saturating_sub(MAX_COMMENT + END_RECORD_LEN as u64);
        let mut tail = vec![0; (source.size() - tail_start) as usize];
        source.read_exact_at(&mut tail, tail_start)?;
        let end = find_end(source, &Tail { bytes: &tail, start: tail_start })?;
        let len = (end.directory.end - end.directory.start) as usize;
        let mut entries = match end.directory.start.checked_sub(tail_start) {
            Some(from) => parse_entries(&tail[from as usize..from as usize + len], &end)?,
            None => {
                let mut bytes = Vec::new();
                // The file may be sparse, and larger than memory.
                bytes.try_reserve_exact(len).map_err(|_| Error::out_of_memory(len as u64))?;
                bytes.resize(len, 0);
                source.read_exact_at(&mut bytes, end.directory.start)?;
                parse_entries(&bytes, &end)?
            }
        };
        check_overlaps(&mut entries)?;
        Ok(Directory {
            entries,
            by_name: OnceLock::new(),
            next: AtomicUsize::new(0),
            searches: AtomicUsize::new(0),
            end: end.directory.start,
            ending: end.ending,
            prefix: end.prefix,
        })
    }

    /// The headers of all members, for a directory behind new ones.
    ///
    /// # Errors
    /// If there are bytes in front of or behind the archive, which a new directory would misplace
    /// or lose.
    pub(crate) fn keep(&self, source: &Source) -> Result<Kept> {
        if self.prefix != 0 || self.ending != source.size() {
            return Err(Error::unsupported(
                "nothing can be added to an archive with a comment, or with bytes before or after it",
            )
            .hint("pack its arrays into a new archive"));
        }
        let mut bytes = vec![0; (self.ending - self.end) as usize];
        source.read_exact_at(&mut bytes, self.end)?;
        let mut members = Vec::with_capacity(self.entries.len());
        let mut fields = Fields(&bytes);
        for entry in &self.entries {
            let start = bytes.len() - fields.0.len();
            CentralHeader::parse(&mut fields).map_err(Error::format)?;
            members.push((entry.name.clone(), start..bytes.len() - fields.0.len()));
        }
        let names = self.entries.iter().map(|entry| entry.name.clone()).collect();
        Ok(Kept { bytes: bytes.into(), members: members.into(), names: Arc::new(names) })
    }

    /// What the central headers say of each member beside where its bytes are.
    ///
    /// # Errors
    /// If the file has changed since the directory was read.
    pub(crate) fn labels(&self, source: &Source) -> Result<Vec<Label>> {
        let mut bytes = vec![0; (self.ending - self.end) as usize];
        source.read_exact_at(&mut bytes, self.end)?;
        let mut fields = Fields(&bytes);
        let label = |entry: &Entry| {
            let header = CentralHeader::parse(&mut fields).map_err(Error::format)?;
            if header.name != entry.raw_name() {
                return Err(Error::corrupt("the file has changed since it was opened"));
            }
            Ok(Label::of(&header, &entry.name))
        };
        self.entries.iter().map(label).collect()
    }

    /// The archive's comment, as far as the file has it.
    pub(crate) fn comment(&self, source: &Source) -> Result<Vec<u8>> {
        let mut len = [0; 2];
        source.read_exact_at(&mut len, self.ending - 2)?;
        let mut comment = vec![0; usize::from(u16::from_le_bytes(len))];
        let there = source.read_up_to(&mut comment, self.ending)?;
        comment.truncate(there);
        Ok(comment)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where the members end and the central directory starts.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The member NumPy takes for `name`: the one spelled exactly so, else the one with `.npy`
    /// behind it; of several the last.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.position(name).map(|index| &self.entries[index])
    }

    /// The same as its index.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        if self.by_name.get().is_none()
            && self.searches.fetch_add(1, Ordering::Relaxed) < SEARCHES_WITHOUT_INDEX
        {
            return self.scan(name);
        }
        let names = self.by_name.get_or_init(|| Names::of(&self.entries));
        let guess = self.next.load(Ordering::Relaxed);
        let found = match self.entries.get(guess) {
            // Whoever reads one array after the other asks for the next.
            Some(entry) if names.plain && entry.is_plainly(name) => Some(guess),
            _ => names
                .position(&self.entries, name)
                .or_else(|| names.position(&self.entries, &format!("{name}.npy"))),
        };
        if let Some(found) = found {
            self.next.store(found + 1, Ordering::Relaxed);
        }
        found
    }

    /// Looks at every member. Cheaper than an index for one array out of many.
    fn scan(&self, name: &str) -> Option<usize> {
        let mut stripped = None;
        for (index, entry) in self.entries.iter().enumerate().rev() {
            if entry.name == name {
                return Some(index);
            }
            if stripped.is_none() && entry.name.strip_suffix(".npy") == Some(name) {
                stripped = Some(index);
            }
        }
        stripped
    }
}

/// The members' numbers in the order of their names, those of one name in the order of the directory.
#[derive(Debug)]
struct Names {
    sorted: Vec<u32>,
    /// Whether all names end in `.npy` and no two are alike, so that one that fits is the one.
    plain: bool,
}

impl Names {
    fn of(entries: &[Entry]) -> Names {
        let name = |number: u32| entries[number as usize].name.as_str();
        let mut sorted: Vec<u32> = (0..entries.len() as u32).collect();
        // Stable: members of one name stay in order.
        sorted.sort_by(|&a, &b| name(a).cmp(name(b)));
        let plain = entries.iter().all(|entry| entry.name.ends_with(".npy"))
            && sorted.windows(2).all(|two| name(two[0]) != name(two[1]));
        Names { sorted, plain }
    }

    /// The last member that is spelled so.
    fn position(&self, entries: &[Entry], name: &str) -> Option<usize> {
        let behind =
            self.sorted.partition_point(|&number| entries[number as usize].name.as_str() <= name);
        let last = *self.sorted[..behind].last()? as usize;
        (entries[last].name == name).then_some(last)
    }
}

/// The last bytes of a file.
struct Tail<'a> {
    bytes: &'a [u8],
    start: u64,
}

impl Tail<'_> {
    /// Reads what starts at `position` in the file: from here, if it is here.
    fn read(&self, source: &Source, bytes: &mut [u8], position: u64) -> Result<()> {
        let here = position.checked_sub(self.start).and_then(|from| {
            let from = usize::try_from(from).ok()?;
            self.bytes.get(from..from.checked_add(bytes.len())?)
        });
        match here {
            Some(here) => bytes.copy_from_slice(here),
            None => source.read_exact_at(bytes, position)?,
        }
        Ok(())
    }
}

/// Where the directory is, according to a consistent end record.
struct End {
    directory: Range<u64>,
    entries: u64,
    prefix: u64,
    /// Where the end record ends, its comment not counted.
    ending: u64,
    /// Whether the comment ends where the file ends.
    exact: bool,
}

/// The last end record, if it adds up. Bytes behind it are let pass, as `zipfile` does, unless
/// they hold the signature of another.
fn find_end(source: &Source, tail: &Tail<'_>) -> Result<End> {
    let mut accepted: Option<End> = None;
    let mut complaint = None;
    let mut from = 0;
    let end_record = memmem::Finder::new(&END_RECORD);
    while let Some(found) = end_record.find(&tail.bytes[from..]) {
        let at = from + found;
        // Whoever takes the last signature for that of the end record finds another archive.
        if accepted.as_ref().is_some_and(|end| end.exact) {
            return Err(Error::format(
                "there are two end records, one in the comment of the other; readers would disagree",
            ));
        }
        match check_end(source, tail, at) {
            Ok(end) => {
                accepted = Some(end);
                from = at + END_RECORD_LEN;
            }
            Err(error) => {
                accepted = None;
                complaint = Some(error);
                from = at + 1;
            }
        }
    }
    accepted.ok_or_else(|| {
        complaint.unwrap_or_else(|| {
            Error::format("this is not a zip file: there is no end record")
                .hint("the file may be cut short")
        })
    })
}

/// Reads the end record at `at` in the tail and sees whether a directory lies where it says.
fn check_end(source: &Source, tail: &Tail<'_>, at: usize) -> Result<End> {
    let wrong = |cause: &str| Error::format(cause).at(tail.start + at as u64);
    let short = EndRecord::parse(&tail.bytes[at..])
        .ok_or_else(|| Error::corrupt("the file ends within the end record"))?;
    let comment_end = at + END_RECORD_LEN + usize::from(short.comment_len);
    let mut position = tail.start + at as u64;
    let mut record = short;
    if let Some(zip64) = zip64_record(source, tail, position)? {
        if !short.agrees_with(&zip64.record) {
            return Err(wrong("the end record and its ZIP64 form disagree"));
        }
        if zip64.declared_offset > zip64.position {
            return Err(wrong("the ZIP64 end record is not where its locator says"));
        }
        position = zip64.position;
        record = zip64.record;
        // A prefix moves all offsets alike.
        let directory = record.directory_offset.checked_add(record.directory_size);
        if directory != Some(zip64.declared_offset) {
            return Err(wrong("the ZIP64 end record does not follow the central directory"));
        }
    }
    if !record.single_disk || !short.single_disk {
        return Err(Error::unsupported("the archive is split over several disks"));
    }
    let start = position
        .checked_sub(record.directory_size)
        .ok_or_else(|| wrong("the central directory would start before the file"))?;
    let prefix = start
        .checked_sub(record.directory_offset)
        .ok_or_else(|| wrong("the central directory would start before the file"))?;
    let least = record.entries.checked_mul(CENTRAL_HEADER_LEN as u64);
    if least.is_none_or(|least| least > record.directory_size) {
        return Err(wrong("the central directory is too small for its entries"));
    }
    if record.entries > 0 {
        let mut signature = [0; 4];
        tail.read(source, &mut signature, start)?;
        if signature != CENTRAL_HEADER {
            return Err(wrong("there is no central directory where the end record says"));
        }
    }
    Ok(End {
        directory: start..position,
        entries: record.entries,
        prefix,
        ending: tail.start + (at + END_RECORD_LEN) as u64,
        exact: comment_end == tail.bytes.len(),
    })
}

struct Zip64 {
    record: EndRecord,
    /// Where the record is, and where its locator says it is, which a prefix makes smaller.
    position: u64,
    declared_offset: u64,
}

/// The ZIP64 end record, if a locator stands before the end record (APPNOTE 4.3.15).
fn zip64_record(source: &Source, tail: &Tail<'_>, end_record: u64) -> Result<Option<Zip64>> {
    let both = (ZIP64_LOCATOR_LEN + ZIP64_END_RECORD_LEN) as u64;
    let Some(position) = end_record.checked_sub(both) else { return Ok(None) };
    let mut bytes = [0; ZIP64_LOCATOR_LEN + ZIP64_END_RECORD_LEN];
    tail.read(source, &mut bytes, position)?;
    let (record, locator) = bytes.split_at(ZIP64_END_RECORD_LEN);
    let Some(locator) = locator.strip_prefix(&ZIP64_LOCATOR) else { return Ok(None) };
    let mut fields = Fields(locator);
    let (disk, declared_offset, disks) = (fields.u32(), fields.u64(), fields.u32());
    let record = EndRecord::parse_zip64(record).ok_or_else(|| {
        Error::format("there is no ZIP64 end record before its locator").at(position)
    })?;
    match (disk, declared_offset, disks) {
        (Some(0), Some(declared_offset), Some(0 | 1)) => {
            Ok(Some(Zip64 { record, position, declared_offset }))
        }
        _ => Err(Error::unsupported("the archive is split over several disks")),
    }
}

fn parse_entries(bytes: &[u8], end: &End) -> Result<Vec<Entry>> {
    let mut fields = Fields(bytes);
    // The count is bounded by the directory's size, which the file has.
    let mut entries = Vec::new();
    let count = end.entries as usize;
    entries.try_reserve_exact(count).map_err(|_| Error::out_of_memory(bytes.len() as u64))?;
    while !fields.0.is_empty() {
        let at = end.directory.end - fields.0.len() as u64;
        let header = CentralHeader::parse(&mut fields).map_err(|why| Error::format(why).at(at))?;
        entries.push(entry(&header, end).map_err(|error| error.at(at))?);
    }
    if entries.len() as u64 != end.entries {
        return Err(Error::format(format!(
            "the end record counts {} members, but the central directory lists {}",
            end.entries,
            entries.len()
        )));
    }
    Ok(entries)
}

fn entry(header: &CentralHeader<'_>, end: &End) -> Result<Entry> {
    let name = name::decode(header.name, header.flags & FLAG_UTF8 != 0)
        .ok_or_else(|| Error::format("a member's name is not the UTF-8 it says to be"))?;
    if name.contains('\0') {
        return Err(Error::format("a member's name holds a NUL, at which some readers cut it off")
            .in_member(&name));
    }
    let offset = header.offset.checked_add(end.prefix);
    let least_end = offset
        .and_then(|offset| offset.checked_add((LOCAL_HEADER_LEN + header.name.len()) as u64))
        .and_then(|data| data.checked_add(header.stored_size));
    match (offset, least_end) {
        (Some(offset), Some(least_end)) if least_end <= end.directory.start => Ok(Entry {
            raw_name: (header.name != name.as_bytes()).then(|| header.name.into()),
            name,
            flags: header.flags,
            method: header.method,
            crc: header.crc,
            size: header.size,
            stored_size: header.stored_size,
            external_attributes: header.external_attributes,
            offset,
            next: end.directory.start,
            segments: header.segments.map(Box::from),
        }),
        _ => Err(Error::new(
            ErrorKind::Format,
            "a member would reach into the central directory, or beyond the file",
        )
        .in_member(&name)),
    }
}

/// No byte may belong to two members: that is how zip bombs are made. Gaps are allowed.
/// How long a member's local header truly is, and so where its bytes end, is seen when it is read.
fn check_overlaps(entries: &mut [Entry]) -> Result<()> {
    let mut order: Vec<&mut Entry> = entries.iter_mut().collect();
    order.sort_by_key(|entry| entry.offset);
    let mut next = None;
    for entry in order.into_iter().rev() {
        entry.next = next.unwrap_or(entry.next);
        let least_end = entry.offset + entry.local_len_hint() as u64 + entry.stored_size;
        if least_end > entry.next {
            return Err(Error::format("two members overlap in the file, as in a zip bomb")
                .at(entry.next)
                .in_member(&entry.name));
        }
        next = Some(entry.offset);
    }
    Ok(())
}
