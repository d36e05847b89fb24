//! NumPy's dtype strings: `'<f4'`, `'int32'`, `'M8[ns]'`, `'(2,3)f4, i4'`.
//!
//! Headers written by NumPy use the first form only, but `np.load` takes them all, and so do we.

use super::datetime::TimeStep;
use super::descr;
use super::dtype::{ByteOrder, DType, Number, Record};
use super::extension::Extension;
use crate::{Error, Result};

/// The string of a dtype that has no inner structure, as `dtype.str` gives it.
pub(super) fn format(dtype: &DType) -> String {
    match dtype {
        DType::Number(number, order) => {
            let order = if number.itemsize() == 1 { '|' } else { order.symbol() };
            format!("{order}{}{}", number.kind(), number.itemsize())
        }
        // What NumPy writes for them: the byte order is that of the machines that have them.
        DType::Extension(e) => {
            format!("{}V{}", if e.itemsize() == 1 { '|' } else { '<' }, e.itemsize())
        }
        DType::Datetime(step, order) => format!("{}M8{step}", order.symbol()),
        DType::Timedelta(step, order) => format!("{}m8{step}", order.symbol()),
        DType::Bytes(n) => format!("|S{n}"),
        DType::Str(n, order) => format!("{}U{n}", order.symbol()),
        DType::Void(n) => format!("|V{n}"),
        DType::Object | DType::Record(_) | DType::SubArray(..) => "|O".to_owned(),
    }
}

/// The dtype a string names: one type, or a list of them, which is a record of fields f0, f1, …
pub(super) fn parse(text: &str) -> Result<DType> {
    let parts = split_at_commas(text);
    let dtype = match parts.as_slice() {
        [only] => repeated(only, false),
        [parts @ .., last] if !text.starts_with(' ') => {
            let last = (!last.trim().is_empty()).then_some(last);
            let types: Result<Vec<DType>> =
                parts.iter().chain(last).map(|part| repeated(part.trim(), true)).collect();
            types.and_then(|types| {
                let names = (0..).map(|i| format!("f{i}"));
                Record::packed(names.zip(types)).map(DType::Record)
            })
        }
        _ => Err(not_understood(text)),
    };
    dtype.map_err(|error| error.hint("it should be one that numpy.dtype() takes"))
}

fn not_understood(text: &str) -> Error {
    Error::format(format!("data type {text:?} not understood"))
}

/// The symbols of byte order.
const ORDERS: [char; 4] = ['<', '>', '=', '|'];

/// The byte order that a type's first character stands for.
fn byte_order(text: &str) -> ByteOrder {
    match text.as_bytes().first() {
        Some(b'<') => ByteOrder::Little,
        Some(b'>') => ByteOrder::Big,
        _ => ByteOrder::NATIVE,
    }
}

/// A single type: byte order, then a name or a letter with a size.
fn single(text: &str) -> Result<DType> {
    let (order, name) = (byte_order(text), text.strip_prefix(ORDERS).unwrap_or(text));
    let letter = name.len() < text.len();
    letter_and_size(name, order)
        .or_else(|| time(name, order))
        .or_else(|| (!letter).then(|| named(text)).flatten())
        .ok_or_else(|| not_understood(text))
}

/// `f4`, `U3`, `O8`, or a letter alone. `f1` is what NumPy wrote for float8_e5m2.
fn letter_and_size(name: &str, order: ByteOrder) -> Option<DType> {
    let mut chars = name.chars();
    let letter = chars.next()?;
    let size = chars.as_str();
    if size.is_empty() {
        return lone_letter(letter, order);
    }
    let size: usize = size.bytes().all(|b| b.is_ascii_digit()).then(|| size.parse().ok())??;
    let fits = |itemsize: usize| i32::try_from(itemsize).is_ok();
    match letter {
        'b' | 'i' | 'u' | 'f' | 'c' => match (letter, size) {
            ('f', 1) => Some(DType::Extension(Extension::FLOAT8_E5M2)),
            _ => Number::of(letter, size).map(|n| DType::number(n, order)),
        },
        'S' | 'a' => fits(size).then_some(DType::Bytes(size)),
        'U' => fits(size.checked_mul(4)?).then_some(DType::Str(size, order)),
        // `W4` is how NumPy writes both 32-bit complex types; nothing tells them apart.
        'V' => fits(size).then_some(DType::Void(size)),
        'W' => (size == 4).then_some(DType::Void(4)),
        'O' => (size == 4 || size == 8).then_some(DType::Object),
        'M' if size == 8 => Some(DType::Datetime(TimeStep::GENERIC, order)),
        'm' if size == 8 => Some(DType::Timedelta(TimeStep::GENERIC, order)),
        _ => None,
    }
}

