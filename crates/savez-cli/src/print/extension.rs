//! Elements of the `ml_dtypes` types, decoded by their published formats and written as
//! `ml_dtypes` writes them: floats with up to six digits, as C's `%g` does.

use savez::Extension;

/// An element as text; `None` if the type is not known.
pub(super) fn text(extension: &Extension, item: &[u8]) -> Option<String> {
    let byte = *item.first()?;
    let text = match extension.name() {
        "bfloat16" => general(bfloat16(item)?),
        "complex32" => complex([half(item.get(..2)?)?, half(item.get(2..)?)?]),
        "bcomplex32" => complex([bfloat16(item.get(..2)?)?, bfloat16(item.get(2..)?)?]),
        "int1" => signed(byte, 1).to_string(),
        "int2" => signed(byte, 2).to_string(),
        "int4" => signed(byte, 4).to_string(),
        "uint1" => (byte & 0b1).to_string(),
        "uint2" => (byte & 0b11).to_string(),
        "uint4" => (byte & 0b1111).to_string(),
        "float8_e8m0fnu" if byte == 0xff => "nan".to_owned(),
        "float8_e8m0fnu" => general(2f64.powi(i32::from(byte) - 127)),
        name => general(SmallFloat::named(name)?.decode(byte)),
    };
    Some(text)
}

/// The low bits as a number in two's complement.
fn signed(byte: u8, bits: u32) -> i8 {
    (byte << (8 - bits)).cast_signed() >> (8 - bits)
}

fn bfloat16(item: &[u8]) -> Option<f64> {
    let &[low, high] = item else { return None };
    Some(f32::from_le_bytes([0, 0, low, high]).into())
}

fn half(item: &[u8]) -> Option<f64> {
    let word = u16::from_le_bytes(item.try_into().ok()?);
    Some(SmallFloat { exponent: 5, fraction: 10, bias: 15, special: Special::Ieee }.decode(word))
}

/// A float of at most 16 bits: sign, exponent, fraction.
struct SmallFloat {
    exponent: u32,
    fraction: u32,
    bias: i32,
    special: Special,
}

/// Which bits are no finite number.
#[derive(PartialEq, Eq)]
enum Special {
    /// All ones in the exponent: infinity and NaNs.
    Ieee,
    /// All ones in exponent and fraction: NaN (`fn`).
    OneNan,
    /// Negative zero: NaN (`fnuz`).
    NegativeZero,
    /// None (`fn`, below 8 bits).
    Nothing,
}

impl SmallFloat {
    fn named(name: &str) -> Option<SmallFloat> {
        let (exponent, fraction, bias, special) = match name {
            "float8_e3m4" => (3, 4, 3, Special::Ieee),
            "float8_e4m3" => (4, 3, 7, Special::Ieee),
            "float8_e4m3b11fnuz" => (4, 3, 11, Special::NegativeZero),
            "float8_e4m3fn" => (4, 3, 7, Special::OneNan),
            "float8_e4m3fnuz" => (4, 3, 8, Special::NegativeZero),
            "float8_e5m2" => (5, 2, 15, Special::Ieee),
            "float8_e5m2fnuz" => (5, 2, 16, Special::NegativeZero),
            "float6_e2m3fn" => (2, 3, 1, Special::Nothing),
            "float6_e3m2fn" => (3, 2, 3, Special::Nothing),
            "float4_e2m1fn" => (2, 1, 1, Special::Nothing),
            _ => return None,
        };
        Some(SmallFloat { exponent, fraction, bias, special })
    }

