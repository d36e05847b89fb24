//! The crate's unsafe code on memory: elements as bytes, bytes as elements, strided copies.
//!
//! Everything here rests on the promise of [`Element`]: its values are plain bytes without
//! padding, all-zero bytes are a value, and so are any bytes of which the bools are 0 or 1.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed};

use super::element::Element;
use crate::{Error, Result};

/// The bytes of a slice of elements.
pub(crate) fn bytes_of<T: Element>(elements: &[T]) -> &[u8] {
    // SAFETY: `Element` promises that all bytes of a `T` are initialised, a `u8` has no alignment,
    // and the length is that of the same memory, borrowed for the same time.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), size_of_val(elements)) }
}

/// Bytes as elements, if they start at an aligned address and divide without a rest.
///
/// The caller has seen to it that bools among them are 0 or 1, as [`Element`] demands.
pub(crate) fn elements_of<T: Element>(bytes: &[u8]) -> Option<&[T]> {
    if size_of::<T>() > 0 && bytes.is_empty() {
        return Some(&[]);
    }
    let aligned = bytes.as_ptr().cast::<T>().is_aligned();
    if size_of::<T>() == 0 || !aligned || !bytes.len().is_multiple_of(size_of::<T>()) {
        return None;
    }
    // SAFETY: the address is aligned, the length is a whole number of `T`s within the borrow, and
    // by the promise of `Element` and the caller's care the bytes are values of `T`.
    Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) })
}

