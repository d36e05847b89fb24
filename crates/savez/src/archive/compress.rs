//! How members are cut to be compressed, what is counted meanwhile, and Zstandard.

use crc32fast::Hasher;
use savez_deflate::Hints;

use super::deflate::Segment;
#[cfg(feature = "zstd")]
use super::feed::Feed;
use crate::npy::dtype::DType;
use crate::npy::header::{Header, Order};
use crate::zip::segments::{Index, MOST_SLABS};
#[cfg(feature = "zstd")]
use crate::{Error, Result};

/// So many bytes are compressed alone at the most, but for longer rows or very many segments: few enough that parts of
/// an array are cheap to read, and that all threads have work; so many that it costs little of the size.
const SEGMENT: u64 = 512 << 10;

/// Of longer strings the encoder is told the characters as items, and the strings as rows: it would not tell apart the bytes
/// of so long an item anyway.
const LONG_TEXT: usize = 64;

/// How a member is to be cut and compressed.
pub(super) struct Cut {
    /// Data bytes of a segment: whole rows, if they are no longer than that.
    pub(super) slab: u64,
    /// Whether the member gets an index, and so its head a segment of its own.
    pub(super) indexed: bool,
    pub(super) hints: Hints,
}

impl Cut {
    /// The slabs of an array of that header: along its outermost axis in the file.
    pub(super) fn of(header: &Header) -> Cut {
        let item = header.dtype().itemsize().max(1);
        let shape = header.shape();
        let (outer, inner) = match header.order() {
            Order::C => (shape.first(), shape.last()),
            Order::Fortran => (shape.last(), shape.first()),
        };
        let data = header.nbytes() as u64;
        let row = outer.map_or(data, |&outer| data / (outer as u64).max(1)).max(item as u64);
        let unit = if row <= SEGMENT && row < data { row } else { item as u64 };
        // An even number, so that two threads end together.
        let count = data.div_ceil(SEGMENT).max(1).next_multiple_of(2);
        let units = data.div_ceil(count).div_ceil(unit).min(SEGMENT / unit).max(1);
        let slab = units * unit;
        let slab = slab * data.div_ceil(slab).div_ceil(MOST_SLABS).max(1);
        let row = if shape.len() > 1 { inner.map_or(0, |&inner| inner * item) } else { 0 };
        let hints = match header.dtype() {
            DType::Str(..) if item > LONG_TEXT => Hints { item: 4, row: item },
            DType::Bytes(_) if item > LONG_TEXT => Hints { item: 1, row: item },
            _ => Hints { item, row },
        };
        match data > SEGMENT.max(slab) {
            true => Cut { slab, indexed: true, hints },
            false => Cut { slab: data.max(1), indexed: false, hints },
        }
    }

    /// The slabs of bytes of which nothing is known.
    pub(super) fn of_bytes() -> Cut {
        Cut { slab: SEGMENT, indexed: false, hints: Hints::default() }
    }
}

/// What is known of a member so far, and at the end what it has become.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) crc: u32,
    pub(super) size: u64,
    pub(super) stored_size: u64,
    index: Option<Index>,
}

impl Tally {
    /// Counts in the next segment, of so many stored bytes.
    pub(super) fn add(&mut self, segment: &Segment, stored: u64) {
        let len = segment.bytes.len() as u64;
        let mut crc = Hasher::new_with_initial_len(self.crc, self.size);
        crc.combine(&Hasher::new_with_initial_len(segment.crc, len));
        self.crc = crc.finalize();
        self.size += len;
        self.stored_size += stored;
        match (&mut self.index, segment.slab) {
            (Some(index), _) => index.add(stored, segment.crc),
            (None, Some(slab)) => self.index = Some(Index::new(stored, slab)),
            (None, None) => {}
        }
    }

    /// The list of segments, if there is to be one.
    pub(super) fn into_index(self) -> Option<Vec<u8>> {
        self.index.map(Index::into_bytes)
    }
}

/// Data bytes that go to Zstandard at a time: half a block of it. At level 22 a block takes 0.2 s, and
/// whoever wants to stop should not have to wait for several.
#[cfg(feature = "zstd")]
const STEP: usize = 64 << 10;

