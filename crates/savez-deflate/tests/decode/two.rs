//! Two segments in turn: each must come out as it does alone, whatever the other is.

use savez_deflate::{
    Encoder, Error, Hints, Inflater, Level, inflate_segment, inflate_two_segments,
};

use crate::fuzz::{count, damaged, random};
use crate::streams::{Stream, encoded};

const GUARD: usize = 400;

/// What a segment gave, and the memory it was inflated to, with what is before and behind it.
struct Outcome {
    result: Result<bool, Error>,
    guarded: Vec<u8>,
}

impl Outcome {
    fn data(&self) -> &[u8] {
        &self.guarded[GUARD..self.guarded.len() - GUARD]
    }

    fn is_guarded(&self) -> bool {
        let (before, behind) = (&self.guarded[..GUARD], &self.guarded[GUARD + self.data().len()..]);
        before.iter().chain(behind).all(|&byte| byte == 0xa5)
    }
}

fn alone(input: &[u8], len: usize) -> Outcome {
    let mut guarded = vec![0xa5; len + 2 * GUARD];
    let result = inflate_segment(input, &mut guarded[GUARD..GUARD + len]);
    Outcome { result, guarded }
}

fn two(inflaters: &mut [Inflater; 2], inputs: [&[u8]; 2], lens: [usize; 2]) -> [Outcome; 2] {
    let mut guarded = lens.map(|len| vec![0xa5; len + 2 * GUARD]);
    let [first, second] = &mut guarded;
    let outs = [&mut first[GUARD..GUARD + lens[0]], &mut second[GUARD..GUARD + lens[1]]];
    let [result, other] = inflate_two_segments(inflaters.each_mut(), inputs, outs);
    let [first, second] = guarded;
    [Outcome { result, guarded: first }, Outcome { result: other, guarded: second }]
}

/// Inflates two in turn, and each alone; gives how many of them are sound.
fn compare(inflaters: &mut [Inflater; 2], inputs: [&[u8]; 2], lens: [usize; 2]) -> usize {
    let outcomes = two(inflaters, inputs, lens);
    for ((outcome, input), len) in outcomes.iter().zip(inputs).zip(lens) {
        let alone = alone(input, len);
        assert_eq!(outcome.result, alone.result, "{inputs:?} to {lens:?} bytes");
        assert!(outcome.is_guarded(), "{inputs:?} to {lens:?} bytes");
        if let Err(error) = outcome.result {
            let written = ..error.written() as usize;
            assert!(outcome.data()[written] == alone.data()[written], "{inputs:?}");
        } else {
            assert!(outcome.data() == alone.data(), "{inputs:?}");
        }
    }
    outcomes.iter().filter(|outcome| outcome.result.is_ok()).count()
}

#[test]
fn two_sound_segments_come_out_as_alone() {
    let streams: Vec<Stream> = [300, 40_000].into_iter().flat_map(encoded).collect();
    let mut inflaters = [Inflater::new(), Inflater::new()];
    // Each beside the next, and beside one of another array.
    for apart in [1, 29, streams.len() / 2] {
        for (first, second) in streams.iter().zip(streams.iter().cycle().skip(apart)) {
            let inputs = [&first.bytes[..], &second.bytes];
            let outcomes = two(&mut inflaters, inputs, [first.data.len(), second.data.len()]);
            for (outcome, stream) in outcomes.iter().zip([first, second]) {
                assert_eq!(outcome.result, Ok(true), "{}", stream.name);
                assert!(outcome.data() == stream.data, "{}", stream.name);
                assert!(outcome.is_guarded(), "{}", stream.name);
            }
        }
    }
}

/// Segments that are not the last of their stream, with blocks of every kind at their ends.
#[test]
fn segments_that_end_in_any_kind_of_block_come_out_as_alone() {
    let mut random = random();
    let noise: Vec<u8> = (0..70_000).map(|_| random.below(256) as u8).collect();
    let rows: Vec<u8> = (0..9000u64).flat_map(|i| (i / 7).to_le_bytes()).collect();
    let short = b"no more than a fixed block".to_vec();
    let arrays = [
        [&noise[..], &rows].concat(),
        [&rows[..], &noise].concat(),
        [&noise[..], &short].concat(),
        noise,
        rows,
        short,
    ];
    let mut segments = Vec::new();
    for level in [Level::STORED, Level::FAST, Level::DEFAULT] {
        let mut encoder = Encoder::new(level, Hints::default());
        for data in &arrays {
            let mut segment = Vec::new();
            encoder.segment(data, false, &mut segment);
            segments.push((segment, data));
        }
    }
    let mut inflaters = [Inflater::new(), Inflater::new()];
    for (first, data) in &segments {
        for (second, other) in &segments {
            let outcomes = two(&mut inflaters, [first, second], [data.len(), other.len()]);
            for (outcome, data) in outcomes.iter().zip([data, other]) {
                assert_eq!(outcome.result, Ok(false));
                assert!(outcome.data() == *data && outcome.is_guarded());
            }
        }
    }
}

#[test]
fn fuzz_of_two_damaged_segments() {
    let mut random = random();
    let mut inflaters = [Inflater::new(), Inflater::new()];
    let sources: Vec<Stream> = [300, 2000, 10_000].into_iter().flat_map(encoded).collect();
    let rounds = count(5000);
    let mut sound = 0;
    for _ in 0..rounds {
        let mut lens = [0; 2];
        let bytes = [0, 1].map(|number| {
            let source = &sources[random.below(sources.len())];
            lens[number] = match random.below(8) {
                0 => random.below(source.data.len() + 1),
                1 => source.data.len() + random.below(400),
                _ => source.data.len(),
            };
            damaged(&mut random, &source.bytes)
        });
        sound += compare(&mut inflaters, [&bytes[0], &bytes[1]], lens);
    }
    assert!(
        rounds < 100 || (rounds / 10..2 * rounds * 9 / 10).contains(&sound),
        "{sound} of {rounds}"
    );
}
