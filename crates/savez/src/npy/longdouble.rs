//! Floats that Rust has no type for, as `f64`.

/// IEEE half, exactly.
pub(super) fn from_half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3ff);
    sign * match (bits >> 10) & 0x1f {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    }
}

/// The 80-bit extended format of x86 in the low bits of a word; the padding above is ignored.
pub(super) fn from_x87(word: u128) -> f64 {
    let significand = word as u64;
    let exponent = ((word >> 64) & 0x7fff) as i32;
    let value = match exponent {
        0x7fff if significand << 1 == 0 => f64::INFINITY,
        0x7fff => f64::NAN,
        _ => scaled(u128::from(significand), exponent.max(1) - 16383 - 63),
    };
    if (word >> 79) & 1 == 1 { -value } else { value }
}

/// IEEE binary128.
pub(super) fn from_quad(word: u128) -> f64 {
    let fraction = word & ((1 << 112) - 1);
    let exponent = ((word >> 112) & 0x7fff) as i32;
    let value = match exponent {
        0x7fff if fraction == 0 => f64::INFINITY,
        0x7fff => f64::NAN,
        0 => scaled(fraction, 1 - 16383 - 112),
        _ => scaled(fraction | 1 << 112, exponent - 16383 - 112),
    };
    if word >> 127 == 1 { -value } else { value }
}

/// `significand × 2^exponent`, rounded once, to nearest, ties to even.
fn scaled(significand: u128, exponent: i32) -> f64 {
    if significand == 0 {
        return 0.0;
    }
    // Where the unit in the last place of the result lies: 53 bits, fewer for subnormals.
    let top = 127 - significand.leading_zeros() as i32 + exponent;
    let last = (top - 52).max(-1074);
    let shift = last - exponent;
    let kept = match shift {
        ..=0 => significand << -shift,
        1..=127 => {
            let kept = significand >> shift;
            let rest = significand - (kept << shift);
            let half = 1 << (shift - 1);
            kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
        }
        // Below half of the least subnormal.
        _ => 0,
    };
    if top > 1023 {
        return f64::INFINITY;
    }
    // `kept` has at most 53 bits and a carry, so both factors and the product are exact; two
    // steps keep the power of two a normal number.
    let (first, second) = (last / 2, last - last / 2);
    kept as f64 * 2f64.powi(first) * 2f64.powi(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f64` widened to the formats, which is exact, and back.
    #[test]
    fn widened_values_come_back() {
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut values = vec![0.0, -0.0, 1.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::INFINITY];
        for _ in 0..10_000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            values.push(f64::from_bits(bits));
        }
        for value in values.into_iter().filter(|v| !v.is_nan()) {
            let (x87, quad) = widened(value);
            assert_eq!(from_x87(x87).to_bits(), value.to_bits(), "{value:e}");
            assert_eq!(from_quad(quad).to_bits(), value.to_bits(), "{value:e}");
        }
    }

    fn widened(value: f64) -> (u128, u128) {
        let bits = value.to_bits();
        let sign = u128::from(bits >> 63);
        let exponent = ((bits >> 52) & 0x7ff) as u32;
        let fraction = u128::from(bits & ((1 << 52) - 1));
        let (exponent, fraction) = match exponent {
            0 if fraction == 0 => (0, 0),
            0 => {
                let shift = fraction.leading_zeros() - 75;
                (16383 - 1022 - shift, (fraction << shift) & ((1 << 52) - 1))
            }
            0x7ff => (0x7fff, fraction),
            e => (e + 16383 - 1023, fraction),
        };
        let integer_bit = u128::from(exponent != 0) << 63;
        let x87 = sign << 79 | u128::from(exponent) << 64 | integer_bit | fraction << 11;
        let quad = sign << 127 | u128::from(exponent) << 112 | fraction << 60;
        (x87, quad)
    }

    #[test]
    fn ties_go_to_even_and_overflow_to_infinity() {
        let one = 16383u128 << 64 | 1 << 63;
        assert_eq!(from_x87(one | 1 << 10), 1.0);
        assert_eq!(from_x87(one | 3 << 10), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(from_x87(one | 1 << 10 | 1), 1.0 + f64::EPSILON);
        assert_eq!(from_x87(0x7ffe << 64 | 1 << 63), f64::INFINITY);
        let max = (16383 + 1023) << 64 | u128::from(u64::MAX);
        assert_eq!(from_x87(max), f64::INFINITY);
        assert_eq!(from_half(0x0001), 2f64.powi(-24));
        assert_eq!(from_half(0xc000), -2.0);
        assert!(from_half(0x7e00).is_nan());
    }
}
