//! DEFLATE (RFC 1951) for numeric data. Bytes in, bytes out: no arrays, no files, no allocation on the way.
//!
//! [`inflate`] is the whole of it for a stream in memory; an [`Inflater`] takes its input in pieces, stops where it is
//! told to, and keeps its tables for the next stream.
//!
//! ```
//! # use std::io::Write;
//! # let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
//! # encoder.write_all(&[7; 1000])?;
//! # let stream = encoder.finish()?;
//! let mut out = vec![0; 1000]; // as many bytes as the stream is known to hold
//! let consumed = savez_deflate::inflate(&stream, &mut out)?;
//! assert_eq!(consumed, stream.len());
//! assert_eq!(out, [7; 1000]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decode;

pub use decode::{Error, ErrorKind, Inflater, Status, inflate, inflate_segment};
