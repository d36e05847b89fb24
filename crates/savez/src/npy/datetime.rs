//! The unit of `datetime64` and `timedelta64`: `[ns]`, `[25s]`, `[D/24]`, or none (generic).

use std::fmt;

/// A step of NumPy's calendar, coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum TimeUnit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Picosecond,
    Femtosecond,
    Attosecond,
}

use TimeUnit::*;

const SYMBOLS: [(TimeUnit, &str); 13] = [
    (Year, "Y"),
    (Month, "M"),
    (Week, "W"),
    (Day, "D"),
    (Hour, "h"),
    (Minute, "m"),
    (Second, "s"),
    (Millisecond, "ms"),
    (Microsecond, "us"),
    (Nanosecond, "ns"),
    (Picosecond, "ps"),
    (Femtosecond, "fs"),
    (Attosecond, "as"),
];

impl TimeUnit {
    /// NumPy's symbol: `Y M W D h m s ms us ns ps fs as`.
    pub fn symbol(self) -> &'static str {
        SYMBOLS[self as usize].1
    }

    fn from_symbol(symbol: &str) -> Option<Self> {
        if symbol == "μs" {
            return Some(Microsecond);
        }
        SYMBOLS.iter().find(|(_, s)| *s == symbol).map(|(unit, _)| *unit)
    }

    /// Finer units, each with how many of it NumPy counts to one of this one when it turns
    /// `[D/24]` into `[h]`. A year has 12 months, 52 weeks or 365 days.
    fn finer(self) -> &'static [(u32, TimeUnit)] {
        match self {
            Year => &[(12, Month), (52, Week), (365, Day)],
            Month => &[(4, Week), (30, Day), (720, Hour)],
            Week => &[(7, Day), (168, Hour), (10_080, Minute)],
            Day => &[(24, Hour), (1_440, Minute), (86_400, Second)],
            Hour => &[(60, Minute), (3_600, Second)],
            Minute => &[(60, Second), (60_000, Millisecond)],
            Second => &[(1_000, Millisecond), (1_000_000, Microsecond)],
            Millisecond => &[(1_000, Microsecond), (1_000_000, Nanosecond)],
            Microsecond => &[(1_000, Nanosecond), (1_000_000, Picosecond)],
            Nanosecond => &[(1_000, Picosecond), (1_000_000, Femtosecond)],
            Picosecond => &[(1_000, Femtosecond), (1_000_000, Attosecond)],
            Femtosecond => &[(1_000, Attosecond)],
            Attosecond => &[],
        }
    }
}

/// How long one tick of a `datetime64` or `timedelta64` is: a count of units, or generic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct TimeStep {
    unit: Option<TimeUnit>,
    count: u32,
}

impl TimeStep {
    /// No unit: `<M8`, `<m8`.
    pub const GENERIC: TimeStep = TimeStep { unit: None, count: 0 };

    /// `count` units, as in `[25s]`. More than NumPy's limit of 2³¹ − 1 is taken for that.
    pub const fn new(count: u32, unit: TimeUnit) -> Self {
        let limit = i32::MAX as u32;
        TimeStep { unit: Some(unit), count: if count < limit { count } else { limit } }
    }

    /// The unit; `None` if generic.
    pub fn unit(self) -> Option<TimeUnit> {
        self.unit
    }

    /// How many units a tick is; 0 if generic.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Reads what stands between the brackets: `ns`, `25s`, `D/24`, `generic`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "generic" {
            return Some(Self::GENERIC);
        }
        let (text, divisor) = match text.split_once('/') {
            // NumPy 2.4 dies of a division by zero here; a zero divisor is no unit.
            Some((text, divisor)) => (text, positive(divisor).filter(|&d| d != 0)?),
            None => (text, 1),
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, symbol) = text.split_at(digits);
        let count = if count.is_empty() { 1 } else { positive(count)? };
        let unit = TimeUnit::from_symbol(symbol)?;
        if divisor == 1 {
            return Some(Self::new(count, unit));
        }
        let (per, finer) = unit.finer().iter().find(|(per, _)| per % divisor == 0)?;
        let count = count.checked_mul(per / divisor).filter(|&n| i32::try_from(n).is_ok())?;
        Some(Self::new(count, *finer))
    }
}

fn positive(text: &str) -> Option<u32> {
    let value: u32 = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())??;
    (i32::try_from(value).is_ok()).then_some(value)
}

impl fmt::Display for TimeStep {
    /// With its brackets, as in a dtype string: `[ns]`, `[25s]`, or nothing if generic.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.unit, self.count) {
            (None, _) => Ok(()),
            (Some(unit), 1) => write!(f, "[{}]", unit.symbol()),
            (Some(unit), count) => write!(f, "[{count}{}]", unit.symbol()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_become_finer_units() {
        for (text, wanted) in [
            ("D/24", "[h]"),
            ("Y/12", "[M]"),
            ("25s", "[25s]"),
            ("2D/48", "[60m]"),
            ("s/1000", "[ms]"),
            ("generic", ""),
        ] {
            assert_eq!(TimeStep::parse(text).map(|s| s.to_string()).as_deref(), Some(wanted));
        }
        for bad in ["", "x", "-1s", "D/7", "as/10", "s/0", "99999999999s", "1/s", "+1s"] {
            assert_eq!(TimeStep::parse(bad), None, "{bad}");
        }
    }
}
