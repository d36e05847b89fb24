//! Numbers to text: Python's `%` operator on NumPy's scalars.
//!
//! | module | holds |
//! |---|---|
//! | [`row`] | a row format, compiled: literals and cells |
//! | [`spec`] | one conversion, `%-8.3f`, parsed |
//! | [`column`] | where a cell's bytes are in a row, and what they mean |
//! | [`field`] | sign, width and padding |
//! | [`float`] | `%e %f %g` and `%d` of floats |
//! | [`integer`] | `%d %o %x` and `%c` |
//! | [`scalar`] | `%s %r %a`: values as NumPy prints them alone |
//! | [`rounded`] | a float times a power of ten, rounded to an integer of 64 bits |
//! | [`shortest`] | the fewest digits that tell a float from its neighbours |
//! | [`exact`] | all digits of a float, for what the fast ways leave over |
//! | [`powers`] | powers of ten to 128 bits |
//! | [`binary`] | floats taken apart |
//! | [`digits`] | integers of 64 bits as digits |

mod binary;
pub(crate) mod column;
mod digits;
mod exact;
mod field;
mod float;
mod integer;
mod powers;
mod rounded;
pub(crate) mod row;
pub(crate) mod scalar;
mod shortest;
mod spec;
