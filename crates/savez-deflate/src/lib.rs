//! DEFLATE (RFC 1951) for the bytes of numeric arrays. Bytes in, bytes out: no arrays, no files.
//!
//! [`Encoder`] writes a stream as independent segments, so that they can be compressed and inflated in parallel and
//! one can be inflated alone; any inflater reads the whole as one stream. [`inflate`] reads any stream in memory,
//! [`inflate_segment`] a segment, [`inflate_two_segments`] two of them faster than one after the other; an [`Inflater`]
//! takes its input in pieces, stops where it is told to, and keeps its tables for the next stream.
//!
//! ```
//! use savez_deflate::{Encoder, Hints, Level};
//!
//! let rows: Vec<u8> = (0..10_000u64).flat_map(|i| (i / 7).to_le_bytes()).collect();
//! let mut encoder = Encoder::new(Level::DEFAULT, Hints { item: 8, row: 0 });
//! let mut stream = Vec::new();
//! let (first, second) = rows.split_at(40_000);
//! encoder.segment(first, false, &mut stream);
//! let start = stream.len();
//! encoder.segment(second, true, &mut stream);
//! assert!(stream.len() < rows.len() / 8);
//!
//! let mut out = vec![0; rows.len()]; // as many bytes as the stream is known to hold
//! savez_deflate::inflate(&stream, &mut out)?;
//! assert_eq!(out, rows);
//! savez_deflate::inflate_segment(&stream[start..], &mut out[..40_000])?;
//! assert_eq!(out[..40_000], rows[40_000..]);
//! # Ok::<(), savez_deflate::Error>(())
//! ```

#![deny(unsafe_code)]

mod decode;
mod encode;

pub use decode::{
    Error, ErrorKind, Inflater, Status, inflate, inflate_segment, inflate_two_segments,
};
pub use encode::{Encoder, Hints, Level};
