//! The records of a zip file, byte for byte (APPNOTE 6.3.10, section 4.3 and 4.5).
//!
//! Numbers are as the records give them; whether they are true is for `directory` to find out.

use std::fmt;

/// Signatures (APPNOTE 4.3).
pub(crate) const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
pub(crate) const DATA_DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
pub(crate) const CENTRAL_HEADER: [u8; 4] = *b"PK\x01\x02";
pub(crate) const END_RECORD: [u8; 4] = *b"PK\x05\x06";
pub(crate) const ZIP64_END_RECORD: [u8; 4] = *b"PK\x06\x06";
pub(crate) const ZIP64_LOCATOR: [u8; 4] = *b"PK\x06\x07";

/// Lengths without the parts that vary.
pub(crate) const LOCAL_HEADER_LEN: usize = 30;
pub(crate) const CENTRAL_HEADER_LEN: usize = 46;
pub(crate) const END_RECORD_LEN: usize = 22;
pub(crate) const ZIP64_END_RECORD_LEN: usize = 56;
pub(crate) const ZIP64_LOCATOR_LEN: usize = 20;

/// Header ids of extra fields: ZIP64 sizes (APPNOTE 4.5.3), padding for alignment as Apache Commons
/// Compress has it and as Android's `zipalign`, and our own index of segments.
pub(crate) const EXTRA_ZIP64: u16 = 0x0001;
pub(crate) const EXTRA_ALIGNMENT: u16 = 0xa11e;
pub(crate) const EXTRA_ANDROID_ALIGNMENT: u16 = 0xd935;
pub(crate) const EXTRA_SEGMENTS: u16 = 0x7a73;

/// "See the ZIP64 field" in 16 and 32 bits.
pub(crate) const SENTINEL_16: u16 = u16::MAX;
pub(crate) const SENTINEL_32: u32 = u32::MAX;

/// General purpose bits (APPNOTE 4.4.4).
pub(crate) const FLAG_ENCRYPTED: u16 = 1;
/// What the compressor did: how hard it tried, and for LZMA whether the stream has a marker at its end.
pub(crate) const FLAGS_COMPRESSOR: u16 = 0b110;
pub(crate) const FLAG_DATA_DESCRIPTOR: u16 = 1 << 3;
pub(crate) const FLAG_PATCHED: u16 = 1 << 5;
pub(crate) const FLAG_STRONG_ENCRYPTION: u16 = 1 << 6;
pub(crate) const FLAG_UTF8: u16 = 1 << 11;

/// How a member's bytes are stored (APPNOTE 4.4.5). Numbers without a name survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Method(pub u16);

impl Method {
    /// As they are.
    pub const STORED: Method = Method(0);
    /// DEFLATE (RFC 1951).
    pub const DEFLATED: Method = Method(8);
    /// bzip2; feature `bzip2`.
    pub const BZIP2: Method = Method(12);
    /// LZMA in zip's own framing (APPNOTE 5.8); feature `xz`.
    pub const LZMA: Method = Method(14);
    /// Zstandard (RFC 8878); feature `zstd`.
    pub const ZSTD: Method = Method(93);
    /// xz; feature `xz`.
    pub const XZ: Method = Method(95);
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Method::STORED => "stored",
            Method::DEFLATED => "deflated",
            Method::BZIP2 => "bzip2",
            Method::LZMA => "lzma",
            Method::ZSTD => "zstd",
            Method::XZ => "xz",
            Method(number) => return write!(f, "method {number}"),
        })
    }
}

/// Little-endian numbers taken from the front of a record.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// A local file header (4.3.7), as far as a reader needs it: sizes and CRC stand in the central one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LocalHeader {
    pub(crate) flags: u16,
    pub(crate) method: Method,
    pub(crate) name_len: u16,
    pub(crate) extra_len: u16,
}

impl LocalHeader {
    pub(crate) fn parse(bytes: &[u8]) -> Option<LocalHeader> {
        let mut fields = Fields(bytes.strip_prefix(&LOCAL_HEADER)?);
        fields.bytes(2)?;
        let (flags, method) = (fields.u16()?, Method(fields.u16()?));
        fields.bytes(16)?;
        Some(LocalHeader { flags, method, name_len: fields.u16()?, extra_len: fields.u16()? })
    }

    /// Bytes from the start of the record to the member's first byte.
    pub(crate) fn total_len(&self) -> usize {
        LOCAL_HEADER_LEN + usize::from(self.name_len) + usize::from(self.extra_len)
    }
}

/// A central directory header (4.3.12), ZIP64 extra field applied.
#[derive(Debug)]
pub(crate) struct CentralHeader<'a> {
    pub(crate) made_by: u16,
    pub(crate) flags: u16,
    pub(crate) method: Method,
    pub(crate) time: u16,
    pub(crate) date: u16,
    pub(crate) crc: u32,
    pub(crate) stored_size: u64,
    pub(crate) size: u64,
    pub(crate) name: &'a [u8],
    pub(crate) extra: &'a [u8],
    pub(crate) comment: &'a [u8],
    pub(crate) internal_attributes: u16,
    pub(crate) external_attributes: u32,
    pub(crate) offset: u64,
    /// The index of segments, not checked.
    pub(crate) segments: Option<&'a [u8]>,
}