/// `count` elements, their bytes filled in by `fill`, which is given zeroed memory.
///
/// Large results cost no second pass: the allocator gets zeroed pages from the system.
pub(crate) fn filled<T: Element>(
    count: usize,
    fill: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<Vec<T>> {
    let mut raw = zeroed::<T>(count)?;
    let length = count * size_of::<T>();
    // SAFETY: `raw` has room for `count` elements, all zeroed and thus initialised bytes. No `T`
    // exists while they change: the vector's length is still 0.
    let bytes = unsafe { std::slice::from_raw_parts_mut(raw.as_mut_ptr().cast::<u8>(), length) };
    fill(bytes)?;
    super::native::make_bools_valid(&T::dtype(), bytes);
    // SAFETY: the capacity is at least `count`, and the bytes are values of `T`: any bytes are once
    // bools are 0 or 1.
    unsafe { raw.set_len(count) };
    Ok(raw)
}

/// An empty vector with zeroed memory for `count` elements.
fn zeroed<T: Element>(count: usize) -> Result<Vec<T>> {
    let layout = Layout::array::<T>(count).map_err(|_| Error::out_of_memory(u64::MAX))?;
    if layout.size() == 0 {
        // Nothing to allocate; a vector of zero-sized elements has room for any number.
        return Ok(Vec::new());
    }
    // SAFETY: the layout's size is not zero.
    let pointer = unsafe { alloc_zeroed(layout) };
    if pointer.is_null() {
        return Err(Error::out_of_memory(layout.size() as u64));
    }
    ask_for_huge_pages(pointer, layout.size());
    // SAFETY: the memory comes from the global allocator with the layout of `count` elements,
    // which is the capacity; the length is 0.
    Ok(unsafe { Vec::from_raw_parts(pointer.cast::<T>(), 0, count) })
}

/// Large results in pages of 2 MiB: with those of 4 KiB the system spends longer on finding pages than on
/// copying (2.6 against 3.9 GB/s in one thread).
#[cfg(target_os = "linux")]
fn ask_for_huge_pages(start: *mut u8, len: usize) {
    use rustix::mm::{Advice, madvise};
    const PAGE: usize = 4096;
    if len < 4 << 20 {
        return;
    }
    let skip = start.align_offset(PAGE);
    let whole = (len - skip) / PAGE * PAGE;
    // SAFETY: the range lies within memory that was just allocated, and the advice does not change what
    // is in it. If it is not taken, nothing is lost.
    _ = unsafe { madvise(start.wrapping_add(skip).cast(), whole, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_: *mut u8, _: usize) {}

/// Memory for the bytes of any array, aligned for every [`Element`] and for SIMD.
pub(crate) struct AlignedBytes {
    /// With room to spare: an allocator that is asked for a larger alignment clears the memory itself, where
    /// otherwise it gets cleared pages from the system.
    units: Vec<Unit>,
    start: usize,
    len: usize,
}

#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Unit([u8; 16]);

const ALIGNMENT: usize = 64;

// SAFETY: 16 bytes without padding, every value valid.
unsafe impl Element for Unit {
    fn dtype() -> super::DType {
        super::DType::Void(16)
    }
}

impl AlignedBytes {
    /// `len` bytes, filled in by `fill`, which is given zeroed memory.
    pub(crate) fn filled(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        let size = len.checked_add(ALIGNMENT).ok_or_else(|| Error::out_of_memory(len as u64))?;
        let mut start = 0;
        let units = filled(size.div_ceil(size_of::<Unit>()), |bytes| {
            start = up_to_alignment(bytes);
            fill(&mut bytes[start..][..len])
        })?;
        Ok(AlignedBytes { units, start, len })
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &bytes_of(&self.units)[self.start..][..self.len]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut bytes_of_mut(&mut self.units)[self.start..][..self.len]
    }
}

impl Clone for AlignedBytes {
    /// To memory that may start elsewhere relative to the alignment.
    fn clone(&self) -> Self {
        let mut units = self.units.clone();
        let bytes = bytes_of_mut(&mut units);
        let start = up_to_alignment(bytes);
        if start != self.start {
            bytes.copy_within(self.start..self.start + self.len, start);
        }
        AlignedBytes { units, start, len: self.len }
    }
}

/// Bytes in front of the first that is aligned.
fn up_to_alignment(bytes: &[u8]) -> usize {
    bytes.as_ptr().addr().wrapping_neg() % ALIGNMENT
}

fn bytes_of_mut(units: &mut [Unit]) -> &mut [u8] {
    // SAFETY: a unit is 16 bytes of which any are valid; the length is that of the same memory,
    // exclusively borrowed for the same time.
    unsafe { std::slice::from_raw_parts_mut(units.as_mut_ptr().cast(), size_of_val(units)) }
}

/// An axis of a strided walk: how many elements, and how many bytes from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub(crate) len: usize,
    pub(crate) stride: isize,
}

/// Walks the elements of a strided array in the order of `axes` (the last varies fastest) and
/// copies them out, buffer by buffer.
pub(crate) struct Gather<'a> {
    first: *const u8,
    itemsize: usize,
    axes: Vec<Axis>,
    index: Vec<usize>,
    remaining: usize,
    _borrow: std::marker::PhantomData<&'a [u8]>,
}

// SAFETY: it only reads, from memory that is borrowed as by `&[u8]`, which is `Send`.
unsafe impl Send for Gather<'_> {}

impl Gather<'_> {
    /// # Safety
    /// For the time of the borrow every element, at `first` plus a multiple below `len` of each
    /// axis' stride, is `itemsize` initialised, readable bytes that nobody writes.
    pub(crate) unsafe fn new(first: *const u8, itemsize: usize, axes: &[Axis]) -> Self {
        let remaining = if itemsize == 0 { 0 } else { axes.iter().map(|axis| axis.len).product() };
        let mut axes = merged(axes);
        if axes.is_empty() {
            axes.push(Axis { len: 1, stride: 0 });
        }
        let index = vec![0; axes.len()];
        Gather { first, itemsize, axes, index, remaining, _borrow: std::marker::PhantomData }
    }

    /// Bytes that are left.
    pub(crate) fn len(&self) -> usize {
        self.remaining * self.itemsize
    }

    /// Fills the buffer with the next elements, as many as fit whole; gives the bytes written, 0
    /// at the end.
    pub(crate) fn next(&mut self, buffer: &mut [u8]) -> usize {
        let mut written = 0;
        while self.remaining > 0 {
            let room = (buffer.len() - written) / self.itemsize;
            let [rows, columns] = self.block(room);
            let count = rows.len * columns.len;
            if count == 0 {
                break;
            }
            let offset: isize =
                self.axes.iter().zip(&self.index).map(|(a, &i)| a.stride * i as isize).sum();
            let target = &mut buffer[written..written + count * self.itemsize];
            // SAFETY: these many elements from this index on lie on the last two axes, and by the promise
            // given to `new` they are readable.
            unsafe { copy_block(self.first.offset(offset), rows, columns, target, self.itemsize) };
            written += target.len();
            self.remaining -= count;
            self.advance(count);
        }
        written
    }

    /// What comes next, at most `room` elements: whole rows of the last axis, or a part of one.
    fn block(&self, room: usize) -> [Axis; 2] {
        let last = self.axes.len() - 1;
        let (columns, start) = (self.axes[last], self.index[last]);
        if start == 0 && room > columns.len && last > 0 {
            let rows = self.axes[last - 1];
            let len = (room / columns.len).min(rows.len - self.index[last - 1]);
            return [Axis { len, ..rows }, columns];
        }
        [Axis { len: 1, stride: 0 }, Axis { len: room.min(columns.len - start), ..columns }]
    }

    /// By a part of a row, or by whole ones.
    fn advance(&mut self, count: usize) {
        let last = self.axes.len() - 1;
        let columns = self.axes[last].len;
        if count < columns {
            self.index[last] += count;
        } else {
            self.index[last - usize::from(last > 0)] += count / columns;
        }
        for axis in (1..=last).rev() {
            if self.index[axis] < self.axes[axis].len {
                continue;
            }
            self.index[axis] = 0;
            self.index[axis - 1] += 1;
        }
    }
}

