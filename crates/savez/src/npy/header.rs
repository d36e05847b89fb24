//! The npy header: magic, version, and a Python dict of `descr`, `fortran_order`, `shape`.
//!
//! The rules are those of NEP 1 and `numpy.lib.format`. A [`Header`] that exists describes an
//! array whose size in bytes fits into 63 bits; whether those bytes are there is for others to see.

use std::borrow::Cow;

use super::descr::{self, Spelling};
use super::dtype::{DType, too_large};
use super::literal::{self, Literal};
use crate::{Error, ErrorKind, Limits, Result};

/// The first six bytes of every npy file.
pub(crate) const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// NumPy's limit on the number of axes.
pub(crate) const MAX_NDIM: usize = 64;

/// Data start at a multiple of this from the start of the header.
const ALIGN: usize = 64;

/// Digits for which a header leaves room, so that the outermost axis may grow in place.
const GROWTH_AXIS_MAX_DIGITS: usize = 21;

/// In which order an array's elements follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// The last axis varies fastest: row-major.
    #[default]
    C,
    /// The first axis varies fastest: column-major, `fortran_order: True`.
    Fortran,
}

/// What an npy header says: dtype, shape, order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    dtype: DType,
    shape: Vec<usize>,
    order: Order,
}

impl Header {
    /// The header of an array of that dtype, shape and order.
    ///
    /// # Errors
    /// If there are more than 64 axes, an element has 2³¹ bytes or more, or the array would have 2⁶³
    /// bytes or elements or more.
    pub fn new(dtype: DType, shape: &[usize], order: Order) -> Result<Header> {
        let mut shape = shape.to_vec();
        let dtype = dtype.fold_into(&mut shape);
        if i32::try_from(dtype.itemsize()).is_err() {
            return Err(too_large());
        }
        if shape.len() > MAX_NDIM {
            return Err(Error::format(format!(
                "the array has {} axes; NumPy allows {MAX_NDIM}",
                shape.len()
            )));
        }
        // As NumPy has it, axes of length 0 do not excuse the others.
        let bytes = shape
            .iter()
            .filter(|&&n| n != 0)
            .try_fold(dtype.itemsize().max(1), |bytes, &n| bytes.checked_mul(n))
            .filter(|&bytes| i64::try_from(bytes).is_ok());
        match bytes {
            Some(_) => Ok(Header { dtype, shape, order }),
            None => Err(Error::format(format!(
                "an array of shape {} and {} bytes an element is too big for any memory",
                descr::shape_literal(&shape).repr(),
                dtype.itemsize()
            ))),
        }
    }

