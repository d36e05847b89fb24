//! The npy headers met last, with their bytes: of many arrays most have the header of one before.

use std::sync::Arc;

use crate::npy::array::python_objects;
use crate::npy::header::{Header, Preamble};
use crate::npy::view::ArrayView;
use crate::{Limits, Result};

/// Headers that are kept: the layers of a network differ in shape, but not without end.
const MOST: usize = 8;

/// Some headers and their bytes, magic and all. The bytes say how many they are, so that those of no header are
/// the start of another's.
#[derive(Default)]
pub(super) struct Heads {
    known: Vec<(Arc<[u8]>, Header)>,
    /// The one to give way to the next.
    oldest: usize,
}

impl Heads {
    /// The header that `member` starts with, and its length; `None` if there is none, or one by Python 2.
    pub(super) fn read(&mut self, member: &[u8], limits: &Limits) -> Option<(&Header, usize)> {
        let index = match self.known.iter().position(|(bytes, _)| member.starts_with(bytes)) {
            Some(index) => index,
            None => {
                let start = &member[..member.len().min(Preamble::MAX_LEN)];
                let preamble = Preamble::parse(start, limits).ok()?;
                let (header, python2) = preamble.header(member, limits).ok()?;
                if python2 {
                    return None;
                }
                self.add(member[..preamble.total].into(), header)
            }
        };
        let (bytes, header) = &self.known[index];
        Some((header, bytes.len()))
    }

    /// The header of an array that is to be written, and its bytes.
    ///
    /// # Errors
    /// If the array holds Python objects, or the header would be too long.
    pub(super) fn of(&mut self, array: &ArrayView<'_>) -> Result<(&Header, &Arc<[u8]>)> {
        let order = array.order();
        let is_it = |(_, known): &(_, Header)| {
            known.shape() == array.shape()
                && known.order() == order
                && known.dtype() == array.dtype()
        };
        let index = match self.known.iter().position(is_it) {
            Some(index) => index,
            None => {
                if array.dtype().has_objects() {
                    return Err(python_objects());
                }
                let header = array.header();
                self.add(header.to_bytes()?.into(), header)
            }
        };
        let (bytes, header) = &self.known[index];
        Ok((header, bytes))
    }

    fn add(&mut self, bytes: Arc<[u8]>, header: Header) -> usize {
        if self.known.len() < MOST {
            self.known.push((bytes, header));
            return self.known.len() - 1;
        }
        let index = self.oldest;
        self.oldest = (index + 1) % MOST;
        self.known[index] = (bytes, header);
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AsArray, DType, Order};

    #[test]
    fn a_header_is_found_again_among_more_than_are_kept() {
        let mut heads = Heads::default();
        let limits = Limits::default();
        let arrays: Vec<Vec<u16>> = (0..3 * MOST).map(|len| vec![7; len]).collect();
        for array in arrays.iter().chain(&arrays).chain(arrays.iter().rev()) {
            let view = array.as_array().expect("an array");
            let (header, bytes) = heads.of(&view).expect("a header");
            assert_eq!(header, &view.header());
            assert_eq!(bytes[..], view.header().to_bytes().expect("bytes"));
            let member = [&bytes[..], &[7; 3]].concat();
            let (read, len) = heads.read(&member, &limits).expect("a header");
            assert_eq!((read, len), (&view.header(), member.len() - 3));
        }
    }

    #[test]
    fn arrays_of_one_shape_in_two_orders_have_two_headers() {
        let mut heads = Heads::default();
        let bytes = [0; 4];
        for order in [Order::C, Order::Fortran, Order::C, Order::Fortran] {
            let view = ArrayView::new(DType::of::<u8>(), &[2, 2], order, &bytes).expect("a view");
            assert_eq!(heads.of(&view).expect("a header").0.order(), order);
        }
    }
}
