//! A float times a power of ten, rounded to an integer of 64 bits, ties to even.
//!
//! The significand is multiplied with 128 bits of the power. What those leave out is less than a
//! unit of the second of the product's three words, so rounding is decided unless the fraction is
//! that close to a half; those few cases are left to `exact`. Ryu-printf (Adams, 2019) keeps
//! larger tables to have none; these tables take 10 KB.

use super::binary::Binary;
use super::digits::POWERS;
use super::powers::{decimal_exponent, power_of_ten};

/// `round(binary × 10^power)`; `None` if this way cannot tell, or 64 bits cannot hold it.
#[inline]
pub(super) fn scaled(binary: Binary, power: i32) -> Option<u64> {
    if binary.significand == 0 {
        return Some(0);
    }
    let shift = binary.significand.leading_zeros();
    if power < 0 && (-63..=shift as i32).contains(&binary.exponent) {
        return Some(quotient(binary, power.unsigned_abs()));
    }
    let ten = power_of_ten(power)?;
    let significand = binary.significand << shift;
    let low = u128::from(significand) * u128::from(ten.low);
    let product = u128::from(significand) * u128::from(ten.high) + (low >> 64);
    let (first, second, third) = ((product >> 64) as u64, product as u64, low as u64);
    // The point stands that many bits above the lowest of `first`.
    let point = shift as i32 - binary.exponent - ten.exponent - 1;
    const HALF: u64 = 1 << 63;
    // `rest` tells only whether anything is left.
    let (whole, fraction, rest) = match point {
        1..=63 => (
            first >> point,
            first << (64 - point) | second >> point,
            second << (64 - point) | third,
        ),
        0 => (first, second, third),
        -1 if first < HALF => (first << 1 | second >> 63, second << 1 | third >> 63, third << 1),
        64 => (0, first, second | third),
        // Less than a half, as the product is less than 2^192.
        65.. => return Some(0),
        _ => return None,
    };
    if fraction == HALF - 1 && !ten.is_exact {
        return None;
    }
    let up = match fraction == HALF && rest == 0 {
        true if !ten.is_exact => return None,
        true => whole & 1 == 1,
        false => fraction >= HALF,
    };
    whole.checked_add(up.into())
}

/// As `scaled`, of a number below 2^64 by a power of ten: that has ties, which the product cannot
/// tell.
#[inline]
fn quotient(binary: Binary, power: u32) -> u64 {
    let (whole, has_rest) = match u32::try_from(binary.exponent) {
        Ok(up) => (binary.significand << up, false),
        Err(_) => {
            let whole = binary.significand >> -binary.exponent;
            (whole, whole << -binary.exponent != binary.significand)
        }
    };
    // What is below 2^64 is less than half of 10^20.
    let Some(&divisor) = POWERS.get(power as usize) else { return 0 };
    let (quotient, rest) = (whole / divisor, whole % divisor);
    let half = divisor / 2;
    let up = rest > half || rest == half && (has_rest || quotient & 1 == 1);
    quotient + u64::from(up)
}

/// The first `count` digits, 1 to 19 of them, as an integer, and the power of ten that the first
/// counts. `binary` is not zero. `None` if this way cannot tell.
#[inline]
pub(super) fn significant(binary: Binary, count: usize) -> Option<(u64, i32)> {
    let exponent = first_power(binary)?;
    let digits = scaled(binary, count as i32 - 1 - exponent)?;
    match POWERS[count] == digits {
        true => Some((POWERS[count - 1], exponent + 1)),
        false => Some((digits, exponent)),
    }
}

/// `floor(log10(binary))`.
#[inline]
fn first_power(binary: Binary) -> Option<i32> {
    let shift = binary.significand.leading_zeros();
    let exponent = binary.exponent + 63 - shift as i32;
    let below = decimal_exponent(exponent);
    // At most one power of ten lies between 2^exponent and its double.
    let next = power_of_ten(below + 1)?;
    let significand = binary.significand << shift;
    let reaches = significand > next.high || significand == next.high && next.low == 0;
    Some(below + i32::from(next.exponent == exponent && reaches))
}

#[cfg(test)]
mod tests {
    use super::super::binary::{Float, Magnitude};
    use super::super::exact;
    use super::*;

    fn binaries() -> impl Iterator<Item = Binary> {
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        let random = (0..100_000).map(move |turn| {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            // Of every magnitude; then of those people have, many of which end in a tie.
            match turn % 4 {
                0 => f64::from_bits(bits >> 1),
                1 => (bits >> 40) as f64 / 64.0,
                2 => (bits >> (turn % 64)) as f64,
                _ => (bits >> 50) as f64 / 100.0,
            }
        });
        let powers = (-323..=308).flat_map(|power| {
            let value: f64 = format!("1e{power}").parse().unwrap_or_default();
            [value.next_down(), value, value.next_up()]
        });
        random.chain(powers).filter_map(|value| match Float::of_f64(value).magnitude {
            Magnitude::Finite(binary) if binary.significand > 0 => Some(binary),
            _ => None,
        })
    }

    fn number(digits: &[u8], count: usize) -> u64 {
        let text: String = digits.iter().map(|&digit| char::from(digit)).collect();
        format!("{text:0<count$}").parse().unwrap_or_default()
    }

    #[test]
    fn digits_are_the_exact_ones() {
        let mut undecided = 0;
        for (turn, binary) in binaries().enumerate() {
            let count = turn % 19 + 1;
            let Some((found, power)) = significant(binary, count) else {
                undecided += 1;
                continue;
            };
            let (digits, exponent) = exact::to_count(binary, count);
            assert_eq!((found, power), (number(&digits, count), exponent), "{binary:?} {count}");
        }
        assert!(undecided < 100, "{undecided} were left to the slow way");
    }

    #[test]
    fn multiples_are_the_exact_ones() {
        for (turn, binary) in binaries().enumerate() {
            let places = turn % 19;
            if let Some(found) = scaled(binary, places as i32) {
                let (digits, before) = exact::to_place(binary, places);
                assert_eq!(found, number(&digits, before + places), "{binary:?} {places}");
            }
        }
    }
}
