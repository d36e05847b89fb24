//! Where a cell's bytes are in a row, and what they mean.

use super::binary::{bf16_to_f64, f16_to_f64};
use super::integer::Integer;

/// The type of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    /// bfloat16: the upper half of an `F32`.
    Bf16,
    F32,
    F64,
    /// That many bytes, padded with NUL.
    Bytes(usize),
    /// That many code points of four bytes each, padded with NUL.
    Str(usize),
}

use Kind::*;

impl Kind {
    /// Bytes per cell.
    pub fn size(self) -> usize {
        match self {
            Bool | I8 | U8 => 1,
            I16 | U16 | F16 | Bf16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | F64 => 8,
            Bytes(n) => n,
            Str(n) => n.saturating_mul(4),
        }
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self, I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, F16 | Bf16 | F32 | F64)
    }

    /// The name of NumPy's scalar.
    pub(super) fn name(self) -> &'static str {
        match self {
            Bool => "bool",
            I8 => "int8",
            I16 => "int16",
            I32 => "int32",
            I64 => "int64",
            U8 => "uint8",
            U16 => "uint16",
            U32 => "uint32",
            U64 => "uint64",
            F16 => "float16",
            Bf16 => "bfloat16",
            F32 => "float32",
            F64 => "float64",
            Bytes(_) => "bytes_",
            Str(_) => "str_",
        }
    }
}

/// A cell of every row: its type, its place, its byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub(super) kind: Kind,
    pub(super) offset: usize,
    big_endian: bool,
}

impl Column {
    /// A little-endian cell that starts `offset` bytes behind the start of the row.
    pub fn new(kind: Kind, offset: usize) -> Column {
        Column { kind, offset, big_endian: false }
    }

    /// The same with the most significant byte first.
    pub fn big_endian(self) -> Column {
        Column { big_endian: true, ..self }
    }

    /// The cell's bytes. `None` if the row ends before.
    #[inline]
    pub(super) fn cell(self, row: &[u8]) -> Option<&[u8]> {
        row.get(self.offset..)?.get(..self.kind.size())
    }

    /// The cell's bytes as an unsigned number, if they are eight at most.
    #[inline]
    fn bits(self, cell: &[u8]) -> u64 {
        if let (false, Some(all)) = (self.big_endian, cell.first_chunk()) {
            return u64::from_le_bytes(*all);
        }
        let mut bits = [0; 8];
        for (place, &byte) in cell.iter().take(8).enumerate() {
            bits[if self.big_endian { cell.len() - 1 - place } else { place }] = byte;
        }
        u64::from_le_bytes(bits)
    }

    /// A float; an integer or bool rounded to one.
    #[inline]
    pub(super) fn float(self, cell: &[u8]) -> f64 {
        match self.kind {
            F64 => f64::from_bits(self.bits(cell)),
            F32 => f32::from_bits(self.bits(cell) as u32).into(),
            F16 => f16_to_f64(self.bits(cell) as u16),
            Bf16 => bf16_to_f64(self.bits(cell) as u16),
            _ => match self.integer(cell) {
                Integer { negative: true, magnitude } => -(magnitude as f64),
                Integer { negative: false, magnitude } => magnitude as f64,
            },
        }
    }

    /// The bits of a float.
    pub(super) fn float_bits(self, cell: &[u8]) -> u64 {
        self.bits(cell)
    }

    #[inline]
    pub(super) fn integer(self, cell: &[u8]) -> Integer {
        let bits = self.bits(cell);
        match self.kind {
            Bool => Integer { negative: false, magnitude: (bits != 0).into() },
            I8 => i64::from(bits as i8).into(),
            I16 => i64::from(bits as i16).into(),
            I32 => i64::from(bits as i32).into(),
            I64 => (bits as i64).into(),
            _ => Integer { negative: false, magnitude: bits },
        }
    }

    /// The code points up to the last that is not NUL.
    pub(super) fn code_points(self, cell: &[u8]) -> impl Iterator<Item = u32> {
        let code = move |unit: &[u8; 4]| match self.big_endian {
            true => u32::from_be_bytes(*unit),
            false => u32::from_le_bytes(*unit),
        };
        let units = cell.as_chunks().0;
        let end = units.iter().rposition(|unit| unit != &[0; 4]).map_or(0, |last| last + 1);
        units[..end].iter().map(code)
    }
}
