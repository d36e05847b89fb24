//! How the elements of an array are written: a [`Format`] looks at all of them and then makes a
//! word of each.
//!
//! In the fields of records, each field is an array of its own, with a format of its own.

use savez::{ByteOrder, DType, Extension, Number, Record, TimeStep};

use super::binary::{Layout, Real};
use super::floats::{self, Column, Ending, Plus};
use super::{calendar, extension, shown, text};

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
    SubArray { item: Box<Format<'d>>, itemsize: usize, shape: Vec<usize> },
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
            Format::Bool { padded: true } if is_true(item) => " True".to_owned(),
            Format::Bool { .. } => bool_text(item).to_owned(),
            Format::Integer { reading, width } => format!("{:>width$}", reading.read(item)),
            Format::Float { reading, column: Some(column) } => column.word(&reading.read(item)),
            Format::Float { reading, column: None } => reading.alone(item),
            Format::Complex { reading, real, imaginary } => {
                let [real_part, imaginary_part] = reading.read_pair(item);
                let padded = imaginary.word(&imaginary_part);
                let word = padded.trim_end();
                real.word(&real_part) + word + "j" + &padded[word.len()..]
            }
            Format::Extension(extension) => extension_text(extension, item),
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
            Format::SubArray { item: format, itemsize, shape } => {
                let size: usize = shape.iter().product();
                let words = parts(item, *itemsize, size);
                let mut text = String::new();
                push_sub_array(&mut text, format, shape, size > super::THRESHOLD, &words);
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
    let (itemsize, size) = (dtype.itemsize(), shape.iter().product());
    let items: Vec<&[u8]> = items.iter().flat_map(|item| parts(item, itemsize, size)).collect();
    let setting = if setting == Setting::Record { Setting::RecordArray } else { setting };
    let item = Box::new(Format::of(dtype, &items, setting));
    Format::SubArray { item, itemsize, shape }
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
    items: &[&[u8]],
) {
    let Some((&len, inner)) = shape.split_first() else {
        text.extend(items.first().map(|item| format.word(item)));
        return;
    };
    let size: usize = inner.iter().product();
    text.push('[');
    for (i, index) in shown(len, cut).into_iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        match index {
            Some(index) => {
                let items = items.get(index * size..(index + 1) * size).unwrap_or_default();
                push_sub_array(text, format, inner, cut, items);
            }
            None => text.push_str("..."),
        }
    }
    text.push(']');
}

/// A value without an array around it, as `str` of NumPy's scalar.
pub(super) fn alone(dtype: &DType, item: &[u8]) -> String {
    match dtype {
        DType::Number(number, order) => match Layout::of(*number) {
            Some(layout) if number.kind() == 'c' => {
                let reading = Floats { layout, order: *order };
                floats::complex_alone(layout, &reading.read_pair(item))
            }
            Some(layout) => Floats { layout, order: *order }.alone(item),
            None => Format::of(dtype, &[item], Setting::Record).word(item),
        },
        DType::Datetime(step, order) => calendar::datetime(tick(item, *order), *step),
        DType::Timedelta(step, order) => calendar::timedelta_alone(tick(item, *order), *step),
        DType::Bytes(_) => format!("np.bytes_({})", text::bytes_literal(trimmed(item))),
        DType::Str(_, order) => codes(item, *order)
            .into_iter()
            .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        other => Format::of(other, &[item], Setting::Record).word(item),
    }
}

/// How integers are read.
#[derive(Clone, Copy)]
pub(super) struct Integers {
    is_signed: bool,
    order: ByteOrder,
}

impl Integers {
    fn read(self, item: &[u8]) -> i128 {
        let mut bytes = little(item, self.order);
        let is_negative = item.len() < 16 && bytes[item.len().saturating_sub(1)] >= 0x80;
        if self.is_signed && is_negative {
            bytes[item.len()..].fill(0xff);
        }
        i128::from_le_bytes(bytes)
    }
}

/// How floats, or the two of a complex number, are read.
#[derive(Clone, Copy)]
pub(super) struct Floats {
    layout: Layout,
    order: ByteOrder,
}

impl Floats {
    fn read(self, item: &[u8]) -> Real {
        self.layout.decode(u128::from_le_bytes(little(item, self.order)))
    }

    fn read_pair(self, item: &[u8]) -> [Real; 2] {
        let (real, imaginary) = item.split_at(item.len() / 2);
        [self.read(real), self.read(imaginary)]
    }

    fn alone(self, item: &[u8]) -> String {
        floats::alone(self.layout, &self.read(item), Plus::Hidden, Ending::PointZero)
    }
}

/// The bytes, least significant first, zeros behind them.
fn little(item: &[u8], order: ByteOrder) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (place, &byte) in bytes.iter_mut().zip(item) {
        *place = byte;
    }
    if order == ByteOrder::Big {
        bytes[..item.len().min(16)].reverse();
    }
    bytes
}

fn tick(item: &[u8], order: ByteOrder) -> i64 {
    let [first @ .., _, _, _, _, _, _, _, _] = little(item, order);
    i64::from_le_bytes(first)
}

/// The width of the words of times: that of the latest or the earliest, or of `'NaT'`.
fn width(items: &[&[u8]], order: ByteOrder, word: impl Fn(i64) -> String) -> usize {
    let ticks = || items.iter().map(|item| tick(item, order));
    let times = || ticks().filter(|&tick| tick != calendar::NAT);
    let longest = times().min().into_iter().chain(times().max()).map(|tick| word(tick).len()).max();
    let nat = if ticks().any(|tick| tick == calendar::NAT) { "'NaT'".len() } else { 0 };
    longest.unwrap_or(0).max(nat)
}

fn is_true(item: &[u8]) -> bool {
    item.iter().any(|&byte| byte != 0)
}

fn bool_text(item: &[u8]) -> &'static str {
    if is_true(item) { "True" } else { "False" }
}

fn extension_text(extension: &Extension, item: &[u8]) -> String {
    extension::text(extension, item).unwrap_or_else(|| text::void_literal(item))
}

/// Without the NULs at the end.
fn trimmed(item: &[u8]) -> &[u8] {
    let end = item.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    item.get(..end).unwrap_or_default()
}

/// Code points without the NULs at the end.
fn codes(item: &[u8], order: ByteOrder) -> Vec<u32> {
    let mut codes: Vec<u32> = item
        .as_chunks::<4>()
        .0
        .iter()
        .map(|code| match order {
            ByteOrder::Little => u32::from_le_bytes(*code),
            ByteOrder::Big => u32::from_be_bytes(*code),
        })
        .collect();
    while codes.last() == Some(&0) {
        codes.pop();
    }
    codes
}

fn part(item: &[u8], offset: usize, size: usize) -> &[u8] {
    item.get(offset..offset + size).unwrap_or_default()
}

/// The item as that many parts, which may be empty.
pub(super) fn parts(item: &[u8], size: usize, count: usize) -> Vec<&[u8]> {
    (0..count).map(|i| part(item, i * size, size)).collect()
}
