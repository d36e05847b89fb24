//! The plan of an archive: where each member goes, and the records that say so.
//!
//! Stored members of known size have their place before a byte of them is written, so anyone who
//! has the plan can write any part. Two styles: savez's own aligns data for mapping; NumPy's is
//! byte for byte what `np.savez` writes.

use std::collections::HashSet;

use super::directory::Kept;
use super::label::Label;
use super::record::{
    CENTRAL_HEADER, DATA_DESCRIPTOR, END_RECORD, EXTRA_ALIGNMENT, EXTRA_SEGMENTS, EXTRA_ZIP64,
    FLAG_DATA_DESCRIPTOR, FLAG_UTF8, FLAGS_COMPRESSOR, LOCAL_HEADER, LOCAL_HEADER_LEN, Method,
    SENTINEL_16, SENTINEL_32, ZIP64_END_RECORD, ZIP64_END_RECORD_LEN, ZIP64_LOCATOR,
};
use crate::{Error, Result};

/// How the bytes of an archive are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Style {
    /// Data of stored members aligned, ZIP64 only where it is needed.
    #[default]
    Savez,
    /// Exactly as `numpy.savez` and Python's `zipfile` do: nothing aligned, every local header
    /// with a ZIP64 field.
    Numpy,
}

impl Style {
    /// The largest number that a record of the directory holds without a ZIP64 field.
    fn zip64_limit(self) -> u64 {
        match self {
            Style::Savez => u64::from(SENTINEL_32) - 1,
            // `zipfile.ZIP64_LIMIT`.
            Style::Numpy => (1 << 31) - 1,
        }
    }

    /// The largest number of members without a ZIP64 record.
    fn entries_limit(self) -> usize {
        match self {
            Style::Savez => usize::from(SENTINEL_16) - 1,
            Style::Numpy => usize::from(SENTINEL_16),
        }
    }
}

/// What is known of a member when its place is sought.
pub(crate) struct Request {
    pub(crate) name: Box<str>,
    pub(crate) method: Method,
    /// Its bytes, if they are counted already.
    pub(crate) size: Option<u64>,
    /// Its stored bytes, if it is compressed already.
    pub(crate) stored_size: Option<u64>,
    /// Its bytes in front of those to be aligned: the npy header.
    pub(crate) head: u64,
    /// The boundary; 1 for none.
    pub(crate) align: u64,
    /// `None` for that of our own members.
    pub(crate) label: Option<Box<Label>>,
}

impl Request {
    /// A member of our own, its bytes not aligned.
    pub(crate) fn new(name: Box<str>, method: Method, size: Option<u64>) -> Request {
        Request { name, method, size, stored_size: None, head: 0, align: 1, label: None }
    }

    /// Whether zip can hold the name and what else is said of the member.
    fn check(&self) -> Result<()> {
        let label = self.label.as_deref().unwrap_or(&OURS);
        let name_len = label.raw_name.as_ref().map_or(self.name.len(), Vec::len);
        if name_len > usize::from(u16::MAX) {
            return Err(Error::parameter("a member's name may have 65535 bytes at most"));
        }
        if self.name.contains('\0') {
            return Err(Error::parameter("a member's name must not hold a NUL"));
        }
        if label.local_extra.len().max(label.central_extra.len()) > MOST_EXTRA {
            return Err(Error::unsupported(
                "the extra fields of the member leave no room for those that a new archive needs",
            ));
        }
        Ok(())
    }
}

/// A member's place.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    name: Box<str>,
    method: Method,
    flags: u16,
    /// Whether the local header has a ZIP64 field.
    zip64: bool,
    /// Bytes of the extra field that align the data, and the boundary.
    padding: Option<(u16, u16)>,
    /// Of the local header in the file.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) stored_size: u64,
    /// The index of its segments, if it has one.
    segments: Option<Box<[u8]>>,
    /// `None` for that of our own members.
    label: Option<Box<Label>>,
}

static OURS: Label = Label::OURS;

impl Slot {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where its bytes start in the file.
    pub(crate) fn start(&self) -> u64 {
        self.offset + self.local_len() as u64
    }

    fn local_len(&self) -> usize {
        LOCAL_HEADER_LEN + self.raw_name().len() + self.local_extra_len()
    }

    fn local_extra_len(&self) -> usize {
        let zip64 = if self.zip64 { 20 } else { 0 };
        let padding = self.padding.map_or(0, |(len, _)| usize::from(len));
        zip64 + padding + self.label().local_extra.len()
    }

