//! `#[derive(Record)]` for the crate `savez`, which exports it: use it from there.
//!
//! `input` checks what the struct says, `expand` writes the code that checks the rest. The few
//! functions that code calls are in `savez`, in `npy/record.rs`.
#![forbid(unsafe_code)]

mod expand;
mod input;
#[cfg(doctest)]
mod refusals;

use proc_macro::TokenStream;

/// Makes a struct an element of arrays: NumPy's structured dtypes as Rust types.
///
/// It implements `savez::Element` for a `Copy` struct with named fields, so that vectors of it can
/// be written and stored arrays read into them. The fields keep their names, order and offsets;
/// byte order is the machine's, and files of the other one are converted as they are read.
///
/// ```
/// use savez::{ArrayView, AsArray, DType, Order, Record};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Record)]
/// #[repr(C)]
/// struct Star {
///     id: u32,
///     rgb: [u8; 3],
///     #[savez(rename = "in")]
///     included: bool,
///     #[savez(title = "Position on the sky")]
///     at: Position,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, Record)]
/// #[repr(C)]
/// struct Position {
///     ra: f64,
///     dec: f64,
/// }
///
/// // From Rust to an array …
/// let vega = Star { id: 7, rgb: [170, 191, 255], included: true, at: Position { ra: 279.2, dec: 38.8 } };
/// let stars = vec![vega; 2];
/// let header = stars.as_array()?.header();
/// assert_eq!(
///     header.dtype().with_byte_order(savez::ByteOrder::Little).to_string(),
///     "[('id', '<u4'), ('rgb', '|u1', (3,)), ('in', '|b1'), \
///      (('Position on the sky', 'at'), [('ra', '<f8'), ('dec', '<f8')])]"
/// );
///
/// // … and back.
/// let array = stars.as_array()?.to_array()?;
/// assert_eq!(array.to_vec::<Star>()?, stars);
///
/// // Records of a big-endian machine.
/// let dtype: DType = "[('ra', '>f8'), ('dec', '>f8')]".parse()?;
/// let bytes = [1.5f64.to_be_bytes(), (-2.0f64).to_be_bytes()].concat();
/// let positions: Vec<Position> = ArrayView::new(dtype, &[1], Order::C, &bytes)?.to_vec()?;
/// assert_eq!(positions, [Position { ra: 1.5, dec: -2.0 }]);
/// # Ok::<(), savez::Error>(())
/// ```
///
/// # Fields
/// Their types are any `savez::Element`: numbers and bool, `FixedBytes`, `FixedStr`, dates, other
/// records, and fixed-size arrays of all these, which become sub-arrays. Attributes change what a
/// field is in the dtype:
///
/// | attribute | effect |
/// |---|---|
/// | `#[savez(rename = "name")]` | the field has this name |
/// | `#[savez(title = "Title")]` | the field has this title, NumPy's second name |
/// | `#[savez(pad)]` | the field, a `[u8; N]`, is padding: bytes without a name |
///
/// # Layout
/// The struct is `#[repr(C)]` or `#[repr(C, packed)]`, and has no padding of the compiler's making:
/// those bytes would be uninitialised memory, which must not get into a file. Where a dtype made by
/// `numpy.dtype(…, align=True)` has padding, say so:
///
/// ```
/// # use savez::{DType, Record};
/// #[derive(Clone, Copy, Record)]
/// #[repr(C)]
/// struct Aligned {
///     kind: u8,
///     #[savez(pad)]
///     _pad: [u8; 3],
///     value: f32,
/// }
/// let dtype: DType = "[('kind', '|u1'), ('', '|V3'), ('value', '=f4')]".parse()?;
/// assert_eq!(DType::of::<Aligned>(), dtype);
/// # Ok::<(), savez::Error>(())
/// ```
///
/// Without the field `_pad` it would not compile:
///
/// ```text
/// error: there is padding before the field `value`: use `#[repr(C, packed)]`, or put a field
///        `#[savez(pad)] _pad: [u8; N]` there
/// ```
///
/// Also refused are enums, unions, tuple and unit structs, generic structs, two fields of the same
/// name or title, and records larger than NumPy's limit of 2³¹ − 1 bytes.
///
/// # Safety
/// The derive implements an `unsafe` trait, but asks nothing of you: what the trait demands is
/// checked at compile time. It works under `#![forbid(unsafe_code)]`, as that lint does not look
/// into the macros of other crates.
///
/// Reading makes structs of any bytes, bools excepted, without regard to privacy: do not derive it
/// for a struct whose fields must fit each other for your own unsafe code to be sound.
#[proc_macro_derive(Record, attributes(savez))]
pub fn derive_record(input: TokenStream) -> TokenStream {
    let input = syn::parse(input).and_then(input::Input::new);
    input.map_or_else(syn::Error::into_compile_error, |input| expand::expand(&input)).into()
}
