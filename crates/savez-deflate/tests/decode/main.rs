//! The inflater against zlib-rs, libdeflate and miniz_oxide, and against streams nobody wrote.

mod agreement;
mod faults;
mod fuzz;
mod pieces;
mod segments;
mod streams;
mod two;
