//! Sign, width and padding of a number, as Python arranges them.

use super::spec::Spec;

/// The sign of a number, which is there or not as the flags say.
#[inline]
pub(super) fn push_sign(out: &mut Vec<u8>, spec: &Spec, negative: bool) {
    match negative {
        true => out.push(b'-'),
        false if spec.plus => out.push(b'+'),
        false if spec.blank => out.push(b' '),
        false => {}
    }
}

/// Pads the number that starts at `start` to the width. `body` is where its digits start, behind
/// the sign and the `0x`: zeros go there.
#[inline]
pub(super) fn pad_number(out: &mut Vec<u8>, spec: &Spec, start: usize, body: usize) {
    if out.len() - start < spec.width {
        let missing = spec.width - (out.len() - start);
        match (spec.left, spec.zeros) {
            (true, _) => out.resize(out.len() + missing, b' '),
            (false, true) => insert(out, body, missing, b'0'),
            (false, false) => insert(out, start, missing, b' '),
        }
    }
}

/// Pads UTF-8 text that starts at `start` to the width, which counts characters.
pub(super) fn pad_text(out: &mut Vec<u8>, spec: &Spec, start: usize) {
    let is_first = |&&byte: &&u8| byte & 0xc0 != 0x80;
    let count = out[start..].iter().filter(is_first).count();
    if let Some(missing) = spec.width.checked_sub(count) {
        match spec.left {
            true => out.resize(out.len() + missing, b' '),
            false => insert(out, start, missing, b' '),
        }
    }
}

/// Puts `count` bytes in at `place`.
pub(super) fn insert(out: &mut Vec<u8>, place: usize, count: usize, byte: u8) {
    let end = out.len();
    out.resize(end + count, byte);
    out.copy_within(place..end, place + count);
    out[place..place + count].fill(byte);
}
