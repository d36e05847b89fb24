//! The decimal digits of a binary number: as few as tell it from its neighbours, or up to a place.
//!
//! This is the algorithm of Steele and White (Dragon4) with the shortcuts of Burger and Dybvig,
//! and with NumPy's ways: an interval's ends belong to it if the significand is even, a cut
//! rounds to nearest, ties to the even digit.

use std::cmp::Ordering;

use super::binary::Binary;
use super::natural::Natural;

/// Where to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// As soon as no other number of the type is nearer.
    Shortest,
    /// Then, but at the latest that many digits behind the decimal point.
    Fraction(u32),
    /// Then, but at the latest after that many digits.
    Significant(u32),
    /// After that many digits, even if they are more than tell it from its neighbours.
    Exactly(u32),
}

/// Decimal digits without zeros in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    digits: Vec<u8>,
    /// The power of ten that the first digit counts.
    pub(super) exponent: i32,
}

impl Digits {
    pub(super) fn of(number: &Binary, stop: Stop) -> Digits {
        if number.is_zero() {
            return Digits { digits: vec![0], exponent: 0 };
        }
        let mut steps = Steps::new(number);
        let exponent = steps.scale_to_one_digit(number.power_of_two());
        // The place of the last digit, if nothing else ends them.
        let last = match stop {
            Stop::Shortest => i32::MIN,
            Stop::Fraction(count) => -count.cast_signed(),
            Stop::Significant(count) | Stop::Exactly(count) => exponent - count.cast_signed() + 1,
        };
        let mut found = Digits { digits: Vec::new(), exponent };
        let mut place = exponent;
        loop {
            let digit = steps.value.divide(&steps.unit);
            found.digits.push(digit);
            let (down, up) = steps.neighbours_beyond();
            let unique = (down || up) && !matches!(stop, Stop::Exactly(_));
            if place <= last || unique {
                let to_next = if down == up { steps.nearer_above(digit) } else { up };
                if to_next {
                    found.round_up();
                }
                return found;
            }
            steps.next_place();
            place -= 1;
        }
    }

    fn round_up(&mut self) {
        while self.digits.last() == Some(&9) {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(last) => *last += 1,
            None => {
                self.digits.push(1);
                self.exponent += 1;
            }
        }
    }

    /// What stands before and behind the point in positional notation. No zeros end the latter.
    pub(super) fn positional(&self) -> (String, String) {
        let Ok(last_whole) = usize::try_from(self.exponent) else {
            let zeros = "0".repeat(self.exponent.unsigned_abs() as usize - 1);
            return ("0".to_owned(), zeros + &trimmed(&self.digits));
        };
        let split = self.digits.len().min(last_whole + 1);
        let (whole, fraction) = self.digits.split_at(split);
        let zeros = "0".repeat(last_whole + 1 - split);
        (text(whole) + &zeros, trimmed(fraction))
    }

    /// What stands before and behind the point in scientific notation. No zeros end the latter.
    pub(super) fn scientific(&self) -> (String, String) {
        let (whole, fraction) = self.digits.split_at(1);
        (text(whole), trimmed(fraction))
    }
}

