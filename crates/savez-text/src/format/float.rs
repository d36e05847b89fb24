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
    let binary = match (value.magnitude, spec.conversion) {
        (Magnitude::Finite(binary), _) => binary,
        (Magnitude::Nan, Conversion::Decimal) => return Err("cannot convert float NaN to integer"),
        (Magnitude::Infinite, Conversion::Decimal) => {
            return Err("cannot convert float infinity to integer");
        }
        // The sign bit of a NaN does not count.
        (Magnitude::Nan, _) => {
            field::push_sign(out, spec, false);
            word(out, spec, start, if spec.upper { b"NAN" } else { b"nan" });
            return Ok(());
        }
        (Magnitude::Infinite, _) => {
            field::push_sign(out, spec, value.negative);
            word(out, spec, start, if spec.upper { b"INF" } else { b"inf" });
            return Ok(());
        }
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

fn word(out: &mut Vec<u8>, spec: &Spec, start: usize, word: &[u8; 3]) {
    let body = out.len();
    out.extend_from_slice(word);
    field::pad_number(out, spec, start, body);
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

/// Digits of a number, and the power of ten that the first counts.
struct Digits {
    few: [u8; MOST],
    many: Vec<u8>,
    /// Where they start in `few`; beyond its end if they are in `many`.
    first: usize,
    exponent: i32,
}

impl Digits {
    /// The first `count` digits of the number, or fewer if the rest are zeros.
    #[inline]
    fn of(binary: Binary, count: usize) -> Digits {
        if binary.significand == 0 {
            return Self::few(0, 1, 0);
        }
        if count <= FAST
            && let Some((value, exponent)) = rounded::significant(binary, count)
        {
            return Self::few(value, count, exponent);
        }
        let (many, exponent) = exact::to_count(binary, count);
        Digits { few: [b'0'; MOST], many, first: MOST + 1, exponent }
    }

    #[inline]
    fn few(value: u64, count: usize, exponent: i32) -> Digits {
        Digits { few: padded(value), many: Vec::new(), first: MOST - count, exponent }
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        self.few.get(self.first..).unwrap_or(&self.many)
    }
}

#[inline]
fn exponent(out: &mut Vec<u8>, spec: &Spec, binary: Binary, precision: usize) {
    let digits = Digits::of(binary, precision + 1);
    scientific(out, digits.as_slice(), digits.exponent, precision, spec);
}

/// `d.ddde+XX` with `places` digits behind the point, zeros if there are no others.
#[inline]
fn scientific(out: &mut Vec<u8>, digits: &[u8], power: i32, places: usize, spec: &Spec) {
    out.push(digits[0]);
    if places > 0 || spec.alternate {
        out.push(b'.');
    }
    out.extend_from_slice(&digits[1..]);
    out.resize(out.len() + places - (digits.len() - 1), b'0');
    push_exponent(out, power, if spec.upper { b'E' } else { b'e' });
}

/// `e+XX`, of two digits at least.
#[inline]
pub(super) fn push_exponent(out: &mut Vec<u8>, power: i32, letter: u8) {
    let size = padded(power.unsigned_abs().into());
    let sign = if power < 0 { b'-' } else { b'+' };
    out.extend_from_slice(&[letter, sign]);
    out.extend_from_slice(&size[if size[MOST - 3] == b'0' { MOST - 2 } else { MOST - 3 }..]);
}

#[inline]
fn fixed(out: &mut Vec<u8>, spec: &Spec, binary: Binary, places: usize) {
    let point: &[u8] = if places > 0 || spec.alternate { b"." } else { b"" };
    if places < FAST
        && let Some(value) = rounded::scaled(binary, places as i32)
    {
        let digits = padded(value);
        let count = digits::count(value).max(places + 1);
        let (whole, fraction) = digits[MOST - count..].split_at(count - places);
        out.extend_from_slice(whole);
        out.extend_from_slice(point);
        out.extend_from_slice(fraction);
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

fn general(out: &mut Vec<u8>, spec: &Spec, binary: Binary, precision: usize) {
    let found = Digits::of(binary, precision);
    let digits = match found.as_slice() {
        digits if spec.alternate => digits,
        digits => {
            let last = digits.iter().rposition(|&digit| digit != b'0').unwrap_or(0);
            &digits[..=last]
        }
    };
    // Behind the first digit, zeros included.
    let places = if spec.alternate { precision - 1 } else { digits.len() - 1 };
    let power = found.exponent;
    if power < -4 || precision as i64 <= power.into() {
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
