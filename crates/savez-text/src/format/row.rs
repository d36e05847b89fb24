//! A row format, compiled: literals and cells.

use std::fmt;

use super::binary::Float;
use super::column::{Column, Kind};
use super::field;
use super::float;
use super::integer;
use super::scalar::{self, Scalars, Width};
use super::spec::{Conversion, Part, Spec, parse};

/// How a row of cells becomes text: what `format % tuple(row)` is in Python, with the scalars of
/// NumPy.
///
/// It is compiled once and holds no state, so that threads can share it.
#[derive(Clone, Debug)]
pub struct RowFormat {
    before: Box<[u8]>,
    cells: Vec<Cell>,
    ending: Box<[u8]>,
    scalars: Scalars,
    folds_signs: bool,
}

#[derive(Clone, Debug)]
struct Cell {
    column: Column,
    spec: Spec,
    /// What stands behind it.
    literal: Box<[u8]>,
}

/// Why a format cannot be compiled: Python would refuse it too, or only Python can follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

/// Why a row cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritable(&'static str);

impl RowFormat {
    /// Compiles a format with a conversion for each column.
    ///
    /// All of Python's conversions are known, and all their flags, widths and precisions; but `*`
    /// and `%(name)s` take what no row has.
    ///
    /// # Errors
    /// If Python could not parse the format, the conversions are not as many as the columns, or one
    /// does not fit its column: `%x` wants an integer, and only `%s` takes text. `%r` of `Str`, and
    /// `%s` and `%r` of `Bf16`, are left to Python.
    pub fn compile(format: &str, columns: &[Column]) -> Result<RowFormat, Refusal> {
        let mut before = Box::default();
        let mut cells: Vec<Cell> = Vec::new();
        let mut columns = columns.iter();
        for part in parse(format).map_err(Refusal)? {
            match (part, cells.last_mut()) {
                (Part::Literal(text), None) => before = text.into_bytes().into(),
                (Part::Literal(text), Some(cell)) => cell.literal = text.into_bytes().into(),
                (Part::Conversion(spec), _) => {
                    let Some(&column) = columns.next() else {
                        return Err(Refusal("not enough columns for the format".to_owned()));
                    };
                    if !fits(spec.conversion, column.kind) {
                        let name = column.kind.name();
                        let text = format!("%{} does not take {name}", spec.conversion.letter());
                        return Err(Refusal(text));
                    }
                    cells.push(Cell { column, spec, literal: Box::default() });
                }
            }
        }
        if columns.next().is_some() {
            return Err(Refusal("more columns than the format has conversions".to_owned()));
        }
        let scalars = Scalars::default();
        Ok(RowFormat { before, cells, ending: Box::default(), scalars, folds_signs: false })
    }

    /// The same with this text behind every row. It is taken as it is.
    pub fn ending(self, text: &str) -> RowFormat {
        RowFormat { ending: text.as_bytes().into(), ..self }
    }

    /// The same for another way of printing scalars, which `%s`, `%r` and `%a` do.
    pub fn scalars(self, scalars: Scalars) -> RowFormat {
        RowFormat { scalars, ..self }
    }

    /// The same with every `+-` of a row made `-`, as `numpy.savetxt` does for complex numbers.
    pub fn fold_signs(self) -> RowFormat {
        RowFormat { folds_signs: true, ..self }
    }

    /// Whether every row will be ASCII.
    pub fn is_ascii(&self) -> bool {
        let plain = |cell: &Cell| {
            let text = matches!(cell.column.kind, Kind::Str(_));
            cell.literal.is_ascii() && !text && cell.spec.conversion != Conversion::Character
        };
        self.before.is_ascii() && self.ending.is_ascii() && self.cells.iter().all(plain)
    }

    /// A number of bytes that no row is longer than.
    pub fn longest_row(&self) -> usize {
        let ends = self.before.len() + self.ending.len();
        self.cells.iter().fold(ends, |sum, cell| {
            sum.saturating_add(cell.longest()).saturating_add(cell.literal.len())
        })
    }

    /// Adds a row to the text, which is UTF-8. `row` holds the cells at the columns' offsets.
    ///
    /// # Errors
    /// If there is no such text: `%d` of a NaN or an infinity, `%c` of a number that is no
    /// character, text that holds such; or a cell is beyond the end of `row`. The text is then what
    /// it was.
    pub fn write(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        let start = out.len();
        push_literal(out, &self.before);
        for cell in &self.cells {
            if let Err(reason) = self.write_cell(cell, row, out) {
                out.truncate(start);
                return Err(Unwritable(reason));
            }
            push_literal(out, &cell.literal);
        }
        push_literal(out, &self.ending);
        if self.folds_signs {
            fold_signs(out, start);
        }
        Ok(())
    }