    fn decode(&self, word: impl Into<u16>) -> f64 {
        let word = word.into();
        let fraction = word & ((1 << self.fraction) - 1);
        let all_ones = (1 << self.exponent) - 1;
        let exponent = (word >> self.fraction) & all_ones;
        // `ml_dtypes` takes any bit above a number of less than 8 bits for the sign.
        let negative = word >> (self.fraction + self.exponent) != 0;
        let point = self.fraction.cast_signed();
        let fraction_ones = (1 << self.fraction) - 1;
        let magnitude = match self.special {
            Special::Ieee if exponent == all_ones && fraction == 0 => f64::INFINITY,
            Special::Ieee if exponent == all_ones => f64::NAN,
            Special::OneNan if exponent == all_ones && fraction == fraction_ones => f64::NAN,
            Special::NegativeZero if negative && exponent == 0 && fraction == 0 => f64::NAN,
            _ if exponent == 0 => f64::from(fraction) * 2f64.powi(1 - self.bias - point),
            _ => {
                let significand = f64::from(fraction | 1 << self.fraction);
                significand * 2f64.powi(i32::from(exponent) - self.bias - point)
            }
        };
        if negative { -magnitude } else { magnitude }
    }
}

fn complex([real, imaginary]: [f64; 2]) -> String {
    let sign = if imaginary.is_sign_positive() || imaginary.is_nan() { "+" } else { "" };
    let imaginary = general(imaginary);
    match real {
        0.0 if real.is_sign_positive() => format!("{imaginary}j"),
        _ => format!("({}{sign}{imaginary}j)", general(real)),
    }
}

/// C's `%g`: six significant digits without zeros at the end, the exponent shown if it is less
/// than -4 or more than 5. The sign of a NaN is not.
fn general(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() || number == 0.0 {
        return number.to_string();
    }
    let scientific = format!("{number:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    if (-4..6).contains(&exponent) {
        let places = (5 - exponent).unsigned_abs() as usize;
        let text = format!("{number:.places$}");
        return if places == 0 { text } else { trimmed(&text) };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(digits), exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn general_notation_is_cs() {
        for (number, wanted) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100000.0, "100000"),
            (999999.5, "1e+06"),
            (999999.4, "999999"),
            (1234567.0, "1.23457e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.1 + 0.2, "0.3"),
            (3e38, "3e+38"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(general(number), wanted);
        }
    }

    #[test]
    fn elements_are_ml_dtypes() {
        for (extension, item, wanted) in [
            (Extension::BFLOAT16, &[0xc0, 0x3f][..], "1.5"),
            (Extension::FLOAT8_E3M4, &[0x01], "0.015625"),
            (Extension::FLOAT8_E4M3, &[0x78], "inf"),
            (Extension::FLOAT8_E4M3B11FNUZ, &[0x80], "nan"),
            (Extension::FLOAT8_E4M3FN, &[0x7e], "448"),
            (Extension::FLOAT8_E4M3FN, &[0xff], "nan"),
            (Extension::FLOAT8_E4M3FNUZ, &[0x7f], "240"),
            (Extension::FLOAT8_E5M2, &[0xfc], "-inf"),
            (Extension::FLOAT8_E5M2FNUZ, &[0x01], "7.62939e-06"),
            (Extension::FLOAT8_E8M0FNU, &[0x00], "5.87747e-39"),
            (Extension::FLOAT6_E2M3FN, &[0x1f], "7.5"),
            (Extension::FLOAT6_E3M2FN, &[0x1f], "28"),
            (Extension::FLOAT4_E2M1FN, &[0x0f], "-6"),
            (Extension::INT1, &[0x01], "-1"),
            (Extension::INT4, &[0x08], "-8"),
            (Extension::UINT2, &[0x03], "3"),
            (Extension::COMPLEX32, &[0x00, 0x3c, 0x00, 0xc0], "(1-2j)"),
            (Extension::BCOMPLEX32, &[0x00, 0x00, 0xc0, 0x7f], "nanj"),
        ] {
            assert_eq!(text(&extension, item).as_deref(), Some(wanted), "{extension}");
        }
        assert_eq!(Extension::named("float9", 1).and_then(|e| text(&e, &[0])), None);
    }
}
