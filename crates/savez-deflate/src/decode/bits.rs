//! The bits of one piece of input, and those kept from the piece before.
//!
//! Bits are taken ahead of need, and [`give_back`](Bits::give_back) returns the bytes that nobody used. Bits of an
//! earlier piece are kept only while they are too few for what comes next. So that takes them all, and whatever is
//! left over comes from this piece.

/// Up to 63 bits that are waiting: `count` of them, the first lowest. The bits above are zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    bits: u64,
    count: u32,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn count(&self) -> u64 {
        u64::from(self.count)
    }
}

/// A piece of input, read bit by bit.
#[derive(Clone, Debug)]
pub(super) struct Bits<'a> {
    pub(super) input: &'a [u8],
    /// How many bytes of `input` are in `buffer`, or were.
    pub(super) taken: usize,
    /// The next `count` bits; what is above them is either zero or the bits that follow in `input`.
    pub(super) buffer: u64,
    /// At most 63.
    pub(super) count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(kept: Kept, input: &'a [u8]) -> Self {
        Bits { input, taken: 0, buffer: kept.bits, count: kept.count }
    }

    /// Takes bytes until there are at least 56 bits, or the piece is used up.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if let Some(word) = self.input[self.taken..].first_chunk() {
            self.buffer |= u64::from_le_bytes(*word) << self.count;
            self.taken += (63 - self.count as usize) / 8;
            self.count |= 56;
        } else {
            while self.count < 56 && self.taken < self.input.len() {
                self.buffer |= u64::from(self.input[self.taken]) << self.count;
                self.taken += 1;
                self.count += 8;
            }
        }
    }

    /// The next `n <= 32` bits, if the piece has that many.
    pub(super) fn take(&mut self, n: u32) -> Option<u32> {
        debug_assert!(n <= 32);
        self.refill();
        if self.count < n {
            return None;
        }
        let value = self.buffer & ((1 << n) - 1);
        self.consume(n);
        Some(value as u32)
    }

    /// Goes past `n` bits, of which there must be as many.
    #[inline(always)]
    pub(super) fn consume(&mut self, n: u32) {
        debug_assert!(n <= self.count);
        self.buffer >>= n;
        self.count -= n;
    }

    /// Goes to the next byte boundary.
    pub(super) fn align(&mut self) {
        self.consume(self.count % 8);
    }

    /// Returns the whole bytes that are waiting to the piece they came from.
    pub(super) fn give_back(&mut self) {
        let bytes = (self.count as usize / 8).min(self.taken);
        self.taken -= bytes;
        self.count -= 8 * bytes as u32;
        self.buffer &= (1 << self.count) - 1;
    }

    /// Whether all bits that are waiting come from this piece.
    pub(super) fn are_of_this_piece(&self) -> bool {
        self.count as usize <= 8 * self.taken
    }

    /// Goes back to a bit of this piece.
    pub(super) fn go_to(&mut self, bit: usize) {
        self.taken = bit / 8;
        (self.buffer, self.count) = (0, 0);
        self.refill();
        self.consume((bit % 8) as u32);
    }

    /// What has to be kept for the next piece.
    pub(super) fn keep(&self) -> Kept {
        Kept { bits: self.buffer & ((1 << self.count) - 1), count: self.count }
    }
}
