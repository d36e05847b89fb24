//! Finds the match at a place that saves most: at a few near distances, or where the next bytes were seen before.
//!
//! Tables remember places by the hash of what follows: of four bytes the last two, of eight bytes the last two and, in a
//! chain, all before them; in small segments of three bytes the last. A bucket is one word, so that its places are
//! compared side by side; a stale or foreign place costs a comparison, never a wrong match. All that is found is weighed
//! by the price of the literals it replaces.
//!
//! The chains are of eight bytes because what is worth a deep search has long matches, and few bytes in many places: of
//! small integers every fourth byte begins four zeros, and a chain of those leads nowhere.

use super::cost::{Costs, MOST};
use super::phases::Phases;
use super::symbols::{MAX_LENGTH, WINDOW};
use super::window::Window;

const HASH_BITS: u32 = 14;
const THREE_BITS: u32 = 13;
/// Room for the prices of a stretch and what is looked at behind it, a power of two.
pub(super) const SUMS: usize = 16_384;
/// Places of a bucket that are compared.
const WAYS: usize = 2;
/// A near match of this length ends the search.
pub(super) const ENOUGH: usize = 64;

const _: () = assert!(MAX_LENGTH * (MOST as usize) < 1 << 16, "a match must not cost 2¹⁶");

/// A match: its gain above its length above the complement of its distance, so that the better of two is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match(u64);

impl Match {
    pub(super) const NONE: Self = Self(0);

    #[inline(always)]
    fn new(gain: u32, length: usize, distance: usize) -> Self {
        Self(u64::from(gain) << 32 | (length << 16 | (0xFFFF - distance)) as u64)
    }

    /// What it costs less than its bytes as literals; 0 for none.
    #[inline(always)]
    pub(super) fn gain(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    pub(super) fn length(self) -> usize {
        (self.0 >> 16) as usize & 0xFFFF
    }

    #[inline(always)]
    pub(super) fn distance(self) -> usize {
        0xFFFF - (self.0 as usize & 0xFFFF)
    }
}

/// The best match at a place.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) best: Match,
    /// What it gains over the best near one.
    pub(super) over_near: u32,
}

pub(super) struct Finder {
    pub(super) window: Window,
    pub(super) costs: Costs,
    pub(super) phases: Phases,
    /// The distances to try first.
    pub(super) near: [usize; 3],
    /// The length of the segment.
    end: usize,
    /// What of the segment is remembered, or was passed over.
    pub(super) seen: usize,
    /// Whether places are remembered by three bytes.
    threes: bool,
    /// Whether the tables have places of the segment before.
    stale: bool,
    three: Box<[u16; 1 << THREE_BITS]>,
    four: Box<[u32; 1 << HASH_BITS]>,
    eight: Box<[u32; 1 << HASH_BITS]>,
    /// By place the one before with the same hash of eight bytes: chains.
    links: Box<[u16; WINDOW]>,
    /// The price of the literals from `summed_from` up to each place, modulo 2¹⁶, which that of a match is below.
    sums: Box<[u16; SUMS]>,
    summed_from: usize,
}

impl Finder {
    pub(super) fn new() -> Self {
        Self {
            window: Window::new(),
            costs: Costs::new(),
            phases: Phases::new(1),
            near: [1; 3],
            end: 0,
            seen: 0,
            threes: false,
            stale: false,
            three: Box::new([0; 1 << THREE_BITS]),
            four: Box::new([0; 1 << HASH_BITS]),
            eight: Box::new([0; 1 << HASH_BITS]),
            links: Box::new([0; WINDOW]),
            sums: Box::new([0; SUMS]),
            summed_from: 0,
        }
    }

    /// Forgets all of the segment before.
    pub(super) fn clear(&mut self, end: usize, item: usize, row: usize, threes: bool) {
        self.window.clear();
        self.phases = Phases::new(item);
        let item = item.clamp(1, WINDOW);
        self.near = [item, if (1..=WINDOW).contains(&row) { row } else { item }, 1];
        (self.end, self.seen) = (end, 0);
        self.threes = threes;
        self.stale = true;
    }