/// C's type letters, in the widths of 64-bit Linux and macOS.
fn lone_letter(letter: char, order: ByteOrder) -> Option<DType> {
    let number = match letter {
        '?' => Number::Bool,
        'b' => Number::I8,
        'B' => Number::U8,
        'h' => Number::I16,
        'H' => Number::U16,
        'i' => Number::I32,
        'I' => Number::U32,
        'l' | 'q' | 'p' | 'n' => Number::I64,
        'L' | 'Q' | 'P' | 'N' => Number::U64,
        'e' => Number::F16,
        'f' => Number::F32,
        'd' => Number::F64,
        'g' => Number::F128,
        'F' => Number::C64,
        'D' => Number::C128,
        'G' => Number::C256,
        'S' | 'a' => return Some(DType::Bytes(0)),
        'c' => return Some(DType::Bytes(1)),
        'U' => return Some(DType::Str(0, order)),
        'V' => return Some(DType::Void(0)),
        'O' => return Some(DType::Object),
        'M' => return Some(DType::Datetime(TimeStep::GENERIC, order)),
        'm' => return Some(DType::Timedelta(TimeStep::GENERIC, order)),
        _ => return None,
    };
    Some(DType::number(number, order))
}

/// `M8[ns]`, `datetime64[ns]`, `m8[25s]`, …
fn time(name: &str, order: ByteOrder) -> Option<DType> {
    let (name, step) = match name.split_once('[') {
        Some((name, step)) => (name, TimeStep::parse(step.strip_suffix(']')?)?),
        None => (name, TimeStep::GENERIC),
    };
    match name {
        "M8" | "datetime64" => Some(DType::Datetime(step, order)),
        "m8" | "timedelta64" => Some(DType::Timedelta(step, order)),
        _ => None,
    }
}

fn named(name: &str) -> Option<DType> {
    let number = match name {
        "bool" | "bool_" => Number::Bool,
        "int8" | "byte" => Number::I8,
        "int16" | "short" => Number::I16,
        "int32" | "intc" => Number::I32,
        "int64" | "int" | "int_" | "intp" | "long" | "longlong" => Number::I64,
        "uint8" | "ubyte" => Number::U8,
        "uint16" | "ushort" => Number::U16,
        "uint32" | "uintc" => Number::U32,
        "uint64" | "uint" | "uintp" | "ulong" | "ulonglong" => Number::U64,
        "float16" | "half" => Number::F16,
        "float32" | "single" => Number::F32,
        "float64" | "float" | "double" => Number::F64,
        "float96" => Number::F96,
        "float128" | "longdouble" => Number::F128,
        "complex64" | "csingle" => Number::C64,
        "complex128" | "complex" | "cdouble" => Number::C128,
        "complex192" => Number::C192,
        "complex256" | "clongdouble" => Number::C256,
        "str" | "str_" | "unicode" => return Some(DType::Str(0, ByteOrder::NATIVE)),
        "bytes" | "bytes_" => return Some(DType::Bytes(0)),
        "void" => return Some(DType::Void(0)),
        "object" | "object_" => return Some(DType::Object),
        _ => return Extension::known(name).map(DType::Extension),
    };
    Some(DType::number(number, ByteOrder::NATIVE))
}

/// Splits at the commas that no bracket encloses.
fn split_at_commas(text: &str) -> Vec<&str> {
    let mut depth = 0usize;
    text.split(|c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

/// A type with a repeat count or shape in front: `3i4`, `(2,3)f4`, `<(2,)i4`; in a list also
/// `(2)i4`.
fn repeated(text: &str, in_list: bool) -> Result<DType> {
    let wrong = || not_understood(text);
    let unordered = text.strip_prefix(ORDERS).unwrap_or(text);
    let (repeat, name) = if let Some(rest) = unordered.strip_prefix('(') {
        let (inside, name) = rest.split_once(')').ok_or_else(wrong)?;
        (tuple(inside, in_list).ok_or_else(wrong)?, name)
    } else {
        let digits = unordered.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return single(text);
        }
        let (count, name) = unordered.split_at(digits);
        (Repeat::Count(number(count).ok_or_else(wrong)?), name)
    };
    let name = name.trim_start();
    let order = &text[..text.len() - unordered.len()];
    let item = match name.strip_prefix(ORDERS) {
        Some(_) if !order.is_empty() && byte_order(order) != byte_order(name) => {
            return Err(wrong());
        }
        Some(_) => single(name)?,
        None => single(&format!("{order}{name}"))?,
    };
    match repeat {
        Repeat::Count(n) => descr::repeated(item, n),
        Repeat::Shape(_) if descr::is_unsized(&item) => Err(wrong()),
        Repeat::Shape(dims) if dims.is_empty() => Ok(item),
        Repeat::Shape(dims) => DType::sub_array(item, dims),
    }
}

enum Repeat {
    Count(usize),
    Shape(Vec<usize>),
}

/// What stands between parentheses: nothing, or numbers with a comma behind the first.
fn tuple(inside: &str, in_list: bool) -> Option<Repeat> {
    if inside.is_empty() {
        return Some(Repeat::Shape(Vec::new()));
    }
    if !inside.contains(',') {
        return number(inside.trim()).filter(|_| in_list).map(Repeat::Count);
    }
    let dims = inside.strip_suffix(',').unwrap_or(inside);
    dims.split(',').map(|n| number(n.trim())).collect::<Option<_>>().map(Repeat::Shape)
}

/// A number as Python writes it: no sign, no leading zeros.
fn number(digits: &str) -> Option<usize> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if plain && !leading_zero { digits.parse().ok() } else { None }
}
