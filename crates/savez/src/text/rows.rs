//! An array as rows of text.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use savez_text::{Column, Kind, RowFormat, Scalars};

use super::ordered;
use crate::npy::dtype::{ByteOrder, DType, Number};
use crate::npy::extension::Extension;
use crate::npy::header::Order;
use crate::npy::view::ArrayView;
use crate::{Error, Result};

/// So many cells make a block: some 400 KB of text in the default format.
const CELLS: usize = 16 << 10;

/// Bytes that a block and the cells it is made of may have, unless a single row has more.
const BLOCK: usize = 16 << 20;

/// Rows that may be longer are refused: several of them are in memory at a time.
const LONGEST_ROW: usize = 512 << 20;

/// More columns than these are refused: their format would take far more memory than they do.
const MOST_COLUMNS: usize = 1 << 20;

/// An array together with the format of its rows.
///
/// Rows are the elements of the only axis, or what lies along the second of two. A row has a column
/// for each element; of records, for each field; of complex numbers, for each part.
#[derive(Clone, Debug)]
pub struct TextRows<'a> {
    array: ArrayView<'a>,
    format: RowFormat,
    /// How many make a block.
    step: usize,
}

/// A row that has no text in the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its number.
    pub row: usize,
    /// What is wrong, in Python's words where it has any.
    pub reason: &'static str,
}

