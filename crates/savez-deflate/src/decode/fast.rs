//! The symbols of a block, quickly: while there is so much input and so much room that no step needs a check.
//!
//! This decodes nothing that is wrong or rare. At the end of a block, at a code or distance that is at fault, it goes
//! back to before the symbol and stops; [`symbols`](super::symbols) then looks at it. What is left to be proven here
//! is where it reads and writes, and that follows from [`INPUT_SLACK`] and [`OUTPUT_SLACK`] alone.

use super::bits::Bits;
use super::tables::Tables;
use super::window::Window;

/// A round begins with so many bytes of input ahead. It refills three times at most, each time reads 8 bytes and takes
/// up to 7 of them: 7 + 7 + 8.
const INPUT_SLACK: usize = 24;

/// A round begins with so much room ahead. It writes up to 4 pairs of literals and a match of 258 bytes, and up to
/// [`OVERRUN`] bytes behind it.
const OUTPUT_SLACK: usize = 8 + 258 + OVERRUN;

/// So many bytes behind its end, [`repeat`] may overwrite.
const OVERRUN: usize = 32;

/// Where the last round begins, less than this has been wanted.
const _: () = assert!(OUTPUT_SLACK - OVERRUN <= super::Inflater::OVERSHOOT);

/// Whether [`decode`] can do anything.
#[inline(always)]
pub(super) fn is_possible(bits: &Bits<'_>, window: &Window<'_>) -> bool {
    window.room() >= OUTPUT_SLACK && bits.input.len() - bits.taken >= INPUT_SLACK
}

/// Decodes symbols until input or room run short, what is wanted is there, or a symbol needs a closer look.
pub(super) fn decode(tables: &Tables, bits: &mut Bits<'_>, window: &mut Window<'_>) {
    assert!(is_possible(bits, window));
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi2") {
        // SAFETY: the processor has BMI2; the rest is asserted above.
        unsafe { decode_bmi2(tables, bits, window) };
        return;
    }
    // SAFETY: asserted above.
    unsafe { rounds(tables, bits, window) }
}

/// The same, with shifts by any register and without a mask.
///
/// # Safety
/// The processor has BMI2. As [`rounds`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
unsafe fn decode_bmi2(tables: &Tables, bits: &mut Bits<'_>, window: &mut Window<'_>) {
    // SAFETY: as the caller promises.
    unsafe { rounds(tables, bits, window) }
}

/// The bits of the input, as [`Bits`], but without checks.
#[derive(Clone, Copy)]
struct Cursor {
    next: *const u8,
    buffer: u64,
    /// Only the lowest byte counts; at most 63.
    count: u32,
}

impl Cursor {
    /// Takes bytes until there are 56 to 63 bits.
    ///
    /// # Safety
    /// 8 bytes can be read at `next`.
    #[inline(always)]
    unsafe fn refill(&mut self) {
        // SAFETY: as the caller promises; the pointer need not be aligned.
        let word = unsafe { self.next.cast::<u64>().read_unaligned() };
        self.buffer |= u64::from_le(word) << (self.count & 63);
        // SAFETY: this goes at most 7 bytes further, within the 8.
        self.next = unsafe { self.next.add(((63 - (self.count & 63)) >> 3) as usize) };
        self.count |= 56;
    }

    #[inline(always)]
    fn consume(&mut self, n: u32) {
        self.buffer >>= n & 63;
        self.count = self.count.wrapping_sub(n);
    }
}

