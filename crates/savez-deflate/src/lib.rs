//! DEFLATE for numeric arrays.
#![forbid(unsafe_code)]
mod encode;
pub use encode::{Encoder, Hints, Level};