    #[inline]
    fn write_cell(&self, cell: &Cell, row: &[u8], out: &mut Vec<u8>) -> Result<(), &'static str> {
        let Cell { column, spec, .. } = cell;
        let Some(bytes) = column.cell(row) else { return Err("the row ends before the cell") };
        match spec.conversion {
            Conversion::Exponent | Conversion::Fixed | Conversion::General => {
                float::write(out, spec, column.float(bytes))
            }
            Conversion::Decimal if column.kind.is_float() => {
                float::write(out, spec, column.float(bytes))
            }
            Conversion::Str | Conversion::Repr => self.write_scalar(*column, spec, bytes, out),
            _ => integer::write(out, spec, column.integer(bytes)),
        }
    }

    fn write_scalar(
        &self,
        column: Column,
        spec: &Spec,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let start = out.len();
        let named = self.scalars.named && spec.conversion == Conversion::Repr;
        let is_bool = column.kind == Kind::Bool;
        if named {
            out.extend_from_slice(b"np.");
            if !is_bool {
                out.extend_from_slice(column.kind.name().as_bytes());
                out.push(b'(');
            }
        }
        self.push_scalar(column, bytes, out)?;
        if named {
            out.push(if is_bool { b'_' } else { b')' });
        }
        if let Some(most) = spec.precision {
            cut(out, start, most);
        }
        field::pad_text(out, spec, start);
        Ok(())
    }

    /// Adds a value as `str` has it.
    fn push_scalar(
        &self,
        column: Column,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let bits = || column.float_bits(bytes);
        let (float, width) = match column.kind {
            Kind::F16 => (Float::of_f16(bits() as u16), Width::Half),
            Kind::F32 => (Float::of_f32(f32::from_bits(bits() as u32)), Width::Single),
            Kind::F64 => (Float::of_f64(f64::from_bits(bits())), Width::Double),
            Kind::Bool => {
                let truth = column.integer(bytes).magnitude != 0;
                out.extend_from_slice(if truth { b"True" } else { b"False" });
                return Ok(());
            }
            Kind::Bytes(_) => {
                let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
                scalar::push_bytes(out, &bytes[..end]);
                return Ok(());
            }
            Kind::Str(_) => {
                for code in column.code_points(bytes) {
                    let character = char::from_u32(code).ok_or("the text is not Unicode")?;
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                return Ok(());
            }
            _ => return integer::write(out, &Spec::DECIMAL, column.integer(bytes)),
        };
        scalar::push_float(out, float, column.float(bytes), width, self.scalars);
        Ok(())
    }
}

/// Most literals are a delimiter of one byte, which needs no call to move.
#[inline]
fn push_literal(out: &mut Vec<u8>, literal: &[u8]) {
    match literal {
        [] => {}
        &[byte] => out.push(byte),
        more => out.extend_from_slice(more),
    }
}

impl Cell {
    /// A number of bytes that its text is not longer than.
    fn longest(&self) -> usize {
        // The digits of the largest double, its sign and point; any other number has fewer.
        const NUMBER: usize = 320;
        let value = match self.column.kind {
            // As escapes, in quotes, named.
            Kind::Bytes(size) => size.saturating_mul(4).saturating_add(16),
            Kind::Str(size) => size.saturating_mul(4),
            _ => NUMBER.saturating_add(self.spec.precision.unwrap_or(6)),
        };
        value.max(self.spec.width.saturating_add(4))
    }
}

fn fits(conversion: Conversion, kind: Kind) -> bool {
    let is_text = matches!(kind, Kind::Bytes(_) | Kind::Str(_));
    match conversion {
        Conversion::Exponent | Conversion::Fixed | Conversion::General | Conversion::Decimal => {
            !is_text
        }
        Conversion::Octal | Conversion::Hexadecimal | Conversion::Character => kind.is_integer(),
        Conversion::Str => kind != Kind::Bf16,
        Conversion::Repr => !matches!(kind, Kind::Bf16 | Kind::Str(_)),
    }
}

/// Cuts the UTF-8 text that starts at `start` to that many characters.
fn cut(out: &mut Vec<u8>, start: usize, most: usize) {
    let mut starts = out[start..].iter().enumerate().filter(|&(_, &byte)| byte & 0xc0 != 0x80);
    if let Some((end, _)) = starts.nth(most) {
        out.truncate(start + end);
    }
}

/// Makes every `+-` a `-`.
fn fold_signs(out: &mut Vec<u8>, start: usize) {
    let mut end = start;
    for at in start..out.len() {
        if out[at] == b'+' && out.get(at + 1) == Some(&b'-') {
            continue;
        }
        out[end] = out[at];
        end += 1;
    }
    out.truncate(end);
}

impl Unwritable {
    /// The reason in Python's words, where it has any.
    pub fn reason(&self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Unwritable {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}
