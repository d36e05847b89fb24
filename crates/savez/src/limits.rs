//! How much a file may ask for.

/// Bounds on what a file may make us do. The defaults are NumPy's where NumPy has one.
///
/// Beyond these, nothing is believed that the bytes at hand do not bear out: a header cannot claim
/// more data than its member has, nor a member more than its compressed bytes can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Characters in an npy header: 10,000, NumPy's `max_header_size`.
    pub header_chars: usize,
    /// Bytes of one array or member read into memory: no bound but memory itself.
    pub member_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { header_chars: 10_000, member_bytes: u64::MAX }
    }
}

impl Limits {
    /// Sets [`header_chars`](Self::header_chars).
    #[must_use]
    pub fn header_chars(mut self, chars: usize) -> Self {
        self.header_chars = chars;
        self
    }

    /// Sets [`member_bytes`](Self::member_bytes).
    #[must_use]
    pub fn member_bytes(mut self, bytes: u64) -> Self {
        self.member_bytes = bytes;
        self
    }
}
