//! Number types that NumPy has no name for: bfloat16, the 8-, 6- and 4-bit floats, narrow integers.
//!
//! These are the scalar types of Python's `ml_dtypes`. NumPy's header can only call them void
//! (`<V2`, `|V1`, `<V4`), so their name goes into a comment behind the header's dict; see
//! [`Header`](crate::Header). The set is open: a name not listed here survives reading and writing.

use std::borrow::Cow;
use std::fmt;

/// A number type known by its `ml_dtypes` name, stored little-endian, one element per
/// [`itemsize`](Extension::itemsize) bytes (types below 8 bits take a whole byte each).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Extension {
    name: Cow<'static, str>,
    itemsize: usize,
}

macro_rules! known {
    ($($constant:ident = $name:literal, $itemsize:literal;)*) => {
        impl Extension {
            $(
                #[doc = concat!("`", $name, "`, ", $itemsize, " byte(s) an element.")]
                pub const $constant: Extension =
                    Extension { name: Cow::Borrowed($name), itemsize: $itemsize };
            )*
            /// Every type of `ml_dtypes` 0.6.
            pub const KNOWN: &'static [Extension] = &[$(Extension::$constant),*];
        }
    };
}

known! {
    BFLOAT16 = "bfloat16", 2;
    FLOAT8_E3M4 = "float8_e3m4", 1;
    FLOAT8_E4M3 = "float8_e4m3", 1;
    FLOAT8_E4M3B11FNUZ = "float8_e4m3b11fnuz", 1;
    FLOAT8_E4M3FN = "float8_e4m3fn", 1;
    FLOAT8_E4M3FNUZ = "float8_e4m3fnuz", 1;
    FLOAT8_E5M2 = "float8_e5m2", 1;
    FLOAT8_E5M2FNUZ = "float8_e5m2fnuz", 1;
    FLOAT8_E8M0FNU = "float8_e8m0fnu", 1;
    FLOAT6_E2M3FN = "float6_e2m3fn", 1;
    FLOAT6_E3M2FN = "float6_e3m2fn", 1;
    FLOAT4_E2M1FN = "float4_e2m1fn", 1;
    INT1 = "int1", 1;
    INT2 = "int2", 1;
    INT4 = "int4", 1;
    UINT1 = "uint1", 1;
    UINT2 = "uint2", 1;
    UINT4 = "uint4", 1;
    COMPLEX32 = "complex32", 4;
    BCOMPLEX32 = "bcomplex32", 4;
}

impl Extension {
    /// The known type of that name.
    pub fn known(name: &str) -> Option<Extension> {
        Self::KNOWN.iter().find(|known| known.name == name).cloned()
    }

    /// A type by name and item size: a known one, or a new one of `itemsize` bytes.
    ///
    /// `None` if a known type of that name has another size, the name is one of NumPy's own, or it
    /// is not a lower-case identifier of at most 64 characters.
    pub fn named(name: &str, itemsize: usize) -> Option<Extension> {
        if let Some(known) = Self::known(name) {
            return (known.itemsize == itemsize).then_some(known);
        }
        if super::typestr::parse(name).is_ok() {
            return None;
        }
        let mut bytes = name.bytes();
        let starts = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
        let goes_on = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        (starts && goes_on && name.len() <= 64 && itemsize > 0)
            .then(|| Extension { name: Cow::Owned(name.to_owned()), itemsize })
    }

    /// The name in `ml_dtypes`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes per element.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
