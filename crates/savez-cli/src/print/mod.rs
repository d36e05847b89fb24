//! Arrays as NumPy prints them: [`array_text`] is Python's `str(array)` with default print options.
//!
//! [`sample`] picks the elements that are printed, [`mod@format`] makes words of them, [`lines`]
//! puts the words into rows and brackets; [`scalar`] is for arrays without axes. What a value looks
//! like is decided by [`floats`] (on exact [`binary`] numbers and their decimal [`digits`]),
//! [`extension`], [`calendar`] and [`text`].
//!
//! The rules are those of NumPy 2.4. Nothing here knows of files or options.

mod binary;
mod calendar;
mod digits;
mod extension;
mod floats;
mod format;
mod lines;
mod natural;
mod reading;
mod sample;
mod scalar;
mod text;

use savez::{ArrayView, DType, Result};

use format::{Format, Setting};
use sample::Sample;

/// NumPy's `threshold`: arrays of more elements are cut.
const THRESHOLD: usize = 1000;

/// NumPy's `edgeitems`: elements shown at either end of an axis that is cut.
const EDGE_ITEMS: usize = 3;

/// What Python's `str` gives for the array.
///
/// It differs from NumPy where that fails or prints garbage: generic `datetime64`s are shown as
/// their ticks, code points beyond Unicode as escapes (or U+FFFD in a text alone), and x87 numbers
/// without integer bit are `nan` even if alone.
pub(crate) fn array_text(view: &ArrayView<'_>) -> Result<String> {
    let shape = view.shape();
    if shape.contains(&0) {
        return Ok("[]".to_owned());
    }
    let cut = shape.iter().product::<usize>() > THRESHOLD;
    let sample = Sample::of(view, cut)?;
    let items = sample.items();
    if let ([], [item]) = (shape, items.as_slice()) {
        return Ok(scalar::scalar(view.dtype(), item));
    }
    let format = Format::of(view.dtype(), &items, Setting::Array);
    Ok(lines::lines(shape, cut, items.iter().map(|item| format.word(item))))
}

/// What Python's `str` gives for one element of that dtype.
pub(crate) fn item_text(dtype: &DType, item: &[u8]) -> String {
    scalar::scalar(dtype, item)
}

/// The indices shown along an axis, with `None` for the `...` between them.
fn shown(len: usize, cut: bool) -> Vec<Option<usize>> {
    if is_shortened(len, cut) {
        let head = (0..EDGE_ITEMS).map(Some);
        head.chain([None]).chain((len - EDGE_ITEMS..len).map(Some)).collect()
    } else {
        (0..len).map(Some).collect()
    }
}

/// Whether an axis shows `...`.
fn is_shortened(len: usize, cut: bool) -> bool {
    cut && len > 2 * EDGE_ITEMS
}

#[cfg(test)]
mod tests;