    /// The type of the elements.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The lengths of the axes; empty for a single value.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn into_dtype_and_shape(self) -> (DType, Vec<usize>) {
        (self.dtype, self.shape)
    }

    /// The order of the elements.
    pub fn order(&self) -> Order {
        self.order
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of data behind the header. For dtypes with Python objects it is not known: their
    /// data are a pickle.
    pub fn nbytes(&self) -> usize {
        self.len() * self.dtype.itemsize()
    }

    /// The bytes NumPy writes for this header, a multiple of 64 of them.
    ///
    /// The version is the oldest that can hold it: 1.0; 2.0 for more than 65,535 bytes; 3.0 for
    /// field names beyond Latin-1. [`Extension`](crate::Extension)s are spelled as void, and
    /// behind the dict comes a comment with their names, which `ast.literal_eval` ignores:
    ///
    /// ```
    /// # use savez::{DType, Extension, Header, Order};
    /// let header = Header::new(DType::Extension(Extension::BFLOAT16), &[4], Order::C)?;
    /// let text = String::from_utf8_lossy(&header.to_bytes()?[10..]).trim_end().to_owned();
    /// assert_eq!(
    ///     text,
    ///     "{'descr': '<V2', 'fortran_order': False, 'shape': (4,), }  # dtype='bfloat16'"
    /// );
    /// # Ok::<(), savez::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the header would be larger than 4 GiB.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let text = self.text();
        let version = match latin1(&text) {
            Some(encoded) if padded(encoded.len(), Version::V1) <= 10 + usize::from(u16::MAX) => {
                Version::V1
            }
            Some(_) => Version::V2,
            None => Version::V3,
        };
        encode(text, version)
    }

    /// The same in the format version of the caller's choice: 1, 2 or 3.
    ///
    /// # Errors
    /// If there is no such version, or it cannot hold the header.
    pub fn to_bytes_in(&self, version: u8) -> Result<Vec<u8>> {
        let version = Version::numbered(version, 0)
            .ok_or_else(|| Error::parameter("npy format versions are 1, 2 and 3"))?;
        encode(self.text(), version)
    }

    /// Reads all of a header, the magic first; what follows it does not matter. Also says whether
    /// Python 2 wrote it, with integers like `10L`.
    ///
    /// # Errors
    /// If NumPy would not read it (object arrays aside), or it exceeds the limits.
    pub fn from_bytes(bytes: &[u8], limits: &Limits) -> Result<(Header, bool)> {
        let start = &bytes[..bytes.len().min(Preamble::MAX_LEN)];
        Preamble::parse(start, limits)?.header(bytes, limits)
    }

    fn text(&self) -> String {
        let order = self.order == Order::Fortran;
        let plain = descr::to_literal(&self.dtype, Spelling::Void);
        let mut text = format!(
            "{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}",
            plain.repr(),
            Literal::Bool(order).repr(),
            descr::shape_literal(&self.shape).repr(),
        );
        let named = descr::to_literal(&self.dtype, Spelling::Name);
        if named != plain {
            text.push_str("  # dtype=");
            text.push_str(&named.repr());
        }
        let growing = if order { self.shape.last() } else { self.shape.first() };
        if let Some(length) = growing {
            let blanks = GROWTH_AXIS_MAX_DIGITS.saturating_sub(length.to_string().len());
            text.extend(std::iter::repeat_n(' ', blanks));
        }
        text
    }

    /// Reads the text of a header: what stands behind the length field.
    ///
    /// `max_chars` bounds it as NumPy's `max_header_size` does, in characters.
    fn from_text(text: &[u8], version: Version, limits: &Limits) -> Result<(Header, bool)> {
        let text: Cow<'_, str> = match (std::str::from_utf8(text), version) {
            (Ok(text), Version::V3) => text.into(),
            (Ok(text), _) if text.is_ascii() => text.into(),
            (_, Version::V1 | Version::V2) => text.iter().map(|&byte| char::from(byte)).collect(),
            (Err(e), Version::V3) => {
                return Err(Error::format("the npy header is not UTF-8").at(e.valid_up_to() as u64));
            }
        };
        let chars = text.chars().count();
        if chars > limits.header_chars {
            return Err(header_too_large(chars as u64, limits));
        }
        let parsed = literal::parse(&text, version != Version::V3).map_err(|error| {
            Error::format(format!("cannot parse the npy header: {}", error.reason))
                .at(error.offset as u64)
        })?;
        let (dtype, order, shape) = entries(&parsed.value)?;
        let dtype = match parsed.rest.trim_start().strip_prefix('#') {
            Some(comment) => {
                let line = comment.lines().next().unwrap_or_default();
                descr::from_comment(line, &dtype).unwrap_or(dtype)
            }
            None => dtype,
        };
        if let DType::SubArray(..) = dtype {
            return Err(Error::format(
                "descr is a sub-array at the top level, whose size NumPy counts twice",
            ));
        }
        Ok((Header::new(dtype, &shape, order)?, parsed.python2))
    }
}

/// The text in the characters of versions 1.0 and 2.0, if it has no others.
fn latin1(text: &str) -> Option<Vec<u8>> {
    match text.is_ascii() {
        true => Some(text.as_bytes().to_vec()),
        false => text.chars().map(|c| u8::try_from(c).ok()).collect(),
    }
}

/// Length of a header with so many bytes of text, all counted.
fn padded(text: usize, version: Version) -> usize {
    let bare = version.text_start() + text + 1;
    // Never without a blank: an aligned header gets 64 of them.
    bare + (ALIGN - bare % ALIGN)
}

fn encode(text: String, version: Version) -> Result<Vec<u8>> {
    let too_long = || Error::parameter("the npy header is too long for its format version");
    let encoded = match version {
        Version::V3 => text.into_bytes(),
        Version::V1 | Version::V2 => latin1(&text).ok_or_else(|| {
            Error::parameter("the npy header has characters that need format version 3.0")
        })?,
    };
    let total = padded(encoded.len(), version);
    let length = total - version.text_start();
    let mut bytes = MAGIC.to_vec();
    bytes.extend([version as u8, 0]);
    match version {
        Version::V1 => {
            bytes.extend(u16::try_from(length).map_err(|_| too_long())?.to_le_bytes());
        }
        Version::V2 | Version::V3 => {
            bytes.extend(u32::try_from(length).map_err(|_| too_long())?.to_le_bytes());
        }
    }
    bytes.extend(encoded);
    bytes.resize(total - 1, b' ');
    bytes.push(b'\n');
    Ok(bytes)
}

