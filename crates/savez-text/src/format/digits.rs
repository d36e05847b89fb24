//! Integers of 64 bits as decimal digits.

/// As many digits as a `u64` can have.
pub(super) const MOST: usize = 20;

/// `10^n` for `n` up to 19.
pub(super) const POWERS: [u64; MOST] = {
    let mut powers = [1; MOST];
    let mut n = 1;
    while n < MOST {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// How many digits `value` has; one if it is 0.
#[inline]
pub(super) fn count(value: u64) -> usize {
    // 1233 / 4096 is log10(2), good enough to be off by at most one.
    let guess = (((64 - (value | 1).leading_zeros()) * 1233) >> 12) as usize;
    (guess + usize::from(value >= POWERS[guess])).max(1)
}

/// The last [`MOST`] digits of `value`, zeros in front.
#[inline]
pub(super) fn padded(value: u64) -> [u8; MOST] {
    let mut digits = [b'0'; MOST];
    let top = value / 10_000_000_000_000_000;
    let rest = value % 10_000_000_000_000_000;
    digits[..4].copy_from_slice(&four(top as u32));
    digits[4..12].copy_from_slice(&eight((rest / 100_000_000) as u32));
    digits[12..].copy_from_slice(&eight((rest % 100_000_000) as u32));
    digits
}

/// Adds `value` to the text.
#[inline]
pub(super) fn push(out: &mut Vec<u8>, value: u64) {
    if value < 10_000 {
        // As most integers are.
        return out.extend_from_slice(&four(value as u32)[4 - count(value)..]);
    }
    out.extend_from_slice(&padded(value)[MOST - count(value)..]);
}

/// Eight digits, all at once: pairs of four digits, of two, of one, in the parts of one word.
#[inline]
fn eight(value: u32) -> [u8; 8] {
    let value = u64::from(value);
    // Quotients by multiplication, each exact for the range it is for.
    let fours = (value / 10_000) | (value % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    let ones = tens | (twos - tens * 10) << 8;
    (ones | 0x3030_3030_3030_3030).to_le_bytes()
}

/// Four digits.
#[inline]
pub(super) fn four(value: u32) -> [u8; 4] {
    let hundreds = (value * 10_486) >> 20;
    let twos = hundreds | (value - hundreds * 100) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f;
    let ones = tens | (twos - tens * 10) << 8;
    (ones | 0x3030_3030).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let mut values: Vec<u64> = (0..20_000).chain([u64::MAX]).collect();
        values.extend(POWERS.iter().flat_map(|&p| [p - 1, p, p + 1]));
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        for shift in (0..64).cycle().take(100_000) {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            values.push(bits >> shift);
        }
        for value in values {
            let mut out = Vec::new();
            push(&mut out, value);
            assert_eq!(String::from_utf8_lossy(&out), value.to_string());
        }
    }

    #[test]
    fn blocks_are_right_throughout() {
        for value in 0..10_000 {
            assert_eq!(&four(value)[..], format!("{value:04}").as_bytes());
        }
        for value in (0..100_000_000).step_by(997).chain([99_999_999]) {
            assert_eq!(&eight(value)[..], format!("{value:08}").as_bytes());
        }
    }
}
