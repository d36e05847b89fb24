//! Powers of ten to 128 bits, made at compile time.

use crate::limbs::{LIMBS, divide_by_five, leading_bits, multiply_by_five};

/// `10^k` as `significand × 2^(exponent - 127)`, the significand cut to 128 bits.
#[derive(Clone, Copy)]
pub(super) struct Power {
    pub(super) high: u64,
    pub(super) low: u64,
    pub(super) exponent: i32,
    /// Whether nothing was cut.
    pub(super) is_exact: bool,
}

/// The powers that doubles need for up to 19 digits, and those they are compared with.
const FIRST: i32 = -323;
const LAST: i32 = 342;
const COUNT: usize = (LAST - FIRST + 1) as usize;

/// `5^55` is the last power of five that fits into 128 bits.
const LAST_EXACT: i32 = 55;

static SIGNIFICANDS: [(u64, u64); COUNT] = significands();

/// `10^k`, if it is one of those in the table.
#[inline]
pub(super) fn power_of_ten(k: i32) -> Option<Power> {
    let index = usize::try_from(k.wrapping_sub(FIRST)).ok()?;
    let &(high, low) = SIGNIFICANDS.get(index)?;
    let is_exact = (0..=LAST_EXACT).contains(&k);
    Some(Power { high, low, exponent: binary_exponent(k), is_exact })
}

/// `floor(log2(10^k))`, right for all `k` of the table: log2(10) is good to 2^-30 here.
#[inline]
pub(super) fn binary_exponent(k: i32) -> i32 {
    ((k as i64 * 3_566_893_131) >> 30) as i32
}

/// `floor(log10(2^e))` for the exponents of doubles.
#[inline]
pub(super) fn decimal_exponent(e: i32) -> i32 {
    ((e as i64 * 1_292_913_986) >> 32) as i32
}

/// Ten differs from five by a power of two, which the exponent takes.
const fn significands() -> [(u64, u64); COUNT] {
    let mut table = [(0, 0); COUNT];
    let mut limbs = [0u64; LIMBS];
    limbs[0] = 1;
    let mut k = 0;
    while k <= LAST {
        table[(k - FIRST) as usize] = leading_bits(&limbs);
        multiply_by_five(&mut limbs);
        k += 1;
    }
    // 2^1023 / 5^j, each cut once only: a floor of a floor is the floor.
    limbs = [0; LIMBS];
    limbs[LIMBS - 1] = 1 << 63;
    k = -1;
    while k >= FIRST {
        divide_by_five(&mut limbs);
        table[(k - FIRST) as usize] = leading_bits(&limbs);
        k -= 1;
    }
    table
}