/// The three entries of the dict; anything more or less is an error, as in NumPy.
fn entries(value: &Literal) -> Result<(DType, Order, Vec<usize>)> {
    let Literal::Dict(pairs) = value else {
        return Err(Error::format(format!("the npy header is not a dict: {}", value.repr())));
    };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    for (key, value) in pairs {
        let Literal::Str(name) = key else { return Err(wrong_keys(pairs)) };
        match name.as_str() {
            "descr" => descr = Some(value),
            "fortran_order" => fortran_order = Some(value),
            "shape" => shape = Some(value),
            _ => return Err(wrong_keys(pairs)),
        }
    }
    let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran_order, shape) else {
        return Err(wrong_keys(pairs));
    };
    let order = match fortran_order {
        Literal::Bool(false) => Order::C,
        Literal::Bool(true) => Order::Fortran,
        other => {
            let found = other.repr();
            return Err(Error::format(format!("fortran_order is not a valid bool: {found}")));
        }
    };
    Ok((descr::from_literal(descr)?, order, dims(shape)?))
}

fn wrong_keys(pairs: &[(Literal, Literal)]) -> Error {
    let mut keys: Vec<String> = pairs.iter().map(|(key, _)| key.repr()).collect();
    keys.sort();
    keys.dedup();
    Error::format(format!(
        "the npy header has the keys [{}], not ['descr', 'fortran_order', 'shape']",
        keys.join(", ")
    ))
}

fn dims(shape: &Literal) -> Result<Vec<usize>> {
    let wrong = || Error::format(format!("shape is not valid: {}", shape.repr()));
    let Literal::Tuple(dims) = shape else { return Err(wrong()) };
    dims.iter()
        .map(|n| match n {
            Literal::Int(n) => usize::try_from(*n).map_err(|_| wrong()),
            _ => Err(wrong()),
        })
        .collect()
}

fn header_too_large(found: u64, limits: &Limits) -> Error {
    Error::limit(format!(
        "the npy header is {found} characters long, more than the {} allowed",
        limits.header_chars
    ))
    .hint("raise Limits::header_chars if you trust the file")
}

/// A version of the format. They differ in how long a header may be and how it is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V1 = 1,
    V2 = 2,
    V3 = 3,
}

impl Version {
    fn numbered(major: u8, minor: u8) -> Option<Version> {
        match (major, minor) {
            (1, 0) => Some(Version::V1),
            (2, 0) => Some(Version::V2),
            (3, 0) => Some(Version::V3),
            _ => None,
        }
    }

    /// Where the header's text starts: behind magic, version, and a length of 2 or 4 bytes.
    fn text_start(self) -> usize {
        if self == Version::V1 { 10 } else { 12 }
    }
}

/// The fixed start of an npy file: the version, and how long magic, version, length field and
/// header text are together.
#[derive(Clone, Copy)]
pub(crate) struct Preamble {
    version: Version,
    /// Where the array's data start, in bytes from the magic.
    pub(crate) total: usize,
}

impl Preamble {
    /// No preamble is longer.
    pub(crate) const MAX_LEN: usize = 12;

    /// Reads the start of an npy file: up to 12 bytes, fewer if the file has no more.
    pub(crate) fn parse(start: &[u8], limits: &Limits) -> Result<Preamble> {
        if !start.starts_with(&MAGIC) {
            let cause = "the first bytes are not those of an npy file";
            return Err(Error::new(ErrorKind::NotAnArray, cause));
        }
        let cut = || Error::corrupt("the file ends within the npy header").at(start.len() as u64);
        let &[major, minor] = start.get(6..8).ok_or_else(cut)? else { return Err(cut()) };
        let version = Version::numbered(major, minor).ok_or_else(|| {
            Error::unsupported(format!(
                "npy format version {major}.{minor}; 1.0, 2.0 and 3.0 are known"
            ))
            .at(6)
        })?;
        let text_start = version.text_start();
        let mut length = [0; 4];
        let field = start.get(8..text_start).ok_or_else(cut)?;
        length[..field.len()].copy_from_slice(field);
        let length = u32::from_le_bytes(length) as usize;
        // A character takes at most four bytes.
        if length / 4 > limits.header_chars {
            return Err(header_too_large(length as u64 / 4, limits));
        }
        Ok(Preamble { version, total: text_start + length })
    }

    /// Reads the header that belongs to this preamble; `bytes` start at the magic. Also says
    /// whether it was written by Python 2.
    pub(crate) fn header(self, bytes: &[u8], limits: &Limits) -> Result<(Header, bool)> {
        let text = bytes.get(self.version.text_start()..self.total).ok_or_else(|| {
            Error::corrupt(format!(
                "the npy header should end at byte {}, but only {} bytes are there",
                self.total,
                bytes.len()
            ))
        })?;
        Header::from_text(text, self.version, limits)
    }
}
