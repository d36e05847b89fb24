//! Tables read into arrays: [`loadtxt`], and [`TextOptions`] for all that tables may look like.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::Path;

pub use savez_text::parse::Encoding;
use savez_text::parse::{self, Cell, Dialect, Kind, Layout, Rows, Table};

use crate::npy::array::{FromArray, Unread};
use crate::npy::dtype::{ByteOrder, DType, Number, Record};
use crate::npy::header::{Header, Order};
use crate::npy::native::Reversal;
use crate::{Error, ErrorKind, Result};

/// Loads a table of numbers from a text file: columns between white space, comments after `#`.
///
/// A type of two axes, such as `Vec<[f64; 3]>` or `ndarray`'s `Array2`, takes rows and columns; one of
/// a single axis a table of one column, or of one row. Files that end in `.gz` are unpacked, and with
/// the features of the crate `.bz2`, `.xz` and `.lzma`. [`TextOptions`] knows other tables.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-loadtxt-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("table.txt");
/// std::fs::write(&path, "# x y\n1 2.5\n3 1e400\n")?;
/// let rows: Vec<[f64; 2]> = savez::loadtxt(&path)?;
/// assert_eq!(rows, [[1.0, 2.5], [3.0, f64::INFINITY]]);
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read, is no such table, or of another shape. What is wrong with it is said in
/// NumPy's words.
pub fn loadtxt<A: FromArray>(path: impl AsRef<Path>) -> Result<A> {
    TextOptions::new().load(path)
}

