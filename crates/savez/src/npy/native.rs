//! Bytes from a file made fit for this machine: byte order reversed where it differs, and bools
//! made 0 or 1 (NumPy keeps a bool of 2 as it is; Rust must not see one).

use super::dtype::{DType, Number};
use super::reverse::reverse_words;

/// What to do with the parts of an element, offsets ascending.
struct Step {
    offset: usize,
    count: usize,
    part: Part,
}

enum Part {
    /// Words of this many bytes, to be reversed.
    Reverse(usize),
    Bool,
}

/// What is copied at a time, small enough for the second-level cache.
const PIECE: usize = 256 << 10;

/// How the elements of an array are brought to native byte order.
pub(crate) struct Reversal {
    steps: Vec<Step>,
    itemsize: usize,
}

/// For elements that are to stay as they are.
pub(crate) static NO_REVERSAL: Reversal = Reversal { steps: Vec::new(), itemsize: 1 };

impl Reversal {
    /// For every number of `dtype` that is not in native byte order.
    pub(crate) fn of(dtype: &DType) -> Reversal {
        let mut steps = Vec::new();
        if dtype.is_swapped() {
            collect(dtype, 0, 1, &mut steps, &|leaf| {
                let unit = leaf.swap_unit();
                let words = leaf.itemsize() / unit;
                (leaf.is_swapped() && unit > 1).then_some((words, Part::Reverse(unit)))
            });
        }
        Reversal { steps, itemsize: dtype.itemsize() }
    }

    /// Bytes that are changed without regard to those around them: who changes an array piece by piece cuts it between
    /// such units.
    pub(crate) fn unit(&self) -> usize {
        match only_part(&self.steps, self.itemsize) {
            Some(part) => part.size(),
            None if self.steps.is_empty() => 1,
            None => self.itemsize,
        }
    }

    pub(crate) fn apply(&self, bytes: &mut [u8]) {
        apply(&self.steps, self.itemsize, bytes);
    }

    /// Changes elements on their way to another place of the same size, while they are in cache.
    pub(crate) fn copy(&self, elements: &[u8], target: &mut [u8]) {
        assert_eq!(elements.len(), target.len(), "bytes to copy, and room for them");
        let piece = PIECE.next_multiple_of(self.unit());
        for (target, elements) in target.chunks_mut(piece).zip(elements.chunks(piece)) {
            target.copy_from_slice(elements);
            self.apply(target);
        }
    }
}

/// Turns every bool other than 0 into 1.
pub(crate) fn make_bools_valid(dtype: &DType, bytes: &mut [u8]) {
    apply(&bools(dtype), dtype.itemsize(), bytes);
}

/// The byte offset of the first bool that is neither 0 nor 1.
pub(crate) fn first_invalid_bool(dtype: &DType, bytes: &[u8]) -> Option<usize> {
    let steps = bools(dtype);
    if steps.is_empty() || dtype.itemsize() == 0 {
        return None;
    }
    bytes.chunks_exact(dtype.itemsize()).enumerate().find_map(|(i, item)| {
        steps.iter().find_map(|step| {
            let bools = &item[step.offset..step.offset + step.count];
            let bad = bools.iter().position(|&b| b > 1)?;
            Some(i * dtype.itemsize() + step.offset + bad)
        })
    })
}

fn bools(dtype: &DType) -> Vec<Step> {
    let mut steps = Vec::new();
    collect(dtype, 0, 1, &mut steps, &|leaf| {
        matches!(leaf, DType::Number(Number::Bool, _)).then_some((1, Part::Bool))
    });
    steps
}

/// Lists the parts of `repeat` adjacent elements that `wanted` picks, with how many words each has.
fn collect(
    dtype: &DType,
    offset: usize,
    repeat: usize,
    steps: &mut Vec<Step>,
    wanted: &dyn Fn(&DType) -> Option<(usize, Part)>,
) {
    match dtype {
        DType::SubArray(item, shape) => {
            collect(item, offset, repeat * shape.iter().product::<usize>(), steps, wanted);
        }
        DType::Record(record) => {
            for i in 0..repeat {
                for field in record.fields() {
                    let at = offset + i * record.itemsize() + field.offset;
                    collect(&field.dtype, at, 1, steps, wanted);
                }
            }
        }
        leaf => {
            if let Some((words, part)) = wanted(leaf)
                && words * repeat > 0
            {
                steps.push(Step { offset, count: words * repeat, part });
            }
        }
    }
}

fn apply(steps: &[Step], itemsize: usize, bytes: &mut [u8]) {
    if steps.is_empty() {
        return;
    }
    if let Some(part) = only_part(steps, itemsize) {
        return part.apply(bytes);
    }
    for item in bytes.chunks_exact_mut(itemsize) {
        for step in steps {
            let end = step.offset + step.count * step.part.size();
            step.part.apply(&mut item[step.offset..end]);
        }
    }
}

/// The one kind of word of which the elements consist, if they do: no need to go item by item.
fn only_part(steps: &[Step], itemsize: usize) -> Option<&Part> {
    match steps {
        [Step { offset: 0, count, part }] if count * part.size() == itemsize => Some(part),
        _ => None,
    }
}

impl Part {
    fn size(&self) -> usize {
        match self {
            Part::Reverse(unit) => *unit,
            Part::Bool => 1,
        }
    }

    fn apply(&self, bytes: &mut [u8]) {
        match self {
            Part::Bool => bytes.iter_mut().for_each(|b| *b = u8::from(*b != 0)),
            Part::Reverse(unit) => reverse_words(*unit, bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_records_are_reversed_each_on_its_own() {
        let dtype: DType =
            "[('a', '>u2'), ('', '|V1'), ('b', '>c8', (2,)), ('c', '<u2'), ('d', '|b1')]"
                .parse()
                .expect("a dtype");
        let mut bytes: Vec<u8> = (0..2 * dtype.itemsize() as u8).collect();
        Reversal::of(&dtype).apply(&mut bytes);
        let item = [1, 0, 2, 6, 5, 4, 3, 10, 9, 8, 7, 14, 13, 12, 11, 18, 17, 16, 15, 19, 20, 21];
        assert_eq!(bytes[..22], item);
        assert_eq!(bytes[22..], item.map(|b| b + 22));
        assert_eq!(first_invalid_bool(&dtype, &bytes), Some(21));
        make_bools_valid(&dtype, &mut bytes);
        assert_eq!((bytes[21], bytes[43]), (1, 1));
        assert_eq!(first_invalid_bool(&dtype, &bytes), None);
    }

    #[test]
    fn pieces_are_cut_between_words_or_else_between_elements() {
        for (descr, unit) in [
            ("<f8", 1),
            (">f8", 8),
            (">c16", 8),
            (">U3", 4),
            (">U0", 1),
            ("[('a', '>U0'), ('b', '>U0')]", 1),
            ("[('a', '>u2'), ('b', '>u2')]", 4),
            ("[('a', '|b1'), ('b', '>u2')]", 3),
        ] {
            let dtype: DType = descr.parse().expect("a dtype");
            assert_eq!(Reversal::of(&dtype).unit(), unit, "{descr}");
        }
    }
}
