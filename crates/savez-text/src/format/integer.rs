//! `%d %o %x` of integers, and `%c`.

use super::digits;
use super::field;
use super::spec::{Conversion, Spec};

/// An integer of any width up to 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Integer {
    pub(super) negative: bool,
    pub(super) magnitude: u64,
}

impl From<i64> for Integer {
    fn from(value: i64) -> Integer {
        Integer { negative: value < 0, magnitude: value.unsigned_abs() }
    }
}

/// Adds the integer; of `%c`, if there is such a character.
#[inline]
pub(super) fn write(out: &mut Vec<u8>, spec: &Spec, value: Integer) -> Result<(), &'static str> {
    let start = out.len();
    if spec.conversion == Conversion::Character {
        return character(out, spec, value);
    }
    field::push_sign(out, spec, value.negative);
    if spec.alternate {
        match (spec.conversion, spec.upper) {
            (Conversion::Octal, _) => out.extend_from_slice(b"0o"),
            (Conversion::Hexadecimal, false) => out.extend_from_slice(b"0x"),
            (Conversion::Hexadecimal, true) => out.extend_from_slice(b"0X"),
            _ => {}
        }
    }
    let body = out.len();
    match spec.conversion {
        Conversion::Octal => in_base(out, value.magnitude, 3, false),
        Conversion::Hexadecimal => in_base(out, value.magnitude, 4, spec.upper),
        _ => digits::push(out, value.magnitude),
    }
    let least = spec.precision.unwrap_or(0);
    if out.len() - body < least {
        field::insert(out, body, least - (out.len() - body), b'0');
    }
    field::pad_number(out, spec, start, body);
    Ok(())
}

/// The digits in a base of that many bits.
fn in_base(out: &mut Vec<u8>, value: u64, bits: u32, upper: bool) {
    let letters = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let count = (64 - value.leading_zeros()).div_ceil(bits).max(1);
    out.extend((0..count).rev().map(|place| {
        let digit = value >> (place * bits) & ((1 << bits) - 1);
        letters[digit as usize]
    }));
}

fn character(out: &mut Vec<u8>, spec: &Spec, value: Integer) -> Result<(), &'static str> {
    let code = u32::try_from(value.magnitude).ok().filter(|_| !value.negative);
    let Some(character) = code.and_then(char::from_u32) else {
        return Err("there is no character of that number");
    };
    let start = out.len();
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    field::pad_text(out, spec, start);
    Ok(())
}
