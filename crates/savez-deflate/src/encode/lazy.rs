//! The matcher for data with matches anywhere: tables, images, integers.

use super::Hints;
use super::cost::Costs;
use super::split::Parse;
use super::symbols::{Counts, MAX_LENGTH, Sequence, WINDOW};
use super::window::{extend, word};

const fn num(s: Option<&str>, d: usize) -> usize { match s { Some(s) => (s.as_bytes()[0] - b'0') as usize, None => d } }
const W: usize = num(option_env!("K_W"), 4);
const PIECE: usize = 8192;
const HASH_BITS: u32 = 10 + num(option_env!("K_H"), 4) as u32;
const AHEAD: usize = MAX_LENGTH + 8;

pub(super) struct Lazy {
    table: Box<[u64; 1 << HASH_BITS]>,
    long: Box<[u32; 1 << HASH_BITS]>,
    costs: Costs,
    recent: Counts,
    /// cumulated literal costs
    sums: Box<[u32; PIECE + AHEAD + 1]>,
    phases: Phases,
}

struct Phases {
    period: usize,
    active: u64,
    near: u64,
    pattern: u64,
    any: u64,
    near_tried: [u32; 64],
    near_gained: [u32; 64],
    tried: [u32; 64],
    gained: [u32; 64],
}

impl Phases {
    #[inline(always)]
    fn of<const POW2: bool>(&self, at: usize) -> usize {
        if POW2 { at & (self.period - 1) } else { at % self.period }
    }

    /// repeats bits of a period over 64
    fn repeat(&self, mask: u64) -> u64 {
        let mut all = 0;
        for k in 0..64 {
            all |= (mask >> (k % self.period) & 1) << k;
        }
        all
    }

    fn begin(&mut self, probe: bool) {
        if probe {
            (self.active, self.near) = (!0, !0);
        }
        self.pattern = self.repeat(self.active);
        self.any = self.repeat(self.active | self.near);
        self.tried = [0; 64];
        self.gained = [0; 64];
        self.near_tried = [0; 64];
        self.near_gained = [0; 64];
    }

    fn end(&mut self, pay: u32, near_pay: u32) {
        for phase in 0..self.period {
            if self.tried[phase] > 0 && self.gained[phase] < self.tried[phase] * pay {
                self.active &= !(1 << phase);
            }
            if self.near_tried[phase] > 0 && self.near_gained[phase] < self.near_tried[phase] * near_pay {
                self.near &= !(1 << phase);
            }
        }
    }

    fn nothing(&self) -> bool {
        self.any == 0
    }
}

#[derive(Clone, Copy)]
struct Found {
    gain: i32,
    /// gain over the near ones
    bonus: i32,
    length: u32,
    distance: u32,
}

