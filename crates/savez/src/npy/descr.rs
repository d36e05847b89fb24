//! `descr`: a dtype as the Python literal that stands in an npy header, there and back.
//!
//! The rules are those of `numpy.lib.format.dtype_to_descr` and `descr_to_dtype`.

use super::dtype::{DType, Field, Record, Title};
use super::extension::Extension;
use super::literal::{self, Literal};
use super::typestr;
use crate::{Error, Result};

/// How the types that NumPy has no name for are spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As void, so that any NumPy can read the header.
    Void,
    /// By name, as in the comment behind the header's dict.
    Name,
}

/// The literal NumPy writes for a dtype.
pub(super) fn to_literal(dtype: &DType, spelling: Spelling) -> Literal {
    match dtype {
        DType::Record(record) => Literal::List(fields(record, spelling)),
        DType::SubArray(item, shape) => {
            Literal::Tuple(vec![to_literal(item, spelling), shape_literal(shape)])
        }
        DType::Extension(e) if spelling == Spelling::Name => Literal::Str(e.name().to_owned()),
        scalar => Literal::Str(typestr::format(scalar)),
    }
}

/// `(3,)`, `(2, 3)`.
pub(super) fn shape_literal(shape: &[usize]) -> Literal {
    Literal::Tuple(shape.iter().map(|&n| Literal::Int(n as i128)).collect())
}

/// A record's fields, with `('', '|V4')` for each run of padding bytes.
fn fields(record: &Record, spelling: Spelling) -> Vec<Literal> {
    let mut list = Vec::new();
    let mut end = 0;
    let pad = |list: &mut Vec<Literal>, bytes: usize| {
        if bytes > 0 {
            let void = Literal::Str(format!("|V{bytes}"));
            list.push(Literal::Tuple(vec![Literal::Str(String::new()), void]));
        }
    };
    for field in record.fields() {
        pad(&mut list, field.offset - end);
        end = field.offset + field.dtype.itemsize();
        let name = name_literal(field);
        list.push(Literal::Tuple(match &field.dtype {
            DType::SubArray(item, shape) => {
                vec![name, to_literal(item, spelling), shape_literal(shape)]
            }
            dtype => vec![name, to_literal(dtype, spelling)],
        }));
    }
    pad(&mut list, record.itemsize() - end);
    list
}

/// `'name'`, or `('title', 'name')`.
fn name_literal(field: &Field) -> Literal {
    let name = Literal::Str(field.name.clone());
    let title = match &field.title {
        None => return name,
        Some(Title::Text(text)) => Literal::Str(text.clone()),
        Some(Title::Literal(source)) => Literal::Verbatim(source.clone()),
    };
    Literal::Tuple(vec![title, name])
}

/// The dtype a header's `descr` means.
pub(super) fn from_literal(descr: &Literal) -> Result<DType> {
    match descr {
        Literal::Str(name) => typestr::parse(name),
        Literal::Tuple(pair) => match pair.as_slice() {
            [item, shape] => sub_array(from_literal(item)?, shape),
            _ => Err(invalid(descr)),
        },
        Literal::List(list) => record(list),
        _ => Err(invalid(descr)),
    }
}

fn invalid(descr: &Literal) -> Error {
    Error::format(format!("descr is not a valid dtype descriptor: {}", descr.repr()))
}

fn record(list: &[Literal]) -> Result<DType> {
    let mut fields = Vec::new();
    let mut offset = 0usize;
    for entry in list {
        let (name, dtype) = match entry {
            Literal::Tuple(parts) | Literal::List(parts) => match parts.as_slice() {
                [name, dtype] => (name, from_literal(dtype)?),
                [name, dtype, shape] => (name, sub_array(from_literal(dtype)?, shape)?),
                _ => return Err(invalid(entry)),
            },
            _ => return Err(invalid(entry)),
        };
        let itemsize = dtype.itemsize();
        let (title, name) = title_and_name(name)?;
        // NumPy drops what has no name and is of Python type void, sub-arrays of anything too. A
        // title saves it.
        if !(name.is_empty() && title.is_none() && dtype.passes_for_padding()) {
            fields.push(Field { name, title, dtype, offset });
        }
        offset = offset.checked_add(itemsize).ok_or_else(|| invalid(entry))?;
    }
    Record::new(fields, offset).map(DType::Record)
}

fn title_and_name(name: &Literal) -> Result<(Option<Title>, String)> {
    let (title, name) = match name {
        Literal::Tuple(pair) => match pair.as_slice() {
            [title, name] => (Some(title), name),
            _ => return Err(invalid(name)),
        },
        name => (None, name),
    };
    let Literal::Str(name) = name else {
        return Err(Error::format(format!("a field name is not a string: {}", name.repr())));
    };
    let title = match title {
        None | Some(Literal::None) => None,
        Some(Literal::Str(text)) => Some(Title::Text(text.clone())),
        Some(Literal::List(_) | Literal::Dict(_) | Literal::Set(_)) => {
            return Err(Error::format(format!("the title of field {name:?} is not hashable")));
        }
        Some(other) => Some(Title::Literal(other.repr())),
    };
    Ok((title, name.clone()))
}

