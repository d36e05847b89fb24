//! How the elements of an array are written: a [`Format`] looks at all of them and then makes a
//! word of each.
//!
//! In the fields of records, each field is an array of its own, with a format of its own.

use savez::{ByteOrder, DType, Extension, Number, Record, TimeStep};

use super::binary::{Layout, Real};
use super::floats::{Column, Plus};
use super::reading::{Floats, Integers, codes, part, parts, tick, trimmed};
use super::{THRESHOLD, calendar, extension, scalar, shown, text};

/// What surrounds the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// An array of them.
    Array,
    /// A single record. Its floats are written as if they were alone.
    Record,
    /// A field of a single record that is an array.
    RecordArray,
}

/// The way to write elements of a dtype.
pub(super) enum Format<'d> {
    Bool { padded: bool },
    Integer { reading: Integers, width: usize },
    Float { reading: Floats, column: Option<Column> },
    Complex { reading: Floats, real: Column, imaginary: Column },
    Extension(&'d Extension),
    Datetime { order: ByteOrder, step: TimeStep, width: usize },
    Timedelta { order: ByteOrder, width: usize },
    Bytes,
    Str(ByteOrder),
    Void,
    Record { record: &'d Record, fields: Vec<Format<'d>> },
    SubArray { format: Box<Format<'d>>, shape: Vec<usize> },
}

impl<'d> Format<'d> {
    /// The format that suits all of these elements.
    pub(super) fn of(dtype: &'d DType, items: &[&[u8]], setting: Setting) -> Format<'d> {
        match dtype {
            DType::Number(number, order) => number_format(*number, *order, items, setting),
            DType::Extension(extension) => Format::Extension(extension),
            DType::Datetime(step, order) => {
                let word = |tick| format!("'{}'", calendar::datetime(tick, *step));
                Format::Datetime { order: *order, step: *step, width: width(items, *order, word) }
            }
            DType::Timedelta(_, order) => {
                let word = |tick: i64| tick.to_string();
                Format::Timedelta { order: *order, width: width(items, *order, word) }
            }
            DType::Bytes(_) => Format::Bytes,
            DType::Str(_, order) => Format::Str(*order),
            DType::Record(record) => record_format(record, items, setting),
            DType::SubArray(..) => sub_array_format(dtype, items, setting),
            _ => Format::Void,
        }
    }

    /// An element as text.
    pub(super) fn word(&self, item: &[u8]) -> String {
        match self {
            Format::Bool { padded } => match (item.iter().any(|&byte| byte != 0), padded) {
                (false, _) => "False".to_owned(),
                (true, true) => " True".to_owned(),
                (true, false) => "True".to_owned(),
            },
            Format::Integer { reading, width } => format!("{:>width$}", reading.read(item)),
            Format::Float { reading, column: Some(column) } => column.word(&reading.read(item)),
            Format::Float { reading, column: None } => scalar::float(*reading, item),
            Format::Complex { reading, real, imaginary } => {
                let [real_part, imaginary_part] = reading.read_pair(item);
                let padded = imaginary.word(&imaginary_part);
                let word = padded.trim_end();
                real.word(&real_part) + word + "j" + &padded[word.len()..]
            }
            Format::Extension(extension) => {
                extension::text(extension, item).unwrap_or_else(|| text::void_literal(item))
            }
            Format::Datetime { order, step, width } => {
                let tick = tick(item, *order);
                format!("{:>width$}", format!("'{}'", calendar::datetime(tick, *step)))
            }
            Format::Timedelta { order, width } => match tick(item, *order) {
                calendar::NAT => format!("{:>width$}", "'NaT'"),
                tick => format!("{tick:>width$}"),
            },
            Format::Bytes => text::bytes_literal(trimmed(item)),
            Format::Str(order) => text::str_literal(&codes(item, *order)),
            Format::Void => text::void_literal(item),
            Format::Record { record, fields } => record_word(record, fields, item),
            Format::SubArray { format, shape } => {
                let mut text = String::new();
                push_sub_array(&mut text, format, shape, size(shape) > THRESHOLD, item);
                text
            }
        }
    }
}

fn number_format<'d>(
    number: Number,
    order: ByteOrder,
    items: &[&[u8]],
    setting: Setting,
) -> Format<'d> {
    let Some(layout) = Layout::of(number) else {
        if number == Number::Bool {
            return Format::Bool { padded: setting != Setting::Record };
        }
        let reading = Integers { is_signed: number.kind() == 'i', order };
        let values = || items.iter().map(|item| reading.read(item));
        let width = |value: Option<i128>| value.map_or(0, |value| value.to_string().len());
        return Format::Integer {
            reading,
            width: width(values().min()).max(width(values().max())),
        };
    };
    let reading = Floats { layout, order };
    if number.kind() == 'c' {
        let (reals, imaginaries): (Vec<Real>, Vec<Real>) =
            items.iter().map(|item| reading.read_pair(item).into()).unzip();
        let real = Column::of(layout, &reals, Plus::Hidden);
        let imaginary = Column::of(layout, &imaginaries, Plus::Shown);
        return Format::Complex { reading, real, imaginary };
    }
    let column = (setting == Setting::Array).then(|| {
        let values: Vec<Real> = items.iter().map(|item| reading.read(item)).collect();
        Column::of(layout, &values, Plus::Hidden)
    });
    Format::Float { reading, column }
}