pub(super) fn knob(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

impl Lazy {
    pub(super) fn new() -> Self {
        Self {
            table: vec![0; 1 << HASH_BITS].into_boxed_slice().try_into().unwrap(),
            long: vec![0; 1 << HASH_BITS].into_boxed_slice().try_into().unwrap(),
            costs: Costs::new(),
            recent: Counts::ZERO,
            sums: vec![0; PIECE + AHEAD + 1].into_boxed_slice().try_into().unwrap(),
            phases: Phases { period: 1, active: !0, near: !0, any: !0, near_tried: [0; 64], near_gained: [0; 64], pattern: !0, tried: [0; 64], gained: [0; 64] },
        }
    }

    pub(super) fn parse(&mut self, bytes: &[u8], hints: Hints, parse: &mut Parse) {
        let item = hints.item.max(1);
        self.phases.period = if item <= 64 { item } else { 1 };
        if self.phases.period.is_power_of_two() { self.parse_::<true>(bytes, hints, parse) } else { self.parse_::<false>(bytes, hints, parse) }
    }
    fn parse_<const POW2: bool>(&mut self, bytes: &[u8], hints: Hints, parse: &mut Parse) {
        self.table.fill(0);
        self.long.fill(0);
        let item = hints.item.max(1);
        self.start(bytes, item);
        let nice = knob("NICE", 64);
        let lazy_margin = knob("MARGIN", 0) as i32;
        let pay = knob("PAY", 8) as u32;
        let near_pay = knob("NEAR", 2) as u32;
        let mut near = [item, if hints.row > 0 && hints.row <= WINDOW { hints.row } else { item }, 1];
        let mut at = 0;
        let mut piece_start = 0;
        let mut counts = Counts::ZERO;
        let mut number = 0usize;
        let mut wait = 8;
        let mut next_probe = 0;
        while at < bytes.len() {
            let window_start = at;
            let probe = number >= next_probe;
            let size = if number < 2 { 2048 } else if probe { 1024 } else { PIECE };
            let window_end = (at + size).min(bytes.len());
            let search_end = window_end.min(bytes.len().saturating_sub(4));
            self.phases.begin(probe);
            number += 1;
            let mut run = at;
            if self.phases.nothing() {
                at = window_end;
            } else {
                self.price(&bytes[at..bytes.len().min(window_end + AHEAD)]);
            }
            let mut found = Found { gain: 0, length: 0, distance: 0, bonus: 0 };
            let mut have = false;
            while at < search_end {
                if !have {
                    if POW2 {
                        let ahead = self.phases.any.rotate_right(at as u32 & 63);
                        if ahead & 1 == 0 {
                            at += (ahead | 1 << 63).trailing_zeros() as usize;
                            continue;
                        }
                    }
                    found = self.search::<POW2>(bytes, at, window_start, &near);
                }
                have = false;
                if found.gain <= 0 {
                    at += 1;
                    continue;
                }
                if (found.length as usize) < nice && at + 1 < search_end && (self.phases.pattern.rotate_right((at + 1) as u32 & 63) & 1 == 1) {
                    let next = self.search::<POW2>(bytes, at + 1, window_start, &near);
                    if next.gain > found.gain + lazy_margin {
                        let more = next.gain - found.gain;
                        found = next;
                        found.bonus = found.bonus.min(more);
                        have = true;
                        at += 1;
                        continue;
                    }
                }
                let literals = &bytes[run..at];
                counts.literals(literals);
                counts.matched(found.length as usize, found.distance as usize);
                parse.sequences.push(Sequence { literals: literals.len() as u32, length: found.length as u16, distance: found.distance as u16 });
                near[2] = found.distance as usize;
                let phase = self.phases.of::<POW2>(at) & 63;
                self.phases.gained[phase] += found.bonus as u32;
                self.phases.near_gained[phase] += (found.gain - found.bonus) as u32;
                let end = at + found.length as usize;
                if (found.length as usize) < nice {
                    self.insert_all::<POW2>(bytes, at + 2, end);
                } else {
                    self.insert_all::<POW2>(bytes, end - 16, end);
                }
                at = end;
                run = at;
            }
            at = at.max(window_end);
            if at > run {
                counts.literals(&bytes[run..at]);
                parse.sequences.push(Sequence { literals: (at - run) as u32, length: 0, distance: 0 });
            }
            self.phases.end(pay, near_pay);
            if knob("DBG", 0) == 1 && number % 32 == 5 { eprintln!("{} a{:08b} n{:08b} tried {:?} gained {:?} near {:?} {:?} seq {}", number, self.phases.active & ((1<<self.phases.period)-1), self.phases.near& ((1<<self.phases.period)-1), &self.phases.tried[..item.min(64)], &self.phases.gained[..item.min(64)], &self.phases.near_tried[..item.min(64)], &self.phases.near_gained[..item.min(64)], parse.sequences.len()); }
            if probe && number > 2 {
                wait = if self.phases.active | self.phases.near == 0 { (wait * 2).min(64) } else { 8 };
                next_probe = number + wait;
            }
            self.learn(&counts);
            let symbols: u32 = counts.litlen.iter().sum();
            if symbols >= 2048 || at - piece_start >= 16 * PIECE || at >= bytes.len() {
                parse.end_piece(at, std::mem::replace(&mut counts, Counts::ZERO));
                piece_start = at;
            }
        }
    }

    fn start(&mut self, bytes: &[u8], item: usize) {
        let mut c = Counts::ZERO;
        let head = &bytes[..bytes.len().min(4 * PIECE)];
        let mut n = 0;
        for (i, &b) in head.iter().enumerate() {
            if i < item || b != head[i - item] {
                c.litlen[b as usize] += 1;
                n += 1;
            }
        }
        for l in 0..29 {
            c.litlen[257 + l] = n / if l < 10 { 32 } else { 64 };
        }
        for d in 0..30 {
            c.distance[d] = 8;
        }
        c.distance[super::symbols::distance_symbol(item.min(WINDOW)).symbol] = 60;
        self.costs.update(&c);
        self.recent = c;
    }

    fn learn(&mut self, counts: &Counts) {
        let decay = knob("DECAY", 2) as u32;
        for x in self.recent.litlen.iter_mut().chain(&mut self.recent.distance) {
            *x -= *x / decay;
        }
        self.recent.add(counts);
        self.costs.update(&self.recent);
    }

    fn price(&mut self, bytes: &[u8]) {
        let mut sum = 0u32;
        self.sums[0] = 0;
        for (slot, &byte) in self.sums[1..].iter_mut().zip(bytes) {
            sum += u32::from(self.costs.literal[byte as usize]);
            *slot = sum;
        }
    }

    #[inline(always)]
    fn hash(here: u64, phase: usize) -> usize {
        let v = here as u32;
        ((v.wrapping_add((phase as u32).wrapping_mul(0x9E37_79B9)).wrapping_mul(0x9E37_79B1)) >> (32 - HASH_BITS)) as usize
    }

    #[inline(never)]
    fn insert_all<const POW2: bool>(&mut self, bytes: &[u8], from: usize, to: usize) {
        if POW2 {
            let n = to.saturating_sub(from);
            if n == 0 {
                return;
            }
            let mut todo = self.phases.pattern.rotate_right(from as u32 & 63) & (!0 >> (64 - n));
            while todo != 0 {
                let at = from + todo.trailing_zeros() as usize;
                todo &= todo - 1;
                self.insert_at(bytes, at, self.phases.of::<POW2>(at));
            }
        } else {
            for at in from..to {
                let phase = self.phases.of::<POW2>(at);
                if self.phases.active >> phase & 1 != 0 {
                    self.insert_at(bytes, at, phase);
                }
            }
        }
    }

    #[inline(always)]
    fn insert_at(&mut self, bytes: &[u8], at: usize, phase: usize) {
        let here = word(bytes, at);
        self.insert(at, Self::hash(here, phase));
        self.insert_long(at, here);
    }

    #[inline(always)]
    fn insert_long(&mut self, at: usize, here: u64) -> u32 {
        let hash = (here.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - HASH_BITS)) as usize;
        let bucket = self.long[hash];
        self.long[hash] = bucket << 16 | (at & 0xFFFF) as u32;
        bucket
    }

    #[inline(always)]
    fn insert(&mut self, at: usize, hash: usize) -> u64 {
        let bucket = self.table[hash];
        self.table[hash] = bucket << 16 | (at & 0xFFFF) as u64;
        bucket
    }

    #[inline(never)]
    fn search<const POW2: bool>(&mut self, bytes: &[u8], at: usize, window_start: usize, near: &[usize; 3]) -> Found {
        let here = word(bytes, at);
        let base = at - window_start;
        let phase = self.phases.of::<POW2>(at);
        let mut best = Found { gain: 0, length: 0, distance: 0, bonus: 0 };
        self.phases.near_tried[phase & 63] += 1;
        for &d in near {
            let differ = word(bytes, at.saturating_sub(d)) ^ here;
            if (differ & 0xFF_FFFF == 0) & (d <= at) {
                let next = self.found(bytes, at, base, agree(differ), d);
                if next.gain > best.gain {
                    best = next;
                }
            }
        }
        if (self.phases.active >> phase & 1 == 0) | (best.length >= 64) {
            return best;
        }
        self.phases.tried[phase & 63] += 1;
        let near_gain = best.gain;
        let limit = at.min(WINDOW);
        let bucket = self.insert(at, Self::hash(here, phase));
        let long = self.insert_long(at, here);
        let (mut same, mut distance) = (0, 0);
        let mut longest = best.length as usize;
        for k in 0..2 {
            let d = (at as u16).wrapping_sub((long >> (16 * k)) as u16) as usize;
            if (word(bytes, at.saturating_sub(d)) == here) & (d.wrapping_sub(1) < limit)
                && bytes.get(at + longest) == bytes.get(at - d + longest)
            {
                same = 8;
                let next = self.found(bytes, at, base, 8, d);
                if next.gain > best.gain {
                    longest = next.length as usize;
                    best = next;
                }
            }
        }
        if same == 0 {
            for k in 0..W {
                let d = (at as u16).wrapping_sub((bucket >> (16 * k)) as u16) as usize;
                let n = agree(word(bytes, at.saturating_sub(d)) ^ here);
                let n = if d.wrapping_sub(1) < limit { n } else { 0 };
                if n > same {
                    (same, distance) = (n, d);
                }
            }
            if same >= 4 {
                let next = self.found(bytes, at, base, same, distance);
                if next.gain > best.gain {
                    best = next;
                }
            }
        }
        best.bonus = best.gain - near_gain;
        best
    }

    #[inline(always)]
    fn found(&self, bytes: &[u8], at: usize, base: usize, same: usize, distance: usize) -> Found {
        let most = (bytes.len() - at).min(MAX_LENGTH);
        let length = if same < 8 { same.min(most) } else { extend(bytes, at - distance, at, most) };
        let gain = (self.sums[base + length] - self.sums[base]) as i32 - self.costs.matched(length, distance) as i32;
        Found { gain, length: length as u32, distance: distance as u32, bonus: 0 }
    }
}

#[inline(always)]
fn agree(differ: u64) -> usize {
    if differ == 0 { 8 } else { (differ.trailing_zeros() / 8) as usize }
}