impl<'a> CentralHeader<'a> {
    /// Takes a header from the front of `fields`; the error says what is wrong with it.
    pub(crate) fn parse(fields: &mut Fields<'a>) -> Result<CentralHeader<'a>, &'static str> {
        Self::parse_plain(fields)
            .ok_or("the central directory ends within a header, or a header is missing")?
            .with_zip64()
    }

    fn parse_plain(fields: &mut Fields<'a>) -> Option<Plain<'a>> {
        let signature = fields.bytes(4)?;
        if signature != CENTRAL_HEADER {
            return None;
        }
        let made_by = fields.u16()?;
        fields.bytes(2)?;
        let (flags, method) = (fields.u16()?, Method(fields.u16()?));
        let (time, date) = (fields.u16()?, fields.u16()?);
        let (crc, stored_size, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name_len, extra_len, comment_len) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let (disk, internal_attributes) = (fields.u16()?, fields.u16()?);
        let (external_attributes, offset) = (fields.u32()?, fields.u32()?);
        let name = fields.bytes(usize::from(name_len))?;
        let extra = fields.bytes(usize::from(extra_len))?;
        let comment = fields.bytes(usize::from(comment_len))?;
        let header = CentralHeader {
            made_by,
            flags,
            method,
            time,
            date,
            crc,
            stored_size: stored_size.into(),
            size: size.into(),
            name,
            extra,
            comment,
            internal_attributes,
            external_attributes,
            offset: offset.into(),
            segments: None,
        };
        Some(Plain { header, disk })
    }
}

struct Plain<'a> {
    header: CentralHeader<'a>,
    disk: u16,
}

impl<'a> Plain<'a> {
    /// Replaces each number that says so by the one in the ZIP64 extra field (4.5.3).
    fn with_zip64(self) -> Result<CentralHeader<'a>, &'static str> {
        let Plain { mut header, disk } = self;
        let mut zip64 = None;
        for (id, field) in ExtraFields(header.extra) {
            if id == EXTRA_ZIP64 && zip64.replace(field).is_some() {
                return Err("a header has two ZIP64 extra fields");
            }
            if id == EXTRA_SEGMENTS {
                header.segments = Some(field);
            }
        }
        let mut fields = Fields(zip64.unwrap_or_default());
        let missing = "a header refers to a ZIP64 extra field that is missing or too short";
        for number in [&mut header.size, &mut header.stored_size, &mut header.offset] {
            if *number == u64::from(SENTINEL_32) {
                *number = fields.u64().ok_or(missing)?;
            }
        }
        if disk == SENTINEL_16 {
            match fields.u32() {
                Some(0) => {}
                Some(_) => return Err("the archive is split over several disks"),
                None => return Err(missing),
            }
        } else if disk != 0 {
            return Err("the archive is split over several disks");
        }
        Ok(header)
    }
}

/// The extra fields of a header: id and data of each. What is malformed ends the list, as in other
/// readers.
pub(crate) struct ExtraFields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for ExtraFields<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields(self.0);
        let (id, len) = (fields.u16()?, fields.u16()?);
        let data = fields.bytes(usize::from(len))?;
        self.0 = fields.0;
        Some((id, data))
    }
}

/// The numbers of an end record (4.3.16) or of its ZIP64 form (4.3.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EndRecord {
    pub(crate) entries: u64,
    pub(crate) directory_size: u64,
    pub(crate) directory_offset: u64,
    pub(crate) comment_len: u16,
    /// Whether there is but one disk.
    pub(crate) single_disk: bool,
}

impl EndRecord {
    pub(crate) fn parse(bytes: &[u8]) -> Option<EndRecord> {
        let mut fields = Fields(bytes.strip_prefix(&END_RECORD)?);
        let (disk, start_disk) = (fields.u16()?, fields.u16()?);
        let (on_disk, entries) = (fields.u16()?, fields.u16()?);
        let (size, offset) = (fields.u32()?, fields.u32()?);
        Some(EndRecord {
            entries: entries.into(),
            directory_size: size.into(),
            directory_offset: offset.into(),
            comment_len: fields.u16()?,
            single_disk: on_disk == entries
                && matches!(disk, 0 | SENTINEL_16)
                && matches!(start_disk, 0 | SENTINEL_16),
        })
    }

    pub(crate) fn parse_zip64(bytes: &[u8]) -> Option<EndRecord> {
        let mut fields = Fields(bytes.strip_prefix(&ZIP64_END_RECORD)?);
        fields.bytes(8 + 4)?;
        let (disk, start_disk) = (fields.u32()?, fields.u32()?);
        let (on_disk, entries) = (fields.u64()?, fields.u64()?);
        Some(EndRecord {
            entries,
            directory_size: fields.u64()?,
            directory_offset: fields.u64()?,
            comment_len: 0,
            single_disk: on_disk == entries && disk == 0 && start_disk == 0,
        })
    }

    /// Whether this record says the same as the ZIP64 one, or refers to it.
    pub(crate) fn agrees_with(&self, zip64: &EndRecord) -> bool {
        let agrees = |short: u64, sentinel: u64, long: u64| short == sentinel || short == long;
        agrees(self.entries, SENTINEL_16.into(), zip64.entries)
            && agrees(self.directory_size, SENTINEL_32.into(), zip64.directory_size)
            && agrees(self.directory_offset, SENTINEL_32.into(), zip64.directory_offset)
    }
}
