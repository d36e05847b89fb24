//! All digits of a float: slower than `rounded`, and right for every number and count.
//!
//! The whole part is a long integer divided by 10^19 again and again; the fraction a long binary
//! fraction multiplied by 10^19, which moves its next 19 digits before the point.

use super::binary::Binary;
use super::digits::{MOST, padded};

/// Digits taken at a time, and their unit.
const CHUNK: usize = 19;
const UNIT: u64 = 10_000_000_000_000_000_000;

/// The digits before the point (none if there is nothing but zero) and `places` behind it, rounded
/// there to nearest, ties to even; and how many of them stand before the point. Of a fraction
/// that ends earlier, only what it has.
pub(super) fn to_place(binary: Binary, places: usize) -> (Vec<u8>, usize) {
    let mut digits = whole_digits(binary);
    let before = digits.len();
    let mut fraction = Fraction::of(binary);
    while !fraction.is_zero() && digits.len() <= before + places {
        digits.extend_from_slice(&fraction.next());
    }
    let carried = round(&mut digits, before + places, !fraction.is_zero());
    (digits, before + usize::from(carried))
}

/// The first `count` digits, rounded to nearest, ties to even, and the power of ten that the first
/// counts. Of a number that ends earlier, only what it has; zero has one.
pub(super) fn to_count(binary: Binary, count: usize) -> (Vec<u8>, i32) {
    if binary.significand == 0 {
        return (vec![b'0'], 0);
    }
    let mut digits = whole_digits(binary);
    let mut exponent = digits.len() as i32 - 1;
    let mut fraction = Fraction::of(binary);
    while !fraction.is_zero() && digits.len() <= count {
        let next = fraction.next();
        let zeros = match digits.is_empty() {
            true => next.iter().take_while(|&&digit| digit == b'0').count(),
            false => 0,
        };
        exponent -= zeros as i32;
        digits.extend_from_slice(&next[zeros..]);
    }
    let carried = round(&mut digits, count, !fraction.is_zero());
    digits.truncate(count);
    (digits, exponent + i32::from(carried))
}

/// Cuts the digits to `keep`, rounding to nearest, ties to even; `more` says whether digits other
/// than zero follow. Tells whether that made one more digit.
fn round(digits: &mut Vec<u8>, keep: usize, more: bool) -> bool {
    let Some((&next, rest)) = digits.get(keep..).and_then(<[u8]>::split_first) else {
        return false;
    };
    let above = more || rest.iter().any(|&digit| digit != b'0');
    let odd = keep > 0 && digits[keep - 1] & 1 == 1;
    let up = next > b'5' || next == b'5' && (above || odd);
    digits.truncate(keep);
    if !up {
        return false;
    }
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return false;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
    true
}

/// The digits of the whole part; none if that is zero.
pub(super) fn whole_digits(binary: Binary) -> Vec<u8> {
    let mut limbs = whole_limbs(binary);
    let mut chunks = Vec::new();
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
    while !limbs.is_empty() {
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            (*limb, rest) = divide(rest, *limb);
        }
        if limbs.last() == Some(&0) {
            limbs.pop();
        }
        chunks.push(rest);
    }
    let mut digits = Vec::with_capacity(chunks.len() * CHUNK);
    for &chunk in chunks.iter().rev() {
        digits.extend_from_slice(&padded(chunk)[MOST - CHUNK..]);
    }
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.drain(..zeros);
    digits
}

/// The whole part, lowest limb first.
fn whole_limbs(binary: Binary) -> Vec<u64> {
    match u32::try_from(binary.exponent) {
        Ok(up) => {
            let mut limbs = vec![0; (up / 64) as usize];
            let wide = u128::from(binary.significand) << (up % 64);
            limbs.extend([wide as u64, (wide >> 64) as u64]);
            limbs
        }
        Err(_) => vec![binary.significand.checked_shr(binary.exponent.unsigned_abs()).unwrap_or(0)],
    }
}

