//! CRC-32 of a member from its pieces, written in any order by anyone.
//!
//! CRC-32 is linear, so that of the whole follows from those of the parts and their lengths. A part
//! of zeros that was never written would not show in it, so a [`Cover`] also keeps account of
//! which bytes were.

use crc32fast::Hasher;

use crate::{Error, Result};

/// The record of a written piece of an array's data: enough to work out the member's CRC without
/// seeing the bytes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// The number of the member, in the order in which the plan lists them.
    pub member: usize,
    /// Bytes from the start of the member's data to the piece.
    pub offset: u64,
    /// Bytes in the piece.
    pub len: u64,
    /// CRC-32 of the piece alone.
    pub crc32: u32,
}

impl Region {
    /// The record of a piece with these bytes.
    pub(crate) fn of(member: usize, offset: u64, bytes: &[u8]) -> Region {
        Region { member, offset, len: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
    }
}

/// Which bytes of a member have been written, and their CRC.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cover {
    regions: Vec<Region>,
}

impl Cover {
    /// Takes note of a piece.
    pub(crate) fn add(&mut self, region: Region) {
        if region.len > 0 {
            self.regions.push(region);
        }
    }

    /// The CRC of `header` followed by `size` bytes of data, if each of them was written once.
    ///
    /// A piece reported twice with the same CRC was written twice with the same bytes, which does
    /// no harm; anything else that overlaps is an error.
    pub(crate) fn crc(mut self, header: &[u8], size: u64) -> Result<u32> {
        self.regions.sort_by_key(|region| (region.offset, region.len));
        self.regions.dedup();
        let mut crc = crc32fast::hash(header);
        let mut end = 0;
        for region in self.regions {
            if region.offset != end {
                let (from, to) = (end.min(region.offset), end.max(region.offset));
                let what = if region.offset > end { "never written" } else { "written twice" };
                return Err(Error::parameter(format!("data bytes {from}..{to} were {what}")));
            }
            crc = joined(crc, region);
            end = end.saturating_add(region.len);
        }
        if end != size {
            return Err(Error::parameter(format!(
                "{end} bytes of data were written where the plan has {size}"
            )));
        }
        Ok(crc)
    }
}

/// The CRC of something followed by a region.
fn joined(crc: u32, region: Region) -> u32 {
    let mut whole = Hasher::new_with_initial(crc);
    whole.combine(&Hasher::new_with_initial_len(region.crc32, region.len));
    whole.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: [u8; 100] = [7; 100];

    fn pieces() -> Vec<Region> {
        [50..100, 0..20, 20..50]
            .map(|r: std::ops::Range<usize>| Region::of(0, r.start as u64, &DATA[r]))
            .to_vec()
    }

    fn crc(pieces: &[Region]) -> Result<u32> {
        let mut cover = Cover::default();
        pieces.iter().for_each(|piece| cover.add(*piece));
        cover.crc(b"header", 100)
    }

    #[test]
    fn pieces_in_any_order_give_the_crc_of_the_whole() {
        let whole = crc32fast::hash(&[b"header".as_slice(), &DATA].concat());
        assert_eq!(crc(&pieces()).ok(), Some(whole));
        let twice = [pieces(), pieces()].concat();
        assert_eq!(crc(&twice).ok(), Some(whole), "written twice, the same bytes");
    }

    #[test]
    fn what_was_not_written_shows() {
        assert!(crc(&pieces()[1..]).is_err(), "the end is missing");
        assert!(crc(&pieces()[..2]).is_err(), "the middle is missing");
        let mut overlapping = pieces();
        overlapping.push(Region::of(0, 10, &DATA[10..40]));
        assert!(crc(&overlapping).is_err());
    }
}