impl<'a> TextRows<'a> {
    /// The rows of an array in a format with a conversion for each column, as Python's `%` takes it;
    /// each ends with `newline`.
    ///
    /// # Errors
    /// If the array has no or more than two axes, its elements are no numbers, bools, text or flat
    /// records of them, it has more than a million columns, its rows may have more than 512 MiB, or the
    /// format does not fit.
    pub fn new(array: ArrayView<'a>, format: &str, newline: &str) -> Result<TextRows<'a>> {
        let columns = columns(&array)?;
        let refused = |error: savez_text::Refusal| {
            Error::parameter(format!("the format {format:?} does not fit the array: {error}"))
        };
        let mut compiled = RowFormat::compile(format, &columns).map_err(refused)?.ending(newline);
        if is_complex(array.dtype()) {
            compiled = compiled.fold_signs();
        }
        let size = array.shape()[1..].iter().product::<usize>() * array.dtype().itemsize();
        let longest = compiled.longest_row().max(size);
        if longest > LONGEST_ROW {
            return Err(Error::unsupported(format!("rows may have {longest} bytes")));
        }
        let step = (CELLS / columns.len().max(1)).min(BLOCK / longest.max(1)).max(1);
        Ok(TextRows { array, format: compiled, step })
    }

    /// The same for another way of printing scalars, which `%s` and `%r` do.
    pub fn scalars(self, scalars: Scalars) -> Self {
        TextRows { format: self.format.scalars(scalars), ..self }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.array.shape()[0]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all text will be ASCII.
    pub fn is_ascii(&self) -> bool {
        self.format.is_ascii()
    }

    /// Makes the text of some rows, in UTF-8, and hands it to `take` block by block. That is done on
    /// this thread; the text is made on `threads` others if there is enough of it, by default as many
    /// as the system runs at once.
    ///
    /// A row that has no text ends it; those before it are taken.
    ///
    /// # Errors
    /// Those of `take`, or if there are not as many rows.
    pub fn for_each_block(
        &self,
        rows: Range<usize>,
        threads: Option<usize>,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<Option<BadRow>> {
        self.for_each_made(rows, threads, |text| text, |text| take(&text))
    }

    /// As `for_each_block`; `make` works on the text of a block on the thread that made it.
    pub(super) fn for_each_made<T: Send>(
        &self,
        rows: Range<usize>,
        threads: Option<usize>,
        make: impl Fn(Vec<u8>) -> T + Sync,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<Option<BadRow>> {
        if rows.end > self.len() {
            return Err(Error::parameter(format!("there are {} rows only", self.len())));
        }
        let step = self.step;
        let count = rows.len().div_ceil(step);
        // Blocks are about as long as those before them.
        let longest = AtomicUsize::new(0);
        let block = |number: usize| {
            let start = rows.start + number * step;
            let mut text = Vec::with_capacity(longest.load(Ordering::Relaxed));
            let stopped = self.write(start..rows.end.min(start + step), &mut text);
            longest.fetch_max(text.len() + text.len() / 8, Ordering::Relaxed);
            (make(text), stopped)
        };
        let mut bad = None;
        let threads = threads.unwrap_or_else(ordered::available);
        ordered::for_each(count, threads, block, |(made, stopped)| {
            take(made)?;
            bad = stopped?;
            Ok(bad.is_none())
        })?;
        Ok(bad)
    }

    /// Adds the text of some rows, up to the first that has none.
    fn write(&self, rows: Range<usize>, text: &mut Vec<u8>) -> Result<Option<BadRow>> {
        let part = self.array.select(&rows.clone().into())?;
        let size = part.shape()[1..].iter().product::<usize>() * part.dtype().itemsize();
        let copy;
        let bytes = match part.contiguous_bytes(Order::C) {
            Some(own) => own,
            None => {
                copy = part.to_bytes(Order::C);
                &copy
            }
        };
        for (number, row) in rows.enumerate() {
            let cells = &bytes[number * size..][..size];
            if let Err(unwritable) = self.format.write(cells, text) {
                return Ok(Some(BadRow { row, reason: unwritable.reason() }));
            }
        }
        Ok(None)
    }
}

/// The columns of an array's rows.
fn columns(array: &ArrayView<'_>) -> Result<Vec<Column>> {
    let across = match array.shape() {
        [_] => 1,
        [_, across] => *across,
        more => {
            return Err(Error::parameter(format!(
                "expected an array of one or two axes, not of {}",
                more.len()
            )));
        }
    };
    match array.dtype() {
        DType::Record(record) if array.shape().len() == 1 => {
            record.fields().iter().map(|field| column(&field.dtype, field.offset)).collect()
        }
        DType::Number(number @ (Number::C64 | Number::C128), order) => {
            let part = if *number == Number::C64 { Number::F32 } else { Number::F64 };
            let part = DType::number(part, *order);
            repeated(&part, across.saturating_mul(2))
        }
        dtype => repeated(dtype, across),
    }
}

fn repeated(dtype: &DType, count: usize) -> Result<Vec<Column>> {
    if count > MOST_COLUMNS {
        return Err(Error::unsupported(format!("{count} columns are more than {MOST_COLUMNS}")));
    }
    (0..count).map(|number| column(dtype, number * dtype.itemsize())).collect()
}

fn column(dtype: &DType, offset: usize) -> Result<Column> {
    let (kind, order) = match dtype {
        DType::Number(number, order) => (kind(*number), *order),
        DType::Extension(extension) if *extension == Extension::BFLOAT16 => {
            (Some(Kind::Bf16), ByteOrder::Little)
        }
        DType::Bytes(size) => (Some(Kind::Bytes(*size)), ByteOrder::Little),
        DType::Str(size, order) => (Some(Kind::Str(*size)), *order),
        _ => (None, ByteOrder::Little),
    };
    let Some(kind) = kind else {
        return Err(Error::unsupported(format!("{dtype} cannot be written as text")));
    };
    let column = Column::new(kind, offset);
    Ok(if order == ByteOrder::Big { column.big_endian() } else { column })
}

fn kind(number: Number) -> Option<Kind> {
    Some(match number {
        Number::Bool => Kind::Bool,
        Number::I8 => Kind::I8,
        Number::I16 => Kind::I16,
        Number::I32 => Kind::I32,
        Number::I64 => Kind::I64,
        Number::U8 => Kind::U8,
        Number::U16 => Kind::U16,
        Number::U32 => Kind::U32,
        Number::U64 => Kind::U64,
        Number::F16 => Kind::F16,
        Number::F32 => Kind::F32,
        Number::F64 => Kind::F64,
        _ => return None,
    })
}

pub(super) fn is_complex(dtype: &DType) -> bool {
    matches!(dtype, DType::Number(number, _) if number.kind() == 'c')
}
