//! What can be wrong with a stream, and where.

use std::fmt;

/// Why a stream could not be inflated, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    pub(super) kind: ErrorKind,
    pub(super) bit: u64,
    pub(super) written: u64,
}

impl Error {
    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where the stream is at fault, in bits from its start. Bit 0 is the lowest bit of the first byte. For symbols this
    /// is where the symbol starts, for headers where decoding stopped, for [`Truncated`](ErrorKind::Truncated) the first
    /// bit that could not be used.
    pub fn bit(&self) -> u64 {
        self.bit
    }

    /// How many bytes had been decoded before, or lay in the window from the start.
    pub fn written(&self) -> u64 {
        self.written
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = match self.kind {
            ErrorKind::BlockType => "a block of the reserved type",
            ErrorKind::StoredLength => "a stored block whose length does not match its complement",
            ErrorKind::CodeCount => "more symbols than there are",
            ErrorKind::CodeLengths => "code lengths that make no prefix code",
            ErrorKind::CodeRepeat => {
                "a repeated code length with none before, or beyond the last symbol"
            }
            ErrorKind::NoEndOfBlock => "a block without an end",
            ErrorKind::Symbol => "bits that are no code of a literal or length",
            ErrorKind::DistanceSymbol => "bits that are no code of a distance",
            ErrorKind::Distance => "a match that reaches back before the first byte",
            ErrorKind::TooLong => "more bytes than expected",
            ErrorKind::TooShort => "fewer bytes than expected",
            ErrorKind::Truncated => "no end: it is cut short",
            ErrorKind::Trailing => "bytes behind its end",
        };
        let (byte, bit) = (self.bit / 8, self.bit % 8);
        write!(
            f,
            "the DEFLATE stream has {cause} (at byte {byte}, bit {bit}, after {} bytes of output)",
            self.written
        )
    }
}

impl std::error::Error for Error {}

/// What is wrong with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A block has the reserved type 3.
    BlockType,
    /// The two lengths of a stored block are not each other's complement.
    StoredLength,
    /// A block defines more than 286 literal and length symbols or more than 30 distances.
    CodeCount,
    /// Code lengths are over-subscribed, or leave codes unused. As with zlib, a single code of one bit is no error, and
    /// neither is a block without any distance.
    CodeLengths,
    /// A code length is repeated that does not exist, or more often than there are symbols.
    CodeRepeat,
    /// A block has no code for its own end.
    NoEndOfBlock,
    /// Bits that are no code of the block, or the code of a symbol that must not occur.
    Symbol,
    /// The same, of a distance.
    DistanceSymbol,
    /// A match begins before the window.
    Distance,
    /// The stream holds more bytes than there is room for.
    TooLong,
    /// The stream holds fewer bytes than were asked for.
    TooShort,
    /// The input ends within the stream.
    Truncated,
    /// The input goes on after the end of what should be all of it.
    Trailing,
}
