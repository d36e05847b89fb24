//! What one element of an array is: [`DType`], and the [`Record`] of a structured one.
//!
//! A `DType` that exists is valid: sizes fit in memory, fields neither overlap nor repeat a name.
//! How it is spelled in a header is `descr`'s business, not this module's.

use std::fmt;
use std::str::FromStr;

use super::datetime::TimeStep;
use super::descr;
use super::extension::Extension;
use super::header::MAX_NDIM;
use crate::{Error, Result};

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first: `<`.
    Little,
    /// Most significant byte first: `>`.
    Big,
}

impl ByteOrder {
    /// The order of the machine this runs on: `=`.
    pub const NATIVE: ByteOrder =
        if cfg!(target_endian = "little") { ByteOrder::Little } else { ByteOrder::Big };

    pub(crate) fn symbol(self) -> char {
        match self {
            ByteOrder::Little => '<',
            ByteOrder::Big => '>',
        }
    }
}

/// NumPy's number types of fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Number {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
    /// `longdouble` of 32-bit x86: 80 bits in 12 bytes.
    F96,
    /// `longdouble` of most other machines: 80 bits in 16 bytes on x86-64, IEEE quad elsewhere.
    F128,
    C64,
    C128,
    C192,
    C256,
}

use Number::*;

impl Number {
    /// All of them.
    pub const ALL: [Number; 18] = [
        Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64, F96, F128, C64, C128, C192, C256,
    ];

    /// The letter of its kind: `b i u f c`.
    pub fn kind(self) -> char {
        match self {
            Bool => 'b',
            I8 | I16 | I32 | I64 => 'i',
            U8 | U16 | U32 | U64 => 'u',
            F16 | F32 | F64 | F96 | F128 => 'f',
            C64 | C128 | C192 | C256 => 'c',
        }
    }

    /// Bytes per element, both parts of a complex number counted.
    pub const fn itemsize(self) -> usize {
        match self {
            Bool | I8 | U8 => 1,
            I16 | U16 | F16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | F64 | C64 => 8,
            F96 => 12,
            F128 | C128 => 16,
            C192 => 24,
            C256 => 32,
        }
    }

    /// The number of that kind letter and size.
    pub(crate) fn of(kind: char, itemsize: usize) -> Option<Number> {
        Self::ALL.into_iter().find(|n| n.kind() == kind && n.itemsize() == itemsize)
    }

    /// Bytes that are reversed together when the byte order changes.
    fn swap_unit(self) -> usize {
        if self.kind() == 'c' { self.itemsize() / 2 } else { self.itemsize() }
    }
}

/// The type of an array's elements, known at run time.
///
/// It is built by [`DType::of`], parsed from NumPy's spelling, or found in a file:
///
/// ```
/// use savez::DType;
///
/// assert_eq!(DType::of::<f32>().to_string(), if cfg!(target_endian = "little") { "<f4" } else { ">f4" });
/// let point: DType = "[('x', '<f8'), ('y', '<f8')]".parse()?;
/// assert_eq!(point.itemsize(), 16);
/// # Ok::<(), savez::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DType {
    /// A bool, integer, float or complex number. One-byte numbers are `Little` by convention;
    /// [`DType::number`] sees to it.
    Number(Number, ByteOrder),
    /// An `ml_dtypes` number; always little-endian.
    Extension(Extension),
    /// `datetime64`: 64-bit ticks since 1970.
    Datetime(TimeStep, ByteOrder),
    /// `timedelta64`: 64-bit ticks.
    Timedelta(TimeStep, ByteOrder),
    /// `S`: that many bytes, padded with NUL.
    Bytes(usize),
    /// `U`: that many code points of 4 bytes each, padded with NUL.
    Str(usize, ByteOrder),
    /// `V`: that many bytes without a meaning.
    Void(usize),
    /// `O`: a Python object. Its bytes in a file are a pickle.
    Object,
    /// Named fields.
    Record(Record),
    /// A fixed-size array in each element. It occurs in fields only: NumPy folds it into the shape
    /// elsewhere.
    SubArray(Box<DType>, Vec<usize>),
}

impl DType {
    /// The dtype whose elements are `T`s, in native byte order.
    pub fn of<T: crate::Element>() -> DType {
        T::dtype()
    }

    /// A number in the given byte order.
    pub fn number(number: Number, order: ByteOrder) -> DType {
        DType::Number(number, if number.itemsize() == 1 { ByteOrder::Little } else { order })
    }

    /// Bytes per element. Zero for `S0`, `U0`, `V0` and a record of nothing.
    pub fn itemsize(&self) -> usize {
        match self {
            DType::Number(number, _) => number.itemsize(),
            DType::Extension(extension) => extension.itemsize(),
            DType::Datetime(..) | DType::Timedelta(..) | DType::Object => 8,
            DType::Bytes(n) | DType::Void(n) => *n,
            DType::Str(n, _) => n.saturating_mul(4),
            DType::Record(record) => record.itemsize,
            // The product of all lengths but a zero may be too large for any memory.
            DType::SubArray(item, shape) => {
                shape.iter().fold(item.itemsize(), |size, &n| size.saturating_mul(n))
            }
        }
    }

