//! DEFLATE for the bytes of numeric arrays.
//!
//! [`Encoder`] writes a stream as independent segments, so that they can be compressed and inflated in parallel and one can be
//! inflated alone; any inflater reads the whole as one stream (RFC 1951).
//!
//! ```
//! use savez_deflate::{Encoder, Hints, Level};
//!
//! let rows: Vec<u8> = (0..10_000u64).flat_map(|i| (i / 7).to_le_bytes()).collect();
//! let mut encoder = Encoder::new(Level::DEFAULT, Hints { item: 8, row: 0 });
//! let mut stream = Vec::new();
//! let (first, second) = rows.split_at(40_000);
//! encoder.segment(first, false, &mut stream);
//! encoder.segment(second, true, &mut stream);
//! assert!(stream.len() < rows.len() / 8);
//! # assert_eq!(miniz_oxide::inflate::decompress_to_vec(&stream).unwrap(), rows);
//! ```

#![forbid(unsafe_code)]

mod encode;

pub use encode::{Encoder, Hints, Level};
