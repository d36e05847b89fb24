//! Ticks of `datetime64` as dates, and of `timedelta64` as so many units.
//!
//! The calendar is NumPy's: proleptic Gregorian, years of any size, 64-bit arithmetic that wraps
//! where a file holds a date beyond it.

use savez::{TimeStep, TimeUnit};

/// The tick that is not a time.
pub(super) const NAT: i64 = i64::MIN;

/// Days from 1970-01-01 to 2000-01-01, where a cycle of 400 years starts.
const DAYS_TO_2000: i64 = 10_957;
const DAYS_IN_400_YEARS: i64 = 146_097;

/// A date and time in ISO form, as precise as the unit; `NaT`.
///
/// NumPy refuses to print a generic time other than `NaT`; here it is its ticks.
pub(super) fn datetime(tick: i64, step: TimeStep) -> String {
    if tick == NAT {
        return "NaT".to_owned();
    }
    let Some(unit) = step.unit() else { return tick.to_string() };
    let ticks = tick.wrapping_mul(step.count().into());
    match unit {
        TimeUnit::Year => year(ticks.wrapping_add(1970)),
        TimeUnit::Month => {
            let month = ticks.rem_euclid(12) + 1;
            format!("{}-{month:02}", year(ticks.div_euclid(12).wrapping_add(1970)))
        }
        TimeUnit::Week => date(ticks.wrapping_mul(7)),
        TimeUnit::Day => date(ticks),
        _ => {
            let per_day = 86_400 * i128::from(per_second(unit)) / i128::from(seconds(unit));
            let days = i128::from(ticks).div_euclid(per_day);
            let date = date(i64::try_from(days).unwrap_or(NAT));
            format!("{date}T{}", time_of_day(i128::from(ticks).rem_euclid(per_day), unit))
        }
    }
}

/// `125 seconds`, as `str` of a single `timedelta64` has it.
pub(super) fn timedelta_alone(tick: i64, step: TimeStep) -> String {
    if tick == NAT {
        return "NaT".to_owned();
    }
    let name = match step.unit() {
        None => return format!("{tick} generic time units"),
        Some(TimeUnit::Year) => "years",
        Some(TimeUnit::Month) => "months",
        Some(TimeUnit::Week) => "weeks",
        Some(TimeUnit::Day) => "days",
        Some(TimeUnit::Hour) => "hours",
        Some(TimeUnit::Minute) => "minutes",
        Some(TimeUnit::Second) => "seconds",
        Some(TimeUnit::Millisecond) => "milliseconds",
        Some(TimeUnit::Microsecond) => "microseconds",
        Some(TimeUnit::Nanosecond) => "nanoseconds",
        Some(TimeUnit::Picosecond) => "picoseconds",
        Some(TimeUnit::Femtosecond) => "femtoseconds",
        Some(TimeUnit::Attosecond) => "attoseconds",
    };
    format!("{} {name}", tick.wrapping_mul(step.count().into()))
}

/// Four digits at least. The year that has the number of `NaT` is one.
fn year(year: i64) -> String {
    if year == NAT { "NaT".to_owned() } else { format!("{year:04}") }
}

/// The date that many days after 1970-01-01.
fn date(days: i64) -> String {
    let since_2000 = days.wrapping_sub(DAYS_TO_2000);
    let cycle = since_2000.div_euclid(DAYS_IN_400_YEARS);
    let mut day = since_2000.rem_euclid(DAYS_IN_400_YEARS);
    let mut in_cycle = 0;
    while day >= days_in(in_cycle) {
        day -= days_in(in_cycle);
        in_cycle += 1;
    }
    let february = days_in(in_cycle) - 337;
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in months {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{}-{month:02}-{:02}", year(400 * cycle + 2000 + in_cycle), day + 1)
}

/// Days in a year, counted from the start of a cycle of 400.
fn days_in(year: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year == 0);
    365 + i64::from(is_leap)
}

/// Ticks of the unit in a second, 1 if it is longer.
fn per_second(unit: TimeUnit) -> i64 {
    10i64.pow(3 * fraction_groups(unit))
}

/// Seconds in the unit, 1 if it is shorter.
fn seconds(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Hour => 3600,
        TimeUnit::Minute => 60,
        _ => 1,
    }
}

/// How many groups of three digits stand behind the seconds.
fn fraction_groups(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
        TimeUnit::Picosecond => 4,
        TimeUnit::Femtosecond => 5,
        TimeUnit::Attosecond => 6,
        _ => 0,
    }
}

/// The time that many ticks after midnight.
fn time_of_day(ticks: i128, unit: TimeUnit) -> String {
    let whole = ticks / i128::from(per_second(unit)) * i128::from(seconds(unit));
    let (hour, minute, second) = (whole / 3600, whole / 60 % 60, whole % 60);
    match unit {
        TimeUnit::Hour => format!("{hour:02}"),
        TimeUnit::Minute => format!("{hour:02}:{minute:02}"),
        TimeUnit::Second => format!("{hour:02}:{minute:02}:{second:02}"),
        _ => {
            let fraction = ticks % i128::from(per_second(unit));
            let width = 3 * fraction_groups(unit) as usize;
            format!("{hour:02}:{minute:02}:{second:02}.{fraction:0width$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_numpys() {
        for (tick, count, unit, wanted) in [
            (0, 1, TimeUnit::Day, "1970-01-01"),
            (11_016, 1, TimeUnit::Day, "2000-02-29"),
            (11_017, 1, TimeUnit::Day, "2000-03-01"),
            (-719_529, 1, TimeUnit::Day, "-001-12-31"),
            (-1, 1, TimeUnit::Week, "1969-12-25"),
            (-1, 7, TimeUnit::Month, "1969-06"),
            (8030, 1, TimeUnit::Year, "10000"),
            (NAT.wrapping_sub(1970), 1, TimeUnit::Year, "NaT"),
            (-1, 1, TimeUnit::Hour, "1969-12-31T23"),
            (5, 25, TimeUnit::Second, "1970-01-01T00:02:05"),
            (i64::MAX, 1, TimeUnit::Second, "292277026596-12-04T15:30:07"),
            (-1, 1, TimeUnit::Nanosecond, "1969-12-31T23:59:59.999999999"),
            (NAT + 1, 1, TimeUnit::Attosecond, "1969-12-31T23:59:50.776627963145224193"),
            (NAT + 1, 1, TimeUnit::Day, "25252734927768524-07-29"),
            (NAT, 1, TimeUnit::Day, "NaT"),
        ] {
            assert_eq!(datetime(tick, TimeStep::new(count, unit)), wanted);
        }
    }

    #[test]
    fn spans_are_numpys() {
        let seconds = TimeStep::new(25, TimeUnit::Second);
        assert_eq!(timedelta_alone(5, seconds), "125 seconds");
        assert_eq!(timedelta_alone(NAT, seconds), "NaT");
        assert_eq!(timedelta_alone(5, TimeStep::GENERIC), "5 generic time units");
    }
}