    fn label(&self) -> &Label {
        self.label.as_deref().unwrap_or(&OURS)
    }

    /// The name as it is spelled in the headers.
    fn raw_name(&self) -> &[u8] {
        self.label().raw_name.as_deref().unwrap_or(self.name.as_bytes())
    }

    fn has_descriptor(&self) -> bool {
        self.flags & FLAG_DATA_DESCRIPTOR != 0
    }

    fn version_needed(&self) -> u16 {
        match self.method {
            Method::LZMA | Method::ZSTD | Method::XZ => 63,
            Method::BZIP2 => 46,
            _ if self.zip64 => 45,
            _ => 20,
        }
    }

    /// The local header (APPNOTE 4.3.7). If a descriptor follows the data, it has no CRC or sizes.
    pub(crate) fn local_header(&self, crc: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.local_len());
        self.put_local_header(crc, &mut bytes);
        bytes
    }

    /// Adds the local header to `bytes`.
    pub(crate) fn put_local_header(&self, crc: u32, bytes: &mut Vec<u8>) {
        let (crc, size, stored_size) =
            if self.has_descriptor() { (0, 0, 0) } else { (crc, self.size, self.stored_size) };
        let mut bytes = Record::new(bytes, LOCAL_HEADER);
        bytes.u16(self.version_needed());
        self.common(&mut bytes, crc);
        if self.zip64 {
            bytes.u32(SENTINEL_32);
            bytes.u32(SENTINEL_32);
        } else {
            // Without a ZIP64 field both are below the sentinel.
            bytes.u32(stored_size as u32);
            bytes.u32(size as u32);
        }
        bytes.u16(self.raw_name().len() as u16);
        bytes.u16(self.local_extra_len() as u16);
        bytes.bytes(self.raw_name());
        if self.zip64 {
            bytes.u16(EXTRA_ZIP64);
            bytes.u16(16);
            bytes.u64(size);
            bytes.u64(stored_size);
        }
        if let Some((len, align)) = self.padding {
            bytes.u16(EXTRA_ALIGNMENT);
            bytes.u16(len - 4);
            bytes.u16(align);
            bytes.zeros(usize::from(len) - 6);
        }
        bytes.bytes(&self.label().local_extra);
    }

    /// Flags, method, date and CRC, which both headers have.
    fn common(&self, bytes: &mut Record<'_>, crc: u32) {
        bytes.u16(self.flags);
        bytes.u16(self.method.0);
        bytes.u16(self.label().time);
        bytes.u16(self.label().date);
        bytes.u32(crc);
    }

    /// What follows the data if their CRC and size were not known before (APPNOTE 4.3.9).
    pub(crate) fn descriptor(&self, crc: u32) -> Option<Vec<u8>> {
        self.has_descriptor().then(|| {
            let mut descriptor = Vec::new();
            let mut bytes = Record::new(&mut descriptor, DATA_DESCRIPTOR);
            bytes.u32(crc);
            if self.zip64 {
                bytes.u64(self.stored_size);
                bytes.u64(self.size);
            } else {
                bytes.u32(self.stored_size as u32);
                bytes.u32(self.size as u32);
            }
            descriptor
        })
    }

    fn descriptor_len(&self) -> u64 {
        match (self.has_descriptor(), self.zip64) {
            (false, _) => 0,
            (true, false) => 16,
            (true, true) => 24,
        }
    }

    /// Adds the central directory header (APPNOTE 4.3.12) to `bytes`.
    fn put_central_header(&self, crc: u32, style: Style, bytes: &mut Vec<u8>) {
        let limit = style.zip64_limit();
        let large = self.size > limit || self.stored_size > limit;
        let far = self.offset > limit;
        let short = |value: u64, long: bool| if long { SENTINEL_32 } else { value as u32 };
        let zip64_len = 16 * u16::from(large) + 8 * u16::from(far);
        let label = self.label();
        let zip64_field = if zip64_len > 0 { 4 + usize::from(zip64_len) } else { 0 };
        let others = zip64_field + label.central_extra.len();
        // Where others take its room, the member can still be read from its start.
        let room = |index: &&[u8]| others + 4 + index.len() <= usize::from(u16::MAX);
        let segments = self.segments.as_deref().filter(|_| style == Style::Savez).filter(room);
        let segments_len = segments.map_or(0, |index| 4 + index.len());
        let mut bytes = Record::new(bytes, CENTRAL_HEADER);
        let needed = self.version_needed().max(if zip64_len > 0 { 45 } else { 0 });
        // Made by: the same version, on the system whose attributes these are.
        bytes.u16(u16::from(label.system) << 8 | needed);
        bytes.u16(needed);
        self.common(&mut bytes, crc);
        bytes.u32(short(self.stored_size, large));
        bytes.u32(short(self.size, large));
        bytes.u16(self.raw_name().len() as u16);
        bytes.u16((others + segments_len) as u16);
        bytes.u16(label.comment.len() as u16);
        // First disk.
        bytes.u16(0);
        bytes.u16(label.internal_attributes);
        bytes.u32(label.external_attributes);
        bytes.u32(short(self.offset, far));
        bytes.bytes(self.raw_name());
        if zip64_len > 0 {
            bytes.u16(EXTRA_ZIP64);
            bytes.u16(zip64_len);
        }
        if large {
            bytes.u64(self.size);
            bytes.u64(self.stored_size);
        }
        if far {
            bytes.u64(self.offset);
        }
        if let Some(index) = segments {
            bytes.u16(EXTRA_SEGMENTS);
            bytes.u16(index.len() as u16);
            bytes.bytes(index);
        }
        bytes.bytes(&label.central_extra);
        bytes.bytes(&label.comment);
    }
}

