//! What a column is read as ([`Kind`]), and where its values lie in a row ([`Layout`]).

use super::dialect::{Encoding, trimmed};
use super::number::{self, Number};

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    /// An integer, true if it is not 0.
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    /// A finite number that is too large is refused: NumPy makes it infinite, with a warning.
    F16,
    F32,
    F64,
    C64,
    C128,
    /// That many bytes, padded with NUL or cut: characters of Latin-1.
    Bytes(usize),
    /// That many code points of 4 bytes each, padded with NUL or cut.
    Str(usize),
}

/// A value in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its type.
    pub kind: Kind,
    /// Where it starts, in bytes from the start of the row.
    pub offset: usize,
    /// Whether its bytes are in the order that is not this machine's.
    pub is_swapped: bool,
}

/// Where the values of a row lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One after the other, all alike, as many as the first row has columns. The offset is 0.
    Alike(Cell),
    /// In the fields of a record of so many bytes, one for each column. Bytes between them are left
    /// as they were.
    Record(Vec<Cell>, usize),
}

impl Layout {
    /// The bytes of a row that has so many columns.
    pub fn row_size(&self, columns: usize) -> usize {
        match self {
            Layout::Alike(cell) => cell.kind.size().saturating_mul(columns),
            Layout::Record(_, size) => *size,
        }
    }

    /// The cell of a column.
    pub(super) fn cell(&self, column: usize) -> Cell {
        match self {
            Layout::Alike(cell) => Cell { offset: cell.kind.size() * column, ..*cell },
            Layout::Record(cells, _) => cells[column],
        }
    }
}

impl Kind {
    /// The bytes of a value.
    pub fn size(self) -> usize {
        match self {
            Kind::Bool | Kind::I8 | Kind::U8 => 1,
            Kind::I16 | Kind::U16 | Kind::F16 => 2,
            Kind::I32 | Kind::U32 | Kind::F32 => 4,
            Kind::I64 | Kind::U64 | Kind::F64 | Kind::C64 => 8,
            Kind::C128 => 16,
            Kind::Bytes(width) => width,
            Kind::Str(width) => width.saturating_mul(4),
        }
    }

    /// Bytes that are reversed together when the byte order changes.
    fn swap_unit(self) -> usize {
        match self {
            Kind::C64 | Kind::C128 => self.size() / 2,
            Kind::Bytes(_) => 1,
            Kind::Str(_) => 4,
            _ => self.size(),
        }
    }

    /// NumPy's name of the dtype, as in its errors.
    pub(super) fn name(self) -> String {
        let name = match self {
            Kind::Bool => "bool",
            Kind::I8 => "int8",
            Kind::I16 => "int16",
            Kind::I32 => "int32",
            Kind::I64 => "int64",
            Kind::U8 => "uint8",
            Kind::U16 => "uint16",
            Kind::U32 => "uint32",
            Kind::U64 => "uint64",
            Kind::F16 => "float16",
            Kind::F32 => "float32",
            Kind::F64 => "float64",
            Kind::C64 => "complex64",
            Kind::C128 => "complex128",
            Kind::Bytes(width) => return format!("|S{width}"),
            Kind::Str(width) => return format!("<U{width}"),
        };
        name.to_owned()
    }
}

impl Cell {
    /// Puts the value of a field into its row; `None` if it is none of the kind.
    pub(super) fn put(self, field: &[u8], encoding: Encoding, row: &mut [u8]) -> Option<()> {
        let place = &mut row[self.offset..self.offset + self.kind.size()];
        match self.kind {
            Kind::Bool => put::<bool>(field, place),
            Kind::I8 => put::<i8>(field, place),
            Kind::I16 => put::<i16>(field, place),
            Kind::I32 => put::<i32>(field, place),
            Kind::I64 => put::<i64>(field, place),
            Kind::U8 => put::<u8>(field, place),
            Kind::U16 => put::<u16>(field, place),
            Kind::U32 => put::<u32>(field, place),
            Kind::U64 => put::<u64>(field, place),
            Kind::F16 => whole(field)
                .and_then(number::half)
                .map(|value| place.copy_from_slice(&value.to_ne_bytes())),
            Kind::F32 => put::<f32>(field, place),
            Kind::F64 => put::<f64>(field, place),
            Kind::C64 => number::complex(trimmed(field)).map(|(real, imaginary)| {
                (real as f32).put(place);
                (imaginary as f32).put(&mut place[4..]);
            }),
            Kind::C128 => number::complex(trimmed(field)).map(|(real, imaginary)| {
                real.put(place);
                imaginary.put(&mut place[8..]);
            }),
            Kind::Bytes(_) => put_bytes(field, encoding, place),
            Kind::Str(_) => put_str(field, encoding, place),
        }?;
        if self.is_swapped {
            place.chunks_exact_mut(self.kind.swap_unit()).for_each(<[u8]>::reverse);
        }
        Some(())
    }
}

/// The number that is the whole of a field, but for white space at its ends.
fn whole<N: Number>(field: &[u8]) -> Option<N> {
    let text = trimmed(field);
    let (value, end) = N::read(text)?;
    (end == text.len()).then_some(value)
}

fn put<N: Number>(field: &[u8], place: &mut [u8]) -> Option<()> {
    whole::<N>(field).map(|value| value.put(place))
}

/// Code points up to 255 as bytes.
fn put_bytes(field: &[u8], encoding: Encoding, place: &mut [u8]) -> Option<()> {
    let width = place.len();
    if field.is_ascii() || encoding == Encoding::Latin1 {
        let length = field.len().min(width);
        place[..length].copy_from_slice(&field[..length]);
        place[length..].fill(0);
        return Some(());
    }
    let mut codes = str::from_utf8(field).ok()?.chars();
    for byte in place {
        *byte = codes.next().map_or(Some(0), |code| u8::try_from(u32::from(code)).ok())?;
    }
    Some(())
}

/// Code points of 4 bytes each.
fn put_str(field: &[u8], encoding: Encoding, place: &mut [u8]) -> Option<()> {
    let places = place.as_chunks_mut::<4>().0;
    if field.is_ascii() || encoding == Encoding::Latin1 {
        let codes = field.iter().map(|&byte| u32::from(byte)).chain(std::iter::repeat(0));
        places.iter_mut().zip(codes).for_each(|(place, code)| *place = code.to_ne_bytes());
        return Some(());
    }
    let codes = str::from_utf8(field).ok()?.chars().map(u32::from).chain(std::iter::repeat(0));
    places.iter_mut().zip(codes).for_each(|(place, code)| *place = code.to_ne_bytes());
    Some(())
}
