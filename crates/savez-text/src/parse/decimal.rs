//! Decimal numbers to the nearest binary64: the algorithm of Eisel and Lemire ("Number Parsing at a
//! Gigabyte per Second", 2021), for results that are ordinary numbers.
//!
//! The power of ten is replaced by 128 bits of a power of five; the product tells the result unless
//! it lies too near to a tie, which is left to the caller.

use crate::limbs::{LIMBS, divide_by_five, leading_bits, multiply_by_five};

/// So many digits always fit into 64 bits.
pub(super) const MAX_DIGITS: usize = 19;

const MIN_POWER: i64 = -342;
const MAX_POWER: i64 = 308;

/// Powers of ten that binary64 holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// `mantissa` × 10^`exponent`, rounded to nearest, ties to even; `None` if that is subnormal, too
/// large, or not certain.
pub(super) fn to_f64(mantissa: u64, exponent: i64) -> Option<f64> {
    if mantissa >> f64::MANTISSA_DIGITS == 0 && exponent.unsigned_abs() < 23 {
        // Both are exact, so that one operation rounds once.
        let power = EXACT_POWERS[exponent.unsigned_abs() as usize];
        let mantissa = mantissa as f64;
        return Some(if exponent < 0 { mantissa / power } else { mantissa * power });
    }
    if mantissa == 0 {
        return Some(0.0);
    }
    if !(MIN_POWER..=MAX_POWER).contains(&exponent) {
        return None;
    }
    product(mantissa, exponent)
}

fn product(mantissa: u64, exponent: i64) -> Option<f64> {
    let shift = mantissa.leading_zeros();
    let (high, low) = times_power_of_five(mantissa << shift, exponent)?;
    // 53 bits of the result, one more to round by, and the sticky rest.
    let top = high >> 63;
    let cut = top + 64 - 53 - 2;
    let mut bits = high >> cut;
    // floor(log2(10^exponent)), by a fraction that is exact in this range.
    let log2 = (exponent * 217_706) >> 16;
    let mut biased = log2 + 63 + top as i64 - i64::from(shift) + 1023;
    if biased <= 0 {
        return None;
    }
    // Halfway, with nothing behind: only there ties must go to even. Elsewhere the product is not
    // exact and there are no ties.
    if low <= 1 && (-4..=23).contains(&exponent) && bits & 3 == 1 && bits << cut == high {
        bits &= !1;
    }
    bits = (bits + (bits & 1)) >> 1;
    if bits >> 53 != 0 {
        bits >>= 1;
        biased += 1;
    }
    (biased < 2047).then(|| f64::from_bits((bits & !(1 << 52)) | (biased as u64) << 52))
}

/// The leading 128 bits of `normal` × 5^`exponent`; `None` if they are not certain enough.
fn times_power_of_five(normal: u64, exponent: i64) -> Option<(u64, u64)> {
    let (power_high, power_low) = POWERS_OF_FIVE[(exponent - MIN_POWER) as usize];
    let wide = u128::from(normal) * u128::from(power_high);
    let (mut high, mut low) = ((wide >> 64) as u64, wide as u64);
    // The bits below those that are rounded: if all are ones, more of the power is needed.
    if high & 0x1ff == 0x1ff {
        let more = (u128::from(normal) * u128::from(power_low)) >> 64;
        let (sum, carried) = low.overflowing_add(more as u64);
        low = sum;
        high += u64::from(carried);
    }
    let is_exact = (-27..=55).contains(&exponent);
    (low != u64::MAX || is_exact).then_some((high, low))
}

/// 128 leading bits of the powers of five from [`MIN_POWER`] on: cut for positive powers, so that
/// they are exact up to 5^55; rounded up for negative ones, by the paper's recipe.
static POWERS_OF_FIVE: [(u64, u64); (MAX_POWER - MIN_POWER + 1) as usize] = powers_of_five();

const fn powers_of_five() -> [(u64, u64); (MAX_POWER - MIN_POWER + 1) as usize] {
    let mut table = [(0, 0); (MAX_POWER - MIN_POWER + 1) as usize];
    let zero = -MIN_POWER as usize;
    let mut power = [0u64; LIMBS];
    power[0] = 1;
    let mut inverse = [0u64; LIMBS];
    inverse[LIMBS - 1] = 1 << 63;
    let mut n = 0;
    while n <= -MIN_POWER as usize {
        if n <= MAX_POWER as usize {
            table[zero + n] = leading_bits(&power);
        }
        if n > 0 {
            table[zero - n] = rounded(&inverse, if n <= 27 { 1 } else { 0 });
        }
        multiply_by_five(&mut power);
        divide_by_five(&mut inverse);
        n += 1;
    }
    table
}

/// The leading bits of a number, with `add` added.
const fn rounded(number: &[u64; LIMBS], add: u128) -> (u64, u64) {
    let (high, low) = leading_bits(number);
    let bits = ((high as u128) << 64 | low as u128) + add;
    ((bits >> 64) as u64, bits as u64)
}
