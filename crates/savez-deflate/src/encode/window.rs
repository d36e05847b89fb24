//! The bytes a match may refer to, and those ahead, in a ring of 65,536.
//!
//! A place in it is a `u16`, so that no load needs a check of bounds, and two places 65,536 apart are one: who looks for
//! matches must keep distances within the window.

const SIZE: usize = 1 << 16;
/// Bytes of the start that are repeated behind the end, so that a word can be loaded anywhere.
const MIRROR: usize = 7;

pub(super) struct Window {
    ring: Box<[u8; SIZE + MIRROR]>,
    filled: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { ring: Box::new([0; SIZE + MIRROR]), filled: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Takes in the bytes of the segment up to `end`.
    pub(super) fn fill(&mut self, segment: &[u8], end: usize) {
        while self.filled < end {
            let place = self.filled % SIZE;
            let n = (end - self.filled).min(SIZE - place);
            self.ring[place..place + n].copy_from_slice(&segment[self.filled..self.filled + n]);
            self.filled += n;
        }
        let (ring, mirror) = self.ring.split_at_mut(SIZE);
        mirror.copy_from_slice(&ring[..MIRROR]);
    }

    /// Puts zeros behind what was taken in, so that nothing older is seen there.
    pub(super) fn fill_zeros(&mut self, count: usize) {
        for at in self.filled..self.filled + count {
            self.ring[at % SIZE] = 0;
        }
        let (ring, mirror) = self.ring.split_at_mut(SIZE);
        mirror.copy_from_slice(&ring[..MIRROR]);
    }

    /// The eight bytes at a place, the first lowest.
    #[inline(always)]
    pub(super) fn word(&self, place: u16) -> u64 {
        let at = place as usize;
        let from_place =
            self.ring[at..].first_chunk().expect("a word is in the ring, or its mirror");
        u64::from_le_bytes(*from_place)
    }

    #[inline(always)]
    pub(super) fn byte(&self, place: u16) -> u8 {
        self.ring[place as usize]
    }

    /// How many bytes from two places on agree, eight of them for sure, at most `most`.
    pub(super) fn extend(&self, before: u16, at: u16, most: usize) -> usize {
        let mut n = 8;
        while n < most {
            let differ =
                self.word(before.wrapping_add(n as u16)) ^ self.word(at.wrapping_add(n as u16));
            if differ != 0 {
                return most.min(n + (differ.trailing_zeros() / 8) as usize);
            }
            n += 8;
        }
        most
    }
}
