//! Reading a part of an array, and little else, from its file.

use super::inflate::{Decoder, Recent};
use super::payload::{Payload, Stream};
use crate::npy::array::Array;
use crate::npy::header::{Header, Order};
use crate::npy::memory::{Axis, merged};
use crate::npy::selection::Selection;
use crate::npy::view;
use crate::zip::record::Method;
use crate::zip::segments::Segments;
use crate::{Error, Result};

/// Wanted bytes and the gaps between them are read together up to this many bytes: a system call
/// costs as much as copying them.
const CHEAP: usize = 64 << 10;

/// As long as no more than 1 byte in this many is wanted in vain, larger stretches are read whole.
const SPARSE: usize = 4;

/// The largest stretch read with gaps, and so the largest buffer.
const LARGEST: usize = 4 << 20;

/// A part of an array in a file, found but not yet read; see [`Member::part`](super::member::Member::part).
pub struct Part<'a> {
    payload: &'a Payload,
    head_len: u64,
    recent: &'a Recent,
    header: Header,
    axes: Vec<Pair>,
    /// Bytes from the start of the data to the first element.
    offset: isize,
}

impl<'a> Part<'a> {
    pub(super) fn new(
        payload: &'a Payload,
        head_len: u64,
        recent: &'a Recent,
        header: &Header,
        selection: &Selection,
    ) -> Result<Part<'a>> {
        let whole: Vec<Axis> = header
            .shape()
            .iter()
            .zip(view::strides(header))
            .map(|(&len, stride)| Axis { len, stride })
            .collect();
        let part = selection.of(&whole)?;
        let shape: Vec<usize> = part.axes.iter().map(|axis| axis.len).collect();
        let result = Header::new(header.dtype().clone(), &shape, header.order())?;
        let mut axes: Vec<Pair> = part
            .axes
            .iter()
            .zip(view::strides(&result))
            .map(|(axis, to)| Pair { len: axis.len, from: axis.stride, to })
            .collect();
        if header.order() == Order::Fortran {
            axes.reverse();
        }
        Ok(Part { payload, head_len, recent, header: result, axes, offset: part.offset })
    }

    /// Dtype, shape and order of the part.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Reads the part as an array of its own.
    ///
    /// # Errors
    /// If the bytes are damaged, or memory is short.
    pub fn read(&self) -> Result<Array> {
        Array::filled(self.header.clone(), |target| self.fill(target))
            .map_err(|error| self.payload.blame(error))
    }

    /// Reads the bytes of the part's elements into memory of the caller's.
    ///
    /// # Errors
    /// If `bytes` are not [`nbytes`](Header::nbytes) many, or the bytes in the file are damaged.
    pub fn read_into(&self, bytes: &mut [u8]) -> Result<()> {
        if bytes.len() != self.header.nbytes() {
            return Err(Error::parameter(format!(
                "there is room for {} bytes; the part has {}",
                bytes.len(),
                self.header.nbytes()
            )));
        }
        self.fill(bytes).map_err(|error| self.payload.blame(error))
    }

    fn fill(&self, target: &mut [u8]) -> Result<()> {
        if target.is_empty() {
            return Ok(());
        }
        let payload = self.payload;
        let mut reader = Reader {
            bytes: match &payload.segments {
                _ if payload.method == Method::STORED => Bytes::Positional(payload),
                Some(segments) => Bytes::Slabs(payload, segments, self.recent, Decoder::default()),
                None => Bytes::Stream(payload.stream(self.head_len)?),
            },
            head_len: self.head_len,
            itemsize: self.header.dtype().itemsize(),
            scratch: Vec::new(),
        };
        let mut axes = self.axes.clone();
        let (mut from, mut to) = (self.offset, 0);
        // Negative strides are walked from their far end, so that the file is read forwards.
        for axis in axes.iter_mut().filter(|axis| axis.from < 0) {
            let last = axis.len as isize - 1;
            from += last * axis.from;
            to += last * axis.to;
            axis.from = -axis.from;
            axis.to = -axis.to;
        }
        reader.read(&joined(&axes, reader.itemsize), from as usize, to, target)
    }
}

/// An axis with its stride in the file and in the result.
#[derive(Clone, Copy)]
struct Pair {
    len: usize,
    from: isize,
    to: isize,
}

/// The axes without those of length 1, and with those joined that are one run in both places.
fn joined(axes: &[Pair], itemsize: usize) -> Vec<Pair> {
    let side = |stride: fn(&Pair) -> isize| -> Vec<Axis> {
        axes.iter().map(|pair| Axis { len: pair.len, stride: stride(pair) }).collect()
    };
    let (from, to) = (merged(&side(|p| p.from)), merged(&side(|p| p.to)));
    let one_run = |axes: &[Axis]| matches!(axes, [axis] if axis.stride == itemsize as isize);
    if one_run(&from) && one_run(&to) {
        return vec![Pair { len: from[0].len, from: itemsize as isize, to: itemsize as isize }];
    }
    axes.iter().filter(|axis| axis.len != 1).copied().collect()
}

