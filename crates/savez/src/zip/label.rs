//! What headers say of a member that has nothing to do with where and how its bytes are stored: [`Label`].
//!
//! Members of our own making all have the same one, with the date that NumPy gives. Those that come from
//! another archive keep theirs.

use super::record::{
    CentralHeader, EXTRA_ALIGNMENT, EXTRA_ANDROID_ALIGNMENT, EXTRA_SEGMENTS, EXTRA_ZIP64,
    ExtraFields,
};

/// Name as spelled, date, attributes, comment, and the extra fields that are not about the place of
/// the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// The name's bytes, if they are not those of the text: in code page 437.
    pub(crate) raw_name: Option<Vec<u8>>,
    /// All general purpose bits of the header it comes from.
    pub(crate) flags: u16,
    /// The system it was made on, by which the attributes are to be understood.
    pub(crate) system: u8,
    pub(crate) time: u16,
    pub(crate) date: u16,
    pub(crate) internal_attributes: u16,
    pub(crate) external_attributes: u32,
    /// Extra fields, whole ones: some have more to say in the local header, some in the central one.
    pub(crate) local_extra: Vec<u8>,
    pub(crate) central_extra: Vec<u8>,
    pub(crate) comment: Vec<u8>,
}

impl Label {
    /// That of our own members: the first date that zip knows, 1980-01-01, as in NumPy; made on Unix, whatever
    /// the platform, a file for its owner to read and write.
    pub(crate) const OURS: Label = Label {
        raw_name: None,
        flags: 0,
        system: 3,
        time: 0,
        date: 1 << 5 | 1,
        internal_attributes: 0,
        external_attributes: 0o600 << 16,
        local_extra: Vec::new(),
        central_extra: Vec::new(),
        comment: Vec::new(),
    };

    /// That of a member whose name is, as text, `name`; what only the local header has is still missing.
    pub(crate) fn of(header: &CentralHeader<'_>, name: &str) -> Label {
        Label {
            raw_name: (header.name != name.as_bytes()).then(|| header.name.to_vec()),
            flags: header.flags,
            system: (header.made_by >> 8) as u8,
            time: header.time,
            date: header.date,
            internal_attributes: header.internal_attributes,
            external_attributes: header.external_attributes,
            local_extra: Vec::new(),
            central_extra: lasting(header.extra),
            comment: header.comment.to_vec(),
        }
    }

    /// Adds the extra fields of the local header.
    pub(crate) fn set_local_extra(&mut self, extra: &[u8]) {
        self.local_extra = lasting(extra);
    }
}

/// The extra fields that hold wherever the bytes go. Those that say where they are, or move them to a
/// boundary, are made anew; what is malformed is no field.
fn lasting(extra: &[u8]) -> Vec<u8> {
    let passing = [EXTRA_ZIP64, EXTRA_ALIGNMENT, EXTRA_ANDROID_ALIGNMENT, EXTRA_SEGMENTS];
    let mut kept = Vec::new();
    for (id, data) in ExtraFields(extra).filter(|(id, _)| !passing.contains(id)) {
        kept.extend(id.to_le_bytes());
        kept.extend((data.len() as u16).to_le_bytes());
        kept.extend_from_slice(data);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_about_the_place_are_left_out() {
        let dated = b"UT\x05\0\x01\x01\x02\x03\x04";
        let placed = [
            b"\x01\0\x08\0\0\0\0\0\x01\0\0\0".as_slice(),
            b"\x1e\xa1\x02\0\x40\0",
            dated,
            b"sz\x01\0\x01",
            b"\xfe\xca\0\0",
            b"\x35\xd9\x02\0\x04\0",
            b"UT\xff\0cut off",
        ];
        assert_eq!(lasting(&placed.concat()), [dated.as_slice(), b"\xfe\xca\0\0"].concat());
    }
}
