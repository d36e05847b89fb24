//! The symbols of a block, quickly: while there is so much input and so much room that no step needs a check.
//!
//! This decodes nothing that is wrong or rare. At the end of a block, at a code or distance that is at fault, it goes
//! back to before the symbol and stops; [`symbols`](super::symbols) then looks at it. What is left to be proven here
//! is where it reads and writes, and that follows from [`INPUT_SLACK`] and [`OUTPUT_SLACK`] alone.

use std::ops::Range;

use super::bits::Bits;
use super::entry::{Entry, INVALID};
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

const DISTANCE_MASK: u64 = (1 << DISTANCE_WIDTH) - 1;

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

/// Whether [`decode_two`] can do anything with this one.
#[inline(always)]
pub(super) fn is_roomy(bits: &Bits<'_>, window: &Window<'_>) -> bool {
    is_possible(bits, window) && window.room() >= OUTPUT_SLACK
}

/// What one of two streams is decoded with.
pub(super) type Part<'p, 'a> = (&'p Tables, &'p mut Bits<'a>, &'p mut Window<'a>);

/// Decodes symbols of two streams in turn, until one of them can't go on. While one waits for a slot of its table, the other
/// does not.
pub(super) fn decode_two(parts: [Part<'_, '_>; 2]) {
    assert!(parts.iter().all(|(_, bits, window)| is_roomy(bits, window)));
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi2") {
        // SAFETY: the processor has BMI2; the rest is asserted above.
        unsafe { decode_two_bmi2(parts) };
        return;
    }
    // SAFETY: asserted above.
    unsafe { rounds_of_two(parts) }
}

/// As [`decode_bmi2`].
///
/// # Safety
/// The processor has BMI2; [`is_roomy`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
unsafe fn decode_two_bmi2(parts: [Part<'_, '_>; 2]) {
    // SAFETY: as the caller promises.
    unsafe { rounds_of_two(parts) }
}

/// # Safety
/// [`is_roomy`].
#[inline(always)]
unsafe fn rounds_of_two(parts: [Part<'_, '_>; 2]) {
    let [first, second] = parts;
    // SAFETY: as the caller promises.
    let (mut a, mut b) = unsafe {
        (
            Lane::start(first.0, first.1, first.2, OUTPUT_SLACK),
            Lane::start(second.0, second.1, second.2, OUTPUT_SLACK),
        )
    };
    let (mut mark_a, mut mark_b) = (None, None);
    while a.has_room() && b.has_room() {
        // SAFETY: both have room. Slots may hold two literals, even if they do not.
        unsafe {
            mark_a = a.round::<true, false>();
            if mark_a.is_some() {
                break;
            }
            mark_b = b.round::<true, false>();
            if mark_b.is_some() {
                break;
            }
        }
    }
    a.stop(mark_a, first.1, first.2);
    b.stop(mark_b, second.1, second.2);
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
    let slack = if TAIL { TAIL_SLACK } else { OUTPUT_SLACK };
    // SAFETY: as the caller promises.
    let mut lane = unsafe { Lane::start(tables, bits, window, slack) };
    let mark = loop {
        if !lane.has_room() {
            break None;
        }
        // SAFETY: it has room.
        let mark = unsafe { lane.round::<PAIRS, TAIL>() };
        if mark.is_some() {
            break mark;
        }
    };
    lane.stop(mark, bits, window);
}

/// The state of a decoder while it makes rounds, to be held in registers.
struct Lane<'t> {
    tables: &'t Tables,
    literal_mask: u64,
    at: Cursor,
    out: *mut u8,
    /// The slot for the next bits. It is looked up as early as they are known: it is what everything else waits for.
    entry: Entry,
    /// Where the output starts and ends.
    window: Range<*mut u8>,
    /// The last places at which a round can begin.
    last_input: *const u8,
    last_out: *mut u8,
}

