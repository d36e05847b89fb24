//! The symbols of a block, quickly: while there is so much input and so much room that no step needs a check.
//!
//! This decodes nothing that is wrong or rare. At the end of a block, at a code or distance that is at fault, it goes
//! back to before the symbol and stops; [`symbols`](super::symbols) then looks at it. What is left to be proven here
//! is where it reads and writes, and that follows from [`INPUT_SLACK`] and [`OUTPUT_SLACK`] alone.

use std::ops::Range;

use super::bits::Bits;
use super::entry::Entry;
use super::tables::{DISTANCE_WIDTH, Tables};
use super::window::Window;

/// A round begins with so many bytes of input ahead. It refills twice at most, each time reads 8 bytes and takes up to 7
/// of them: 7 + 8.
const INPUT_SLACK: usize = 16;

/// A round begins with so much room ahead. It writes up to 3 pairs of literals, a match of 258 bytes, and [`OVERRUN`]
/// bytes behind it.
const OUTPUT_SLACK: usize = 6 + 258 + OVERRUN;

/// The same if there is room for literals, but matches have to be looked at. A pair is written even for one literal.
const TAIL_SLACK: usize = 7;

/// So many bytes behind its end, [`repeat`] may overwrite.
const OVERRUN: usize = 40;

/// The last round begins before all that is wanted is there.
const _: () = assert!(OUTPUT_SLACK - OVERRUN <= super::Inflater::OVERSHOOT);

/// Whether [`decode`] can do anything.
#[inline(always)]
pub(super) fn is_possible(bits: &Bits<'_>, window: &Window<'_>) -> bool {
    window.room() >= TAIL_SLACK
        && bits.input.len() - bits.taken >= INPUT_SLACK
        && bits.are_of_this_piece()
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
    unsafe { choose_rounds(tables, bits, window) }
}

/// The same, with shifts by any register and without a mask.
///
/// # Safety
/// The processor has BMI2; [`is_possible`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
unsafe fn decode_bmi2(tables: &Tables, bits: &mut Bits<'_>, window: &mut Window<'_>) {
    // SAFETY: as the caller promises.
    unsafe { choose_rounds(tables, bits, window) }
}

/// # Safety
/// [`is_possible`].
#[inline(always)]
unsafe fn choose_rounds(tables: &Tables, bits: &mut Bits<'_>, window: &mut Window<'_>) {
    // SAFETY: as the caller promises.
    unsafe {
        match (tables.has_pairs(), window.room() < OUTPUT_SLACK) {
            (false, false) => rounds::<false, false>(tables, bits, window),
            (false, true) => rounds::<false, true>(tables, bits, window),
            (true, false) => rounds::<true, false>(tables, bits, window),
            (true, true) => rounds::<true, true>(tables, bits, window),
        }
    }
}

/// The bits of the input, as [`Bits`], but without checks.
struct Cursor {
    next: *const u8,
    buffer: u64,
    /// At most 63.
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

    /// Goes past what an entry stands for.
    #[inline(always)]
    fn consume(&mut self, entry: Entry) {
        debug_assert!(entry.bits() <= self.count);
        self.buffer >>= entry.bits() & 63;
        self.count = self.count.wrapping_sub(entry.bits());
    }

    /// Where the next bit is, in bits from the start of memory.
    #[inline(always)]
    fn position(&self) -> usize {
        (self.next as usize).wrapping_mul(8).wrapping_sub((self.count & 63) as usize)
    }
}

