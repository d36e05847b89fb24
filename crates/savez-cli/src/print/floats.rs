//! Floats as text: a [`Column`] of them aligned at the point, or one standing [`alone`].
//!
//! An array's floats have one notation and at most eight digits behind the point; a float alone
//! has as many digits as tell it from its neighbours.

use super::binary::{Binary, Layout, Magnitude, Real};
use super::digits::{Digits, Stop};

/// NumPy's `precision`: digits behind the point.
const PRECISION: u32 = 8;

/// Who shows the sign of positive numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plus {
    Hidden,
    /// As in the imaginary part of a complex number.
    Shown,
}

/// How the floats of an array are written.
#[derive(Debug)]
pub(super) struct Column {
    plus: Plus,
    exponents: Option<Exponents>,
    /// Characters before and behind the point, the sign counted.
    left: usize,
    right: usize,
}

/// Scientific notation with that many digits behind the point and in the exponent.
#[derive(Debug)]
struct Exponents {
    fraction: u32,
    width: usize,
}

impl Column {
    /// The way that suits all of these.
    pub(super) fn of(layout: Layout, numbers: &[Real], plus: Plus) -> Column {
        let finite = || {
            numbers.iter().filter_map(|real| match &real.magnitude {
                Magnitude::Finite(binary) => Some((real.negative, binary)),
                Magnitude::Nan | Magnitude::Infinite => None,
            })
        };
        let sizes = || finite().map(|(_, binary)| binary).filter(|binary| !binary.is_zero());
        let scientific = match (sizes().min(), sizes().max()) {
            (Some(least), Some(most)) => layout.wants_exponents(least, most),
            _ => false,
        };
        let mut column =
            if scientific { scientific_of(finite(), plus) } else { positional_of(finite(), plus) };
        column.make_room_for_words(numbers);
        column
    }

    /// Widens the left part until `nan`, `inf` and `-inf` fit where there are any.
    fn make_room_for_words(&mut self, numbers: &[Real]) {
        if numbers.iter().all(|real| matches!(real.magnitude, Magnitude::Finite(_))) {
            return;
        }
        let negative = |real: &Real| real.negative && real.magnitude == Magnitude::Infinite;
        let signed = self.plus == Plus::Shown || numbers.iter().any(negative);
        let longest = "inf".len() + usize::from(signed);
        self.left = self.left.max(longest.saturating_sub(self.right + 1));
    }

    pub(super) fn word(&self, real: &Real) -> String {
        let sign = sign(real.negative, self.plus);
        let binary = match &real.magnitude {
            Magnitude::Finite(binary) => binary,
            Magnitude::Infinite => return self.padded(format!("{sign}inf")),
            Magnitude::Nan => return self.padded(format!("{}nan", nan_sign(self.plus))),
        };
        match &self.exponents {
            None => {
                let digits = Digits::of(binary, Stop::Fraction(PRECISION));
                let (whole, fraction) = digits.positional();
                let whole = format!("{sign}{whole}");
                format!("{whole:>0$}.{fraction:<1$}", self.left, self.right)
            }
            Some(Exponents { fraction: places, width }) => {
                let digits = Digits::of(binary, Stop::Exactly(places + 1));
                let (whole, fraction) = digits.scientific();
                let whole = format!("{sign}{whole}");
                let exponent = exponent(digits.exponent, *width);
                format!("{whole:>0$}.{fraction:0<1$}{exponent}", self.left, *places as usize)
            }
        }
    }

    fn padded(&self, word: String) -> String {
        format!("{word:>0$}", self.left + self.right + 1)
    }
}

fn scientific_of<'a>(finite: impl Iterator<Item = (bool, &'a Binary)>, plus: Plus) -> Column {
    let (mut left, mut places, mut width) = (0, 0, 0);
    for (negative, binary) in finite {
        let digits = Digits::of(binary, Stop::Significant(PRECISION + 1));
        let (whole, fraction) = digits.scientific();
        left = left.max(sign(negative, plus).len() + whole.len());
        places = places.max(fraction.len());
        width = width.max(exponent(digits.exponent, 2).len() - "e+".len());
    }
    // The first digits were cut at `PRECISION`.
    let fraction = u32::try_from(places).unwrap_or(PRECISION);
    let exponents = Some(Exponents { fraction, width });
    Column { plus, exponents, left, right: width + "e+".len() + places }
}

fn positional_of<'a>(finite: impl Iterator<Item = (bool, &'a Binary)>, plus: Plus) -> Column {
    let (mut left, mut right) = (0, 0);
    for (negative, binary) in finite {
        let (whole, fraction) = Digits::of(binary, Stop::Fraction(PRECISION)).positional();
        left = left.max(sign(negative, plus).len() + whole.len());
        right = right.max(fraction.len());
    }
    Column { plus, exponents: None, left, right }
}

/// What a float that is the whole of a `str` ends with if it has no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// `1.0`
    PointZero,
    /// `1`, as in complex numbers.
    Bare,
}