/// How a table is written, and what is read of it.
///
/// ```
/// use savez::text::TextOptions;
///
/// let csv = "name,x,y\nspam,1,2\n\"ham, eggs\",3,4\n";
/// let columns: Vec<[i32; 2]> = TextOptions::new()
///     .delimiter(b',')
///     .quote(b'"')
///     .skip_lines(1)
///     .columns(&[1, -1])
///     .read(csv.as_bytes())?;
/// assert_eq!(columns, [[1, 2], [3, 4]]);
/// # Ok::<(), savez::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextOptions {
    dialect: Dialect,
    dtype: Option<DType>,
    columns: Option<Vec<isize>>,
    skip_lines: u64,
    has_names: bool,
    max_rows: Option<usize>,
    threads: Option<NonZeroUsize>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl TextOptions {
    /// Columns between white space, comments after `#`, no quotes, UTF-8.
    pub fn new() -> Self {
        TextOptions {
            dialect: Dialect::default(),
            dtype: None,
            columns: None,
            skip_lines: 0,
            has_names: false,
            max_rows: None,
            threads: None,
        }
    }

    /// The ASCII character between columns.
    pub fn delimiter(&mut self, delimiter: u8) -> &mut Self {
        self.dialect.delimiter = Some(delimiter);
        self
    }

    /// What begins a comment; none of them, if there are no comments.
    pub fn comments(&mut self, comments: &[&str]) -> &mut Self {
        self.dialect.comments =
            comments.iter().map(|comment| comment.as_bytes().to_vec()).collect();
        self
    }

    /// The ASCII character around fields that hold delimiters. Line breaks within them are refused.
    pub fn quote(&mut self, quote: u8) -> &mut Self {
        self.dialect.quote = Some(quote);
        self
    }

    /// The encoding of the text.
    pub fn encoding(&mut self, encoding: Encoding) -> &mut Self {
        self.dialect.encoding = encoding;
        self
    }

    /// What the values are read as, unless the result's own type tells: `f64` by default. Fields of a
    /// record take a column each.
    pub fn dtype(&mut self, dtype: DType) -> &mut Self {
        self.dtype = Some(dtype);
        self
    }

    /// The columns to read, from 0; from -1 down counted from the end.
    pub fn columns(&mut self, columns: &[isize]) -> &mut Self {
        self.columns = Some(columns.to_vec());
        self
    }

    /// How many lines to leave out at the start, comments counted.
    pub fn skip_lines(&mut self, lines: u64) -> &mut Self {
        self.skip_lines = lines;
        self
    }

    /// Whether the first line behind those left out names the columns, be it a comment or not. The
    /// result has records then, each with a field for a column.
    pub fn names(&mut self, has_names: bool) -> &mut Self {
        self.has_names = has_names;
        self
    }

    /// How many rows to read at most.
    pub fn max_rows(&mut self, rows: usize) -> &mut Self {
        self.max_rows = Some(rows);
        self
    }

    /// How many threads read; as many as there are processors by default.
    pub fn threads(&mut self, threads: NonZeroUsize) -> &mut Self {
        self.threads = Some(threads);
        self
    }

    /// Reads the table in a file, as [`loadtxt`] does.
    ///
    /// # Errors
    /// As `loadtxt`; also if the options do not go together.
    pub fn load<A: FromArray>(&self, path: impl AsRef<Path>) -> Result<A> {
        let path = path.as_ref();
        let load = || {
            let file = File::open(path).map_err(|e| Error::io(e, "cannot open the file"))?;
            self.read(unpacked(path, file)?)
        };
        load().map_err(|error| error.in_file(Some(path)))
    }

    /// Reads a table to the end of the input.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read<A: FromArray>(&self, input: impl Read) -> Result<A> {
        self.check()?;
        let float = || DType::number(Number::F64, ByteOrder::NATIVE);
        let wanted = self.dtype.clone().or_else(A::element_dtype).unwrap_or_else(float);
        // Of a type with parts, such as [f64; 3], each row gives one element.
        let mut parts = Vec::new();
        let dtype = wanted.fold_into(&mut parts);
        if !self.has_names {
            return self.read_as(dtype, &parts, self.skip_lines, input);
        }
        let mut input = BufReader::new(input);
        let names = self.read_names(&mut input)?;
        let fields = names.into_iter().map(|name| (name, dtype.clone()));
        self.read_as(DType::Record(Record::packed(fields)?), &[], 0, input)
    }

    fn read_as<A: FromArray>(
        &self,
        dtype: DType,
        parts: &[usize],
        skip_lines: u64,
        input: impl Read,
    ) -> Result<A> {
        let table = Table {
            dialect: self.dialect.clone(),
            layout: layout(&dtype)?,
            chosen: self.columns.clone(),
            skip_lines,
            max_rows: self.max_rows,
            threads: self.threads,
        };
        let mut rows = Growing { layout: &table.layout, bytes: Vec::new() };
        let read = table.read(input, None, &mut rows).map_err(text_error)?;
        let shape = match &table.layout {
            // Nobody knows how many columns there would be.
            _ if read.rows == 0 && !parts.is_empty() => [&[0], parts].concat(),
            Layout::Alike(_) => vec![read.rows, read.columns],
            Layout::Record(..) => vec![read.rows],
        };
        array_of(dtype, &shape, &rows.bytes)
    }

    /// The names of the chosen columns, from the line that has them.
    fn read_names(&self, input: &mut impl BufRead) -> Result<Vec<String>> {
        let failed = |error| Error::io(error, "cannot read the names of the columns");
        let mut line = Vec::new();
        for _ in 0..=self.skip_lines {
            line.clear();
            input.read_until(b'\n', &mut line).map_err(failed)?;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let begin = |comment: &Vec<u8>| text.trim_ascii_start().strip_prefix(comment.as_slice());
        let text = self.dialect.comments.iter().find_map(begin).unwrap_or(text);
        // Names may hold what begins comments elsewhere.
        let dialect = Dialect { comments: Vec::new(), ..self.dialect.clone() };
        let names = dialect.fields(text).map_err(text_error)?;
        if names.is_empty() {
            return Err(Error::format("the line that is to name the columns is empty"));
        }
        let Some(columns) = &self.columns else { return Ok(names) };
        let chosen = columns.iter().map(|&column| {
            let index = if column < 0 { column + names.len() as isize } else { column };
            let name = usize::try_from(index).ok().and_then(|index| names.get(index));
            name.cloned().ok_or_else(|| Error::parameter(format!("there is no column {column}")))
        });
        chosen.collect()
    }

    /// Whether delimiter, comments and quotes can be told from each other.
    fn check(&self) -> Result<()> {
        let Dialect { delimiter, comments, quote, .. } = &self.dialect;
        let mut single: Vec<u8> = [*delimiter, *quote].into_iter().flatten().collect();
        if !single.is_ascii() {
            return Err(Error::parameter("delimiter and quote must be ASCII characters"));
        }
        match comments.as_slice() {
            [only] if only.len() == 1 => single.extend(only),
            long if !long.is_empty() && quote.is_some() => {
                return Err(Error::parameter("quotes need comments that begin with one character"));
            }
            _ => {}
        }
        let is_space = |byte: &u8| byte.is_ascii_whitespace() && delimiter.is_none();
        let are_clear = single.iter().enumerate().all(|(i, byte)| {
            !single[..i].contains(byte) && !matches!(byte, b'\n' | b'\r') && !is_space(byte)
        });
        let are_some = comments.iter().all(|comment| {
            !comment.is_empty() && !comment.contains(&b'\n') && !comment.contains(&b'\r')
        });
        match are_clear && are_some {
            true => Ok(()),
            false => Err(Error::parameter(
                "delimiter, comments and quote must differ, and none may be a line break",
            )),
        }
    }
}

/// Memory that grows.
struct Growing<'a> {
    layout: &'a Layout,
    bytes: Vec<u8>,
}