/// # Safety
/// [`is_possible`].
#[inline(always)]
unsafe fn rounds(tables: &Tables, bits: &mut Bits<'_>, window: &mut Window<'_>) {
    let literals = tables.literals.slots().as_slice();
    let distances = tables.distances.slots().as_slice();
    let literal_mask = (1u64 << tables.literals.width()) - 1;
    let distance_mask = (1u64 << tables.distances.width()) - 1;
    debug_assert!((literal_mask as usize) < literals.len());
    debug_assert!((distance_mask as usize) < distances.len());

    let input = bits.input.as_ptr_range();
    let base = window.out.as_mut_ptr();
    // SAFETY: there are that many bytes, as is_possible says; `taken` and `written` are within their slices.
    let (last_input, last_out, next, mut out) = unsafe {
        (
            input.end.sub(INPUT_SLACK),
            base.add(window.until.min(window.out.len() - OUTPUT_SLACK + 1)),
            input.start.add(bits.taken),
            base.add(window.written),
        )
    };
    let mut at = Cursor { next, buffer: bits.buffer, count: bits.count };

    /// The slot for the next bits.
    macro_rules! look {
        ($slots:ident, $mask:ident) => {
            // SAFETY: a code's slots are at least as many as its mask has values; `Code::build` has filled them.
            unsafe { *$slots.get_unchecked((at.buffer & $mask) as usize) }
        };
    }
    /// Writes the literals of an entry.
    macro_rules! put {
        ($entry:ident) => {
            // SAFETY: at most 4 pairs a round, within OUTPUT_SLACK.
            unsafe {
                out.cast::<[u8; 2]>().write_unaligned($entry.literals().to_le_bytes());
                out = out.add($entry.literal_count());
            }
        };
    }

    // SAFETY: the first refill; see INPUT_SLACK.
    unsafe { at.refill() };
    // Looked up as early as possible: this load is what everything else waits for.
    let mut entry = look!(literals, literal_mask);
    while at.next <= last_input && out < last_out {
        if entry.is_literal() {
            put!(entry);
            at.consume(entry.bits());
            entry = look!(literals, literal_mask);
            if entry.is_literal() {
                put!(entry);
                at.consume(entry.bits());
                entry = look!(literals, literal_mask);
                if entry.is_literal() {
                    put!(entry);
                    at.consume(entry.bits());
                    // There are 20 bits left.
                    entry = look!(literals, literal_mask);
                    // SAFETY: the only refill of this round.
                    unsafe { at.refill() };
                    continue;
                }
            }
            // SAFETY: the first of two of this round.
            unsafe { at.refill() };
        }
        // Where to go back to.
        let mark = at;
        if entry.is_special() {
            if !entry.is_subtable() {
                break;
            }
            at.consume(entry.bits());
            let slot = entry.start() + (at.buffer & !(!0 << entry.subtable_width())) as usize;
            entry = literals[slot];
            if entry.is_literal() {
                put!(entry);
                at.consume(entry.bits());
                entry = look!(literals, literal_mask);
                // SAFETY: the last of two of this round.
                unsafe { at.refill() };
                continue;
            }
            if entry.is_special() {
                at = mark;
                break;
            }
        }
        let length = entry.decode(at.buffer);
        at.consume(entry.bits());

        let mut far = look!(distances, distance_mask);
        if far.is_special() {
            if !far.is_subtable() {
                at = mark;
                break;
            }
            at.consume(far.bits());
            let slot = far.start() + (at.buffer & !(!0 << far.subtable_width())) as usize;
            far = distances[slot];
            if far.is_special() {
                at = mark;
                break;
            }
        }
        let distance = far.decode(at.buffer);
        at.consume(far.bits());
        if distance > out as usize - base as usize {
            at = mark;
            break;
        }
        // SAFETY: the last of two of this round.
        unsafe { at.refill() };
        entry = look!(literals, literal_mask);
        // SAFETY: the window begins at least `distance` before `out`, and the round's room is not used up.
        unsafe { repeat(out, distance, length) };
        // SAFETY: as above, `length` is at most 258.
        out = unsafe { out.add(length) };
    }
    bits.taken = at.next as usize - input.start as usize;
    bits.buffer = at.buffer;
    bits.count = at.count & 63;
    window.written = out as usize - base as usize;
}

/// Copies `length` bytes from `distance` before `out` to `out`, each after those before it. Overwrites up to
/// [`OVERRUN`] bytes behind them.
///
/// # Safety
/// `out - distance..out` can be read, `out..out + length + OVERRUN` read and written.
#[inline(always)]
unsafe fn repeat(out: *mut u8, distance: usize, length: usize) {
    debug_assert!(distance >= 1 && (1..=258).contains(&length));
    // SAFETY: every copy starts before `end` and writes 16 bytes there, or 32 if it is the first; all are read from
    // behind `out - distance`.
    unsafe {
        let end = out.add(length);
        let mut to = out;
        let mut from = out.sub(distance).cast_const();
        if distance >= 16 {
            copy16(from, to);
            copy16(from.add(16), to.add(16));
            if length > 32 {
                from = from.add(32);
                to = to.add(32);
                while to < end {
                    copy16(from, to);
                    from = from.add(16);
                    to = to.add(16);
                }
            }
        } else if distance == 1 {
            let pattern = [from.read(); 16];
            to.cast::<[u8; 16]>().write_unaligned(pattern);
            to.add(16).cast::<[u8; 16]>().write_unaligned(pattern);
            to = to.add(32);
            while to < end {
                to.cast::<[u8; 16]>().write_unaligned(pattern);
                to = to.add(16);
            }
        } else {
            let (pattern, period) = pattern(from, distance);
            while to < end {
                to.cast::<u128>().write_unaligned(pattern);
                to = to.add(period);
            }
        }
    }
}

/// Sixteen bytes that repeat the first `distance` at `from`, and the greatest multiple of `distance` among them.
///
/// # Safety
/// 16 bytes can be read at `from`.
#[inline(always)]
unsafe fn pattern(from: *const u8, distance: usize) -> (u128, usize) {
    debug_assert!((1..16).contains(&distance));
    // SAFETY: as the caller promises.
    let mut pattern = u128::from_le(unsafe { from.cast::<u128>().read_unaligned() });
    pattern &= !(!0 << (8 * distance));
    let mut period = distance;
    while 2 * period <= 16 {
        pattern |= pattern << (8 * period);
        period *= 2;
    }
    (pattern.to_le(), period)
}

/// # Safety
/// 16 bytes can be read at `from` and written at `to`. They may overlap.
#[inline(always)]
unsafe fn copy16(from: *const u8, to: *mut u8) {
    // SAFETY: as the caller promises; all is read before any is written.
    unsafe { to.cast::<[u8; 16]>().write_unaligned(from.cast::<[u8; 16]>().read_unaligned()) };
}