/// A float as `str` of the single value has it.
pub(super) fn alone(layout: Layout, real: &Real, plus: Plus, ending: Ending) -> String {
    let sign = sign(real.negative, plus);
    let binary = match &real.magnitude {
        Magnitude::Finite(binary) => binary,
        Magnitude::Infinite => return format!("{sign}inf"),
        Magnitude::Nan => return format!("{}nan", nan_sign(plus)),
    };
    let digits = Digits::of(binary, Stop::Shortest);
    let large = match layout {
        Layout::Half | Layout::Single => layout.large(),
        Layout::Double | Layout::Extended | Layout::Quad => 10_000_000_000_000_000,
    };
    if binary.is_zero() || (binary.reaches_ten_thousandth() && !binary.reaches(large)) {
        match digits.positional() {
            (whole, fraction) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
            (whole, _) if ending == Ending::PointZero => format!("{sign}{whole}.0"),
            (whole, _) => format!("{sign}{whole}"),
        }
    } else {
        let (whole, fraction) = digits.scientific();
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}{}", exponent(digits.exponent, 2))
    }
}

/// A complex number as `str` of the single value has it.
pub(super) fn complex_alone(layout: Layout, [real, imaginary]: &[Real; 2]) -> String {
    let is_zero = matches!(&real.magnitude, Magnitude::Finite(binary) if binary.is_zero());
    if is_zero && !real.negative {
        return alone(layout, imaginary, Plus::Hidden, Ending::Bare) + "j";
    }
    let real = alone(layout, real, Plus::Hidden, Ending::Bare);
    let imaginary = alone(layout, imaginary, Plus::Shown, Ending::Bare);
    format!("({real}{imaginary}j)")
}

fn sign(negative: bool, plus: Plus) -> &'static str {
    match (negative, plus) {
        (true, _) => "-",
        (false, Plus::Shown) => "+",
        (false, Plus::Hidden) => "",
    }
}

/// The sign bit of a NaN does not count.
fn nan_sign(plus: Plus) -> &'static str {
    sign(false, plus)
}

/// `e-05`
fn exponent(power: i32, width: usize) -> String {
    let sign = if power < 0 { '-' } else { '+' };
    format!("e{sign}{:01$}", power.unsigned_abs(), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(layout: Layout, bits: impl IntoIterator<Item = u128>) -> String {
        let reals: Vec<Real> = bits.into_iter().map(|word| layout.decode(word)).collect();
        let column = Column::of(layout, &reals, Plus::Hidden);
        reals.iter().map(|real| column.word(real)).collect::<Vec<_>>().join("|")
    }

    fn doubles(numbers: &[f64]) -> String {
        words(Layout::Double, numbers.iter().map(|n| n.to_bits().into()))
    }

    fn singles(numbers: &[f32]) -> String {
        words(Layout::Single, numbers.iter().map(|n| n.to_bits().into()))
    }

    #[test]
    fn columns_are_numpys() {
        for (numbers, wanted) in [
            (&[1.0, 2.5, -3.0][..], " 1. | 2.5|-3. "),
            (&[1.0 / 3.0, 0.0], "0.33333333|0.        "),
            (&[1e-5, 1.0], "1.e-05|1.e+00"),
            (&[0.0001, 1.0], "1.e-04|1.e+00"),
            (&[0.001, 1.0], "0.001|1.   "),
            (&[1e8, 0.0], "1.e+08|0.e+00"),
            (&[99999999.0, 99999999.0], "99999999.|99999999."),
            (&[1e300, -1e-300], " 1.e+300|-1.e-300"),
            (&[f64::NAN, 1.0], "nan| 1."),
            (&[f64::NAN, f64::INFINITY], "nan|inf"),
            (&[f64::NEG_INFINITY, -0.0], "-inf| -0."),
            (&[f64::NEG_INFINITY, 1.0 / 3.0], "      -inf|0.33333333"),
            (&[0.999999999], "1."),
        ] {
            assert_eq!(doubles(numbers), wanted);
        }
        assert_eq!(singles(&[1e-10, 1.2345678e-10]), "1.0000000e-10|1.2345679e-10");
        assert_eq!(singles(&[1e6]), "1.e+06");
    }

    #[test]
    fn floats_alone_are_numpys() {
        let double = |number: f64| {
            let real = Layout::Double.decode(number.to_bits().into());
            alone(Layout::Double, &real, Plus::Hidden, Ending::PointZero)
        };
        for (number, wanted) in [
            (0.1, "0.1"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(double(number), wanted);
        }
        let single = Layout::Single.decode(0.0001_f32.to_bits().into());
        assert_eq!(alone(Layout::Single, &single, Plus::Hidden, Ending::PointZero), "1e-04");
        let half = Layout::Half.decode(0x63d0);
        assert_eq!(alone(Layout::Half, &half, Plus::Shown, Ending::Bare), "+1e+03");
    }
}