impl<'t> Lane<'t> {
    /// # Safety
    /// [`is_possible`], and there are `slack` bytes of room.
    #[inline(always)]
    unsafe fn start(
        tables: &'t Tables,
        bits: &Bits<'_>,
        window: &mut Window<'_>,
        slack: usize,
    ) -> Lane<'t> {
        let literal_mask = (1u64 << tables.literals.width()) - 1;
        assert!((literal_mask as usize) < tables.literals.slots().len());
        debug_assert!(tables.literals.width() <= 12 && tables.distances.width() == DISTANCE_WIDTH);
        let input = bits.input.as_ptr_range();
        let out = window.out.as_mut_ptr_range();
        // SAFETY: there are that many bytes, as the caller promises; `taken` and `written` are within their slices.
        let mut lane = unsafe {
            Lane {
                tables,
                literal_mask,
                at: Cursor {
                    next: input.start.add(bits.taken),
                    buffer: bits.buffer,
                    count: bits.count,
                },
                out: out.start.add(window.written),
                entry: INVALID,
                last_input: input.end.sub(INPUT_SLACK),
                last_out: out.start.add(window.until.min(window.out.len() - slack + 1)),
                window: out,
            }
        };
        // SAFETY: the caller promises that there is more.
        unsafe { lane.at.refill() };
        lane.entry = lane.look();
        lane
    }

    /// Whether there is input and room for a round.
    #[inline(always)]
    fn has_room(&self) -> bool {
        self.at.next <= self.last_input && self.out < self.last_out
    }

    /// The slot for the next bits.
    #[inline(always)]
    fn look(&self) -> Entry {
        let slot = (self.at.buffer & self.literal_mask) as usize;
        // SAFETY: asserted at the start: there are more slots than the mask lets through.
        unsafe { *self.tables.literals.slots().get_unchecked(slot) }
    }

    /// Writes the literals of the slot at hand.
    ///
    /// # Safety
    /// There is room for two bytes.
    #[inline(always)]
    unsafe fn put<const PAIRS: bool>(&mut self) {
        // SAFETY: as the caller promises.
        unsafe {
            if PAIRS {
                let literals = self.entry.literals().to_le_bytes();
                self.out.cast::<[u8; 2]>().write_unaligned(literals);
                self.out = self.out.add(self.entry.literal_count());
            } else {
                self.out.write(self.entry.first_literal().0);
                self.out = self.out.add(1);
            }
        }
    }

    /// Decodes some literals, a match, or both. Gives the place to go back to, if there is a symbol that has to be left to
    /// others.
    ///
    /// # Safety
    /// There is [room](Self::has_room). `PAIRS` is set if slots can hold two literals, `TAIL` if the lane was started with
    /// less room than [`OUTPUT_SLACK`].
    #[inline(always)]
    unsafe fn round<const PAIRS: bool, const TAIL: bool>(&mut self) -> Option<usize> {
        /// The slot behind a slot.
        macro_rules! look_further {
            ($slots:expr, $entry:expr) => {
                $slots
                    [$entry.start() + (self.at.buffer & !(!0 << $entry.subtable_width())) as usize]
            };
        }
        let mut coded = self.at.buffer;
        self.at.consume(self.entry);
        // SAFETY: at most 3 pairs a round, within OUTPUT_SLACK, and refills as INPUT_SLACK allows.
        unsafe {
            if self.entry.is_literal() {
                self.put::<PAIRS>();
                self.entry = self.look();
                coded = self.at.buffer;
                self.at.consume(self.entry);
                if self.entry.is_literal() {
                    self.put::<PAIRS>();
                    self.entry = self.look();
                    coded = self.at.buffer;
                    self.at.consume(self.entry);
                    if self.entry.is_literal() {
                        self.put::<PAIRS>();
                        // 20 bits are left, or more.
                        self.entry = self.look();
                        // The only refill of this round.
                        self.at.refill();
                        return None;
                    }
                }
            }
        }
        let symbol = self.at.position().wrapping_sub(self.entry.bits() as usize);
        if self.entry.is_special() {
            if !self.entry.is_subtable() {
                return Some(symbol);
            }
            // 20 bits are left, or more.
            self.entry = look_further!(self.tables.literals.slots(), self.entry);
            coded = self.at.buffer;
            self.at.consume(self.entry);
            if self.entry.is_literal() {
                // SAFETY: the third pair at most, and the only refill of this round.
                unsafe {
                    self.put::<PAIRS>();
                    self.at.refill();
                }
                self.entry = self.look();
                return None;
            }
            if self.entry.is_special() {
                return Some(symbol);
            }
        }
        let length = self.entry.decode(coded);

        // 12 bits are left, or more. What a distance takes, and the look after it, may be more.
        let distances = self.tables.distances.slots();
        let mut far = distances[(self.at.buffer & DISTANCE_MASK) as usize];
        if !far.is_special() {
            if self.at.count & 63 < 8 + 13 + 12 {
                // SAFETY: the first of two of this round.
                unsafe { self.at.refill() };
            }
        } else {
            if !far.is_subtable() {
                return Some(symbol);
            }
            if self.at.count & 63 < 15 + 13 + 12 {
                // SAFETY: the first of two of this round.
                unsafe { self.at.refill() };
            }
            self.at.consume(far);
            far = look_further!(distances, far);
            if far.is_special() {
                return Some(symbol);
            }
        }
        let distance = far.decode(self.at.buffer);
        self.at.consume(far);
        let Range { start, end } = self.window;
        if distance > self.out as usize - start as usize
            || TAIL && length + OVERRUN > end as usize - self.out as usize
        {
            return Some(symbol);
        }
        self.entry = self.look();
        // SAFETY: the last of two of this round.
        unsafe { self.at.refill() };
        // SAFETY: the window begins at least `distance` before `out`, and the round's room is not used up.
        unsafe { repeat(self.out, distance, length) };
        // SAFETY: as above, `length` is at most 258.
        self.out = unsafe { self.out.add(length) };
        None
    }

    /// Takes down how far it came, or where it has to go back to.
    #[inline(always)]
    fn stop(self, mark: Option<usize>, bits: &mut Bits<'_>, window: &mut Window<'_>) {
        let input = bits.input.as_ptr() as usize;
        window.written = self.out as usize - self.window.start as usize;
        bits.buffer = self.at.buffer;
        bits.count = self.at.count & 63;
        bits.taken = self.at.next as usize - input;
        if let Some(mark) = mark {
            bits.go_to(mark.wrapping_sub(input.wrapping_mul(8)));
        }
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
