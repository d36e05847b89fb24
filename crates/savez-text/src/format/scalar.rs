//! `%s %r %a`: values as NumPy prints them when they stand alone.

use super::binary::{Float, Magnitude};
use super::digits::{self, MOST, padded};
use super::float::push_exponent;
use super::shortest::shortest;

/// How a NumPy prints its scalars: that differs with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalars {
    /// Whether `repr` names the type, `np.float64(1.0)`, as from NumPy 2.0 on.
    pub named: bool,
    /// Whether floats of 16 and 32 bits take to exponents at 10^3 and 10^6 already; else all do at
    /// 10^16.
    pub early_exponents: bool,
}

impl Scalars {
    /// NumPy 2.4.
    pub const NUMPY_2: Scalars = Scalars { named: true, early_exponents: true };
    /// NumPy 1.26.
    pub const NUMPY_1: Scalars = Scalars { named: false, early_exponents: false };
}

impl Default for Scalars {
    /// [`NUMPY_2`](Scalars::NUMPY_2).
    fn default() -> Scalars {
        Scalars::NUMPY_2
    }
}

/// Where a type of floats takes to exponents, as a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Half,
    Single,
    Double,
}

impl Width {
    fn first_with_exponent(self, scalars: Scalars) -> i32 {
        match self {
            Width::Half if scalars.early_exponents => 3,
            Width::Single if scalars.early_exponents => 6,
            _ => 16,
        }
    }
}

/// Adds a float as `str` has it. `value` is the same number as a double.
pub(super) fn push_float(
    out: &mut Vec<u8>,
    float: Float,
    value: f64,
    width: Width,
    scalars: Scalars,
) {
    let binary = match float.magnitude {
        Magnitude::Nan => return out.extend_from_slice(b"nan"),
        Magnitude::Infinite => {
            return out.extend_from_slice(if float.negative { b"-inf" } else { b"inf" });
        }
        Magnitude::Finite(binary) => binary,
    };
    if float.negative {
        out.push(b'-');
    }
    if binary.significand == 0 {
        return out.extend_from_slice(b"0.0");
    }
    let (value_digits, last) = shortest(binary);
    let digits = padded(value_digits);
    let digits = &digits[MOST - digits::count(value_digits)..];
    let power = last + digits.len() as i32 - 1;
    // NumPy compares the number itself, not its digits, with the bounds.
    if value.abs() < 1e-4 || value.abs() >= bound(width.first_with_exponent(scalars)) {
        exponential(out, digits, power);
    } else {
        positional(out, digits, power);
    }
}

fn bound(power: i32) -> f64 {
    digits::POWERS[power as usize] as f64
}

fn exponential(out: &mut Vec<u8>, digits: &[u8], power: i32) {
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    push_exponent(out, power, false);
}

fn positional(out: &mut Vec<u8>, digits: &[u8], power: i32) {
    let Ok(power) = usize::try_from(power) else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + power.unsigned_abs() as usize - 1, b'0');
        return out.extend_from_slice(digits);
    };
    let (whole, fraction) = digits.split_at(digits.len().min(power + 1));
    out.extend_from_slice(whole);
    out.resize(out.len() + power + 1 - whole.len(), b'0');
    out.push(b'.');
    out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction });
}

/// Adds the `repr` of bytes: `b'it\'s'`, in the quotes that need fewer escapes.
pub(super) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.extend_from_slice(&[b'b', quote]);
    for &byte in bytes {
        match byte {
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            byte if byte == quote => out.extend_from_slice(&[b'\\', byte]),
            b' '..=b'~' => out.push(byte),
            byte => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
                out.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_quoted_as_python_quotes_them() {
        for (bytes, wanted) in [
            (&b"ab"[..], r"b'ab'"),
            (b"it's", r#"b"it's""#),
            (b"'\"", r#"b'\'"'"#),
            (b"\t\n\r\\\x00\x7f\xff", r"b'\t\n\r\\\x00\x7f\xff'"),
        ] {
            let mut out = Vec::new();
            push_bytes(&mut out, bytes);
            assert_eq!(String::from_utf8_lossy(&out), wanted);
        }
    }
}