struct Reader<'a> {
    bytes: Bytes<'a>,
    head_len: u64,
    itemsize: usize,
    scratch: Vec<u8>,
}

enum Bytes<'a> {
    Positional(&'a Payload),
    /// Compressed, but each slab alone.
    Slabs(&'a Payload, &'a Segments, &'a Recent, Decoder),
    /// Compressed bytes come in sequence; the walk is in sequence too.
    Stream(Stream),
}

impl Reader<'_> {
    /// Reads the elements on `axes`, the first of which is at byte `from` of the data and goes to
    /// `to` in the target. Stretches that are too large or too sparse are split at the outermost
    /// axis.
    fn read(&mut self, axes: &[Pair], from: usize, to: isize, target: &mut [u8]) -> Result<()> {
        let extent = self.itemsize
            + axes.iter().map(|axis| (axis.len - 1) * axis.from as usize).sum::<usize>();
        let wanted = self.itemsize * axes.iter().map(|axis| axis.len).product::<usize>();
        let run = self.itemsize as isize;
        if extent == wanted && axes.iter().rev().try_fold(run, next_of_run).is_some() {
            let to = to as usize;
            return self.fetch(from, &mut target[to..to + wanted]);
        }
        if extent <= CHEAP || (extent <= LARGEST && extent / SPARSE <= wanted) {
            let mut scratch = std::mem::take(&mut self.scratch);
            scratch.resize(extent, 0);
            self.fetch(from, &mut scratch)?;
            scatter(axes, &scratch, 0, target, to, self.itemsize);
            self.scratch = scratch;
            return Ok(());
        }
        let Some(outer) = axes.iter().position(|axis| axis.len > 1) else { return Ok(()) };
        let half = axes[outer].len / 2;
        let mut split = axes.to_vec();
        split[outer].len = half;
        self.read(&split, from, to, target)?;
        split[outer].len = axes[outer].len - half;
        let (from_step, to_step) = (axes[outer].from as usize, axes[outer].to);
        self.read(&split, from + half * from_step, to + half as isize * to_step, target)
    }

    fn fetch(&mut self, from: usize, buffer: &mut [u8]) -> Result<()> {
        let at = self.head_len + from as u64;
        match &mut self.bytes {
            Bytes::Positional(payload) => payload.source.read_exact_at(buffer, payload.start + at),
            Bytes::Slabs(payload, segments, recent, decoder) => {
                fetch_slabs(payload, segments, recent, decoder, from as u64, buffer)
            }
            Bytes::Stream(stream) => {
                stream.skip(at)?;
                stream.decode(buffer)
            }
        }
    }
}

/// Fills the buffer with data from `from` on, decoding the slabs they are in: those that are wanted whole to
/// where they are wanted.
fn fetch_slabs(
    payload: &Payload,
    segments: &Segments,
    recent: &Recent,
    decoder: &mut Decoder,
    from: u64,
    buffer: &mut [u8],
) -> Result<()> {
    let end = from + buffer.len() as u64;
    let mut number = (from / segments.slab()) as usize;
    let mut filled = 0;
    while filled < buffer.len() {
        let slab = segments.data(number);
        let (start, stop) = (from.max(slab.start), end.min(slab.end));
        let (target, _) = buffer[filled..].split_at_mut((stop - start) as usize);
        if start == slab.start && stop == slab.end {
            decoder.slabs(payload, segments, number, target)?;
        } else {
            let whole = recent.get(decoder, payload, segments, number)?;
            let start = (start - slab.start) as usize;
            target.copy_from_slice(&whole[start..start + target.len()]);
        }
        filled += target.len();
        number += 1;
    }
    Ok(())
}

/// Whether an axis goes on, in file and result alike, where the run of the faster axes ends.
fn next_of_run(run: isize, axis: &Pair) -> Option<isize> {
    let fits = axis.len == 1 || (axis.from == run && axis.to == run);
    fits.then(|| run * axis.len as isize)
}

/// Copies the elements on `axes` from one place to the other.
fn scatter(
    axes: &[Pair],
    source: &[u8],
    from: usize,
    target: &mut [u8],
    to: isize,
    itemsize: usize,
) {
    match axes {
        [] => {
            let to = to as usize;
            target[to..to + itemsize].copy_from_slice(&source[from..from + itemsize]);
        }
        [run] if run.from == itemsize as isize && run.to == itemsize as isize => {
            let (to, len) = (to as usize, run.len * itemsize);
            target[to..to + len].copy_from_slice(&source[from..from + len]);
        }
        [outer, inner @ ..] => {
            for i in 0..outer.len {
                let from = from + i * outer.from as usize;
                scatter(inner, source, from, target, to + i as isize * outer.to, itemsize);
            }
        }
    }
}
