//! Natural numbers of any size, as far as exact decimal digits need them.
//!
//! A `longdouble` spans 2^-16445 to 2^16384, so that neither `u128` nor a table of powers will do.
//! Only what [`digits`](super::digits) uses is here: products with small numbers and powers of
//! two and ten, sums, order, and a quotient known to be a digit.

use std::cmp::Ordering;

/// A natural number, zero included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Natural {
    /// Least significant first; the last one is not zero.
    limbs: Vec<u64>,
}

/// The largest power of ten in a limb, and its exponent.
const POWER_OF_TEN: (u64, u32) = (10_000_000_000_000_000_000, 19);

impl Natural {
    /// `number × 2^exponent`.
    pub(super) fn new(number: u128, exponent: u32) -> Self {
        let (low, high) = split(number);
        let mut new = Natural { limbs: vec![low, high] };
        new.trim();
        new.shift_left(exponent);
        new
    }

    pub(super) fn shift_left(&mut self, bits: u32) {
        if !bits.is_multiple_of(64) {
            self.multiply(1 << (bits % 64));
        }
        if !self.limbs.is_empty() {
            self.limbs.splice(0..0, std::iter::repeat_n(0, bits as usize / 64));
        }
    }

    pub(super) fn multiply(&mut self, factor: u64) {
        let mut carry = 0;
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            (*limb, carry) = split(product);
        }
        self.limbs.push(carry);
        self.trim();
    }

    pub(super) fn multiply_by_power_of_ten(&mut self, exponent: u32) {
        let (power, step) = POWER_OF_TEN;
        for _ in 0..exponent / step {
            self.multiply(power);
        }
        self.multiply(10u64.pow(exponent % step));
    }

    pub(super) fn plus(&self, other: &Natural) -> Natural {
        let (long, short) =
            if self.limbs.len() < other.limbs.len() { (other, self) } else { (self, other) };
        let mut sum = long.clone();
        let mut carry = 0;
        for (i, limb) in sum.limbs.iter_mut().enumerate() {
            let addend = short.limbs.get(i).copied().unwrap_or(0);
            (*limb, carry) = split(u128::from(*limb) + u128::from(addend) + u128::from(carry));
        }
        sum.limbs.push(carry);
        sum.trim();
        sum
    }

    /// Leaves the remainder and gives the quotient, which must be small: it is found by
    /// subtracting.
    pub(super) fn divide(&mut self, divisor: &Natural) -> u8 {
        let mut quotient = 0;
        while *self >= *divisor && quotient < 9 {
            self.subtract(divisor);
            quotient += 1;
        }
        quotient
    }

    /// Takes away a number that is not larger.
    fn subtract(&mut self, other: &Natural) {
        let mut borrow = false;
        for (i, limb) in self.limbs.iter_mut().enumerate() {
            let other = other.limbs.get(i).copied().unwrap_or(0);
            let (difference, first) = limb.overflowing_sub(other);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (difference, first || second);
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}

/// The low and the high half.
fn split(number: u128) -> (u64, u64) {
    ((number & 0xffff_ffff_ffff_ffff) as u64, (number >> 64) as u64)
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let lengths = self.limbs.len().cmp(&other.limbs.len());
        lengths.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_cross_limbs() {
        let mut number = Natural::new(u128::MAX, 0);
        assert_eq!(number.plus(&Natural::new(1, 0)), Natural::new(1, 128));
        number.multiply(3);
        let mut rest = number.clone();
        assert_eq!(rest.divide(&Natural::new(u128::MAX, 0)), 3);
        assert_eq!(rest, Natural::new(0, 0));
        rest = Natural::new(1, 200);
        assert_eq!(rest.divide(&Natural::new(u128::MAX, 70)), 4);
        assert_eq!(rest, Natural::new(4, 70));
    }

    #[test]
    fn powers_agree() {
        let mut ten = Natural::new(1, 0);
        ten.multiply_by_power_of_ten(50);
        let mut five = Natural::new(1, 50);
        (0..50).for_each(|_| five.multiply(5));
        assert_eq!(ten, five);
        assert!(ten > Natural::new(1, 166) && ten < Natural::new(1, 167));
    }
}