/// `(item, shape)`, where shape may be a number; for a type without a size it then is the size.
fn sub_array(item: DType, shape: &Literal) -> Result<DType> {
    let wrong = || Error::format(format!("invalid shape in a dtype: {}", shape.repr()));
    let length = |n: &Literal| match n {
        Literal::Int(n) => usize::try_from(*n).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    match shape {
        Literal::Int(_) => repeated(item, length(shape)?),
        Literal::Tuple(_) | Literal::List(_) if is_unsized(&item) => Err(wrong()),
        Literal::Tuple(dims) if dims.is_empty() => Ok(item),
        Literal::List(dims) if dims.is_empty() => Err(wrong()),
        Literal::Tuple(dims) | Literal::List(dims) => {
            DType::sub_array(item, dims.iter().map(length).collect::<Result<_>>()?)
        }
        _ => Err(wrong()),
    }
}

/// `(item, n)`: so many items, or, of a type without a size, one of that size.
pub(super) fn repeated(item: DType, n: usize) -> Result<DType> {
    let sized = |itemsize: usize, dtype: DType| {
        DType::sub_array(DType::Void(itemsize), vec![n]).map(|_| dtype)
    };
    match item {
        DType::Bytes(0) => sized(1, DType::Bytes(n)),
        DType::Void(0) => sized(1, DType::Void(n)),
        DType::Str(0, order) => sized(4, DType::Str(n, order)),
        item => DType::sub_array(item, vec![n]),
    }
}

/// Whether a type waits for its size.
pub(super) fn is_unsized(dtype: &DType) -> bool {
    matches!(dtype, DType::Bytes(0) | DType::Void(0) | DType::Str(0, _))
}

/// What the comment behind the header's dict makes of `base`: the same dtype with the names of
/// [`Extension`]s in place of void. `None` if the comment says anything else.
pub(super) fn from_comment(comment: &str, base: &DType) -> Option<DType> {
    let text = comment.trim_start().strip_prefix("dtype=")?;
    with_names(&literal::parse(text, false).ok()?.value, base)
}

fn with_names(named: &Literal, base: &DType) -> Option<DType> {
    match (named, base) {
        (Literal::Str(name), DType::Void(n)) if *name != typestr::format(base) => {
            Extension::named(name, *n).map(DType::Extension)
        }
        (Literal::List(entries), DType::Record(record)) => {
            let mut entries = entries.iter().filter_map(entry).filter(|(name, item, _)| {
                let padding = matches!(item, Literal::Str(s) if s.starts_with("|V"));
                !(padding && matches!(name, Literal::Str(s) if s.is_empty()))
            });
            let mut fields = Vec::new();
            for field in record.fields() {
                let (name, item, shape) = entries.next()?;
                if name.repr() != name_literal(field).repr() {
                    return None;
                }
                let dtype = match (&field.dtype, shape) {
                    (DType::SubArray(inner, dims), Some(shape)) => {
                        if *shape != shape_literal(dims) {
                            return None;
                        }
                        DType::SubArray(Box::new(with_names(item, inner)?), dims.clone())
                    }
                    (dtype, None) => with_names(item, dtype)?,
                    (_, Some(_)) => return None,
                };
                fields.push(Field { dtype, ..field.clone() });
            }
            if entries.next().is_some() {
                return None;
            }
            Record::new(fields, record.itemsize()).ok().map(DType::Record)
        }
        (Literal::Tuple(pair), DType::SubArray(inner, shape)) => {
            let inner = with_names(pair.first()?, inner)?;
            Some(DType::SubArray(Box::new(inner), shape.clone()))
        }
        (named, base) => (*named == to_literal(base, Spelling::Void)).then(|| base.clone()),
    }
}

/// Name, type and shape of an entry of a list of fields.
fn entry(entry: &Literal) -> Option<(&Literal, &Literal, Option<&Literal>)> {
    match entry {
        Literal::Tuple(parts) => Some((parts.first()?, parts.get(1)?, parts.get(2))),
        _ => None,
    }
}

/// A dtype as people write it.
pub(super) fn display(dtype: &DType) -> String {
    match to_literal(dtype, Spelling::Name) {
        Literal::Str(text) => text,
        other => other.repr(),
    }
}

/// A dtype as people write it, read: a bare string, or a literal.
pub(super) fn parse(text: &str) -> Result<DType> {
    // A parenthesis may start a sub-array, `('<f4', (3,))`, or a shape, `(3,)f4`.
    if text.trim_start_matches('(').starts_with(['[', '\'', '"']) {
        let parsed = literal::parse(text, false).map_err(|e| {
            Error::format(format!("{} at byte {} of the dtype", e.reason, e.offset))
        })?;
        return from_literal(&parsed.value);
    }
    typestr::parse(text)
}
