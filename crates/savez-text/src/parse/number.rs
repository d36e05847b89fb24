//! Numbers at the start of bytes, by the grammars of NumPy's text reader.
//!
//! Each function gives the number and how many bytes it took, or `None` if there is none. White
//! space is the caller's business.

use super::decimal;
use super::dialect::trimmed;

/// A number that columns of one type are read to.
pub(super) trait Number: Copy {
    /// Its size in bytes.
    const SIZE: usize;

    /// The number at the start of `text`.
    fn read(text: &[u8]) -> Option<(Self, usize)>;

    /// Puts its bytes, in this machine's order, at the start of `place`.
    fn put(self, place: &mut [u8]);
}

/// The binary64 number at the start of `text`, as Python's `PyOS_string_to_double` reads it: what
/// is too large is infinite; neither hexadecimal digits nor underscores.
pub(super) fn float(text: &[u8]) -> Option<(f64, usize)> {
    let (is_negative, start) = sign(text);
    let (whole, mut at) = few_digits(text, start, 0);
    let mut mantissa = whole;
    let mut count = at - start;
    let mut decimals = 0;
    if text.get(at) == Some(&b'.') {
        let point = at + 1;
        (mantissa, at) = digits(text, point, mantissa);
        decimals = at - point;
        count += decimals;
    }
    if count == 0 {
        return special(text, start, is_negative);
    }
    let (exponent, end) = exponent(text, at);
    if count <= decimal::MAX_DIGITS
        && let Some(value) = decimal::to_f64(mantissa, exponent - decimals as i64)
    {
        return Some((if is_negative { -value } else { value }, end));
    }
    // Many digits, or a result at the rim of what there is: the grammar is Rust's, too.
    let value = str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    Some((value, end))
}

/// The complex number that is the whole of `text`, with or without parentheses: `1`, `2j`,
/// `1+2j`, `1+-2j`.
pub(super) fn complex(text: &[u8]) -> Option<(f64, f64)> {
    let (inside, in_parentheses) = match text.strip_prefix(b"(") {
        Some(rest) => (trimmed(rest), true),
        None => (text, false),
    };
    let (first, mut at) = float(inside)?;
    let value = match inside.get(at) {
        Some(b'j') => {
            at += 1;
            (0.0, first)
        }
        Some(sign @ (b'+' | b'-')) => {
            // `1++2j` and `1+-2j` are numbers, `1--2j` is none.
            at += usize::from(*sign == b'+');
            let (imaginary, used) = float(&inside[at..])?;
            at += used;
            if inside.get(at) != Some(&b'j') {
                return None;
            }
            at += 1;
            (first, imaginary)
        }
        _ => (first, 0.0),
    };
    let rest = &inside[at..];
    let is_complete = if in_parentheses { trimmed(rest) == b")" } else { rest.is_empty() };
    is_complete.then_some(value)
}

/// A binary64 number rounded to binary16, ties to even; `None` if it is finite and too large.
pub(super) fn half(value: f64) -> Option<u16> {
    let bits = value.to_bits();
    let sign = ((bits >> 48) & 0x8000) as u16;
    let magnitude = bits & !(1 << 63);
    if magnitude >= 0x7ff0 << 48 {
        // NaNs keep the leading bits of their payload, and stay NaN.
        let payload = ((magnitude >> 42) & 0x3ff) as u16;
        let is_nan = magnitude > 0x7ff0 << 48;
        return Some(sign | 0x7c00 | if is_nan { payload.max(1) } else { 0 });
    }
    // Multiples of the smallest step between numbers of this size, rounded by an addition.
    let exponent = ((magnitude >> 52) as i32 - 1023).max(-14);
    if exponent > 15 {
        return None;
    }
    let step = f64::from_bits(((exponent - 10 + 1023) as u64) << 52);
    let steps = (f64::from_bits(magnitude) / step).round_ties_even() as u16;
    // With the implicit bit in `steps`, a carry into the next exponent comes out right.
    let magnitude = (((exponent + 14) as u16) << 10) + steps;
    (magnitude < 0x7c00).then_some(sign | magnitude)
}

/// Whether there is a minus, and where the number goes on. Without branches: signs are often random.
fn sign(text: &[u8]) -> (bool, usize) {
    let first = text.first().copied().unwrap_or_default();
    let is_negative = first == b'-';
    (is_negative, usize::from(is_negative | (first == b'+')))
}

/// The digit at `at`.
fn digit(text: &[u8], at: usize) -> Option<u64> {
    let value = text.get(at)?.wrapping_sub(b'0');
    (value < 10).then_some(u64::from(value))
}

