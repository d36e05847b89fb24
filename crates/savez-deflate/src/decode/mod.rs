//! The inflater: a DEFLATE stream (RFC 1951) into an array of known size.
//!
//! The output is the window: matches are copied from where they were decoded to, and nothing is copied twice. The
//! input comes in pieces, of which none but the current one has to be there.
//!
//! | module | knows |
//! |---|---|
//! | `bits` | the input as bits |
//! | `entry`, `code` | a prefix code as a table |
//! | `tables` | the codes of a block, and its header |
//! | `window` | the output |
//! | `symbols` | how to decode a block's symbols anywhere |
//! | `fast` | how to do so quickly, away from the ends of input and output: the only `unsafe` |
//!
//! What was tried to make it fast is in `optimization-notes.md` beside this file.

#![deny(unsafe_code)]

mod bits;
mod code;
mod entry;
mod error;
#[allow(unsafe_code)]
mod fast;
mod symbols;
mod tables;
mod window;

use bits::{Bits, Kept};
use tables::{Header, Tables};
use window::Window;

pub use error::{Error, ErrorKind};

/// Inflates a whole stream that holds `out.len()` bytes; returns how many bytes of `input` it took. What comes behind
/// the stream's end is not looked at.
///
/// # Errors
/// If the stream is damaged, cut short, or holds more or fewer bytes than `out` has. What is in `out` then, is
/// unspecified.
pub fn inflate(input: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    Inflater::new().inflate(input, out)
}

/// Inflates one segment of a stream: blocks that end on a byte boundary, hold `out.len()` bytes, take all of `input`, and
/// do not refer to what came before them. Returns whether the last of them is marked as the stream's last.
///
/// # Errors
/// If any of that is not so. What is in `out` then, is unspecified.
pub fn inflate_segment(input: &[u8], out: &mut [u8]) -> Result<bool, Error> {
    Inflater::new().inflate_segment(input, out)
}

/// Where a byte of input becomes more than this, most of the output is copied by matches, and turns were as often slower.
const WORTH_TURNS: usize = 6;

/// Inflates two segments in turn, each as [`inflate_segment`] does: faster than one after the other, since what an inflater
/// waits for most is its own last step.
///
/// # Errors
/// For each of them on its own.
pub fn inflate_two_segments(
    inflaters: [&mut Inflater; 2],
    inputs: [&[u8]; 2],
    outs: [&mut [u8]; 2],
) -> [Result<bool, Error>; 2] {
    let stored: usize = inputs.iter().map(|input| input.len()).sum();
    let room: usize = outs.iter().map(|out| out.len()).sum();
    let is_worth = room / WORTH_TURNS <= stored;
    let [first, second] = inflaters;
    let [first_out, second_out] = outs;
    let mut parts =
        [Part::new(first, inputs[0], first_out), Part::new(second, inputs[1], second_out)];
    while is_worth && parts.iter_mut().all(Part::approach) {
        let [first, second] = &mut parts;
        fast::decode_two(
            [first, second].map(|part| (&*part.inflater.tables, &mut part.bits, &mut part.window)),
        );
    }
    parts.map(Part::finish)
}

/// One of several segments that are inflated in turn.
struct Part<'a> {
    inflater: &'a mut Inflater,
    bits: Bits<'a>,
    window: Window<'a>,
    fault: Option<ErrorKind>,
}

impl<'a> Part<'a> {
    fn new(inflater: &'a mut Inflater, input: &'a [u8], out: &'a mut [u8]) -> Part<'a> {
        inflater.reset();
        let until = out.len();
        let window = Window { out, written: 0, until };
        Part { inflater, bits: Bits::new(Kept::default(), input), window, fault: None }
    }

    /// Goes to where many symbols can be decoded at once, if there is such a place.
    fn approach(&mut self) -> bool {
        let reached = self.inflater.approach(&mut self.bits, &mut self.window);
        self.fault = reached.err();
        reached == Ok(true)
    }

    /// Inflates what is left.
    fn finish(mut self) -> Result<bool, Error> {
        self.bits.give_back();
        self.inflater.keep(&self.bits);
        let input = &self.bits.input[self.bits.taken..];
        let Window { out, written, .. } = self.window;
        match self.fault {
            Some(kind) => Err(self.inflater.fail(kind, written)),
            None => self.inflater.finish_segment(input, out, written),
        }
    }
}

/// A decoder, with its tables: about 20 kB, allocated once by [`new`](Inflater::new).
#[derive(Clone, Debug)]
pub struct Inflater {
    tables: Box<Tables>,
    header: Box<Header>,
    state: State,
    /// Whether the block at hand is the last.
    is_last: bool,
    kept: Kept,
    /// The bytes of all pieces that were taken, those in `kept` among them.
    consumed: u64,
}

/// Why [`Inflater::decode`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Status {
    /// The bytes that were asked for are there.
    Reached,
    /// The piece of input is used up: call again with the next, or with an empty one if there is none.
    NeedsInput,
    /// The stream is at its end, and the bytes that were asked for are there.
    End,
}

