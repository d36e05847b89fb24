//! What `#[derive(Record)]` refuses, each the smallest such type. What it says is tested in `input`.
//!
//! The same without a fault compiles:
//!
//! ```
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: f32,
//! }
//! ```
//!
//! Padding before a field:
//!
//! ```compile_fail,E0080
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: u8,
//!     b: f32,
//! }
//! ```
//!
//! Padding at the end:
//!
//! ```compile_fail,E0080
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: f32,
//!     b: u8,
//! }
//! ```
//!
//! Padding that alignment makes:
//!
//! ```compile_fail,E0080
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C, align(16))]
//! struct R {
//!     a: f64,
//! }
//! ```
//!
//! Too little padding said:
//!
//! ```compile_fail,E0080
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: u8,
//!     #[savez(pad)]
//!     _pad: [u8; 2],
//!     b: f32,
//! }
//! ```
//!
//! Padding of another type:
//!
//! ```compile_fail,E0277
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: f32,
//!     #[savez(pad)]
//!     _pad: u32,
//! }
//! ```
//!
//! Padding with a name:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: f32,
//!     #[savez(pad, rename = "b")]
//!     _pad: [u8; 4],
//! }
//! ```
//!
//! A field that is no element:
//!
//! ```compile_fail,E0277
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: char,
//! }
//! ```
//!
//! More than NumPy's limit:
//!
//! ```compile_fail,E0080
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: [u8; 1 << 31],
//! }
//! ```
//!
//! No layout:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! struct R {
//!     a: u8,
//! }
//! ```
//!
//! A layout without C:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(packed)]
//! struct R {
//!     a: u8,
//!     b: f32,
//! }
//! ```
//!
//! A transparent struct:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(transparent)]
//! struct R {
//!     a: u8,
//! }
//! ```
//!
//! A generic struct:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R<T: savez::Element> {
//!     a: T,
//! }
//! ```
//!
//! A struct generic in a length:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R<const N: usize> {
//!     a: [u8; N],
//! }
//! ```
//!
//! An enum:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! enum R {
//!     A,
//! }
//! ```
//!
//! A union:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! union R {
//!     a: u8,
//! }
//! ```
//!
//! A tuple struct:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R(u8);
//! ```
//!
//! A unit struct:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R;
//! ```
//!
//! Two fields of the same name:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: u8,
//!     #[savez(rename = "a")]
//!     b: u8,
//! }
//! ```
//!
//! A title that is a name:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: u8,
//!     #[savez(title = "a")]
//!     b: u8,
//! }
//! ```
//!
//! An attribute that is none:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! struct R {
//!     #[savez(skip)]
//!     a: u8,
//! }
//! ```
//!
//! An attribute of the struct:
//!
//! ```compile_fail
//! #[derive(Clone, Copy, savez::Record)]
//! #[repr(C)]
//! #[savez(rename = "S")]
//! struct R {
//!     a: u8,
//! }
//! ```
//!
//! Not `Copy`:
//!
//! ```compile_fail,E0277
//! #[derive(savez::Record)]
//! #[repr(C)]
//! struct R {
//!     a: u8,
//! }
//! ```