/// What [`decode`] does: with `PAIRS` if slots can hold two literals, as a `TAIL` if there is less room than
/// [`OUTPUT_SLACK`].
///
/// # Safety
/// [`is_possible`], and `PAIRS` and `TAIL` are as said.
#[inline(always)]
unsafe fn rounds<const PAIRS: bool, const TAIL: bool>(
    tables: &Tables,
    bits: &mut Bits<'_>,
    window: &mut Window<'_>,
) {
    let literals = tables.literals.slots();
    let distances = tables.distances.slots();
    let literal_mask = (1u64 << tables.literals.width()) - 1;
    let distance_mask = (1u64 << DISTANCE_WIDTH) - 1;
    assert!((literal_mask as usize) < literals.len() && (distance_mask as usize) < distances.len());
    debug_assert!(tables.literals.width() <= 12 && tables.distances.width() == DISTANCE_WIDTH);

    let slack = if TAIL { TAIL_SLACK } else { OUTPUT_SLACK };
    let input = bits.input.as_ptr_range();
    let Range { start: base, end } = window.out.as_mut_ptr_range();
    // SAFETY: there are that many bytes, as is_possible says; `taken` and `written` are within their slices.
    let (last_input, last_out, next, mut out) = unsafe {
        (
            input.end.sub(INPUT_SLACK),
            base.add(window.until.min(window.out.len() - slack + 1)),
            input.start.add(bits.taken),
            base.add(window.written),
        )
    };
    let mut at = Cursor { next, buffer: bits.buffer, count: bits.count };

    /// The slot for the next bits.
    macro_rules! look {
        ($slots:ident, $mask:ident) => {
            // SAFETY: asserted above: there are more slots than the mask lets through.
            unsafe { *$slots.get_unchecked((at.buffer & $mask) as usize) }
        };
    }
    /// The slot behind a slot.
    macro_rules! look_further {
        ($slots:ident, $entry:ident) => {
            $slots[$entry.start() + (at.buffer & !(!0 << $entry.subtable_width())) as usize]
        };
    }
    /// Writes the literals of an entry.
    macro_rules! put {
        ($entry:ident) => {
            // SAFETY: at most 3 pairs a round, within OUTPUT_SLACK.
            unsafe {
                if PAIRS {
                    out.cast::<[u8; 2]>().write_unaligned($entry.literals().to_le_bytes());
                    out = out.add($entry.literal_count());
                } else {
                    out.write($entry.first_literal().0);
                    out = out.add(1);
                }
            }
        };
    }

    // SAFETY: is_possible says that there is more.
    unsafe { at.refill() };
    // Every entry is looked up as early as its bits are known: it is what everything else waits for.
    let mut entry = look!(literals, literal_mask);
    // Ends with the place to go back to, if there is a symbol that has to be left to others.
    let mark = loop {
        if at.next > last_input || out >= last_out {
            break None;
        }
        let mut coded = at.buffer;
        at.consume(entry);
        if entry.is_literal() {
            put!(entry);
            entry = look!(literals, literal_mask);
            coded = at.buffer;
            at.consume(entry);
            if entry.is_literal() {
                put!(entry);
                entry = look!(literals, literal_mask);
                coded = at.buffer;
                at.consume(entry);
                if entry.is_literal() {
                    put!(entry);
                    // 20 bits are left, or more.
                    entry = look!(literals, literal_mask);
                    // SAFETY: the only refill of this round.
                    unsafe { at.refill() };
                    continue;
                }
            }
        }
        let symbol = at.position().wrapping_sub(entry.bits() as usize);
        if entry.is_special() {
            if !entry.is_subtable() {
                break Some(symbol);
            }
            // 20 bits are left, or more.
            entry = look_further!(literals, entry);
            coded = at.buffer;
            at.consume(entry);
            if entry.is_literal() {
                put!(entry);
                // SAFETY: the only refill of this round.
                unsafe { at.refill() };
                entry = look!(literals, literal_mask);
                continue;
            }
            if entry.is_special() {
                break Some(symbol);
            }
        }
        let length = entry.decode(coded);

        // 12 bits are left, or more. What a distance takes, and the look after it, may be more.
        let mut far = look!(distances, distance_mask);
        if !far.is_special() {
            if at.count & 63 < 8 + 13 + 12 {
                // SAFETY: the first of two of this round.
                unsafe { at.refill() };
            }
        } else {
            if !far.is_subtable() {
                break Some(symbol);
            }
            if at.count & 63 < 15 + 13 + 12 {
                // SAFETY: the first of two of this round.
                unsafe { at.refill() };
            }
            at.consume(far);
            far = look_further!(distances, far);
            if far.is_special() {
                break Some(symbol);
            }
        }
        let distance = far.decode(at.buffer);
        at.consume(far);
        if distance > out as usize - base as usize
            || TAIL && length + OVERRUN > end as usize - out as usize
        {
            break Some(symbol);
        }
        entry = look!(literals, literal_mask);
        // SAFETY: the last of two of this round.
        unsafe { at.refill() };
        // SAFETY: the window begins at least `distance` before `out`, and the round's room is not used up.
        unsafe { repeat(out, distance, length) };
        // SAFETY: as above, `length` is at most 258.
        out = unsafe { out.add(length) };
    };
    window.written = out as usize - base as usize;
    bits.buffer = at.buffer;
    bits.count = at.count & 63;
    bits.taken = at.next as usize - input.start as usize;
    if let Some(mark) = mark {
        bits.go_to(mark.wrapping_sub((input.start as usize).wrapping_mul(8)));
    }
}

