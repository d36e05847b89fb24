//! The index of a deflated member: where the segments of its stream are and what they hold.
//!
//! Our streams are made of segments that can be inflated alone: one with the npy header, then one for each
//! slab of the data. The index stands in an extra field of the central header, where other tools pass over it:
//!
//! | bytes | meaning |
//! |---|---|
//! | 1 | version, 1 |
//! | varint | stored bytes of the header's segment |
//! | varint | data bytes of a slab; the last one has what is left |
//! | for each slab: varint | stored bytes of its segment |
//! | 4, little-endian | CRC-32 of its data |
//!
//! Varints have 7 bits a byte, the lowest first, the top bit set in all bytes but the last. An index is believed
//! only if it accounts for every byte of the stream and of the data, and if its CRCs together give that of the
//! member. So a segment that matches its CRC is as good as a member that does. Without an index that is
//! believed, the member is an ordinary stream.

use std::ops::Range;

use crc32fast::Hasher;

use super::record::Fields;

const VERSION: u8 = 1;

/// The most slabs in an index: an extra field has 65,535 bytes for 9 to a slab, and others need room too.
pub(crate) const MOST_SLABS: u64 = 7000;

/// The segments of a member, known to add up.
#[derive(Debug)]
pub(crate) struct Segments {
    slab: u64,
    data_len: u64,
    /// Where each slab's segment starts in the stored bytes, and where the last one ends.
    starts: Vec<u64>,
    crcs: Vec<u32>,
}

/// What else is known of the member.
pub(crate) struct Known {
    pub(crate) stored_size: u64,
    pub(crate) head_len: u64,
    pub(crate) head_crc: u32,
    pub(crate) data_len: u64,
    pub(crate) crc: u32,
}

impl Segments {
    /// Reads an index; `None` if it does not add up.
    pub(crate) fn parse(field: &[u8], known: &Known) -> Option<Segments> {
        let mut fields = Fields(field);
        if fields.bytes(1)? != [VERSION] {
            return None;
        }
        let mut end = varint(&mut fields)?;
        let slab = varint(&mut fields)?;
        if slab == 0 || known.data_len == 0 {
            return None;
        }
        let count = usize::try_from(known.data_len.div_ceil(slab)).ok()?;
        // Each takes 5 bytes at least.
        if count > fields.0.len() / 5 {
            return None;
        }
        let mut all = Hasher::new_with_initial_len(known.head_crc, known.head_len);
        let (mut starts, mut crcs) = (Vec::with_capacity(count + 1), Vec::with_capacity(count));
        for number in 0..count as u64 {
            starts.push(end);
            let len = slab.min(known.data_len - number * slab);
            let stored = varint(&mut fields)?;
            // The file may be sparse, and this is to be in memory at once.
            if !can_hold(stored, len) {
                return None;
            }
            end = end.checked_add(stored)?;
            let crc = fields.u32()?;
            crcs.push(crc);
            all.combine(&Hasher::new_with_initial_len(crc, len));
        }
        starts.push(end);
        let complete = fields.0.is_empty() && end == known.stored_size;
        (complete && all.finalize() == known.crc).then_some(Segments {
            slab,
            data_len: known.data_len,
            starts,
            crcs,
        })
    }

    /// How many slabs there are.
    pub(crate) fn count(&self) -> usize {
        self.crcs.len()
    }

    /// Data bytes of a slab that is not the last.
    pub(crate) fn slab(&self) -> u64 {
        self.slab
    }

    /// Where a slab's data are, from the start of all data.
    pub(crate) fn data(&self, number: usize) -> Range<u64> {
        let start = number as u64 * self.slab;
        start..start.saturating_add(self.slab).min(self.data_len)
    }

    /// Where a slab's segment is, from the start of the stored bytes.
    pub(crate) fn stored(&self, number: usize) -> Range<u64> {
        self.starts[number]..self.starts[number + 1]
    }

    /// The slabs whose segments begin among these stored bytes.
    pub(crate) fn starting_in(&self, stored: &Range<u64>) -> Range<usize> {
        let starts = &self.starts[..self.count()];
        let [first, end] =
            [stored.start, stored.end].map(|at| starts.partition_point(|&start| start < at));
        first..end
    }

    /// CRC-32 of a slab's data.
    pub(crate) fn crc(&self, number: usize) -> u32 {
        self.crcs[number]
    }

    /// Whether a slab is the last, and so its segment the end of the stream.
    pub(crate) fn is_last(&self, number: usize) -> bool {
        number + 1 == self.count()
    }
}

/// Whether a compressor would write so many bytes for a segment of `len` ones.
pub(crate) fn can_hold(stored: u64, len: u64) -> bool {
    stored <= len.saturating_add(len / 64 + 1024)
}

/// An index being put together.
pub(crate) struct Index(Vec<u8>);

impl Index {
    pub(crate) fn new(head_stored: u64, slab: u64) -> Index {
        let mut bytes = vec![VERSION];
        put_varint(&mut bytes, head_stored);
        put_varint(&mut bytes, slab);
        Index(bytes)
    }

    /// Adds the next slab.
    pub(crate) fn add(&mut self, stored: u64, crc: u32) {
        put_varint(&mut self.0, stored);
        self.0.extend(crc.to_le_bytes());
    }

    /// The extra field's data.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

fn varint(fields: &mut Fields<'_>) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let &[byte] = fields.bytes(1)? else { return None };
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of one slab of 100 bytes that takes `stored` ones, in a member of that size.
    fn parsed(stored: u64) -> Option<Segments> {
        let data = [7; 100];
        let crc = crc32fast::hash(&data);
        let mut index = Index::new(10, 100);
        index.add(stored, crc);
        let known =
            Known { stored_size: 10 + stored, head_len: 0, head_crc: 0, data_len: 100, crc };
        Segments::parse(&index.into_bytes(), &known)
    }

    #[test]
    fn a_slab_that_no_compressor_writes_is_not_believed() {
        assert_eq!(parsed(105).expect("an index").stored(0), 10..115);
        assert!(parsed(1 << 44).is_none());
    }
}
