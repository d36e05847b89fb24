//! Finds the longest match at a place, by chains of the places where the next four bytes were seen before.
//!
//! Places are of sixteen bits, a window and more above 0, which is none: before they overflow, a window is taken from all
//! of them, and what is older becomes 0. So a chain ends where the window does, with one comparison a step. A segment has the
//! places behind those of the one before, which are left in the tables: chains end there too.

use super::symbols::{MAX_LENGTH, WINDOW};

const FOUR_BITS: u32 = 16;
const THREE_BITS: u32 = 15;
/// Bytes that places can tell apart, and a word at the last.
const SIZE: usize = (1 << 16) + 8;

/// The bytes at all places.
type Flat = [u8; SIZE];

pub(super) struct Chains {
    flat: Box<Flat>,
    /// The place of the segment's start, below 0 once a window and more of it is forgotten.
    first: isize,
    /// Up to where its bytes are taken in.
    filled: usize,
    /// What of the segment is remembered, or was passed over.
    seen: usize,
    /// By the hash of three bytes the last place, by that of four the last one, and by place the one before it.
    threes: Box<[u16; 1 << THREE_BITS]>,
    fours: Box<[u16; 1 << FOUR_BITS]>,
    links: Box<[u16; WINDOW]>,
}

/// Chains with what a search needs held by reference, which the compiler keeps in registers.
pub(super) struct Chained<'a> {
    /// No place up to this one is of the segment.
    floor: usize,
    flat: &'a Flat,
    threes: &'a mut [u16; 1 << THREE_BITS],
    fours: &'a mut [u16; 1 << FOUR_BITS],
    links: &'a mut [u16; WINDOW],
}

impl Chains {
    pub(super) fn new() -> Self {
        Self {
            flat: Box::new([0; SIZE]),
            first: WINDOW as isize,
            filled: 0,
            seen: 0,
            threes: Box::new([0; 1 << THREE_BITS]),
            fours: Box::new([0; 1 << FOUR_BITS]),
            links: Box::new([0; WINDOW]),
        }
    }

    /// Forgets all of the segment before: the next one gets the places behind it, so that the tables, which are large, are
    /// not cleared for each of many short segments.
    pub(super) fn clear(&mut self) {
        self.first = self.place(self.filled) as isize;
        (self.filled, self.seen) = (0, 0);
    }

    /// The place of what of the segment is at `at`, which is not forgotten.
    fn place(&self, at: usize) -> usize {
        (self.first + at as isize) as usize
    }

    /// Never remembers what is before `end` and was not yet.
    pub(super) fn pass_to(&mut self, end: usize) {
        self.seen = end;
    }

    /// Remembers what is before `start` and was not yet.
    pub(super) fn catch_up(&mut self, bytes: &[u8], start: usize) {
        let mut from = self.seen.max(start.saturating_sub(WINDOW));
        while from < start {
            let to = start.min(from + WINDOW / 4);
            let (mut chained, place) = self.at(bytes, from, bytes.len().min(to + 8));
            chained.remember(place, place + (to - from));
            from = to;
        }
        self.seen = start;
    }

    /// Chains for what of the segment is from `start` to `ahead`, less than a window, and the place of `start`.
    pub(super) fn at<'a>(
        &'a mut self,
        bytes: &[u8],
        start: usize,
        ahead: usize,
    ) -> (Chained<'a>, usize) {
        if self.place(ahead) > 2 * WINDOW {
            self.shift(self.place(start) - WINDOW);
            self.filled = start.saturating_sub(WINDOW);
        }
        let place = self.place(start);
        if self.filled < ahead {
            let places = self.place(self.filled)..self.place(ahead);
            self.flat[places].copy_from_slice(&bytes[self.filled..ahead]);
            self.filled = ahead;
        }
        let chained = Chained {
            floor: (self.first - 1).max(0) as usize,
            flat: &self.flat,
            threes: &mut self.threes,
            fours: &mut self.fours,
            links: &mut self.links,
        };
        (chained, place)
    }

    /// Takes `by` from all places.
    fn shift(&mut self, by: usize) {
        self.first -= by as isize;
        let less = by.min(0xFFFF) as u16;
        for table in [&mut self.threes[..], &mut self.fours[..], &mut self.links[..]] {
            for place in table {
                *place = place.saturating_sub(less);
            }
        }
        self.links.rotate_left(by % WINDOW);
    }
}

