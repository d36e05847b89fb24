//! Bits into bytes, least significant first, as RFC 1951 (section 3.1.1) packs them.
//!
//! The room for a block is made before it is written, because its exact size is known by then; so a write is
//! one eight-byte store.

/// Writes bits behind the bytes of a vector.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Bytes of `out` that are complete; behind them is room.
    at: usize,
    /// Bits not yet in a complete byte, lowest first.
    pending: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let at = out.len();
        Self { out, at, pending: 0, count: 0 }
    }

    /// Makes room for `bits` more.
    pub(super) fn reserve(&mut self, bits: u64) {
        let bytes = usize::try_from(bits / 8).unwrap_or(usize::MAX).saturating_add(16);
        self.out.resize(self.at.saturating_add(bytes), 0);
    }

    /// Puts the `count` low bits of `bits` behind the others, at most 56 between two calls of [`flush`](Self::flush).
    #[inline(always)]
    pub(super) fn push(&mut self, bits: u64, count: u32) {
        debug_assert!(self.count + count < 64 && bits >> count == 0);
        self.pending |= bits << self.count;
        self.count += count;
    }

    /// Moves complete bytes out; fewer than eight bits stay.
    #[inline(always)]
    pub(super) fn flush(&mut self) {
        self.out[self.at..self.at + 8].copy_from_slice(&self.pending.to_le_bytes());
        let bytes = self.count >> 3;
        self.at += bytes as usize;
        self.pending >>= bytes * 8;
        self.count &= 7;
    }

    /// Lets `put` write into the room there is, with all of the writer in registers.
    #[inline(always)]
    pub(super) fn run(&mut self, put: impl FnOnce(&mut Run<'_>)) {
        let mut run = Run { out: self.out, at: self.at, pending: self.pending, count: self.count };
        put(&mut run);
        (self.at, self.pending, self.count) = (run.at, run.pending, run.count);
    }

    /// Bits in the byte that is not complete.
    pub(super) fn partial(&self) -> u32 {
        self.count & 7
    }

    /// Fills the last byte with zeros.
    pub(super) fn align(&mut self) {
        self.reserve(64);
        self.count = (self.count + 7) & !7;
        self.flush();
    }

    /// Copies bytes behind a byte boundary.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.out.truncate(self.at);
        self.out.extend_from_slice(bytes);
        self.at = self.out.len();
    }

    /// Gives back the room that was not used.
    pub(super) fn finish(mut self) {
        self.align();
        self.out.truncate(self.at);
    }
}

/// A writer that makes no room.
pub(super) struct Run<'a> {
    out: &'a mut [u8],
    at: usize,
    pending: u64,
    count: u32,
}

impl Run<'_> {
    /// Puts the `count` low bits of `bits`, at most 56, behind the others and moves complete bytes out.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        debug_assert!(self.count < 8 && count <= 56 && bits >> count == 0);
        self.pending |= bits << self.count;
        self.count += count;
        self.out[self.at..self.at + 8].copy_from_slice(&self.pending.to_le_bytes());
        let bytes = self.count >> 3;
        self.at += bytes as usize;
        self.pending >>= bytes * 8;
        self.count &= 7;
    }
}
