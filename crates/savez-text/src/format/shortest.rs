//! The fewest digits that tell a float from its neighbours, and among those the nearest, ties to
//! even: what NumPy prints.
//!
//! This is Schubfach (Giulietti, 2020): the two candidates of one digit less, and the two of as
//! many digits as are always enough, are compared with the ends of the interval that rounds to
//! the float. The products are cut so that their last bit tells whether something was cut, which
//! is all that the comparisons need to be exact.

use super::binary::Binary;
use super::powers::power_of_ten;

/// `digits × 10^exponent`, without zeros at the end. `binary` is not zero.
pub(super) fn shortest(binary: Binary) -> (u64, i32) {
    let (digits, exponent) = candidates(binary);
    without_zeros(digits, exponent)
}

fn candidates(binary: Binary) -> (u64, i32) {
    let Binary { significand, exponent, closer_below } = binary;
    // A small integer is itself: its neighbours are further away than any shorter decimal.
    if (-63..=0).contains(&exponent) {
        let whole = significand >> -exponent;
        if whole << -exponent == significand {
            return (whole, 0);
        }
    }
    // Where 10^k is at most the width of the interval, and 10^(k+1) above it.
    let k = floor_log10_of_width(exponent, closer_below);
    let ten = power_of_ten(-k).expect("widths of all floats are in the table");
    // Rounded up, as the proof wants it.
    let wide = u128::from(ten.high) << 64 | u128::from(ten.low);
    let wide = wide + u128::from(!ten.is_exact);
    let shift = exponent + ten.exponent + 1;
    let middle = 4 * significand;
    let low = middle - if closer_below { 1 } else { 2 };
    let scaled = |quarters: u64| product_to_odd(wide, quarters << shift);
    let (lower, value, upper) = (scaled(low), scaled(middle), scaled(middle + 2));
    // The ends belong to the interval if the significand is even.
    let odd = significand & 1;
    let (lower, upper) = (lower + odd, upper - odd);
    let whole = value / 4;
    if whole >= 10 {
        let tens = whole / 10;
        let (down, up) = (lower <= 40 * tens, 40 * tens + 40 <= upper);
        if down != up {
            return (tens + u64::from(up), k + 1);
        }
    }
    let (down, up) = (lower <= 4 * whole, 4 * whole + 4 <= upper);
    if down != up {
        return (whole + u64::from(up), k);
    }
    let half = 4 * whole + 2;
    let up = value > half || value == half && whole & 1 == 1;
    (whole + u64::from(up), k)
}

/// `floor(log10(2^exponent))`, of three quarters of that if the interval is shorter below.
fn floor_log10_of_width(exponent: i32, closer_below: bool) -> i32 {
    // In 22 bits behind the point, log10(2) and log10(4/3) are good for all exponents of doubles.
    (exponent * 1_262_611 - if closer_below { 524_031 } else { 0 }) >> 22
}

/// The highest word of the product; its last bit is set if anything was cut.
fn product_to_odd(wide: u128, value: u64) -> u64 {
    let value = u128::from(value);
    let low = (u128::from(wide as u64) * value) >> 64;
    let product = (wide >> 64) * value + low;
    (product >> 64) as u64 | u64::from(product as u64 > 1)
}

fn without_zeros(mut digits: u64, mut exponent: i32) -> (u64, i32) {
    while digits.is_multiple_of(100_000_000) {
        digits /= 100_000_000;
        exponent += 8;
    }
    while digits.is_multiple_of(10) {
        digits /= 10;
        exponent += 1;
    }
    (digits, exponent)
}

#[cfg(test)]
mod tests {
    use super::super::binary::{Float, Magnitude};
    use super::*;

    /// The standard library breaks ties upwards, so only the lengths and the way back are compared.
    #[test]
    fn digits_come_back_and_are_as_few_as_the_standard_librarys() {
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut values = vec![1.0, 9007199254740993.0, 5e-324, f64::MAX, f64::MIN_POSITIVE, 1e23];
        values.extend((0..64).map(|power| f64::from(power).exp2()));
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            values.push(f64::from_bits(bits >> 1));
        }
        for value in values.into_iter().filter(|value| value.is_finite()) {
            let Magnitude::Finite(binary) = Float::of_f64(value).magnitude else { continue };
            let (digits, exponent) = shortest(binary);
            assert_eq!(format!("{digits}e{exponent}").parse(), Ok(value));
            let wanted = format!("{value:e}").replace('.', "");
            assert_eq!(Some(digits.to_string().len()), wanted.find('e'), "{value:e}");
        }
    }

    #[test]
    fn ties_go_to_the_even_digit() {
        let Magnitude::Finite(binary) = Float::of_f64(1_658_206_780_088_562.0 + 0.25).magnitude
        else {
            panic!("not finite")
        };
        assert_eq!(shortest(binary), (16_582_067_800_885_622, -1));
    }
}