impl Rows for Growing<'_> {
    fn grow(&mut self, rows: usize, columns: usize) -> io::Result<()> {
        let size = self.layout.row_size(columns).saturating_mul(rows);
        let more = size.saturating_sub(self.bytes.len());
        self.bytes.try_reserve_exact(more).map_err(|_| Error::out_of_memory(size as u64))?;
        self.bytes.resize(size, 0);
        Ok(())
    }

    fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// The values, which may have more behind them, in an array of that shape or, if that does not suit the
/// type, without its axes of length 1.
fn array_of<A: FromArray>(dtype: DType, shape: &[usize], values: &[u8]) -> Result<A> {
    let make = |shape: &[usize]| {
        let header = Header::new(dtype.clone(), shape, Order::C)?;
        let mut fill = |room: &mut [u8], reversal: &Reversal| {
            reversal.copy(&values[..room.len()], room);
            Ok(())
        };
        A::from_array(Unread::new(&header, &mut fill))
    };
    let squeezed: Vec<usize> = match shape {
        [0, 0] => vec![0],
        _ => shape.iter().copied().filter(|&length| length != 1).collect(),
    };
    match make(shape) {
        Err(error) if error.kind() == ErrorKind::Mismatch && squeezed != shape => {
            make(&squeezed).or(Err(error))
        }
        made => made,
    }
}

/// The bytes of a file that its extension says is packed.
fn unpacked(path: &Path, file: File) -> Result<Box<dyn Read>> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    Ok(match extension {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
        #[cfg(feature = "bzip2")]
        Some("bz2") => Box::new(bzip2::read::MultiBzDecoder::new(file)),
        #[cfg(feature = "xz")]
        Some("xz" | "lzma") => Box::new(lzma_rust2::XzReader::new(file, true)),
        #[cfg(not(feature = "bzip2"))]
        Some("bz2") => return Err(unbuilt("bzip2")),
        #[cfg(not(feature = "xz"))]
        Some("xz" | "lzma") => return Err(unbuilt("xz")),
        _ => Box::new(file),
    })
}

#[cfg(not(all(feature = "bzip2", feature = "xz")))]
fn unbuilt(feature: &str) -> Error {
    Error::unsupported("this build does not unpack files of this extension")
        .hint(format!("build savez with the feature {feature:?}"))
}

/// Where the values of a row lie, and what they are.
fn layout(dtype: &DType) -> Result<Layout> {
    if let DType::Record(record) = dtype {
        let mut cells = Vec::new();
        add_cells(dtype, 0, &mut cells)?;
        return Ok(Layout::Record(cells, record.itemsize()));
    }
    Ok(Layout::Alike(cell(dtype, 0)?))
}

/// A cell for each column that the dtype takes: fields and elements of sub-arrays, one by one.
fn add_cells(dtype: &DType, offset: usize, cells: &mut Vec<Cell>) -> Result<()> {
    match dtype {
        DType::Record(record) => record
            .fields()
            .iter()
            .try_for_each(|field| add_cells(&field.dtype, offset + field.offset, cells)),
        DType::SubArray(item, shape) => (0..shape.iter().product::<usize>())
            .try_for_each(|i| add_cells(item, offset + i * item.itemsize(), cells)),
        single => {
            cells.push(cell(single, offset)?);
            Ok(())
        }
    }
}

fn cell(dtype: &DType, offset: usize) -> Result<Cell> {
    let kind = match dtype {
        DType::Number(number, _) => number_kind(*number),
        DType::Bytes(width) => Some(Kind::Bytes(*width)),
        DType::Str(width, _) => Some(Kind::Str(*width)),
        _ => None,
    };
    let kind = kind
        .filter(|kind| kind.size() > 0)
        .ok_or_else(|| Error::unsupported(format!("text is not read as {dtype}")))?;
    Ok(Cell { kind, offset, is_swapped: dtype.is_swapped() })
}

fn number_kind(number: Number) -> Option<Kind> {
    Some(match number {
        Number::Bool => Kind::Bool,
        Number::I8 => Kind::I8,
        Number::I16 => Kind::I16,
        Number::I32 => Kind::I32,
        Number::I64 => Kind::I64,
        Number::U8 => Kind::U8,
        Number::U16 => Kind::U16,
        Number::U32 => Kind::U32,
        Number::U64 => Kind::U64,
        Number::F16 => Kind::F16,
        Number::F32 => Kind::F32,
        Number::F64 => Kind::F64,
        Number::C64 => Kind::C64,
        Number::C128 => Kind::C128,
        Number::F96 | Number::F128 | Number::C192 | Number::C256 => return None,
    })
}

/// An error of the reader as ours.
fn text_error(error: parse::Error) -> Error {
    match error {
        parse::Error::Io(error) => error.into(),
        parse::Error::Unsupported(_) => Error::unsupported(error.to_string()),
        error => Error::format(error.to_string()),
    }
}
