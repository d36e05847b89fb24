//! Numbers as text.
//!
//! [`parse`] reads tables of numbers as `numpy.loadtxt` does. It knows numbers and bytes, but neither
//! arrays nor files nor Python.
#![forbid(unsafe_code)]

pub mod parse;
