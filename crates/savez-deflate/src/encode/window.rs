//! Bytes of the segment as words, and how far two places in it agree.

/// The eight bytes at `at`, the first lowest; zeros behind the end.
#[inline(always)]
pub(super) fn word(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        Some(eight) => u64::from_le_bytes(*eight),
        None => last_word(bytes, at),
    }
}

#[cold]
fn last_word(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// How many bytes at `at` and at `before` agree, eight of them for sure, at most `most`.
#[inline(never)]
pub(super) fn extend(bytes: &[u8], before: usize, at: usize, most: usize) -> usize {
    let mut n = 8;
    while n < most {
        let differ = word(bytes, before + n) ^ word(bytes, at + n);
        if differ != 0 {
            return most.min(n + (differ.trailing_zeros() / 8) as usize);
        }
        n += 8;
    }
    most
}