    /// Whether an element is, or contains, a Python object.
    pub fn has_objects(&self) -> bool {
        match self {
            DType::Object => true,
            DType::Record(record) => record.fields.iter().any(|f| f.dtype.has_objects()),
            DType::SubArray(item, _) => item.has_objects(),
            _ => false,
        }
    }

    /// The same dtype with every part in native byte order.
    pub fn to_native(&self) -> DType {
        self.with_byte_order(ByteOrder::NATIVE)
    }

    /// The same dtype with every part that has a byte order in `order`.
    pub fn with_byte_order(&self, order: ByteOrder) -> DType {
        match self {
            DType::Number(number, _) => DType::number(*number, order),
            DType::Datetime(step, _) => DType::Datetime(*step, order),
            DType::Timedelta(step, _) => DType::Timedelta(*step, order),
            DType::Str(n, _) => DType::Str(*n, order),
            DType::Record(record) => DType::Record(record.map(|d| d.with_byte_order(order))),
            DType::SubArray(item, shape) => {
                DType::SubArray(Box::new(item.with_byte_order(order)), shape.clone())
            }
            DType::Extension(_) | DType::Bytes(_) | DType::Void(_) | DType::Object => self.clone(),
        }
    }

    /// The same dtype with every [`Extension`] as the void NumPy takes it for.
    pub fn without_extensions(&self) -> DType {
        match self {
            DType::Extension(extension) => DType::Void(extension.itemsize()),
            DType::Record(record) => DType::Record(record.map(DType::without_extensions)),
            DType::SubArray(item, shape) => {
                DType::SubArray(Box::new(item.without_extensions()), shape.clone())
            }
            _ => self.clone(),
        }
    }

    /// Whether bytes of this dtype can be taken for `wanted` as they are, or after a change of
    /// byte order: the same types at the same offsets under the same names. Titles do not count,
    /// and a generic time unit in `wanted` fits every unit.
    pub fn fits(&self, wanted: &DType) -> bool {
        match (self, wanted) {
            (DType::Number(a, _), DType::Number(b, _)) => a == b,
            (DType::Datetime(a, _), DType::Datetime(b, _))
            | (DType::Timedelta(a, _), DType::Timedelta(b, _)) => a == b || *b == TimeStep::GENERIC,
            (DType::Str(a, _), DType::Str(b, _)) => a == b,
            (DType::Record(a), DType::Record(b)) => {
                a.itemsize == b.itemsize
                    && a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(&b.fields).all(|(a, b)| {
                        a.name == b.name && a.offset == b.offset && a.dtype.fits(&b.dtype)
                    })
            }
            (DType::SubArray(..), DType::SubArray(..)) => {
                let (mut m, mut n) = (Vec::new(), Vec::new());
                let (a, b) = (self.clone().fold_into(&mut m), wanted.clone().fold_into(&mut n));
                m == n && a.fits(&b)
            }
            (a, b) => a == b,
        }
    }

    /// Whether some part of an element is not in native byte order.
    pub fn is_swapped(&self) -> bool {
        match self {
            DType::Number(number, order) => number.itemsize() > 1 && *order != ByteOrder::NATIVE,
            DType::Datetime(_, order) | DType::Timedelta(_, order) | DType::Str(_, order) => {
                *order != ByteOrder::NATIVE
            }
            DType::Extension(_) => ByteOrder::NATIVE == ByteOrder::Big,
            DType::Record(record) => record.fields.iter().any(|f| f.dtype.is_swapped()),
            DType::SubArray(item, _) => item.is_swapped(),
            DType::Bytes(_) | DType::Void(_) | DType::Object => false,
        }
    }

    /// Size of the words whose bytes are reversed by a change of byte order; 1 if there are none.
    pub(crate) fn swap_unit(&self) -> usize {
        match self {
            DType::Number(number, _) => number.swap_unit(),
            DType::Datetime(..) | DType::Timedelta(..) => 8,
            DType::Str(..) => 4,
            DType::Extension(e) if *e == Extension::COMPLEX32 || *e == Extension::BCOMPLEX32 => 2,
            DType::Extension(extension) => extension.itemsize(),
            _ => 1,
        }
    }

    /// Whether a field of this dtype would be taken for padding if it had no name.
    pub(super) fn passes_for_padding(&self) -> bool {
        matches!(self, DType::Void(_) | DType::Extension(_) | DType::SubArray(..))
    }

    /// Sub-array dtypes of whole arrays folded into their shape, as NumPy does: elements of
    /// `('<f4', (3,))` in shape `(n,)` are `<f4` in shape `(n, 3)`.
    pub(crate) fn fold_into(self, shape: &mut Vec<usize>) -> DType {
        match self {
            DType::SubArray(item, inner) => {
                shape.extend(inner);
                item.fold_into(shape)
            }
            other => other,
        }
    }

