//! Which names an archive being written has already, at a few bytes a name however long it is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use crate::zip::layout::Slot;

/// The first member of each name, found by a hash that nobody outside can foresee.
///
/// The names themselves are the slots'. So a million of them take no memory of their own, and the map grows without looking
/// at them.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    hasher: RandomState,
    numbers: HashMap<u64, usize, BuildHasherDefault<AsItIs>>,
}

impl Names {
    pub(super) fn hash(&self, name: &str) -> NameHash {
        NameHash(self.hasher.hash_one(name))
    }

    /// Whether one of the slots, all of which were added, has the name of that hash.
    pub(super) fn contain(&self, name: &str, hash: NameHash, slots: &[Slot]) -> bool {
        match self.numbers.get(&hash.0) {
            None => false,
            // Should two names have one hash, only the first of them is found by it.
            Some(&number) => {
                slots[number].name() == name || slots.iter().any(|slot| slot.name() == name)
            }
        }
    }

    /// Adds the name of that hash, of the slot of that number.
    pub(super) fn add(&mut self, hash: NameHash, number: usize) {
        self.numbers.entry(hash.0).or_insert(number);
    }

    /// Takes back the name of that hash, of the last slot.
    pub(super) fn remove_last(&mut self, hash: NameHash, number: usize) {
        if let Entry::Occupied(found) = self.numbers.entry(hash.0)
            && *found.get() == number
        {
            found.remove();
        }
    }
}

/// A name's hash, by the hasher of one [`Names`].
#[derive(Clone, Copy, Debug)]
pub(super) struct NameHash(u64);

/// For what is a hash already.
#[derive(Clone, Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        // Only numbers of 64 bits are hashed; others would still get along.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zip::layout::{Layout, Request, Style};
    use crate::zip::record::Method;

    fn slots(names: &[&str]) -> Layout {
        let mut layout = Layout::new(Style::Savez, false, 0);
        for &name in names {
            let request = Request::new(name.into(), Method::STORED, Some(0));
            layout.place(request).expect("a place");
        }
        layout
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let layout = slots(&["a", "b"]);
        let (mut names, hash) = (Names::default(), NameHash(7));
        names.add(hash, 0);
        names.add(hash, 1);
        let contain = |names: &Names, name| names.contain(name, hash, layout.slots());
        assert!(contain(&names, "a") && contain(&names, "b"));
        assert!(!contain(&names, "c"));
        names.remove_last(hash, 1);
        assert!(contain(&names, "a"), "the last is not the one that is remembered");
    }

    #[test]
    fn a_name_taken_back_is_free_again() {
        let mut names = Names::default();
        let hash = names.hash("a");
        names.add(hash, 0);
        assert!(names.contain("a", hash, slots(&["a"]).slots()));
        names.remove_last(hash, 0);
        assert!(!names.contain("a", hash, &[]));
    }
}