/// The longest extra fields of others: ours for sizes and offset must fit behind them.
const MOST_EXTRA: usize = u16::MAX as usize - 28;

/// The places of an archive's members, in the order in which they are added.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    style: Style,
    /// Whether the archive is written in sequence, so that nothing can be filled in later.
    stream: bool,
    /// Members that are there already.
    kept: Kept,
    slots: Vec<Slot>,
    /// Where the next record goes.
    end: u64,
    /// The archive's own, 65,535 bytes at most.
    comment: Vec<u8>,
}

impl Layout {
    /// An archive whose first record is to stand at `start` in its file.
    pub(crate) fn new(style: Style, stream: bool, start: u64) -> Layout {
        let comment = Vec::new();
        Layout { style, stream, kept: Kept::default(), slots: Vec::new(), end: start, comment }
    }

    /// An archive that has these members already; new ones go from `start` on.
    pub(crate) fn grown(style: Style, kept: Kept, start: u64) -> Layout {
        Layout { kept, ..Self::new(style, false, start) }
    }

    /// The members that were there before.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    pub(crate) fn slot(&self, number: usize) -> &Slot {
        &self.slots[number]
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Sets the comment of the archive, which is no longer than zip allows.
    pub(crate) fn set_comment(&mut self, comment: Vec<u8>) {
        debug_assert!(comment.len() <= usize::from(u16::MAX), "its length has 16 bits");
        self.comment = comment;
    }

    /// Where the central directory goes, once every member is closed.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Gives the next member its place. A stored one of known size is complete with it; any other
    /// must be [`close`](Self::close)d before the next.
    ///
    /// # Errors
    /// If zip cannot hold the name.
    pub(crate) fn place(&mut self, request: Request) -> Result<usize> {
        request.check().map_err(|error| error.in_member(&request.name))?;
        let limit = u64::from(SENTINEL_32) - 1;
        let zip64 = match (self.style, request.size, request.stored_size) {
            (Style::Numpy, ..) | (_, None, _) => true,
            (_, Some(size), Some(stored_size)) => size.max(stored_size) > limit,
            (_, Some(size), None) if request.method == Method::STORED => size > limit,
            // No compressor in use makes incompressible bytes more than 1/64 larger.
            (_, Some(size), None) => size.saturating_add(size / 64 + 1024) > limit,
        };
        let flags = match &request.label {
            Some(label) if request.stored_size.is_some() => {
                label.flags & (FLAG_UTF8 | FLAGS_COMPRESSOR)
            }
            Some(label) => label.flags & FLAG_UTF8,
            None if request.name.is_ascii() => 0,
            None => FLAG_UTF8,
        };
        let mut slot = Slot {
            name: request.name,
            method: request.method,
            flags: flags | if self.stream { FLAG_DATA_DESCRIPTOR } else { 0 },
            zip64,
            padding: None,
            offset: self.end,
            size: request.size.unwrap_or(0),
            stored_size: 0,
            segments: None,
            label: request.label,
        };
        if self.style == Style::Savez && request.method == Method::STORED {
            let room = usize::from(u16::MAX) - slot.local_extra_len();
            let padding = padding(slot.start() + request.head, request.align);
            slot.padding = padding.filter(|(len, _)| usize::from(*len) <= room);
        }
        let size = request.stored_size.or(request.size).unwrap_or(0);
        if slot.start().checked_add(size).is_none_or(|end| end > i64::MAX as u64) {
            let error = Error::parameter("the archive would be larger than any file");
            return Err(error.in_member(slot.name()));
        }
        let number = self.slots.len();
        self.slots.push(slot);
        if let (Method::STORED, Some(size)) = (request.method, request.size) {
            self.close(number, size, size);
        }
        Ok(number)
    }

