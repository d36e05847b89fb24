//! Floats taken apart: `significand × 2^exponent`.

/// The size of a finite float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) significand: u64,
    pub(super) exponent: i32,
    /// Whether the next smaller float is half as far away as the next larger one: so it is with
    /// powers of two.
    pub(super) closer_below: bool,
}

/// What a float is, its sign aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Magnitude {
    Finite(Binary),
    Infinite,
    Nan,
}

/// A float of any width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Float {
    pub(super) negative: bool,
    pub(super) magnitude: Magnitude,
}

impl Float {
    #[inline]
    pub(super) fn of_f64(value: f64) -> Float {
        Self::decode(value.to_bits(), 52, 11)
    }

    pub(super) fn of_f32(value: f32) -> Float {
        Self::decode(value.to_bits().into(), 23, 8)
    }

    /// An IEEE half.
    pub(super) fn of_f16(bits: u16) -> Float {
        Self::decode(bits.into(), 10, 5)
    }

    /// The bits of an IEEE float: sign, exponent, fraction.
    #[inline]
    fn decode(bits: u64, fraction_bits: u32, exponent_bits: u32) -> Float {
        let fraction = bits & ((1 << fraction_bits) - 1);
        let most = (1 << exponent_bits) - 1;
        let biased = (bits >> fraction_bits) as i32 & most;
        let negative = bits >> (fraction_bits + exponent_bits) != 0;
        let lowest = 2 - (1 << (exponent_bits - 1)) - fraction_bits as i32;
        let magnitude = match biased {
            0 => Magnitude::Finite(Binary {
                significand: fraction,
                exponent: lowest,
                closer_below: false,
            }),
            biased if biased < most => Magnitude::Finite(Binary {
                significand: fraction | 1 << fraction_bits,
                exponent: lowest + biased - 1,
                closer_below: fraction == 0 && biased > 1,
            }),
            _ if fraction == 0 => Magnitude::Infinite,
            _ => Magnitude::Nan,
        };
        Float { negative, magnitude }
    }
}

/// An IEEE half as a double, which holds it exactly.
pub(super) fn f16_to_f64(bits: u16) -> f64 {
    let sign = u64::from(bits >> 15) << 63;
    let rest = u64::from(bits & 0x7fff);
    match rest >> 10 {
        // 2^-24 times the fraction, which is exact.
        0 => f64::from_bits(sign | (rest as f64 * f64::from_bits(0x3e70_0000_0000_0000)).to_bits()),
        0x1f => f64::from_bits(sign | 0x7ff0_0000_0000_0000 | rest << 42),
        _ => f64::from_bits(sign | ((rest << 42) + (1008 << 52))),
    }
}

/// A bfloat16 as a double, which holds it exactly.
pub(super) fn bf16_to_f64(bits: u16) -> f64 {
    f32::from_bits(u32::from(bits) << 16).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_doubles() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960464477539063e-8),
            (0x03ff, 6.097555160522461e-5),
            (0x0400, 6.103515625e-5),
            (0x7c00, f64::INFINITY),
        ] {
            assert_eq!(f16_to_f64(bits), value);
        }
        assert!(f16_to_f64(0x7e00).is_nan());
        assert!(f16_to_f64(0x8000).is_sign_negative());
    }

    #[test]
    fn powers_of_two_are_closer_below() {
        let closer = |value| match Float::of_f64(value).magnitude {
            Magnitude::Finite(binary) => binary.closer_below,
            _ => false,
        };
        assert!(closer(1.0) && closer(4.0));
        assert!(!closer(1.5) && !closer(f64::MIN_POSITIVE) && !closer(0.0));
    }
}