/// The same walk with fewer axes: those of length 1 left out, those that continue the next joined.
pub(crate) fn merged(axes: &[Axis]) -> Vec<Axis> {
    let mut result: Vec<Axis> = Vec::new();
    for &axis in axes.iter().filter(|axis| axis.len != 1) {
        match result.last_mut() {
            Some(outer) if outer.stride == axis.stride.saturating_mul(axis.len as isize) => {
                *outer = Axis { len: outer.len * axis.len, stride: axis.stride };
            }
            _ => result.push(axis),
        }
    }
    result
}

/// Copies rows of elements to adjacent places, one row after the other.
///
/// # Safety
/// The elements from `source` on, at the strides of both axes, are `itemsize` initialised, readable bytes; there are as
/// many as `target` has room for.
unsafe fn copy_block(
    source: *const u8,
    rows: Axis,
    columns: Axis,
    target: &mut [u8],
    itemsize: usize,
) {
    // SAFETY: passed on from the caller.
    unsafe {
        match itemsize {
            _ if columns.stride == itemsize as isize => {
                let len = columns.len * itemsize;
                for (row, target) in target.chunks_exact_mut(len).enumerate() {
                    // One run of readable bytes.
                    let from = source.offset(rows.stride * row as isize);
                    from.copy_to_nonoverlapping(target.as_mut_ptr(), len);
                }
            }
            1 => copy_items::<1>(source, rows, columns, target),
            2 => copy_items::<2>(source, rows, columns, target),
            4 => copy_items::<4>(source, rows, columns, target),
            8 => copy_items::<8>(source, rows, columns, target),
            16 => copy_items::<16>(source, rows, columns, target),
            _ => {
                for (row, target) in target.chunks_exact_mut(columns.len * itemsize).enumerate() {
                    let from = source.offset(rows.stride * row as isize);
                    for (column, item) in target.chunks_exact_mut(itemsize).enumerate() {
                        let from = from.offset(columns.stride * column as isize);
                        from.copy_to_nonoverlapping(item.as_mut_ptr(), itemsize);
                    }
                }
            }
        }
    }
}

