//! The bytes of an element as the values they stand for, in either byte order.
//!
//! Bytes that are missing read as zeros: whoever calls has checked that none are.

use savez::ByteOrder;

use super::binary::{Layout, Real};

/// How integers are read.
#[derive(Clone, Copy)]
pub(super) struct Integers {
    pub(super) is_signed: bool,
    pub(super) order: ByteOrder,
}

impl Integers {
    pub(super) fn read(self, item: &[u8]) -> i128 {
        let mut bytes = little(item, self.order);
        let is_negative = item.len() < 16 && bytes[item.len().saturating_sub(1)] >= 0x80;
        if self.is_signed && is_negative {
            bytes[item.len()..].fill(0xff);
        }
        i128::from_le_bytes(bytes)
    }
}

/// How floats, or the two of a complex number, are read.
#[derive(Clone, Copy)]
pub(super) struct Floats {
    pub(super) layout: Layout,
    pub(super) order: ByteOrder,
}

impl Floats {
    pub(super) fn read(self, item: &[u8]) -> Real {
        self.layout.decode(u128::from_le_bytes(little(item, self.order)))
    }

    pub(super) fn read_pair(self, item: &[u8]) -> [Real; 2] {
        let (real, imaginary) = item.split_at(item.len() / 2);
        [self.read(real), self.read(imaginary)]
    }
}

/// The bytes, least significant first, zeros behind them.
fn little(item: &[u8], order: ByteOrder) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (place, &byte) in bytes.iter_mut().zip(item) {
        *place = byte;
    }
    if order == ByteOrder::Big {
        bytes[..item.len().min(16)].reverse();
    }
    bytes
}

/// Eight bytes as the count that a time is.
pub(super) fn tick(item: &[u8], order: ByteOrder) -> i64 {
    let [first @ .., _, _, _, _, _, _, _, _] = little(item, order);
    i64::from_le_bytes(first)
}

/// Without the NULs at the end.
pub(super) fn trimmed(item: &[u8]) -> &[u8] {
    let end = item.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    item.get(..end).unwrap_or_default()
}

/// Code points without the NULs at the end.
pub(super) fn codes(item: &[u8], order: ByteOrder) -> Vec<u32> {
    let mut codes: Vec<u32> = item
        .as_chunks::<4>()
        .0
        .iter()
        .map(|code| match order {
            ByteOrder::Little => u32::from_le_bytes(*code),
            ByteOrder::Big => u32::from_be_bytes(*code),
        })
        .collect();
    while codes.last() == Some(&0) {
        codes.pop();
    }
    codes
}

/// The bytes of a field.
pub(super) fn part(item: &[u8], offset: usize, size: usize) -> &[u8] {
    item.get(offset..offset + size).unwrap_or_default()
}

/// The item as that many parts, which may be empty.
pub(super) fn parts(item: &[u8], size: usize, count: usize) -> Vec<&[u8]> {
    (0..count).map(|i| part(item, i * size, size)).collect()
}
