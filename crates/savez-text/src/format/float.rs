//! `%e %f %g` of floats, and `%d`.

use super::binary::{Binary, Float, Magnitude};
use super::digits::{self, MOST, POWERS, padded};
use super::exact;
use super::field;
use super::integer::{self, Integer};
use super::rounded;
use super::spec::{Conversion, Spec};

/// As many digits as the fast way gives at once.
const FAST: usize = 19;

/// Adds the float; as an integer (`%d`), if it is finite.
#[inline]
pub(super) fn write(out: &mut Vec<u8>, spec: &Spec, value: f64) -> Result<(), &'static str> {
    let value = Float::of_f64(value);
    let start = out.len();
    let Magnitude::Finite(binary) = value.magnitude else {
        return not_finite(out, spec, value);
    };
    if spec.conversion == Conversion::Decimal {
        return truncated(out, spec, value.negative, binary);
    }
    field::push_sign(out, spec, value.negative);
    let body = out.len();
    let precision = spec.precision.unwrap_or(6);
    match spec.conversion {
        Conversion::Exponent => exponent(out, spec, binary, precision),
        Conversion::Fixed => fixed(out, spec, binary, precision),
        _ => general(out, spec, binary, precision.max(1)),
    }
    field::pad_number(out, spec, start, body);
    Ok(())
}

#[cold]
fn not_finite(out: &mut Vec<u8>, spec: &Spec, value: Float) -> Result<(), &'static str> {
    let is_nan = value.magnitude == Magnitude::Nan;
    if spec.conversion == Conversion::Decimal {
        return Err(match is_nan {
            true => "cannot convert float NaN to integer",
            false => "cannot convert float infinity to integer",
        });
    }
    let start = out.len();
    // The sign bit of a NaN does not count.
    field::push_sign(out, spec, value.negative && !is_nan);
    let body = out.len();
    out.extend_from_slice(match (is_nan, spec.upper) {
        (true, false) => b"nan",
        (true, true) => b"NAN",
        (false, false) => b"inf",
        (false, true) => b"INF",
    });
    field::pad_number(out, spec, start, body);
    Ok(())
}

/// `%d`: the whole part, as Python's `int` has it.
fn truncated(
    out: &mut Vec<u8>,
    spec: &Spec,
    negative: bool,
    binary: Binary,
) -> Result<(), &'static str> {
    if binary.exponent <= 0 {
        let down = binary.exponent.unsigned_abs();
        let magnitude = binary.significand.checked_shr(down).unwrap_or(0);
        return integer::write(
            out,
            spec,
            Integer { negative: negative && magnitude > 0, magnitude },
        );
    }
    let start = out.len();
    field::push_sign(out, spec, negative);
    let body = out.len();
    let digits = exact::whole_digits(binary);
    let zeros = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    out.resize(body + zeros, b'0');
    out.extend_from_slice(&digits);
    field::pad_number(out, spec, start, body);
    Ok(())
}

#[inline]
fn exponent(out: &mut Vec<u8>, spec: &Spec, binary: Binary, places: usize) {
    let Some((digits, power)) = few_digits(binary, places + 1) else {
        let (digits, power) = exact::to_count(binary, places + 1);
        return scientific(out, &digits, power, places, spec);
    };
    few_scientific(out, &digits, power, places, spec);
}

/// As `scientific`, of few digits: put together in a place of fixed size, then added at once.
#[inline]
fn few_scientific(out: &mut Vec<u8>, digits: &[u8; FAST], power: i32, places: usize, spec: &Spec) {
    let mut text = [b'0'; 32];
    text[0] = digits[0];
    text[1] = b'.';
    text[2..2 + FAST - 1].copy_from_slice(&digits[1..]);
    let end = if places > 0 || spec.alternate { 2 + places } else { 1 };
    let (exponent, length) = exponent_text(power, spec.upper);
    text[end..end + 5].copy_from_slice(&exponent);
    push_front(out, &text, end + length);
}

/// As `positional`, of few digits, without zeros at the end.
#[inline]
fn few_positional(out: &mut Vec<u8>, digits: &[u8; FAST], power: i32, places: usize) {
    let mut text = *b"0.00000000000000000000000000000000";
    if power < 0 {
        let zeros = power.unsigned_abs() as usize - 1;
        text[2 + zeros..][..FAST].copy_from_slice(digits);
        return push_front(out, &text, 2 + zeros + 1 + places);
    }
    let point = power as usize + 1;
    text[..FAST].copy_from_slice(digits);
    if places < point {
        return push_front(out, &text, point);
    }
    text.copy_within(point..FAST, point + 1);
    text[point] = b'.';
    push_front(out, &text, places + 2);
}

/// Adds the first `length` bytes: all of them, which is a move of fixed size, and cuts the rest.
#[inline]
fn push_front<const N: usize>(out: &mut Vec<u8>, text: &[u8; N], length: usize) {
    let end = out.len() + length;
    out.extend_from_slice(text);
    out.truncate(end);
}

/// The first `count` digits of the number, zeros behind them, and the power of ten that the first
/// counts; if the fast way can tell.
#[inline]
fn few_digits(binary: Binary, count: usize) -> Option<([u8; FAST], i32)> {
    if count > FAST {
        return None;
    }
    let (value, power) = match binary.significand {
        0 => (0, 0),
        _ => rounded::significant(binary, count)?,
    };
    let all = padded(value * POWERS[FAST - count]);
    let mut digits = [b'0'; FAST];
    digits.copy_from_slice(&all[MOST - FAST..]);
    Some((digits, power))
}

