//! Parts of arrays, chosen as in NumPy: `10:20, ::-2, 3, ...`.

use std::ops::{Range, RangeFrom, RangeFull, RangeTo};
use std::str::FromStr;

use super::memory::Axis;
use crate::{Error, Result};

/// A part of an array: an index or slice for each of some axes, the rest whole.
///
/// Made from a Rust range (of the first axis), or parsed from NumPy's basic indexing:
///
/// ```
/// use savez::Selection;
/// let rows: Selection = (10..20).into();
/// let corner: Selection = "..., :10, -1".parse()?;
/// # Ok::<(), savez::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Index(i64),
    Slice { start: Option<i64>, stop: Option<i64>, step: i64 },
    Ellipsis,
}

/// Where a selection's elements are: the first, in bytes from the array's first, and the axes.
pub(crate) struct Part {
    pub(crate) offset: isize,
    pub(crate) axes: Vec<Axis>,
}

impl Selection {
    /// The part of an array with these axes.
    pub(crate) fn of(&self, axes: &[Axis]) -> Result<Part> {
        let given = self.items.iter().filter(|item| **item != Item::Ellipsis).count();
        let missing = axes.len().checked_sub(given).ok_or_else(|| {
            Error::parameter(format!("{given} indices for an array of {} axes", axes.len()))
        })?;
        let mut part = Part { offset: 0, axes: Vec::new() };
        let mut rest = axes.iter().copied().enumerate();
        for item in &self.items {
            match item {
                Item::Ellipsis => part.axes.extend(rest.by_ref().take(missing).map(|(_, a)| a)),
                item => {
                    if let Some((number, axis)) = rest.next() {
                        part.narrow(item, number, axis)?;
                    }
                }
            }
        }
        part.axes.extend(rest.map(|(_, axis)| axis));
        Ok(part)
    }
}

impl Part {
    fn narrow(&mut self, item: &Item, number: usize, axis: Axis) -> Result<()> {
        let len = axis.len as i64;
        match *item {
            Item::Index(index) => {
                let from_start = if index < 0 { index.saturating_add(len) } else { index };
                if !(0..len).contains(&from_start) {
                    return Err(Error::parameter(format!(
                        "index {index} is out of bounds for axis {number} with size {len}"
                    )));
                }
                self.offset += from_start as isize * axis.stride;
            }
            Item::Slice { start, stop, step } => {
                // The rules of Python's `slice.indices`.
                let (least, most) = if step > 0 { (0, len) } else { (-1, len - 1) };
                let place = |index: i64| {
                    let index = if index < 0 { index.saturating_add(len) } else { index };
                    index.clamp(least, most)
                };
                let start = start.map_or(if step > 0 { least } else { most }, place);
                let stop = stop.map_or(if step > 0 { most } else { least }, place);
                let span = if step > 0 { stop - start } else { start - stop };
                let count = if span <= 0 { 0 } else { (span as u64).div_ceil(step.unsigned_abs()) };
                if count > 0 {
                    self.offset += start as isize * axis.stride;
                }
                // A step beyond the axis leaves one element, whose stride does not matter.
                let stride = if count > 1 { axis.stride * step as isize } else { axis.stride };
                self.axes.push(Axis { len: count as usize, stride });
            }
            Item::Ellipsis => {}
        }
        Ok(())
    }
}

fn slice(start: Option<usize>, stop: Option<usize>) -> Selection {
    let clamp = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let item = Item::Slice { start: start.map(clamp), stop: stop.map(clamp), step: 1 };
    Selection { items: vec![item] }
}

impl From<RangeFull> for Selection {
    fn from(_: RangeFull) -> Self {
        Selection { items: Vec::new() }
    }
}

impl From<Range<usize>> for Selection {
    fn from(range: Range<usize>) -> Self {
        slice(Some(range.start), Some(range.end))
    }
}

impl From<RangeFrom<usize>> for Selection {
    fn from(range: RangeFrom<usize>) -> Self {
        slice(Some(range.start), None)
    }
}

impl From<RangeTo<usize>> for Selection {
    fn from(range: RangeTo<usize>) -> Self {
        slice(None, Some(range.end))
    }
}

impl FromStr for Selection {
    type Err = Error;

    /// Reads what stands between the brackets of `array[…]` in Python: integers, slices, `...`.
    fn from_str(text: &str) -> Result<Self> {
        let inside = text.trim();
        let wrong = || {
            Error::parameter(format!("{text:?} is not a slice"))
                .hint("write it as in NumPy: 10:20, ::2, -1, ...")
        };
        let number = |text: &str| -> Result<Option<i64>> {
            match text.trim() {
                "" => Ok(None),
                digits => digits.parse().map(Some).map_err(|_| wrong()),
            }
        };
        let mut items = Vec::new();
        let inside = inside.trim_end().strip_suffix(',').unwrap_or(inside);
        if inside.trim().is_empty() {
            return Err(wrong());
        }
        for item in inside.split(',') {
            let parts: Vec<&str> = item.split(':').collect();
            items.push(match parts.as_slice() {
                [only] if only.trim() == "..." => Item::Ellipsis,
                [only] => Item::Index(number(only)?.ok_or_else(wrong)?),
                [start, stop] => {
                    Item::Slice { start: number(start)?, stop: number(stop)?, step: 1 }
                }
                [start, stop, step] => {
                    let step = number(step)?.unwrap_or(1);
                    if step == 0 {
                        return Err(Error::parameter("slice step cannot be zero"));
                    }
                    Item::Slice { start: number(start)?, stop: number(stop)?, step }
                }
                _ => return Err(wrong()),
            });
        }
        if items.iter().filter(|item| **item == Item::Ellipsis).count() > 1 {
            return Err(Error::parameter("an index can only have a single ellipsis ('...')"));
        }
        Ok(Selection { items })
    }
}
