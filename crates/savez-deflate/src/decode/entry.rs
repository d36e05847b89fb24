//! What a slot of a code's table says, in 32 bits.
//!
//! ```text
//! literals   1 len1(5) count(2) second(8) first(8) bits(8)     bits: of all its literals; len1: of the first
//! length     0 base(15)         0 0 0 0 codebits(4) bits(8)    bits: with the extra bits, which follow the code
//! distance   0 base(15)         0 0 0 0 codebits(4) bits(8)
//! end        0 0                1 0 1 0 codebits(4) bits(8)
//! subtable   0 start(15)        1 1 0 0 width(4)    bits(8)    bits: of the table it belongs to
//! invalid    0 0                1 0 0 1 0           1          no such code
//! ```

/// One slot; see the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry(u32);

const LITERAL: u32 = 1 << 31;
const SPECIAL: u32 = 1 << 15;
const SUBTABLE: u32 = 1 << 14;
const END: u32 = 1 << 13;
const NO_CODE: u32 = 1 << 12;

/// No code. One bit tells, as with zlib: the only code there is, is the other bit.
pub(super) const INVALID: Entry = Entry(SPECIAL | NO_CODE | 1);

impl Entry {
    /// A literal, not coded yet.
    pub(super) const fn literal(byte: u8) -> Self {
        Entry(LITERAL | 1 << 24 | (byte as u32) << 8)
    }

    /// A length, a distance, or the number of a code length symbol, with what its extra bits add; not coded yet.
    pub(super) const fn value(base: u16, extra: u8) -> Self {
        Entry((base as u32) << 16 | extra as u32)
    }

    /// The end of a block, not coded yet.
    pub(super) const fn end() -> Self {
        Entry(SPECIAL | END)
    }

    /// A symbol that has a code but must not occur, not coded yet.
    pub(super) const fn forbidden() -> Self {
        Entry(SPECIAL | NO_CODE)
    }

    /// Codes of more than `bits` bits go on at `start`.
    pub(super) fn subtable(start: usize, width: u32, bits: u32) -> Self {
        debug_assert!(start < 1 << 15 && width < 16);
        Entry((start as u32) << 16 | SPECIAL | SUBTABLE | width << 8 | bits)
    }

    /// The same with a code of `length` bits.
    #[inline(always)]
    pub(super) fn coded(self, length: u32) -> Self {
        debug_assert!(length < 16);
        let place = if self.is_literal() { 26 } else { 8 };
        Entry(self.0 + length + (length << place))
    }

    /// This literal and another behind it.
    pub(super) fn paired(self, second: Entry) -> Self {
        Entry((self.0 + (1 << 24) + second.bits()) | (second.0 & 0xff00) << 8)
    }

    /// How many bits to go past: the code and its extra bits, or both codes of a pair.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0xff
    }

    #[inline(always)]
    pub(super) fn is_literal(self) -> bool {
        self.0 & LITERAL != 0
    }

    /// One literal or two, the first lowest.
    #[inline(always)]
    pub(super) fn literals(self) -> u16 {
        (self.0 >> 8) as u16
    }

    /// How many literals.
    #[inline(always)]
    pub(super) fn literal_count(self) -> usize {
        (self.0 >> 24 & 3) as usize
    }

    /// The first literal and the bits of its code.
    #[inline(always)]
    pub(super) fn first_literal(self) -> (u8, u32) {
        ((self.0 >> 8) as u8, self.0 >> 26 & 15)
    }

    /// Neither a literal nor a length or distance.
    #[inline(always)]
    pub(super) fn is_special(self) -> bool {
        self.0 & SPECIAL != 0
    }

    #[inline(always)]
    pub(super) fn is_subtable(self) -> bool {
        self.0 & (LITERAL | SUBTABLE) == SUBTABLE
    }

    #[inline(always)]
    pub(super) fn is_end(self) -> bool {
        self.0 & END != 0
    }

    /// Where the subtable starts.
    #[inline(always)]
    pub(super) fn start(self) -> usize {
        (self.0 >> 16) as usize
    }

    /// How many bits the subtable looks at.
    #[inline(always)]
    pub(super) fn subtable_width(self) -> u32 {
        self.0 >> 8 & 15
    }

    /// The length or distance that `bits` stand for; they start with this entry's code.
    #[inline(always)]
    pub(super) fn decode(self, bits: u64) -> usize {
        let extra = (bits & !(!0 << (self.0 & 63))) >> (self.0 >> 8 & 63);
        self.start() + extra as usize
    }

    /// The base alone: the number of a code length symbol.
    pub(super) fn symbol(self) -> u8 {
        (self.0 >> 16) as u8
    }
}