fn record_format<'d>(record: &'d Record, items: &[&[u8]], setting: Setting) -> Format<'d> {
    let fields = record.fields().iter().map(|field| {
        let items: Vec<&[u8]> =
            items.iter().map(|item| part(item, field.offset, field.dtype.itemsize())).collect();
        Format::of(&field.dtype, &items, setting)
    });
    Format::Record { record, fields: fields.collect() }
}

fn sub_array_format<'d>(mut dtype: &'d DType, items: &[&[u8]], setting: Setting) -> Format<'d> {
    let mut shape = Vec::new();
    while let DType::SubArray(item, inner) = dtype {
        shape.extend_from_slice(inner);
        dtype = item;
    }
    if shape.is_empty() {
        return Format::of(dtype, items, setting);
    }
    let itemsize = dtype.itemsize();
    // Elements without bytes are all alike, and cost nothing: a header may claim any number.
    let count = if itemsize == 0 { size(&shape).min(1) } else { size(&shape) };
    let items: Vec<&[u8]> = items.iter().flat_map(|item| parts(item, itemsize, count)).collect();
    let setting = if setting == Setting::Record { Setting::RecordArray } else { setting };
    Format::SubArray { format: Box::new(Format::of(dtype, &items, setting)), shape }
}

fn size(shape: &[usize]) -> usize {
    shape.iter().fold(1, |size, &len| size.saturating_mul(len))
}

/// `(1, b'x', [1., 2.])`, with a comma behind a single field.
fn record_word(record: &Record, fields: &[Format<'_>], item: &[u8]) -> String {
    let words: Vec<String> = record
        .fields()
        .iter()
        .zip(fields)
        .map(|(field, format)| format.word(part(item, field.offset, field.dtype.itemsize())))
        .collect();
    match words.as_slice() {
        [only] => format!("({only},)"),
        words => format!("({})", words.join(", ")),
    }
}

/// `[[1, 2], [3, 4]]`
fn push_sub_array(
    text: &mut String,
    format: &Format<'_>,
    shape: &[usize],
    cut: bool,
    bytes: &[u8],
) {
    let [len, inner @ ..] = shape else {
        text.push_str(&format.word(bytes));
        return;
    };
    let stride = bytes.len().checked_div(*len).unwrap_or(0);
    text.push('[');
    for (i, index) in shown(*len, cut).into_iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        match index {
            Some(index) => {
                push_sub_array(text, format, inner, cut, part(bytes, index * stride, stride));
            }
            None => text.push_str("..."),
        }
    }
    text.push(']');
}

/// The width of the words of times: that of the latest or the earliest, or of `'NaT'`.
fn width(items: &[&[u8]], order: ByteOrder, word: impl Fn(i64) -> String) -> usize {
    let ticks = || items.iter().map(|item| tick(item, order));
    let times = || ticks().filter(|&tick| tick != calendar::NAT);
    let longest = times().min().into_iter().chain(times().max()).map(|tick| word(tick).len()).max();
    let nat = if ticks().any(|tick| tick == calendar::NAT) { "'NaT'".len() } else { 0 };
    longest.unwrap_or(0).max(nat)
}