/// Compresses `head` and the data to one frame of Zstandard, handing it to `put` piece by piece.
///
/// `put` is given stored bytes, and how many data bytes they stand for.
#[cfg(feature = "zstd")]
pub(super) fn to_zstd(
    head: &[u8],
    data: &mut dyn Feed,
    level: u32,
    mut put: impl FnMut(&[u8], u64) -> Result<()>,
) -> Result<Tally> {
    use std::io::Write;
    let failed = |error| Error::io(error, "cannot compress");
    let mut encoder =
        zstd::stream::write::Encoder::new(Vec::new(), level.clamp(1, 22) as i32).map_err(failed)?;
    encoder.write_all(head).map_err(failed)?;
    let mut stored_size = 0;
    let (data_crc, len) = super::feed::hashed(data, 0, |piece| {
        piece.chunks(STEP).try_for_each(|step| {
            encoder.write_all(step).map_err(failed)?;
            let stored = std::mem::take(encoder.get_mut());
            stored_size += stored.len() as u64;
            put(&stored, step.len() as u64)
        })
    })?;
    let rest = encoder.finish().map_err(failed)?;
    put(&rest, 0)?;
    let mut crc = Hasher::new();
    crc.update(head);
    crc.combine(&Hasher::new_with_initial_len(data_crc, len));
    Ok(Tally {
        crc: crc.finalize(),
        size: head.len() as u64 + len,
        stored_size: stored_size + rest.len() as u64,
        index: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slabs(descr: &str, shape: &[usize], order: Order) -> (u64, u64) {
        let dtype: crate::DType = descr.parse().expect("a dtype");
        let header = Header::new(dtype, shape, order).expect("a header");
        let cut = Cut::of(&header);
        let data = header.nbytes() as u64;
        assert_eq!(cut.indexed, cut.slab < data.max(1));
        (cut.slab, data.div_ceil(cut.slab))
    }

    #[test]
    fn slabs_are_whole_rows_and_even_in_number_where_rows_allow() {
        let of = |shape: &[usize]| slabs("|u1", shape, Order::C);
        assert_eq!(of(&[512 << 10]), (512 << 10, 1));
        assert_eq!(of(&[600 << 10]), (300 << 10, 2));
        assert_eq!(of(&[1 << 20]), (512 << 10, 2));
        assert_eq!(of(&[(1 << 20) + 1]).1, 4);
        assert_eq!(of(&[64 << 20]), (512 << 10, 128));
        // Rows of 1000 bytes.
        assert_eq!(of(&[601, 1000]), (301_000, 2));
        // Rows of which two are longer than a slab may be.
        assert_eq!(of(&[3, 300_000]), (300_000, 3));
        // Rows that are longer than a slab, and one that is all there is, are cut.
        assert_eq!(of(&[2, 600_000]), (300_000, 4));
        assert_eq!(of(&[1, 600_000]), (300_000, 2));
        assert_eq!(slabs("<f8", &[1, 70_001], Order::C), (280_008, 2));
        assert_eq!(slabs("|u1", &[1000, 601], Order::Fortran), (301_000, 2));
        assert_eq!(of(&[0]), (1, 0));
    }

    #[test]
    fn long_text_is_made_of_characters() {
        let hints = |descr: &str| {
            let header = Header::new(descr.parse().expect("a dtype"), &[9], Order::C);
            Cut::of(&header.expect("a header")).hints
        };
        assert_eq!(hints("<U16"), Hints { item: 64, row: 0 });
        assert_eq!(hints("<U17"), Hints { item: 4, row: 68 });
        assert_eq!(hints("|S65"), Hints { item: 1, row: 65 });
        assert_eq!(hints("|V65"), Hints { item: 65, row: 0 });
    }

    #[test]
    fn there_are_no_more_slabs_than_an_index_holds() {
        let (slab, count) = slabs("|u1", &[1 << 40], Order::C);
        assert!(count <= MOST_SLABS, "{count} slabs of {slab} bytes");
    }
}
