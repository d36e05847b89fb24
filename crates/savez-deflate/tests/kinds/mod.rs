//! Bytes as arrays have them, made from a seed.

/// Xorshift* of 64 bits.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// In 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() & 0xFFFF_FFFF) as f64 / 4_294_967_296.0
    }
}

pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) item: usize,
    pub(crate) make: fn(&mut Random, usize) -> Vec<u8>,
}

impl Kind {
    /// Exactly `len` bytes.
    pub(crate) fn sample(&self, random: &mut Random, len: usize) -> Vec<u8> {
        let mut bytes = (self.make)(random, len);
        bytes.resize(len, 0);
        bytes
    }
}

pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "zeros", item: 8, make: |_, len| vec![0; len] },
    Kind { name: "noise", item: 1, make: |r, len| (0..len).map(|_| r.next() as u8).collect() },
    Kind {
        name: "noise f64",
        item: 8,
        make: |r, len| items(len, |_| (r.unit() + r.unit() - 1.0).to_le_bytes()),
    },
    Kind {
        name: "smooth f32",
        item: 4,
        make: |_, len| items(len, |i| ((i as f32 * 0.001).sin()).to_le_bytes()),
    },
    Kind {
        name: "decimals",
        item: 8,
        make: |r, len| items(len, |_| ((r.unit() * 1000.0).round() / 10.0).to_le_bytes()),
    },
    Kind {
        name: "labels i64",
        item: 8,
        make: |r, len| items(len, |_| (r.next() % 10).to_le_bytes()),
    },
    Kind { name: "range i32", item: 4, make: |_, len| items(len, |i| (i as i32).to_le_bytes()) },
    Kind {
        name: "sorted i64",
        item: 8,
        make: |r, len| {
            let mut last = 0;
            items(len, |_| {
                last += r.next() % 1000;
                last.to_le_bytes()
            })
        },
    },
    Kind {
        name: "mask",
        item: 1,
        make: |r, len| items(len, |i| [u8::from((i / 500) % 3 == 1 && r.below(50) > 0)]),
    },
    Kind { name: "few symbols", item: 1, make: |r, len| items(len, |_| [b"ab\xFF"[r.below(3)]]) },
    Kind {
        name: "image",
        item: 1,
        make: |r, len| {
            items(len, |i| [((i as f64 * 0.01).sin() * 50.0 + 100.0 + r.unit() * 6.0) as u8])
        },
    },
    Kind {
        name: "text codes",
        item: 16,
        make: |r, len| {
            items(len, |_| {
                let mut code = [0; 16];
                for (at, digit) in r.below(900).to_string().bytes().enumerate() {
                    code[at * 4] = digit;
                }
                code
            })
        },
    },
    Kind {
        name: "records",
        item: 13,
        make: |r, len| {
            items(len, |i| {
                let mut record = [0; 13];
                record[..8].copy_from_slice(&(1_600_000_000 + 3 * i as u64).to_le_bytes());
                record[8..12].copy_from_slice(&(r.unit() as f32).to_le_bytes());
                record[12] = r.below(2) as u8;
                record
            })
        },
    },
    Kind {
        name: "repeats",
        item: 4,
        make: |r, len| {
            let mut bytes: Vec<u8> = (0..len.min(300)).map(|_| r.next() as u8).collect();
            while bytes.len() < len {
                let from = r.below(bytes.len());
                for at in from..(from + 1 + r.below(300)).min(bytes.len()) {
                    bytes.push(bytes[at]);
                }
            }
            bytes.truncate(len);
            bytes
        },
    },
];

/// `len` bytes of items made one by one, the last cut off.
fn items<const N: usize>(len: usize, make: impl FnMut(usize) -> [u8; N]) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..len.div_ceil(N)).flat_map(make).collect();
    bytes.truncate(len);
    bytes
}