/// `d.ddde+XX` with `places` digits behind the point, zeros if there are no others.
fn scientific(out: &mut Vec<u8>, digits: &[u8], power: i32, places: usize, spec: &Spec) {
    out.push(digits[0]);
    if places > 0 || spec.alternate {
        out.push(b'.');
    }
    out.extend_from_slice(&digits[1..]);
    out.resize(out.len() + places - (digits.len() - 1), b'0');
    push_exponent(out, power, spec.upper);
}

/// `e+XX`, of two digits at least.
pub(super) fn push_exponent(out: &mut Vec<u8>, power: i32, upper: bool) {
    let (text, length) = exponent_text(power, upper);
    out.extend_from_slice(&text[..length]);
}

/// `e+XX`, and how many of the bytes it has.
#[inline]
fn exponent_text(power: i32, upper: bool) -> ([u8; 5], usize) {
    let letter = if upper { b'E' } else { b'e' };
    let sign = if power < 0 { b'-' } else { b'+' };
    let [_, hundreds, tens, ones] = digits::four(power.unsigned_abs());
    match hundreds {
        b'0' => ([letter, sign, tens, ones, b'0'], 4),
        _ => ([letter, sign, hundreds, tens, ones], 5),
    }
}

#[inline(never)]
fn fixed(out: &mut Vec<u8>, spec: &Spec, binary: Binary, places: usize) {
    let point: &[u8] = if places > 0 || spec.alternate { b"." } else { b"" };
    if places < FAST
        && let Some(value) = rounded::scaled(binary, places as i32)
    {
        let digits = padded(value);
        let count = digits::count(value).max(places + 1);
        let whole = MOST - places;
        // The point goes between; what is before the first digit is cut off below.
        let mut text = [b'.'; MOST + 1];
        text[..MOST].copy_from_slice(&digits);
        text.copy_within(whole..MOST, whole + 1);
        text[whole] = b'.';
        let end = if point.is_empty() { MOST } else { MOST + 1 };
        out.extend_from_slice(&text[MOST - count..end]);
        return;
    }
    if let Some((whole, fraction)) = halves(binary, places) {
        digits::push(out, whole);
        out.extend_from_slice(point);
        out.extend_from_slice(&padded(fraction)[MOST - places..]);
        return;
    }
    let (digits, before) = exact::to_place(binary, places);
    let (whole, fraction) = digits.split_at(before);
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    out.extend_from_slice(point);
    out.extend_from_slice(fraction);
    out.resize(out.len() + places - fraction.len(), b'0');
}

/// The whole part, and the fraction in units of the last place, if each fits into 64 bits.
fn halves(binary: Binary, places: usize) -> Option<(u64, u64)> {
    if places == 0 || places > FAST || !(-63..=0).contains(&binary.exponent) {
        return None;
    }
    let whole = binary.significand >> -binary.exponent;
    let rest = binary.significand - (whole << -binary.exponent);
    // 10^places is even: the parity of the whole is that of the fraction.
    let fraction = rounded::scaled(Binary { significand: rest, ..binary }, places as i32)?;
    match fraction == POWERS[places] {
        true => Some((whole + 1, 0)),
        false => Some((whole, fraction)),
    }
}

#[inline(never)]
fn general(out: &mut Vec<u8>, spec: &Spec, binary: Binary, count: usize) {
    let Some((digits, power)) = few_digits(binary, count) else {
        let (digits, power) = exact::to_count(binary, count);
        return shorter(out, spec, &digits, power, count);
    };
    if spec.alternate {
        return shorter(out, spec, &digits[..count], power, count);
    }
    let last = digits[..count].iter().rposition(|&digit| digit != b'0').unwrap_or(0);
    if power < -4 || count as i32 <= power {
        few_scientific(out, &digits, power, last, spec);
    } else {
        few_positional(out, &digits, power, last);
    }
}

/// In the shorter notation; without zeros at the end, or with as many as make `count` digits.
fn shorter(out: &mut Vec<u8>, spec: &Spec, digits: &[u8], power: i32, count: usize) {
    let last = digits.iter().rposition(|&digit| digit != b'0').unwrap_or(0);
    let (digits, places) = match spec.alternate {
        true => (digits, count - 1),
        false => (&digits[..=last], last),
    };
    if power < -4 || count as i64 <= power.into() {
        scientific(out, digits, power, places, spec);
    } else {
        positional(out, digits, power, places, spec);
    }
}

/// In positional notation, with `places` digits behind the first, zeros if there are no others.
fn positional(out: &mut Vec<u8>, digits: &[u8], power: i32, places: usize, spec: &Spec) {
    let Ok(power) = usize::try_from(power) else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + power.unsigned_abs() as usize - 1, b'0');
        out.extend_from_slice(digits);
        out.resize(out.len() + places + 1 - digits.len(), b'0');
        return;
    };
    let (whole, fraction) = digits.split_at(digits.len().min(power + 1));
    out.extend_from_slice(whole);
    out.resize(out.len() + power + 1 - whole.len(), b'0');
    if places > power || spec.alternate {
        out.push(b'.');
    }
    out.extend_from_slice(fraction);
    out.resize(out.len() + places.saturating_sub(power) - fraction.len(), b'0');
}