    /// Sets what only writing could tell of the last member.
    pub(crate) fn close(&mut self, number: usize, size: u64, stored_size: u64) {
        let slot = &mut self.slots[number];
        slot.size = size;
        slot.stored_size = stored_size;
        self.end = slot.start() + stored_size + slot.descriptor_len();
    }

    /// Lists the segments of the last member.
    pub(crate) fn set_segments(&mut self, number: usize, index: Vec<u8>) {
        debug_assert!(index.len() < 65_000, "an extra field has 65,535 bytes");
        self.slots[number].segments = Some(index.into());
    }

    /// Takes back the last member, which failed half-way; the next goes to its place, or behind
    /// what was written up to `reached`.
    pub(crate) fn withdraw(&mut self, reached: u64) {
        if let Some(slot) = self.slots.pop() {
            self.end = slot.offset.max(reached);
        }
    }

    /// The central directory and the end records, given the CRC of each new member. Of those that
    /// were there, the ones whose names new members have are left out.
    pub(crate) fn directory(&self, crcs: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut entries = self.slots.len();
        if self.kept.headers().len() > 0 {
            let new: HashSet<&str> = self.slots.iter().map(Slot::name).collect();
            for (_, header) in self.kept.headers().filter(|(name, _)| !new.contains(name)) {
                bytes.extend_from_slice(header);
                entries += 1;
            }
        }
        for (slot, crc) in self.slots.iter().zip(crcs) {
            slot.put_central_header(*crc, self.style, &mut bytes);
        }
        let size = bytes.len() as u64;
        let limit = self.style.zip64_limit();
        if entries > self.style.entries_limit() || size > limit || self.end > limit {
            self.put_zip64_end(entries as u64, size, &mut bytes);
        }
        let mut end = Record::new(&mut bytes, END_RECORD);
        end.u32(0);
        let entries = u16::try_from(entries).unwrap_or(SENTINEL_16);
        end.u16(entries);
        end.u16(entries);
        end.u32(u32::try_from(size).unwrap_or(SENTINEL_32));
        end.u32(u32::try_from(self.end).unwrap_or(SENTINEL_32));
        end.u16(self.comment.len() as u16);
        end.bytes(&self.comment);
        bytes
    }

    /// Adds the ZIP64 end record and its locator (APPNOTE 4.3.14, 4.3.15) to `bytes`.
    fn put_zip64_end(&self, entries: u64, directory_size: u64, bytes: &mut Vec<u8>) {
        let mut bytes = Record::new(bytes, ZIP64_END_RECORD);
        bytes.u64(ZIP64_END_RECORD_LEN as u64 - 12);
        bytes.u16(45);
        bytes.u16(45);
        bytes.u64(0);
        bytes.u64(entries);
        bytes.u64(entries);
        bytes.u64(directory_size);
        bytes.u64(self.end);
        bytes.bytes(&ZIP64_LOCATOR);
        bytes.u32(0);
        bytes.u64(self.end + directory_size);
        bytes.u32(1);
    }
}

/// The length of the extra field that moves `position` to a multiple of `align`, if it is not at one, and `align`.
fn padding(position: u64, align: u64) -> Option<(u16, u16)> {
    const LEAST: u64 = 6;
    if align <= 1 || position.is_multiple_of(align) {
        return None;
    }
    let mut len = align - position % align;
    while len < LEAST {
        len += align;
    }
    Some((len.try_into().ok()?, align.try_into().ok()?))
}

/// A record being put together behind other bytes, little-endian.
struct Record<'a>(&'a mut Vec<u8>);

impl<'a> Record<'a> {
    fn new(behind: &'a mut Vec<u8>, signature: [u8; 4]) -> Record<'a> {
        behind.extend_from_slice(&signature);
        Record(behind)
    }

    fn zeros(&mut self, count: usize) {
        self.0.resize(self.0.len() + count, 0);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }
}
