//! Which bytes of an item are worth a search.
//!
//! In an array the places where matches begin repeat with the item: the exponents of floats are alike, their low bytes
//! are noise. So what a search has gained is booked by phase (the place modulo the item), and a phase that gains too
//! little of the output is left out until the next probe. Where no phase is left, literals pass at the speed of a copy.

/// The longest item whose phases are told apart.
pub(super) const MAX_PERIOD: usize = 64;

#[derive(Clone)]
pub(super) struct Phases {
    period: usize,
    /// Phases where the tables are asked, and those where the near distances are tried.
    tables: u64,
    near: u64,
    /// The same, repeated over 64 places; right only where the period is a power of two.
    tables_pattern: u64,
    any_pattern: u64,
    tables_gain: [u32; MAX_PERIOD],
    near_gain: [u32; MAX_PERIOD],
}

impl Default for Phases {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Phases {
    pub(super) fn new(item: usize) -> Self {
        let period = if item <= MAX_PERIOD { item.max(1) } else { 1 };
        Self {
            period,
            tables: !0,
            near: !0,
            tables_pattern: !0,
            any_pattern: !0,
            tables_gain: [0; MAX_PERIOD],
            near_gain: [0; MAX_PERIOD],
        }
    }

    /// Whether the patterns may be used.
    pub(super) fn is_regular(&self) -> bool {
        self.period.is_power_of_two()
    }

    #[inline(always)]
    pub(super) fn of<const REGULAR: bool>(&self, at: usize) -> usize {
        if REGULAR { at & (self.period - 1) } else { at % self.period }
    }

    /// Whether nothing is tried at any phase.
    pub(super) fn are_idle(&self) -> bool {
        (self.tables | self.near) & (!0 >> (64 - self.period)) == 0
    }

    /// Whether the tables are asked at all phases.
    pub(super) fn are_all(&self) -> bool {
        !self.tables & (!0 >> (64 - self.period)) == 0
    }

    #[inline(always)]
    pub(super) fn asks_tables(&self, phase: usize) -> bool {
        self.tables >> (phase & 63) & 1 != 0
    }

    /// Places from `at` on where the tables are asked, the lowest bit for `at`.
    #[inline(always)]
    pub(super) fn tables_from(&self, at: usize) -> u64 {
        self.tables_pattern.rotate_right(at as u32 & 63)
    }

    /// Places from `at` on where anything is tried.
    #[inline(always)]
    pub(super) fn any_from(&self, at: usize) -> u64 {
        self.any_pattern.rotate_right(at as u32 & 63)
    }

    /// Starts a stretch; in a probe every phase gets its chance.
    pub(super) fn begin(&mut self, probe: bool) {
        if probe {
            (self.tables, self.near) = (!0, !0);
        }
        self.tables_pattern = self.repeat(self.tables);
        self.any_pattern = self.repeat(self.tables | self.near) | 1;
        self.tables_gain = [0; MAX_PERIOD];
        self.near_gain = [0; MAX_PERIOD];
    }

    /// Whether a place is searched whatever its phase: one in 64 or so, for what is repeated at length.
    #[inline(always)]
    pub(super) fn is_sentinel<const REGULAR: bool>(&self, at: usize, phase: usize) -> bool {
        if REGULAR { at & 63 == 0 } else { phase == 0 }
    }

    /// Searches all phases for the rest of the stretch.
    pub(super) fn wake(&mut self) {
        (self.tables, self.near) = (!0, !0);
        (self.tables_pattern, self.any_pattern) = (!0, !0);
    }

    /// The first place from `at` on where the tables are asked, or a sentinel.
    #[inline(always)]
    pub(super) fn next_searched<const REGULAR: bool>(&self, at: usize) -> usize {
        if REGULAR {
            let sentinel = 1u64.rotate_right(at as u32 & 63);
            return at + (self.tables_from(at) | sentinel).trailing_zeros() as usize;
        }
        let phase = self.of::<REGULAR>(at);
        at + usize::from(!self.asks_tables(phase) && !self.is_sentinel::<REGULAR>(at, phase))
    }

    /// The start of an item from `from` on, if it is before `to`.
    #[inline(always)]
    pub(super) fn item_start<const REGULAR: bool>(&self, from: usize, to: usize) -> Option<usize> {
        let phase = self.of::<REGULAR>(from);
        let start = if phase == 0 { from } else { from + self.period - phase };
        (start < to).then_some(start)
    }

    fn repeat(&self, phases: u64) -> u64 {
        if !self.is_regular() {
            return !0;
        }
        let (mut pattern, mut width) = (phases & (!0 >> (64 - self.period)), self.period);
        while width < 64 {
            pattern |= pattern << width;
            width *= 2;
        }
        pattern
    }

    /// Books a match: what it gains, and how much of that over the best near one.
    #[inline(always)]
    pub(super) fn book(&mut self, phase: usize, gain: u32, over_near: u32) {
        self.tables_gain[phase & 63] += over_near;
        self.near_gain[phase & 63] += gain - over_near;
    }

    /// Ends a stretch that costs `total`: what gained less than these parts in 1024 of it is left out.
    ///
    /// Where items are long, each phase is searched the less often and may gain the less.
    pub(super) fn end(&mut self, total: u32, tables_least: u32, near_least: u32) {
        let unit = total / 1024 * 8 / self.period.max(8) as u32;
        for phase in 0..self.period {
            if self.tables_gain[phase] < unit * tables_least {
                self.tables &= !(1 << phase);
            }
            if self.near_gain[phase] < unit * near_least {
                self.near &= !(1 << phase);
            }
        }
    }

    /// The same of what was booked for the tables alone: where they are left out, near distances are too.
    pub(super) fn end_tables(&mut self, total: u32, least: u32) {
        self.end(total, least, 0);
        self.near = self.tables;
    }
}
