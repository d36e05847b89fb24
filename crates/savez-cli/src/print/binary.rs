//! Floating-point numbers as they are stored: the [`Layout`] of their bits, and what these mean
//! ([`Real`]).
//!
//! Everything here is exact; nothing passes through `f64`.

use std::cmp::Ordering;

use savez::Number;

use super::natural::Natural;

/// How sign, exponent and significand lie in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Half,
    Single,
    Double,
    /// The 80 bits of x87, with an explicit integer bit.
    Extended,
    Quad,
}

use Layout::*;

impl Layout {
    /// The layout of a float, or of each part of a complex number.
    ///
    /// A file does not tell what a `longdouble` of 16 bytes is. As in the library, it is this
    /// machine's.
    pub(super) fn of(number: Number) -> Option<Layout> {
        match number {
            Number::F16 => Some(Half),
            Number::F32 | Number::C64 => Some(Single),
            Number::F64 | Number::C128 => Some(Double),
            Number::F96 | Number::C192 => Some(Extended),
            Number::F128 | Number::C256 if cfg!(target_arch = "x86_64") => Some(Extended),
            Number::F128 | Number::C256 => Some(Quad),
            _ => None,
        }
    }

    /// Bits of the significand behind the point.
    fn fraction_bits(self) -> u32 {
        match self {
            Half => 10,
            Single => 23,
            Double => 52,
            Extended => 63,
            Quad => 112,
        }
    }

    fn exponent_bits(self) -> u32 {
        match self {
            Half => 5,
            Single => 8,
            Double => 11,
            Extended | Quad => 15,
        }
    }

    /// The number that these bits mean. Bits above those of the layout are padding.
    pub(super) fn decode(self, word: u128) -> Real {
        let point = self.fraction_bits();
        let fraction = word & ((1 << point) - 1);
        let head = word >> (point + u32::from(self == Extended));
        let special = (1 << self.exponent_bits()) - 1;
        let exponent = (head & special & 0x7fff) as i32;
        let negative = (head >> self.exponent_bits()) & 1 == 1;
        let lacks_integer_bit = self == Extended && exponent != 0 && (word >> 63) & 1 == 0;
        let magnitude = if lacks_integer_bit {
            Magnitude::Nan
        } else if head & special == special {
            if fraction == 0 { Magnitude::Infinite } else { Magnitude::Nan }
        } else {
            let bias = (1 << (self.exponent_bits() - 1)) - 1;
            Magnitude::Finite(Binary {
                significand: fraction | u128::from(exponent != 0) << point,
                exponent: exponent.max(1) - bias - point.cast_signed(),
                closer_below: fraction == 0 && exponent > 1,
            })
        };
        Real { negative, magnitude }
    }

    /// From this number on, arrays are printed with exponents; floats of their own as well,
    /// if they are narrower than `f64`.
    pub(super) fn large(self) -> u64 {
        match self {
            Half => 1_000,
            Single => 1_000_000,
            Double | Extended | Quad => 100_000_000,
        }
    }

    /// Python's `0.0001`, rounded to this layout (but not beyond `f64`).
    fn small(self) -> Real {
        match self {
            Half => Half.decode(0x068e),
            Single => Single.decode(u128::from(0.0001_f32.to_bits())),
            Double | Extended | Quad => Double.decode(u128::from(0.0001_f64.to_bits())),
        }
    }

    /// Whether an array whose values lie in this range is printed with exponents.
    pub(super) fn wants_exponents(self, least: &Binary, most: &Binary) -> bool {
        let too_small = match self.small().magnitude {
            Magnitude::Finite(small) => *least < small,
            _ => false,
        };
        too_small || most.reaches(self.large()) || self.quotient_exceeds_1000(most, least)
    }

