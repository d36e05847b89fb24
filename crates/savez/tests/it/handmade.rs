//! Zip files put together by hand, so that any number in them can be made to lie.

/// What one of a member's two headers says.
#[derive(Clone)]
pub(crate) struct Claims {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) stored_size: u32,
    pub(crate) size: u32,
    pub(crate) extra: Vec<u8>,
}

/// A member: its bytes as stored, and what is said of them.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) local: Claims,
    pub(crate) stored: Vec<u8>,
    /// What stands between its bytes and the next record.
    pub(crate) behind: Vec<u8>,
    pub(crate) central: Claims,
    /// Where its local header is, if not where it truly is.
    pub(crate) offset: Option<u32>,
}

impl Part {
    /// A stored member of which all is true.
    pub(crate) fn stored(name: &str, bytes: &[u8]) -> Part {
        Self::new(name, 0, bytes, bytes.to_vec())
    }

    /// A deflated member of which all is true.
    pub(crate) fn deflated(name: &str, bytes: &[u8]) -> Part {
        Self::new(name, 8, bytes, deflate(bytes))
    }

    fn new(name: &str, method: u16, bytes: &[u8], stored: Vec<u8>) -> Part {
        let claims = Claims {
            name: name.as_bytes().to_vec(),
            flags: 0,
            method,
            crc: crc32fast::hash(bytes),
            stored_size: stored.len() as u32,
            size: bytes.len() as u32,
            extra: Vec::new(),
        };
        Part { local: claims.clone(), stored, behind: Vec::new(), central: claims, offset: None }
    }

    /// Changes what both headers say.
    pub(crate) fn saying(mut self, change: impl Fn(&mut Claims)) -> Part {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    fn local_header(&self) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(45u16.to_le_bytes());
        self.local.common(&mut bytes);
        bytes.extend(&self.local.name);
        bytes.extend(&self.local.extra);
        bytes
    }

    fn central_header(&self, offset: u32) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.extend([45, 3, 45, 0]);
        self.central.common(&mut bytes);
        bytes.extend([0; 10]);
        bytes.extend(self.offset.unwrap_or(offset).to_le_bytes());
        bytes.extend(&self.central.name);
        bytes.extend(&self.central.extra);
        bytes
    }
}

impl Claims {
    /// From the flags to the length of the extra field.
    fn common(&self, bytes: &mut Vec<u8>) {
        for number in [self.flags, self.method, 0, 0x21] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.stored_size, self.size] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend((self.name.len() as u16).to_le_bytes());
        bytes.extend((self.extra.len() as u16).to_le_bytes());
    }
}

/// Local headers and bytes of the members, and their central directory.
pub(crate) fn members_and_directory(parts: &[Part]) -> (Vec<u8>, Vec<u8>) {
    let (mut members, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        directory.extend(part.central_header(members.len() as u32));
        members.extend(part.local_header());
        members.extend(&part.stored);
        members.extend(&part.behind);
    }
    (members, directory)
}

/// An end record.
pub(crate) fn end_record(entries: u16, size: u32, offset: u32, comment: &[u8]) -> Vec<u8> {
    let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
    bytes.extend(entries.to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend((comment.len() as u16).to_le_bytes());
    bytes.extend(comment);
    bytes
}

/// A ZIP64 end record and its locator.
pub(crate) fn zip64_end_record(entries: u64, size: u64, offset: u64, position: u64) -> Vec<u8> {
    let mut bytes = b"PK\x06\x06".to_vec();
    bytes.extend(44u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0]);
    bytes.extend([0; 8]);
    for number in [entries, entries, size, offset] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(position.to_le_bytes());
    bytes.extend(1u32.to_le_bytes());
    bytes
}

/// An archive of these members with that comment.
pub(crate) fn zip_with_comment(parts: &[Part], comment: &[u8]) -> Vec<u8> {
    let (members, directory) = members_and_directory(parts);
    let end = end_record(parts.len() as u16, directory.len() as u32, members.len() as u32, comment);
    [members, directory, end].concat()
}

/// An archive of these members.
pub(crate) fn zip(parts: &[Part]) -> Vec<u8> {
    zip_with_comment(parts, b"")
}

/// A DEFLATE stream.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The bytes of an `.npy` file.
pub(crate) fn npy(values: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    savez::save_to(&mut bytes, values).expect("memory");
    bytes
}

/// The bytes of an `.npy` file of version 1.0 with that header text and those data.
pub(crate) fn npy_with_header(text: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

/// An extra field.
pub(crate) fn extra(id: u16, data: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
}

/// A ZIP64 extra field of these numbers.
pub(crate) fn zip64_extra(numbers: &[u64]) -> Vec<u8> {
    let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    extra(1, &data)
}