    /// A fixed-size array of `item` in each element.
    ///
    /// # Errors
    /// If the element would be larger than NumPy's limit of 2³¹ − 1 bytes or have more than 64 axes,
    /// or `item` is a text or void of no bytes.
    pub fn sub_array(item: DType, shape: Vec<usize>) -> Result<DType> {
        if shape.len() > MAX_NDIM {
            return Err(Error::format(format!("a sub-array may have {MAX_NDIM} axes at most")));
        }
        if shape.is_empty() {
            return Ok(item);
        }
        if descr::is_unsized(&item) {
            return Err(Error::format(format!("a sub-array of {item}, which has no size")));
        }
        // As in NumPy, elements without bytes do not excuse too many of them.
        let least = |unit: usize| shape.iter().try_fold(unit, |size, &n| size.checked_mul(n));
        let fits = |n: usize| i32::try_from(n).is_ok();
        let lengths_fit = shape.iter().all(|&n| fits(n)) && least(1).is_some_and(fits);
        match least(item.itemsize()) {
            Some(size) if lengths_fit && fits(size) => Ok(DType::SubArray(Box::new(item), shape)),
            _ => Err(too_large()),
        }
    }
}

pub(super) fn too_large() -> Error {
    Error::format("an element would be larger than NumPy's limit of 2147483647 bytes")
}

impl fmt::Display for DType {
    /// NumPy's spelling, with the names of [`Extension`]s in place; [`FromStr`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&descr::display(self))
    }
}

impl FromStr for DType {
    type Err = Error;

    /// Reads what `numpy.dtype` takes: `'<f4'`, `'int32'`, `'M8[ns]'`, a list of fields.
    fn from_str(text: &str) -> Result<DType> {
        descr::parse(text)
    }
}

/// The fields of a structured dtype, in order, without overlaps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    fields: Vec<Field>,
    itemsize: usize,
}

/// A field of a [`Record`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The name.
    pub name: String,
    /// NumPy's second name, if it has one.
    pub title: Option<Title>,
    /// What it holds.
    pub dtype: DType,
    /// Bytes from the start of the record.
    pub offset: usize,
}

/// A field's title. NumPy allows any hashable object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Title {
    /// A string.
    Text(String),
    /// Something else, as the Python literal that denotes it.
    Literal(String),
}

impl Record {
    /// A record of these fields in `itemsize` bytes. Bytes that no field covers are padding.
    ///
    /// # Errors
    /// If fields overlap or are out of order (`dtype.descr` cannot express them, so neither can a
    /// file), have no name but the type of padding, reach beyond `itemsize`, or share a name or title.
    pub fn new(fields: Vec<Field>, itemsize: usize) -> Result<Record> {
        let mut end = 0usize;
        for field in &fields {
            let nameless = field.name.is_empty() && field.title.is_none();
            if nameless && field.dtype.passes_for_padding() {
                return Err(Error::format(format!(
                    "a field of {} needs a name; without one it is padding",
                    field.dtype
                )));
            }
            if field.offset < end {
                return Err(Error::format(format!(
                    "field {:?} overlaps the one before it, or is out of order",
                    field.name
                )));
            }
            end = field.offset.checked_add(field.dtype.itemsize()).ok_or_else(too_large)?;
        }
        if end > itemsize {
            return Err(Error::format(format!(
                "the fields end at byte {end} of a record of {itemsize} bytes"
            )));
        }
        if i32::try_from(itemsize).is_err() {
            return Err(too_large());
        }
        let mut names = std::collections::HashSet::new();
        for field in &fields {
            let title = match &field.title {
                Some(Title::Text(title)) => Some(title),
                _ => None,
            };
            for name in std::iter::once(&field.name).chain(title) {
                if !names.insert(name) {
                    return Err(Error::format(format!(
                        "{name:?} is the name or title of two fields"
                    )));
                }
            }
        }
        Ok(Record { fields, itemsize })
    }

    /// A record of these fields, one behind the other.
    ///
    /// # Errors
    /// If two share a name, or the record is larger than NumPy's limit.
    pub fn packed<N: Into<String>>(fields: impl IntoIterator<Item = (N, DType)>) -> Result<Record> {
        let mut end = 0usize;
        let mut placed = Vec::new();
        for (name, dtype) in fields {
            let offset = end;
            end = end.checked_add(dtype.itemsize()).ok_or_else(too_large)?;
            placed.push(Field { name: name.into(), title: None, dtype, offset });
        }
        Record::new(placed, end)
    }

    /// The fields, in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Bytes per record, padding counted.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }

    fn map(&self, change: impl Fn(&DType) -> DType) -> Record {
        let fields =
            self.fields.iter().map(|f| Field { dtype: change(&f.dtype), ..f.clone() }).collect();
        Record { fields, itemsize: self.itemsize }
    }
}