/// The eight bytes at a place, the first lowest.
#[inline(always)]
fn word(flat: &Flat, place: usize) -> u64 {
    let from_place = flat[place & 0xFFFF..].first_chunk().expect("eight bytes follow any place");
    u64::from_le_bytes(*from_place)
}

impl Chained<'_> {
    #[inline(always)]
    pub(super) fn word(&self, place: usize) -> u64 {
        word(self.flat, place)
    }

    #[inline(always)]
    pub(super) fn byte(&self, place: usize) -> u8 {
        self.flat[place & 0xFFFF]
    }

    /// The longest match longer than `shorter`, which is 2 at least, and its distance, 0 if there is none; the nearest of equals.
    /// Remembers the place.
    ///
    /// Nothing is matched beyond `end`; `depth` places are compared, or fewer if one agrees in `nice` bytes.
    #[inline(always)]
    pub(super) fn longest(
        &mut self,
        place: usize,
        end: usize,
        shorter: usize,
        (depth, nice): (u32, usize),
    ) -> (usize, usize) {
        let here = word(self.flat, place);
        let (three, four) = self.put(place, here);
        let beyond = self.floor.max(place - WINDOW);
        let (mut longest, mut nearest) = (shorter, 0);
        let mut candidate = four;
        let mut left = depth;
        if longest < 4 {
            if longest < 3 {
                let differ = word(self.flat, three) ^ here;
                if differ & 0xFF_FFFF == 0 && three > beyond {
                    (longest, nearest) = (3, place - three);
                }
            }
            // The first that agrees in four bytes.
            loop {
                if candidate <= beyond {
                    return (longest, nearest);
                }
                let differ = word(self.flat, candidate) ^ here;
                let next = self.links[candidate % WINDOW] as usize;
                left -= 1;
                if differ as u32 == 0 {
                    (longest, nearest) =
                        (self.length(place, candidate, differ, end), place - candidate);
                    if longest >= nice || left == 0 {
                        return (longest, nearest);
                    }
                    candidate = next;
                    break;
                }
                candidate = next;
                if left == 0 {
                    return (longest, nearest);
                }
            }
        }
        loop {
            let tail = longest - 3;
            let tail_word = word(self.flat, place + tail) as u32;
            // The next that agrees at its start and where it would be longer.
            loop {
                if candidate <= beyond {
                    return (longest, nearest);
                }
                let next = self.links[candidate % WINDOW] as usize;
                let agrees = word(self.flat, candidate + tail) as u32 == tail_word;
                left -= 1;
                if agrees {
                    let differ = word(self.flat, candidate) ^ here;
                    if differ as u32 == 0 {
                        let length = self.length(place, candidate, differ, end);
                        if length > longest {
                            (longest, nearest) = (length, place - candidate);
                            if longest >= nice || left == 0 {
                                return (longest, nearest);
                            }
                            candidate = next;
                            break;
                        }
                    }
                }
                candidate = next;
                if left == 0 {
                    return (longest, nearest);
                }
            }
        }
    }

    /// How many bytes agree, the first eight of which differ in `differ`.
    #[inline(always)]
    pub(super) fn length(&self, place: usize, candidate: usize, differ: u64, end: usize) -> usize {
        let most = (end - place).min(MAX_LENGTH);
        if differ != 0 {
            return ((differ.trailing_zeros() / 8) as usize).min(most);
        }
        let mut n = 8;
        while n < most {
            let differ = word(self.flat, candidate + n) ^ word(self.flat, place + n);
            if differ != 0 {
                return most.min(n + (differ.trailing_zeros() / 8) as usize);
            }
            n += 8;
        }
        most
    }

    /// Remembers a place; gives those before with the same hashes of three and four bytes.
    #[inline(always)]
    fn put(&mut self, place: usize, here: u64) -> (usize, usize) {
        let three = ((here << 8) as u32).wrapping_mul(0x9E37_79B1) >> (32 - THREE_BITS);
        let four = (here as u32).wrapping_mul(0x9E37_79B1) >> (32 - FOUR_BITS);
        let before = std::mem::replace(&mut self.fours[four as usize], place as u16);
        self.links[place % WINDOW] = before;
        (std::mem::replace(&mut self.threes[three as usize], place as u16).into(), before.into())
    }

    /// Remembers the places from `from` to `to`.
    #[inline(always)]
    pub(super) fn remember(&mut self, from: usize, to: usize) {
        for place in from..to {
            self.put(place, word(self.flat, place));
        }
    }
}
