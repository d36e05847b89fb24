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

    /// Fills the buffer with the next elements, as many as fit whole; gives the bytes written, 0
    /// at the end.
    pub(crate) fn next(&mut self, buffer: &mut [u8]) -> usize {
        let mut written = 0;
        while self.remaining > 0 {
            let last = self.axes.len() - 1;
            let axis = self.axes[last];
            let room = (buffer.len() - written) / self.itemsize;
            let count = room.min(axis.len - self.index[last]);
            if count == 0 {
                break;
            }
            let offset: isize =
                self.axes.iter().zip(&self.index).map(|(a, &i)| a.stride * i as isize).sum();
            let target = &mut buffer[written..written + count * self.itemsize];
            // SAFETY: `count` elements from this index on lie on the last axis, and by the promise
            // given to `new` they are readable.
            unsafe { copy_run(self.first.offset(offset), axis.stride, target, self.itemsize) };
            written += target.len();
            self.remaining -= count;
            self.advance(count);
        }
        written
    }

    fn advance(&mut self, count: usize) {
        let last = self.axes.len() - 1;
        self.index[last] += count;
        for axis in (1..=last).rev() {
            if self.index[axis] < self.axes[axis].len {
                break;
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

/// Copies a run of elements, `stride` bytes apart, to adjacent places.
///
/// # Safety
/// `target.len() / itemsize` elements from `source` on are initialised and readable.
unsafe fn copy_run(source: *const u8, stride: isize, target: &mut [u8], itemsize: usize) {
    if stride == itemsize as isize {
        // SAFETY: adjacent elements are one run of readable bytes; the target is exclusively ours.
        unsafe { source.copy_to_nonoverlapping(target.as_mut_ptr(), target.len()) };
        return;
    }
    // SAFETY: passed on from the caller.
    unsafe {
        match itemsize {
            1 => copy_items::<1>(source, stride, target),
            2 => copy_items::<2>(source, stride, target),
            4 => copy_items::<4>(source, stride, target),
            8 => copy_items::<8>(source, stride, target),
            16 => copy_items::<16>(source, stride, target),
            _ => {
                for (i, item) in target.chunks_exact_mut(itemsize).enumerate() {
                    let from = source.offset(stride * i as isize);
                    from.copy_to_nonoverlapping(item.as_mut_ptr(), itemsize);
                }
            }
        }
    }
}

/// # Safety
/// As for [`copy_run`], with `N` for `itemsize`.
unsafe fn copy_items<const N: usize>(source: *const u8, stride: isize, target: &mut [u8]) {
    for (i, item) in target.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        // SAFETY: element `i` is `N` readable bytes; an array of bytes needs no alignment.
        *item = unsafe { source.offset(stride * i as isize).cast::<[u8; N]>().read() };
    }
}

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
}
