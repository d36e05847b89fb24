//! The elements of an array that are printed, and no others: a mapped array of many gigabytes is
//! read at its corners only.

use savez::{ArrayView, Result, Selection};

use super::reading::parts;
use super::{is_shortened, shown};

/// The bytes of those elements, in C order.
pub(super) struct Sample {
    bytes: Vec<u8>,
    itemsize: usize,
    count: usize,
}

impl Sample {
    /// All elements, or if the array is `cut` those that [`shown`] gives along each axis.
    pub(super) fn of(view: &ArrayView<'_>, cut: bool) -> Result<Sample> {
        let mut sample = Sample { bytes: Vec::new(), itemsize: view.dtype().itemsize(), count: 0 };
        sample.add(view, cut)?;
        Ok(sample)
    }

    pub(super) fn items(&self) -> Vec<&[u8]> {
        parts(&self.bytes, self.itemsize, self.count)
    }

    fn add(&mut self, view: &ArrayView<'_>, cut: bool) -> Result<()> {
        match view.shape() {
            // One element or a row has only one order, so that a copy is in C order.
            [] => self.add_whole(view, 1),
            &[len] if !is_shortened(len, cut) => self.add_whole(view, len),
            &[len, ..] => shown(len, cut)
                .into_iter()
                .flatten()
                .try_for_each(|index| self.add(&view.select(&at(index)?)?, cut)),
        }
    }

    fn add_whole(&mut self, view: &ArrayView<'_>, count: usize) -> Result<()> {
        self.bytes.extend_from_slice(view.to_array()?.as_bytes());
        self.count += count;
        Ok(())
    }
}

/// That index along the first axis.
fn at(index: usize) -> Result<Selection> {
    index.to_string().parse()
}

#[cfg(test)]
mod tests {
    use savez::{DType, Order};

    use super::*;

    #[test]
    fn a_cut_array_is_read_at_its_corners() -> Result<()> {
        let numbers: Vec<u8> = (0..240).collect();
        for (order, wanted) in [
            (Order::C, [0, 1, 2, 9, 10, 11, 12, 13]),
            (Order::Fortran, [0, 20, 40, 180, 200, 220, 1, 21]),
        ] {
            let view = ArrayView::new(DType::of::<u8>(), &[20, 12], order, &numbers)?;
            let sample = Sample::of(&view, true)?;
            assert_eq!(sample.items().len(), 6 * 6);
            assert_eq!(sample.bytes[..8], wanted);
            assert_eq!(Sample::of(&view, false)?.items().len(), 240);
            let narrow = ArrayView::new(DType::of::<u8>(), &[2, 10, 12], Order::C, &numbers)?;
            assert_eq!(Sample::of(&narrow, true)?.items().len(), 2 * 6 * 6);
        }
        Ok(())
    }
}