/// Quotient and rest of `high × 2^64 + low` by 10^19, for `high` below that: by its reciprocal, as
/// Möller and Granlund (2011) have it for a divisor whose highest bit is set.
fn divide(high: u64, low: u64) -> (u64, u64) {
    const RECIPROCAL: u64 = (u128::MAX / UNIT as u128 - (1 << 64)) as u64;
    let guess =
        u128::from(RECIPROCAL) * u128::from(high) + (u128::from(high) << 64 | u128::from(low));
    let mut quotient = ((guess >> 64) as u64).wrapping_add(1);
    let mut rest = low.wrapping_sub(quotient.wrapping_mul(UNIT));
    if rest > guess as u64 {
        quotient = quotient.wrapping_sub(1);
        rest = rest.wrapping_add(UNIT);
    }
    if rest >= UNIT {
        quotient = quotient.wrapping_add(1);
        rest -= UNIT;
    }
    (quotient, rest)
}

/// What is left behind the point, highest limb last. No zero limb is the lowest.
struct Fraction {
    limbs: Vec<u64>,
}

impl Fraction {
    fn of(binary: Binary) -> Fraction {
        let Ok(down) = u32::try_from(-binary.exponent) else {
            return Fraction { limbs: Vec::new() };
        };
        let kept = match down {
            0..=63 => binary.significand & ((1 << down) - 1),
            _ => binary.significand,
        };
        // The point is above the highest limb, `down` bits above the significand's lowest.
        let count = down.div_ceil(64) as usize;
        let up = count as u32 * 64 - down;
        let wide = u128::from(kept) << up;
        let mut limbs = vec![wide as u64, (wide >> 64) as u64];
        limbs.resize(count, 0);
        let mut fraction = Fraction { limbs };
        fraction.trim();
        fraction
    }

    fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// The next digits, which are taken off.
    fn next(&mut self) -> [u8; CHUNK] {
        let mut carry = 0;
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(UNIT) + u128::from(carry);
            *limb = product as u64;
            carry = (product >> 64) as u64;
        }
        self.trim();
        let mut digits = [b'0'; CHUNK];
        digits.copy_from_slice(&padded(carry)[MOST - CHUNK..]);
        digits
    }

    fn trim(&mut self) {
        let zeros = self.limbs.iter().take_while(|&&limb| limb == 0).count();
        self.limbs.drain(..zeros);
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::{Float, Magnitude};
    use super::*;

    fn binary(value: f64) -> Binary {
        match Float::of_f64(value).magnitude {
            Magnitude::Finite(binary) => binary,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn division_is_right_at_the_ends() {
        for (high, low) in
            [(0, 0), (0, UNIT - 1), (0, UNIT), (UNIT - 1, u64::MAX), (1, 0), (UNIT - 1, 0)]
        {
            let wide = u128::from(high) << 64 | u128::from(low);
            let (quotient, rest) = divide(high, low);
            assert_eq!(u128::from(quotient), wide / u128::from(UNIT));
            assert_eq!(u128::from(rest), wide % u128::from(UNIT));
        }
    }

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        for places in (0..340).cycle().take(20_000) {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let value = f64::from_bits(bits & !(1 << 63));
            if !value.is_finite() {
                continue;
            }
            let (mut digits, before) = to_place(binary(value), places);
            digits.resize(before + places, b'0');
            let wanted = format!("{value:.places$}").replace('.', "");
            let wanted = wanted.strip_prefix('0').unwrap_or(&wanted);
            assert_eq!(String::from_utf8_lossy(&digits), wanted, "{value:e} {places}");
            let (mut digits, exponent) = to_count(binary(value), places + 1);
            digits.resize(places + 1, b'0');
            let wanted = format!("{value:.places$e}").replace('.', "");
            assert_eq!(format!("{}e{exponent}", String::from_utf8_lossy(&digits)), wanted);
        }
    }
}