/// # Safety
/// As for [`copy_block`], with `N` for `itemsize`.
unsafe fn copy_items<const N: usize>(
    source: *const u8,
    rows: Axis,
    columns: Axis,
    target: &mut [u8],
) {
    let target = target.as_chunks_mut::<N>().0;
    let [row, column] = [rows, columns].map(|axis| axis.stride.unsigned_abs());
    if row >= column || column < LINE {
        for (row, target) in target.chunks_exact_mut(columns.len).enumerate() {
            // SAFETY: the row's first element and those that follow it are readable.
            unsafe { copy_row(source.offset(rows.stride * row as isize), columns.stride, target) };
        }
        return;
    }
    // The next row is nearer than the next column: in tiles, so that what the cache fetched for one
    // row is still there for the next.
    let tall = (LINE / N).max(LEAST_TILE);
    for top in (0..rows.len).step_by(tall) {
        for left in (0..columns.len).step_by(WIDE) {
            let right = columns.len.min(left + WIDE);
            for row in top..rows.len.min(top + tall) {
                let from = rows.stride * row as isize + columns.stride * left as isize;
                let target = &mut target[row * columns.len..][left..right];
                // SAFETY: the elements of this row from column `left` to `right` are readable.
                unsafe { copy_row(source.offset(from), columns.stride, target) };
            }
        }
    }
}

/// # Safety
/// Elements from `source` on, `stride` bytes apart, are readable, as many as `target` has.
#[inline(always)]
unsafe fn copy_row<const N: usize>(source: *const u8, stride: isize, target: &mut [[u8; N]]) {
    for (column, item) in target.iter_mut().enumerate() {
        // SAFETY: element `column` is `N` readable bytes; an array of bytes needs no alignment.
        *item = unsafe { source.offset(stride * column as isize).cast::<[u8; N]>().read() };
    }
}

/// Bytes of a cache line; rows and columns of a tile: few, for those that are a power of two apart share few places
/// of the cache.
const LINE: usize = 64;
const LEAST_TILE: usize = 8;
const WIDE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_aligned_and_copies_have_the_same_wherever_they_start() -> Result<()> {
        for len in [0, 1, 63, 64, 1000, 1 << 20] {
            let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let mut kept = Vec::new();
            for spoiling in 0..8 {
                let aligned = AlignedBytes::filled(len, |room| {
                    room.copy_from_slice(&bytes);
                    Ok(())
                })?;
                // So that what follows starts at another offset.
                kept.push(vec![0u8; 16 * spoiling + 8]);
                let copy = aligned.clone();
                for one in [&aligned, &copy] {
                    assert_eq!(one.as_slice(), bytes);
                    assert_eq!(one.as_slice().as_ptr().addr() % ALIGNMENT, 0, "{len}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn elements_come_in_order_whatever_the_strides_and_the_buffer() {
        let memory: Vec<u8> = (0..40_000u32).map(|i| (i * 7 + i / 251) as u8).collect();
        let middle = 20_000;
        let mut seed = 1u64;
        let mut below = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % n
        };
        for round in 0..4000 {
            let itemsize = [1, 2, 3, 4, 8, 12, 16, 24][below(8)];
            // At most 9 * 250 * 3 + 40 * 100 bytes away from the middle.
            let lens = [below(10), below(10), below(41), 1 + below(10)];
            let axes: Vec<Axis> = lens[..1 + below(4)]
                .iter()
                .map(|&len| {
                    let most = if len > 10 { 100 } else { 250 };
                    Axis { len, stride: below(2 * most + 1) as isize - most as isize }
                })
                .collect();
            let mut expected = vec![middle];
            for axis in &axes {
                expected = expected
                    .iter()
                    .flat_map(|at| (0..axis.len as isize).map(move |i| at + i * axis.stride))
                    .collect();
            }
            let expected: Vec<u8> = expected
                .into_iter()
                .flat_map(|at: isize| &memory[at as usize..at as usize + itemsize])
                .copied()
                .collect();
            let first = memory.as_ptr().wrapping_add(middle as usize);
            // SAFETY: every element lies within the memory, as the slices above have shown.
            let mut gather = unsafe { Gather::new(first, itemsize, &axes) };
            assert_eq!(gather.len(), expected.len());
            let mut found = Vec::new();
            let mut buffer = vec![0; itemsize + below(if round % 2 == 0 { 200 } else { 5000 })];
            loop {
                let len = gather.next(&mut buffer);
                if len == 0 {
                    break;
                }
                found.extend_from_slice(&buffer[..len]);
            }
            assert!(found == expected, "{axes:?}, {itemsize} bytes each");
        }
    }
}