fn text(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

fn trimmed(digits: &[u8]) -> String {
    let mut text = text(digits);
    text.truncate(text.trim_end_matches('0').len());
    text
}

/// What is left of the number while its digits are taken off, in units of the current place.
struct Steps {
    value: Natural,
    unit: Natural,
    /// Half the distances to the next smaller and the next larger number.
    below: Natural,
    above: Natural,
    /// Whether numbers that far away still count as this one.
    ends_belong: bool,
}

impl Steps {
    fn new(number: &Binary) -> Steps {
        // All four are scaled so that the smallest of them is 1.
        let up = number.exponent.max(0).unsigned_abs();
        let down = number.exponent.min(0).unsigned_abs();
        let closer_below = u32::from(number.closer_below);
        Steps {
            value: Natural::new(number.significand, up + 1 + closer_below),
            unit: Natural::new(1, down + 1 + closer_below),
            below: Natural::new(1, up),
            above: Natural::new(1, up + closer_below),
            ends_belong: number.significand & 1 == 0,
        }
    }

    /// Makes the unit the place of the first digit, and tells which power of ten that is.
    fn scale_to_one_digit(&mut self, power_of_two: i32) -> i32 {
        // Rounded down, log10(2^n) is the wanted power or one less. In 32 bits behind the point,
        // log10(2) is good for all `n` there are.
        let mut power = ((i64::from(power_of_two) * 1_292_913_986) >> 32) as i32;
        if power > 0 {
            self.unit.multiply_by_power_of_ten(power.unsigned_abs());
        } else {
            for number in [&mut self.value, &mut self.below, &mut self.above] {
                number.multiply_by_power_of_ten(power.unsigned_abs());
            }
        }
        let mut ten_units = self.unit.clone();
        ten_units.multiply(10);
        if self.value >= ten_units {
            self.unit = ten_units;
            power += 1;
        }
        power
    }

    fn next_place(&mut self) {
        for number in [&mut self.value, &mut self.below, &mut self.above] {
            number.multiply(10);
        }
    }

    /// Whether the digits so far, and those with the last one increased, are nearer to the number
    /// than its neighbours.
    fn neighbours_beyond(&self) -> (bool, bool) {
        let within = |order: Ordering| order.is_lt() || (order.is_eq() && self.ends_belong);
        let down = self.value.cmp(&self.below);
        let up = self.unit.cmp(&self.value.plus(&self.above));
        (within(down), within(up))
    }

    /// Whether what is left is more than half of the last place; a tie goes to the even digit.
    fn nearer_above(&self, digit: u8) -> bool {
        match self.value.plus(&self.value).cmp(&self.unit) {
            Ordering::Less => false,
            Ordering::Equal => digit & 1 == 1,
            Ordering::Greater => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::{Layout, Magnitude};
    use super::*;

    fn digits(value: f64, stop: Stop) -> (String, i32) {
        let Magnitude::Finite(binary) = Layout::Double.decode(value.to_bits().into()).magnitude
        else {
            panic!("{value} is not finite")
        };
        let digits = Digits::of(&binary, stop);
        (text(&digits.digits), digits.exponent)
    }

    /// Rust breaks ties between the shortest upwards, NumPy to the even digit.
    #[test]
    fn shortest_digits_come_back_and_are_as_few_as_rusts() {
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut values = vec![1.0, 9007199254740993.0, 5e-324, f64::MAX, 1e23];
        for _ in 0..10_000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            values.push(f64::from_bits(bits).abs());
        }
        for value in values.into_iter().filter(|value| value.is_finite()) {
            let (found, exponent) = digits(value, Stop::Shortest);
            let wanted = format!("{value:e}").replace('.', "");
            assert_eq!(format!("0.{found}e{}", exponent + 1).parse(), Ok(value));
            assert_eq!(Some(found.len()), wanted.find('e'), "{value}");
        }
        let tie = 1_658_206_780_088_562.0 + 0.25;
        assert_eq!(digits(tie, Stop::Shortest).0, "16582067800885622");
    }

    #[test]
    fn wide_types_keep_their_digits() {
        for (layout, word, wanted, power) in [
            (Layout::Extended, 0x3ffb_cccc_cccc_cccc_cccd, "1", -1),
            (Layout::Extended, 0x3ffd_aaaa_aaaa_aaaa_aaab, "33333333333333333334", -1),
            (Layout::Extended, 1, "4", -4951),
            (Layout::Extended, 0x7ffe_ffff_ffff_ffff_ffff, "1189731495357231765", 4932),
            (Layout::Quad, 0x3ffb_9999_9999_9999_9999_9999_9999_999a, "1", -1),
            (Layout::Quad, 1, "6", -4966),
        ] {
            let Magnitude::Finite(binary) = layout.decode(word).magnitude else {
                panic!("{word:x} is not finite")
            };
            let digits = Digits::of(&binary, Stop::Shortest);
            assert_eq!((text(&digits.digits).as_str(), digits.exponent), (wanted, power));
        }
    }

    #[test]
    fn cuts_round_to_nearest() {
        assert_eq!(digits(2.0 / 3.0, Stop::Fraction(3)), ("667".to_owned(), -1));
        assert_eq!(digits(9.996, Stop::Significant(3)), ("1".to_owned(), 1));
        assert_eq!(digits(0.5, Stop::Significant(3)), ("5".to_owned(), -1));
        assert_eq!(digits(2.5, Stop::Exactly(1)), ("2".to_owned(), 0));
        assert_eq!(digits(3.5, Stop::Exactly(1)), ("4".to_owned(), 0));
        assert_eq!(digits(0.1, Stop::Exactly(20)), ("10000000000000000555".to_owned(), -1));
    }
}
