//! A value without an array around it: what `str` gives for NumPy's scalars.
//!
//! Floats keep all digits that tell them from their neighbours, texts stand without quotes, times
//! have units.

use savez::DType;

use super::binary::Layout;
use super::floats::{self, Ending, Plus};
use super::format::{Format, Setting};
use super::reading::{Floats, codes, tick, trimmed};
use super::{calendar, text};

/// The value of an array without axes.
pub(super) fn scalar(dtype: &DType, item: &[u8]) -> String {
    match dtype {
        DType::Number(number, order) => match Layout::of(*number) {
            Some(layout) if number.kind() == 'c' => {
                let reading = Floats { layout, order: *order };
                floats::complex_alone(layout, &reading.read_pair(item))
            }
            Some(layout) => float(Floats { layout, order: *order }, item),
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

/// `0.1`, `1e-05`
pub(super) fn float(reading: Floats, item: &[u8]) -> String {
    floats::alone(reading.layout, &reading.read(item), Plus::Hidden, Ending::PointZero)
}