    /// Whether `most / least > 1000` if the quotient is rounded to this layout: whether it is
    /// beyond the middle between 1000 and the next number (to which a tie does not go, for the
    /// significand of 1000 is even).
    fn quotient_exceeds_1000(self, most: &Binary, least: &Binary) -> bool {
        // Halves of the unit in the last place of 1000, which is 2^9 and more.
        let halves = self.fraction_bits() - 8;
        let mut bound = Natural::new(least.significand, halves);
        bound.multiply(1000);
        let mut bound = bound.plus(&Natural::new(least.significand, 0));
        let mut most_scaled = Natural::new(most.significand, 0);
        let shift = most.exponent - (least.exponent - halves.cast_signed());
        if shift > 0 {
            most_scaled.shift_left(shift.unsigned_abs());
        } else {
            bound.shift_left(shift.unsigned_abs());
        }
        most_scaled > bound
    }
}

/// A real number, infinity, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Real {
    pub(super) negative: bool,
    pub(super) magnitude: Magnitude,
}

/// How large a number is, its sign aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Magnitude {
    Nan,
    Infinite,
    Finite(Binary),
}

/// `significand × 2^exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) significand: u128,
    pub(super) exponent: i32,
    /// Whether the next smaller number is half as far away as the next larger one: so it is with
    /// powers of two.
    pub(super) closer_below: bool,
}

impl Binary {
    pub(super) fn is_zero(&self) -> bool {
        self.significand == 0
    }

    /// The exponent of the highest power of two that is not larger.
    pub(super) fn power_of_two(&self) -> i32 {
        self.exponent + 127 - self.significand.leading_zeros().cast_signed()
    }

    pub(super) fn reaches(&self, bound: u64) -> bool {
        *self >= Binary { significand: bound.into(), exponent: 0, closer_below: false }
    }

    /// Whether this is at least a ten-thousandth, exactly.
    pub(super) fn reaches_ten_thousandth(&self) -> bool {
        let mut scaled = Natural::new(self.significand, self.exponent.max(0).unsigned_abs());
        scaled.multiply(10_000);
        scaled >= Natural::new(1, self.exponent.min(0).unsigned_abs())
    }
}

impl Ord for Binary {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (false, false) => {}
            (self_is, other_is) => return other_is.cmp(&self_is),
        }
        let powers = self.power_of_two().cmp(&other.power_of_two());
        let aligned = |one: &Binary| one.significand << one.significand.leading_zeros();
        powers.then_with(|| aligned(self).cmp(&aligned(other)))
    }
}

impl PartialOrd for Binary {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finite(real: Real) -> Binary {
        match real.magnitude {
            Magnitude::Finite(binary) => binary,
            other => panic!("{other:?} is not finite"),
        }
    }

    #[test]
    fn words_are_decoded() {
        let one = Binary { significand: 1 << 52, exponent: -52, closer_below: true };
        assert_eq!(finite(Double.decode(u128::from(1f64.to_bits()))), one);
        let least = Binary { significand: 1, exponent: -16445, closer_below: false };
        assert_eq!(finite(Extended.decode(1)), least);
        assert_eq!(Half.decode(0xfc00), Real { negative: true, magnitude: Magnitude::Infinite });
        assert_eq!(Extended.decode(0x7fff << 64 | 1 << 63).magnitude, Magnitude::Infinite);
        assert_eq!(Extended.decode(0x3fff << 64).magnitude, Magnitude::Nan);
        assert_eq!(finite(Quad.decode(0x3fff << 112)).power_of_two(), 0);
        let most = finite(Extended.decode(0x7ffe << 64 | u128::from(u64::MAX)));
        assert!(most.power_of_two() == 16383 && most.reaches(u64::MAX));
    }

    #[test]
    fn quotients_are_rounded_to_the_type() {
        let half = |bits| finite(Half.decode(bits));
        // 1000 / 1, 1000.5 / 1, 4004 / 4.004 (1000.12, which rounds to 1000).
        assert!(!Half.quotient_exceeds_1000(&half(0x63d0), &half(0x3c00)));
        assert!(Half.quotient_exceeds_1000(&half(0x63d1), &half(0x3c00)));
        assert!(!Half.quotient_exceeds_1000(&half(0x6bd2), &half(0x4401)));
    }
}