    /// Makes the tables ready, which takes time, before what uses them.
    pub(super) fn prepare(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.three.fill(0);
            self.four.fill(0);
            self.eight.fill(0);
            self.links.fill(0);
        }
    }

    /// Sums up the price of `literals`, which begin at `from`.
    pub(super) fn price(&mut self, from: usize, literals: &[u8]) {
        self.summed_from = from;
        let mut sum = 0u16;
        for (slot, &byte) in self.sums[1..].iter_mut().zip(literals) {
            sum = sum.wrapping_add(self.costs.literal[byte as usize]);
            *slot = sum;
        }
    }

    /// The price of the literals from where they were summed up to `to`.
    pub(super) fn priced(&self, to: usize) -> u32 {
        (self.summed_from..to)
            .step_by(MAX_LENGTH)
            .map(|at| self.literals(at, MAX_LENGTH.min(to - at)))
            .sum()
    }

    /// The price of `length` literals from `at` on.
    #[inline(always)]
    pub(super) fn literals(&self, at: usize, length: usize) -> u32 {
        let from = at - self.summed_from;
        u32::from(self.sums[(from + length) % SUMS].wrapping_sub(self.sums[from % SUMS]))
    }

    /// The best match at `at`; remembers the place. Eight bytes or more must follow.
    ///
    /// Chains are followed for `depth` places, or until a match is `nice` bytes long; at depth 0 a bucket's places do.
    #[inline(never)]
    pub(super) fn search<const REGULAR: bool>(
        &mut self,
        at: usize,
        depth: u32,
        nice: usize,
    ) -> Found {
        let place = at as u16;
        let here = self.window.word(place);
        let mut best = Match::NONE;
        for distance in self.near {
            let differ = self.window.word(place.wrapping_sub(distance as u16)) ^ here;
            if differ & 0xFF_FFFF == 0 && distance <= at {
                best = best.max(self.weigh(at, distance, differ));
            }
        }
        // Of a run of one byte the item repeats itself too, but no distance costs less than 1.
        if best.length() >= 8 && self.window.word(place.wrapping_sub(1)) == here {
            best = best.max(self.weigh(at, 1, 0));
        }
        let phase = self.phases.of::<REGULAR>(at);
        let asked = self.phases.asks_tables(phase) || self.phases.is_sentinel::<REGULAR>(at, phase);
        if !asked || best.length() >= ENOUGH {
            return Found { best, over_near: 0 };
        }
        let near = best;
        let eight = self.remember_eight(place, here);
        let differ_eight: [u64; 2] =
            std::array::from_fn(|way| self.window.word(entry(eight, way)) ^ here);
        let four = self.remember_four(place, here);
        let differ_four: [u64; WAYS] =
            std::array::from_fn(|way| self.window.word(entry(four, way)) ^ here);
        let mut any = false;
        for differ in differ_eight {
            any |= differ == 0;
        }
        for differ in differ_four {
            any |= differ as u32 == 0;
        }
        if any {
            best = best.max(if depth > 0 {
                self.best_of_chain(at, here, entry(eight, 0), best.length(), depth, nice)
            } else {
                self.best_of_eight(at, eight, differ_eight, best)
            });
            if best.length() < 8 || best == near {
                best = best.max(self.best_of_four(at, four, differ_four));
            }
        }
        if self.threes {
            let three = self.remember_three(place, here);
            let distance = place.wrapping_sub(three) as usize;
            let differ = self.window.word(three) ^ here;
            if best == Match::NONE && differ & 0xFF_FFFF == 0 && reaches(at, distance) {
                best = self.weigh(at, distance, differ);
            }
        }
        Found { best, over_near: best.gain() - near.gain() }
    }

    /// The best among the places that agree in eight bytes, if it is longer than `other`.
    #[inline(always)]
    fn best_of_eight(&self, at: usize, bucket: u32, differ: [u64; 2], other: Match) -> Match {
        let mut best = other;
        for (way, differ) in differ.into_iter().enumerate() {
            let distance = (at as u16).wrapping_sub(entry(bucket, way)) as usize;
            if differ == 0 && reaches(at, distance) {
                // To be longer it must agree where the best ends.
                let next = (at + best.length()) as u16;
                if at + best.length() < self.end
                    && self.window.byte(next)
                        == self.window.byte(next.wrapping_sub(distance as u16))
                {
                    best = best.max(self.weigh(at, distance, 0));
                }
            }
        }
        best
    }

    /// The longest match of eight bytes or more longer than `shorter`, the nearest of equals, among `depth` places of a
    /// chain.
    #[inline(always)]
    fn best_of_chain(
        &self,
        at: usize,
        here: u64,
        head: u16,
        shorter: usize,
        depth: u32,
        nice: usize,
    ) -> Match {
        let place = at as u16;
        let most = (self.end - at).min(MAX_LENGTH);
        let enough = most.min(nice);
        let reach = at.min(WINDOW - 1);
        let (mut longest, mut nearest) = (shorter.max(7), 0);
        let (mut candidate, mut before) = (head, 0);
        for _ in 0..depth {
            let distance = place.wrapping_sub(candidate) as usize;
            // A link that was overwritten since leads to a nearer place.
            if distance <= before || distance > reach || longest >= enough {
                break;
            }
            before = distance;
            // To be longer it must agree in the last eight bytes of one byte more.
            let tail = (longest - 7) as u16;
            if self.window.word(candidate.wrapping_add(tail))
                == self.window.word(place.wrapping_add(tail))
                && self.window.word(candidate) == here
            {
                let length = self.window.extend(candidate, place, most);
                if length > longest {
                    (longest, nearest) = (length, distance);
                }
            }
            candidate = self.links[candidate as usize % WINDOW];
        }
        if nearest > 0 { self.weigh_known(at, nearest, longest) } else { Match::NONE }
    }

    /// The longest, the nearest of equals, among the places that agree in four bytes.
    #[inline(always)]
    fn best_of_four(&self, at: usize, bucket: u32, differ: [u64; WAYS]) -> Match {
        let (mut longest, mut of_longest, mut nearest) = (3, 0, 0);
        for (way, differ) in differ.into_iter().enumerate() {
            let distance = (at as u16).wrapping_sub(entry(bucket, way)) as usize;
            let length = if reaches(at, distance) { agreement(differ) } else { 0 };
            if length > longest {
                (longest, of_longest, nearest) = (length, differ, distance);
            }
        }
        if longest > 3 { self.weigh(at, nearest, of_longest) } else { Match::NONE }
    }

    /// The match at `distance`, where the first eight bytes differ in `differ`; none if it is no gain.
    #[inline(always)]
    fn weigh(&self, at: usize, distance: usize, differ: u64) -> Match {
        let most = (self.end - at).min(MAX_LENGTH);
        let length = if differ != 0 {
            agreement(differ).min(most)
        } else {
            self.window.extend((at as u16).wrapping_sub(distance as u16), at as u16, most)
        };
        self.weigh_known(at, distance, length)
    }

    #[inline(always)]
    pub(super) fn weigh_known(&self, at: usize, distance: usize, length: usize) -> Match {
        let literals = self.literals(at, length);
        let price = self.costs.matched(length, distance);
        if literals <= price { Match::NONE } else { Match::new(literals - price, length, distance) }
    }

    /// Remembers the places of a match whose phases are asked.
    #[inline(never)]
    pub(super) fn remember<const REGULAR: bool>(&mut self, from: usize, to: usize) {
        if self.phases.are_all() {
            return match self.threes {
                true => self.remember_all::<true>(from, to),
                false => self.remember_all::<false>(from, to),
            };
        }
        if !REGULAR {
            for at in from..to {
                if self.phases.asks_tables(self.phases.of::<REGULAR>(at)) {
                    self.remember_one(at);
                }
            }
            return;
        }
        let mut from = from;
        while from < to {
            let n = (to - from).min(64);
            let mut asked = self.phases.tables_from(from) & (!0 >> (64 - n));
            while asked != 0 {
                self.remember_one(from + asked.trailing_zeros() as usize);
                asked &= asked - 1;
            }
            from += n;
        }
    }

    #[inline(always)]
    fn remember_all<const THREES: bool>(&mut self, from: usize, to: usize) {
        let Self { window, three, four, eight, links, .. } = self;
        for at in from..to {
            let place = at as u16;
            let here = window.word(place);
            if THREES {
                three[hash_three(here)] = place;
            }
            let bucket = &mut four[hash_four(here)];
            *bucket = *bucket << 16 | u32::from(place);
            let bucket = &mut eight[hash_eight(here)];
            links[place as usize % WINDOW] = entry(*bucket, 0);
            *bucket = *bucket << 16 | u32::from(place);
        }
    }

    /// Remembers places `step` apart as what may be repeated later, though they are not searched now.
    pub(super) fn remember_sparsely(&mut self, from: usize, to: usize, step: usize) {
        for at in (from..to).step_by(step) {
            let here = self.window.word(at as u16);
            self.remember_eight(at as u16, here);
        }
    }

    /// How many of the eight bytes at a place, 0, 3 or 8, are in the item before or where a place was remembered;
    /// remembers the place.
    #[inline(always)]
    pub(super) fn repeated_before(&mut self, at: usize) -> u32 {
        let here = self.window.word(at as u16);
        let bucket = self.remember_eight(at as u16, here);
        let item = self.near[0];
        let differ = self.window.word((at as u16).wrapping_sub(item as u16)) ^ here;
        let seen = self.window.word(entry(bucket, 0));
        let distance = (at as u16).wrapping_sub(entry(bucket, 0)) as usize;
        if differ == 0 || seen == here && reaches(at, distance) {
            return 8;
        }
        // A byte of this is zero where that byte and the next two agree.
        let three = differ | differ >> 8 | differ >> 16 | 0xFFFF << 48;
        let zeros = three.wrapping_sub(0x0101_0101_0101_0101) & !three & 0x8080_8080_8080_8080;
        if zeros != 0 { 3 } else { 0 }
    }

    #[inline(always)]
    fn remember_one(&mut self, at: usize) {
        let here = self.window.word(at as u16);
        if self.threes {
            self.remember_three(at as u16, here);
        }
        self.remember_four(at as u16, here);
        self.remember_eight(at as u16, here);
    }

    #[inline(always)]
    fn remember_three(&mut self, place: u16, here: u64) -> u16 {
        std::mem::replace(&mut self.three[hash_three(here)], place)
    }

    #[inline(always)]
    fn remember_four(&mut self, place: u16, here: u64) -> u32 {
        let bucket = &mut self.four[hash_four(here)];
        std::mem::replace(bucket, *bucket << 16 | u32::from(place))
    }

    #[inline(always)]
    fn remember_eight(&mut self, place: u16, here: u64) -> u32 {
        let bucket = &mut self.eight[hash_eight(here)];
        self.links[place as usize % WINDOW] = entry(*bucket, 0);
        std::mem::replace(bucket, *bucket << 16 | u32::from(place))
    }
}

#[inline(always)]
fn hash_three(here: u64) -> usize {
    (((here << 8) as u32).wrapping_mul(0x9E37_79B1) >> (32 - THREE_BITS)) as usize
}

#[inline(always)]
fn hash_four(here: u64) -> usize {
    ((here as u32).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

#[inline(always)]
fn hash_eight(here: u64) -> usize {
    (here.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - HASH_BITS)) as usize
}

/// The place in one of the two ways of a bucket, the latest first.
#[inline(always)]
fn entry(bucket: u32, way: usize) -> u16 {
    (bucket >> (16 * way)) as u16
}

/// Whether `distance` stays within the window and the segment.
#[inline(always)]
pub(super) fn reaches(at: usize, distance: usize) -> bool {
    distance.wrapping_sub(1) < at.min(WINDOW)
}

/// How many of eight bytes agree.
#[inline(always)]
fn agreement(differ: u64) -> usize {
    if differ == 0 { 8 } else { (differ.trailing_zeros() / 8) as usize }
}