/// Copies `length` bytes from `distance` before `out` to `out`, each after those before it. Overwrites up to
/// [`OVERRUN`] bytes behind them.
///
/// # Safety
/// `out - distance..out` can be read, `out..out + length + OVERRUN` read and written.
#[inline(always)]
unsafe fn repeat(out: *mut u8, distance: usize, length: usize) {
    debug_assert!(distance >= 1 && (3..=258).contains(&length));
    // SAFETY: each turn of a loop begins before `end`, writes 40 bytes at most, and reads as many from `distance` before
    // them, or 8 from there. Where words are written after the first 40 bytes, `length` is more, so `to` is before `end`.
    unsafe {
        let end = out.add(length);
        let mut to = out;
        let mut from = out.sub(distance).cast_const();
        if distance >= 8 {
            loop {
                for at in [0, 8, 16, 24, 32] {
                    copy::<8>(from.add(at), to.add(at));
                }
                // Most matches are no longer.
                if length <= 40 {
                    break;
                }
                from = from.add(40);
                to = to.add(40);
                if distance == 8 {
                    // A word that waited for the one before each time would take most of the time.
                    let eight = from.cast::<u64>().read_unaligned();
                    while to < end {
                        for at in [0, 8, 16, 24, 32] {
                            to.add(at).cast::<u64>().write_unaligned(eight);
                        }
                        to = to.add(40);
                    }
                    break;
                }
                if distance >= 16 {
                    while to < end {
                        copy::<16>(from, to);
                        copy::<16>(from.add(16), to.add(16));
                        from = from.add(32);
                        to = to.add(32);
                    }
                    break;
                }
                if to >= end {
                    break;
                }
            }
        } else if distance == 1 {
            let eight = u64::from(from.read()) * 0x0101_0101_0101_0101;
            loop {
                for at in [0, 8, 16, 24, 32] {
                    to.add(at).cast::<u64>().write_unaligned(eight);
                }
                to = to.add(40);
                if to >= end {
                    break;
                }
            }
        } else {
            let (pattern, stride) = pattern(from.cast::<u64>().read_unaligned(), distance);
            loop {
                to.cast::<[u64; 2]>().write_unaligned(pattern);
                to = to.add(stride);
                if to >= end {
                    break;
                }
            }
        }
    }
}

/// Sixteen bytes that repeat the first `distance` of the eight at hand, and the greatest multiple of `distance` among
/// them; for distances from 2 to 7.
#[inline(always)]
fn pattern(eight: u64, distance: usize) -> ([u64; 2], usize) {
    debug_assert!((2..8).contains(&distance));
    /// A one in each byte whose place is a multiple of the distance.
    const ONES: [u64; 8] = [
        0,
        0x0101_0101_0101_0101,
        0x0001_0001_0001_0001,
        0x0001_0000_0100_0001,
        0x0000_0001_0000_0001,
        0x0000_0100_0000_0001,
        0x0001_0000_0000_0001,
        0x0100_0000_0000_0001,
    ];
    /// The greatest multiple of the distance up to 16, and the rest of 8.
    const STRIDES: [u8; 8] = [0, 16, 16, 15, 16, 15, 12, 14];
    const BEYOND: [u8; 8] = [0, 0, 0, 2, 0, 3, 2, 1];
    let first = u64::from_le(eight) & (!0 >> (64 - 8 * distance));
    let low = first.wrapping_mul(ONES[distance]);
    // The next eight go on where these eight end: so many bytes into the period.
    let beyond = usize::from(BEYOND[distance]);
    let high = low >> (8 * beyond) | low << (8 * (distance - beyond));
    ([low.to_le(), high.to_le()], usize::from(STRIDES[distance]))
}

/// # Safety
/// `N` bytes can be read at `from` and written at `to`. They may overlap.
#[inline(always)]
unsafe fn copy<const N: usize>(from: *const u8, to: *mut u8) {
    // SAFETY: as the caller promises.
    unsafe { to.copy_from(from, N) };
}

#[cfg(test)]
mod tests {
    use super::super::bits::Kept;
    use super::*;

    /// Whatever the bits, the processor's kind does not matter.
    #[test]
    fn portable_rounds_agree_with_those_of_this_processor() {
        let mut tables = Tables::new();
        tables.set_fixed();
        let mut state = 1u32;
        let mut total = 0;
        for _ in 0..300 {
            let input: Vec<u8> = (0..2000)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            let decoded = [true, false].map(|portable| {
                let mut out = vec![7; 3000];
                let mut bits = Bits::new(Kept::default(), &input);
                let mut window = Window { out: &mut out, written: 500, until: 3000 };
                assert!(is_possible(&bits, &window));
                if portable {
                    // SAFETY: asserted.
                    unsafe { choose_rounds(&tables, &mut bits, &mut window) };
                } else {
                    decode(&tables, &mut bits, &mut window);
                }
                let written = window.written;
                (out, written, 8 * bits.taken - bits.count as usize)
            });
            assert_eq!(decoded[0], decoded[1]);
            total += decoded[0].1 - 500;
        }
        assert!(total > 1000, "{total} bytes only");
    }
}
