//! Many lines, read by one thread into the rows that are theirs.
//!
//! A table of numbers of one type takes a fast way: each number is read where the last one ended,
//! and what follows it is looked at. A line that is anything but numbers and separators is taken
//! apart by [`fields`](super::fields), which also finds the error, if there is one.

use super::cell::{Kind, Layout};
use super::dialect::{Class, Classes, Dialect};
use super::error::Error;
use super::fields::Splitter;
use super::number::Number;

/// How rows are read.
pub(super) struct Plan<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) layout: &'a Layout,
    /// The fields of a line that become the columns, from its end if negative; `None` for all.
    pub(super) chosen: Option<&'a [isize]>,
    /// The columns of the result.
    pub(super) columns: usize,
}

/// What came of a block.
#[derive(Default)]
pub(super) struct Done {
    /// How many rows were read.
    pub(super) rows: usize,
    /// How many bytes they took, with blank lines between them.
    pub(super) bytes: usize,
    /// Whether there was a line without content before the last of these rows, or behind them.
    pub(super) has_blank: bool,
    /// What stopped the reading, rows counted from those of the block.
    pub(super) error: Option<Error>,
}

impl Plan<'_> {
    /// The bytes of a row.
    pub(super) fn row_size(&self) -> usize {
        self.layout.row_size(self.columns)
    }

    /// Reads lines, at most `limit` rows, into `room`, which has space for a row each.
    pub(super) fn read(&self, text: &[u8], room: &mut [u8], limit: usize) -> Done {
        match self.kind_of_all() {
            Some(Kind::Bool) => self.read_alike::<bool>(text, room, limit),
            Some(Kind::I8) => self.read_alike::<i8>(text, room, limit),
            Some(Kind::I16) => self.read_alike::<i16>(text, room, limit),
            Some(Kind::I32) => self.read_alike::<i32>(text, room, limit),
            Some(Kind::I64) => self.read_alike::<i64>(text, room, limit),
            Some(Kind::U8) => self.read_alike::<u8>(text, room, limit),
            Some(Kind::U16) => self.read_alike::<u16>(text, room, limit),
            Some(Kind::U32) => self.read_alike::<u32>(text, room, limit),
            Some(Kind::U64) => self.read_alike::<u64>(text, room, limit),
            Some(Kind::F32) => self.read_alike::<f32>(text, room, limit),
            Some(Kind::F64) => self.read_alike::<f64>(text, room, limit),
            _ => self.read_rows(text, room, limit, |_, _| None),
        }
    }

    /// The type of all columns, if the fast way can go through them.
    fn kind_of_all(&self) -> Option<Kind> {
        match self.layout {
            Layout::Alike(cell)
                if !cell.is_swapped
                    && self.chosen.is_none()
                    && self.dialect.long_comments().is_empty()
                    && self.dialect.parts_numbers() =>
            {
                Some(cell.kind)
            }
            _ => None,
        }
    }

    fn read_alike<N: Number>(&self, text: &[u8], room: &mut [u8], limit: usize) -> Done {
        let classes = self.dialect.classes();
        match self.dialect.delimiter {
            None => self.read_rows(text, room, limit, |text, row| {
                numbers::<N, true>(text, row, &classes, self.dialect)
            }),
            Some(_) => self.read_rows(text, room, limit, |text, row| {
                numbers::<N, false>(text, row, &classes, self.dialect)
            }),
        }
    }

    /// Reads row after row; those that `fast` gives up, the general way.
    fn read_rows(
        &self,
        text: &[u8],
        room: &mut [u8],
        limit: usize,
        fast: impl Fn(&[u8], &mut [u8]) -> Option<usize>,
    ) -> Done {
        let size = self.row_size();
        let mut splitter = Splitter::new(self.dialect);
        let mut done = Done::default();
        while done.bytes < text.len() && done.rows < limit {
            let rest = &text[done.bytes..];
            // There is room for every line that is long enough to be a row. Without room, the line
            // is blank, or has too few columns, which is found before anything is put anywhere.
            let row = room.get_mut(done.rows * size..(done.rows + 1) * size).unwrap_or_default();
            if let Some(used) = fast(rest, row) {
                done.rows += 1;
                done.bytes += used;
                continue;
            }
            let (end, next) = self.dialect.line_end(rest);
            match self.line(&mut splitter, &rest[..end], row, done.rows) {
                Ok(true) => done.rows += 1,
                Ok(false) => done.has_blank = true,
                Err(error) => {
                    done.error = Some(error);
                    break;
                }
            }
            done.bytes += next;
        }
        done
    }

    /// Reads a line, which is the row of that number, the general way; tells whether it has content.
    fn line(
        &self,
        splitter: &mut Splitter<'_>,
        line: &[u8],
        room: &mut [u8],
        row: usize,
    ) -> Result<bool, Error> {
        let fields = splitter.split(line)?;
        let found = fields.len();
        if found == 0 {
            return Ok(false);
        }
        if self.chosen.is_none() && found != self.columns {
            let is_record = matches!(self.layout, Layout::Record(..));
            return Err(Error::Columns { wanted: self.columns, found, row: row + 1, is_record });
        }
        for column in 0..self.columns {
            let field = match self.chosen {
                None => column,
                Some(chosen) => index(chosen[column], found).ok_or(Error::Index {
                    column: chosen[column],
                    row: row + 1,
                    columns: found,
                })?,
            };
            let cell = self.layout.cell(column);
            cell.put(fields.get(field), self.dialect.encoding, room).ok_or_else(|| {
                Error::Value {
                    text: fields.text(field, self.dialect.encoding),
                    wanted: cell.kind.name(),
                    row,
                    column: column + 1,
                }
            })?;
        }
        Ok(true)
    }
}

/// An index that counts from the end if it is negative.
fn index(index: isize, length: usize) -> Option<usize> {
    let from_start =
        if index < 0 { length.checked_add_signed(index) } else { index.try_into().ok() };
    from_start.filter(|&index| index < length)
}

/// The fast way: reads the line at the start of `text`, all of it numbers, as many as `row` has room
/// for; gives its length, its end included. `None` if anything else is met.
#[inline]
fn numbers<N: Number, const BY_SPACE: bool>(
    text: &[u8],
    row: &mut [u8],
    classes: &Classes,
    dialect: &Dialect,
) -> Option<usize> {
    let class = |at: usize| text.get(at).map(|&byte| classes[usize::from(byte)]);
    let after_spaces = |mut at: usize| {
        while class(at) == Some(Class::Space) {
            at += 1;
        }
        at
    };
    let mut at = after_spaces(0);
    let mut cells = row.chunks_exact_mut(N::SIZE);
    let mut cell = cells.next()?;
    loop {
        let (value, used) = N::read(&text[at..])?;
        value.put(cell);
        let end = at + used;
        at = after_spaces(end);
        let Some(next) = cells.next() else { break };
        match BY_SPACE {
            true if at == end => return None,
            true => {}
            false if class(at) == Some(Class::Delimiter) => at = after_spaces(at + 1),
            false => return None,
        }
        cell = next;
    }
    match class(at)? {
        Class::LineEnd if text[at] == b'\n' => Some(at + 1),
        Class::LineEnd if text.get(at + 1) == Some(&b'\n') => Some(at + 2),
        Class::Comment => Some(at + dialect.line_end(&text[at..]).1),
        _ => None,
    }
}
