//! Powers of five as long integers, from which tables are made at compile time.

/// Limbs that hold `5^342` (795 bits), and `2^1023 / 5^342` to more than 128 bits. The least comes first.
pub(crate) const LIMBS: usize = 16;

pub(crate) const fn multiply_by_five(limbs: &mut [u64; LIMBS]) {
    let mut carry = 0u128;
    let mut i = 0;
    while i < LIMBS {
        carry += limbs[i] as u128 * 5;
        limbs[i] = carry as u64;
        carry >>= 64;
        i += 1;
    }
}

pub(crate) const fn divide_by_five(limbs: &mut [u64; LIMBS]) {
    let mut rest = 0u128;
    let mut i = LIMBS;
    while i > 0 {
        i -= 1;
        let value = (rest << 64) | limbs[i] as u128;
        limbs[i] = (value / 5) as u64;
        rest = value % 5;
    }
}

/// The first 128 bits, from the highest that is set.
pub(crate) const fn leading_bits(limbs: &[u64; LIMBS]) -> (u64, u64) {
    let mut top = LIMBS - 1;
    while limbs[top] == 0 {
        top -= 1;
    }
    let shift = limbs[top].leading_zeros();
    let next = if top >= 1 { limbs[top - 1] } else { 0 };
    let last = if top >= 2 { limbs[top - 2] } else { 0 };
    if shift == 0 {
        return (limbs[top], next);
    }
    let cut = 64 - shift;
    (limbs[top] << shift | next >> cut, next << shift | last >> cut)
}