/// What comes next in the stream.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Block,
    StoredLength,
    Stored { left: usize },
    Header,
    Symbols,
    End,
    Failed(Error),
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflater {
    /// How many bytes more than wanted [`decode`](Self::decode) may decode.
    pub const OVERSHOOT: usize = 300;

    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Inflater {
            tables: Box::new(Tables::new()),
            header: Box::new(Header::new()),
            state: State::Block,
            is_last: false,
            kept: Kept::default(),
            consumed: 0,
        }
    }

    /// Goes back to the start, for another stream.
    pub fn reset(&mut self) {
        self.state = State::Block;
        self.is_last = false;
        self.kept = Kept::default();
        self.consumed = 0;
    }

    /// How many bytes of input were taken so far. At the [end](Status::End) these are the bytes of the stream.
    pub fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Decodes into `out[*written..]` until `out[..until]` is there, the stream ends, or the piece of input does.
    ///
    /// `input` is the next piece of the stream, of any length; it is advanced past what was taken. An empty piece says
    /// that there are no more. `out[..*written]` is what was decoded before, and the window; `written` is advanced.
    /// Bytes of `out` that are not decoded yet may be overwritten with anything; bytes behind `out` never are.
    ///
    /// With `until` below `out.len()` this may decode up to [`OVERSHOOT`](Self::OVERSHOOT) bytes more than wanted. With
    /// `until` at `out.len()` (or beyond, which is the same), `out` is all that the stream may hold: this goes on to the
    /// stream's end.
    ///
    /// So a caller can look at the result in parts that are still in the cache, and can stop between them. One that does
    /// not want all of the result in memory can keep the last 32 KiB, move them to the start of `out` and go on, as long
    /// as `until` is at most `out.len() - OVERSHOOT`.
    ///
    /// # Errors
    /// If the stream is damaged or cut short, if it ends before `until`, or if it wants more room than `out` has. The
    /// same error is returned until [`reset`](Inflater::reset).
    ///
    /// # Panics
    /// If `*written` is greater than `out.len()`.
    pub fn decode(
        &mut self,
        input: &mut &[u8],
        out: &mut [u8],
        written: &mut usize,
        until: usize,
    ) -> Result<Status, Error> {
        assert!(*written <= out.len(), "{} bytes written of {}", *written, out.len());
        let until = until.min(out.len());
        let mut window = Window { out, written: *written, until };
        let mut bits = Bits::new(self.kept, input);
        let mut outcome = self.run(&mut bits, &mut window);
        if outcome == Ok(Status::NeedsInput) {
            debug_assert_eq!(bits.taken, input.len());
            if input.is_empty() {
                outcome = Err(ErrorKind::Truncated);
            }
        } else {
            bits.give_back();
        }
        if outcome == Ok(Status::End) && window.written < until {
            outcome = Err(ErrorKind::TooShort);
        }
        self.keep(&bits);
        *written = window.written;
        *input = &input[bits.taken..];
        outcome.map_err(|kind| self.fail(kind, *written))
    }

    /// Inflates a whole stream; see [`inflate`].
    ///
    /// # Errors
    /// As [`inflate`].
    pub fn inflate(&mut self, mut input: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        self.reset();
        let all = input.len();
        let mut written = 0;
        while self.decode(&mut input, out, &mut written, usize::MAX)? != Status::End {}
        Ok(all - input.len())
    }

    /// Inflates one segment; see [`inflate_segment`].
    ///
    /// # Errors
    /// As [`inflate_segment`].
    pub fn inflate_segment(&mut self, input: &[u8], out: &mut [u8]) -> Result<bool, Error> {
        self.reset();
        self.finish_segment(input, out, 0)
    }

    /// Inflates what is left of a segment.
    fn finish_segment(
        &mut self,
        mut input: &[u8],
        out: &mut [u8],
        mut written: usize,
    ) -> Result<bool, Error> {
        // A segment ends between two blocks; one without any block is none.
        let is_last = loop {
            let is_between = self.state == State::Block && self.kept.is_empty();
            if is_between && input.is_empty() && self.consumed > 0 {
                break false;
            }
            if self.decode(&mut input, out, &mut written, usize::MAX)? == Status::End {
                break true;
            }
        };
        if written < out.len() {
            return Err(self.fail(ErrorKind::TooShort, written));
        }
        if !input.is_empty() {
            return Err(self.fail(ErrorKind::Trailing, written));
        }
        Ok(is_last)
    }

    /// Decodes as far as possible.
    fn run(&mut self, bits: &mut Bits<'_>, window: &mut Window<'_>) -> Result<Status, ErrorKind> {
        loop {
            if window.is_reached() && self.state != State::End {
                return Ok(Status::Reached);
            }
            if let Some(status) = self.turn(bits, window)? {
                return Ok(status);
            }
        }
    }

    /// Goes on until symbols are to be decoded for which there is much input and room. Gives whether there are.
    fn approach(
        &mut self,
        bits: &mut Bits<'_>,
        window: &mut Window<'_>,
    ) -> Result<bool, ErrorKind> {
        loop {
            if self.state != State::Symbols {
                if self.turn(bits, window)?.is_some() {
                    return Ok(false);
                }
                continue;
            }
            // Where fast rounds ended, the next symbol may be one that they leave to others.
            match symbols::decode_one(&self.tables, bits, window)? {
                Some(symbols::Stop::EndOfBlock) => self.state = self.after_block(),
                Some(_) => return Ok(false),
                None => return Ok(fast::is_roomy(bits, window)),
            }
        }
    }

    /// Does what comes next. Gives why there is nothing more to be done, if so.
    fn turn(
        &mut self,
        bits: &mut Bits<'_>,
        window: &mut Window<'_>,
    ) -> Result<Option<Status>, ErrorKind> {
        match self.state {
            State::Block => {
                let Some(head) = bits.take(3) else { return Ok(Some(Status::NeedsInput)) };
                self.is_last = head & 1 == 1;
                self.state = match head >> 1 {
                    0 => {
                        bits.align();
                        State::StoredLength
                    }
                    1 => {
                        self.tables.set_fixed();
                        State::Symbols
                    }
                    2 => {
                        self.header.start();
                        State::Header
                    }
                    _ => return Err(ErrorKind::BlockType),
                };
            }
            State::StoredLength => {
                let Some(lengths) = bits.take(32) else { return Ok(Some(Status::NeedsInput)) };
                if lengths & 0xffff != !lengths >> 16 {
                    return Err(ErrorKind::StoredLength);
                }
                bits.give_back();
                self.state = State::Stored { left: (lengths & 0xffff) as usize };
            }
            State::Stored { left } => {
                let left = left - copy_stored(bits, window, left)?;
                self.state = if left > 0 { State::Stored { left } } else { self.after_block() };
                if left > 0 && !window.is_reached() {
                    return Ok(Some(Status::NeedsInput));
                }
            }
            State::Header => {
                if !self.header.read(bits, &mut self.tables, window.room())? {
                    return Ok(Some(Status::NeedsInput));
                }
                self.state = State::Symbols;
            }
            State::Symbols => match symbols::decode(&self.tables, bits, window)? {
                symbols::Stop::EndOfBlock => self.state = self.after_block(),
                symbols::Stop::Reached => return Ok(Some(Status::Reached)),
                symbols::Stop::NeedsInput => return Ok(Some(Status::NeedsInput)),
            },
            State::End => {
                bits.align();
                return Ok(Some(Status::End));
            }
            State::Failed(error) => return Err(error.kind),
        }
        Ok(None)
    }

    /// Takes down what was taken of a piece, and which bits of it are left over.
    fn keep(&mut self, bits: &Bits<'_>) {
        self.kept = bits.keep();
        self.consumed += bits.taken as u64;
    }

    fn after_block(&self) -> State {
        if self.is_last { State::End } else { State::Block }
    }

    /// The error that is returned from now on.
    fn fail(&mut self, kind: ErrorKind, written: usize) -> Error {
        if let State::Failed(error) = self.state {
            return error;
        }
        let bit = 8 * self.consumed - self.kept.count();
        let error = Error { kind, bit, written: written as u64 };
        self.state = State::Failed(error);
        error
    }
}

/// Copies up to `left` bytes of a stored block, as far as they are there and wanted.
fn copy_stored(
    bits: &mut Bits<'_>,
    window: &mut Window<'_>,
    left: usize,
) -> Result<usize, ErrorKind> {
    debug_assert_eq!(bits.count, 0);
    if left > window.room() && window.until == window.out.len() {
        return Err(ErrorKind::TooLong);
    }
    let wanted = left.min(window.until - window.written.min(window.until));
    let rest = &bits.input[bits.taken..];
    let bytes = &rest[..rest.len().min(wanted)];
    window.extend(bytes);
    bits.taken += bytes.len();
    Ok(bytes.len())
}