/// Appends the digits from `at` on to `value`, which wraps if they are too many; gives the end. One
/// by one, for few.
fn few_digits(text: &[u8], mut at: usize, mut value: u64) -> (u64, usize) {
    while let Some(digit) = digit(text, at) {
        value = value.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    (value, at)
}

/// As `few_digits`: up to sixteen in two steps, and what is left one by one. Numbers of so many
/// digits mostly have a fixed number of them, which branches foresee.
fn digits(text: &[u8], mut at: usize, mut value: u64) -> (u64, usize) {
    const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    const ONES: u64 = 0x0101_0101_0101_0101;
    for _ in 0..2 {
        let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk) else { break };
        let values = u64::from_le_bytes(*eight) ^ (ONES * 0x30);
        // The high bit of each byte that is 10 or more.
        let others = (((values & (ONES * 0x7f)) + ONES * 0x76) | values) & (ONES * 0x80);
        if others != 0 {
            let count = others.trailing_zeros() as usize / 8;
            // Digits move to the end, behind zeros; what followed them is lost.
            let number = joined(values.checked_shl(64 - 8 * count as u32).unwrap_or(0));
            return (value.wrapping_mul(POWERS[count]).wrapping_add(number), at + count);
        }
        // A branch, so that the next eight need not wait for a count.
        value = value.wrapping_mul(100_000_000).wrapping_add(joined(values));
        at += 8;
    }
    few_digits(text, at, value)
}

/// The number that eight digits make, the first in the lowest byte.
fn joined(digits: u64) -> u64 {
    // Neighbours are joined: to four numbers below 100, two below 10^4, one.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// The exponent at `at`, 0 without one, and where the number ends. An `e` without digits is not part
/// of the number.
fn exponent(text: &[u8], at: usize) -> (i64, usize) {
    let Some(b'e' | b'E') = text.get(at) else { return (0, at) };
    let (is_negative, signs) = sign(&text[at + 1..]);
    let start = at + 1 + signs;
    let mut end = start;
    let mut value = 0i64;
    while let Some(digit) = digit(text, end) {
        value = (value * 10 + digit as i64).min(1 << 40);
        end += 1;
    }
    match end {
        end if end == start => (0, at),
        end => (if is_negative { -value } else { value }, end),
    }
}

/// `inf`, `infinity` and `nan`, in letters of any case.
fn special(text: &[u8], start: usize, is_negative: bool) -> Option<(f64, usize)> {
    let begins = |word: &[u8]| {
        text.get(start..start + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    let (value, length) = if begins(b"infinity") {
        (f64::INFINITY, 8)
    } else if begins(b"inf") {
        (f64::INFINITY, 3)
    } else if begins(b"nan") {
        (f64::NAN, 3)
    } else {
        return None;
    };
    Some((if is_negative { -value } else { value }, start + length))
}

/// The integer at the start of `text`: whether it has a minus, its size, and its end.
fn integer(text: &[u8]) -> Option<(bool, u64, usize)> {
    let (is_negative, start) = sign(text);
    let (mut value, end) = digits(text, start, 0);
    if end - start > decimal::MAX_DIGITS {
        value = text[start..end].iter().try_fold(0u64, |value, byte| {
            value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))
        })?;
    }
    (end > start).then_some((is_negative, value, end))
}

/// The signed integer at the start of `text`.
fn signed(text: &[u8]) -> Option<(i64, usize)> {
    let (is_negative, size, end) = integer(text)?;
    let value = if is_negative { 0i64.checked_sub_unsigned(size) } else { size.try_into().ok() };
    Some((value?, end))
}

macro_rules! numbers {
    ($($type:ty = $read:expr;)*) => {$(
        impl Number for $type {
            const SIZE: usize = size_of::<$type>();

            fn read(text: &[u8]) -> Option<(Self, usize)> {
                $read(text)
            }

            fn put(self, place: &mut [u8]) {
                place[..Self::SIZE].copy_from_slice(&self.to_ne_bytes());
            }
        }
    )*};
}

/// Reads as `read` does, to a narrower type.
fn narrowed<W, N: TryFrom<W>>(read: Option<(W, usize)>) -> Option<(N, usize)> {
    let (value, end) = read?;
    Some((value.try_into().ok()?, end))
}

/// The unsigned integer at the start of `text`; one with a minus is none, not even -0.
fn unsigned(text: &[u8]) -> Option<(u64, usize)> {
    match integer(text)? {
        (true, ..) => None,
        (false, value, end) => Some((value, end)),
    }
}

numbers! {
    i8 = |text| narrowed(signed(text));
    i16 = |text| narrowed(signed(text));
    i32 = |text| narrowed(signed(text));
    i64 = signed;
    u8 = |text| narrowed(unsigned(text));
    u16 = |text| narrowed(unsigned(text));
    u32 = |text| narrowed(unsigned(text));
    u64 = unsigned;
    f64 = float;
    // By way of binary64, as NumPy does; so some are rounded twice.
    f32 = |text| float(text).map(|(value, end)| (value as f32, end));
}

impl Number for bool {
    const SIZE: usize = 1;

    fn read(text: &[u8]) -> Option<(Self, usize)> {
        signed(text).map(|(value, end)| (value != 0, end))
    }

    fn put(self, place: &mut [u8]) {
        place[0] = u8::from(self);
    }
}
