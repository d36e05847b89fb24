//! NumPy's parameters: [`SaveText`].

use std::io::Write;
use std::path::Path;

use super::file::save_rows;
use super::rows::{BadRow, TextRows, is_complex};
use crate::npy::dtype::DType;
use crate::npy::view::{ArrayView, AsArray};
use crate::{Error, Result};

/// Writes an array of one or two axes as a table of text, a row a line, as `numpy.savetxt` does:
/// every number with 19 digits, blanks between them. The file takes its name when it is whole; a
/// name that ends in `.gz` gets it compressed.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-savetxt-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("table.txt");
/// savez::savetxt(&path, &[[1.0, 0.1], [f64::NAN, -2.0]])?;
/// assert_eq!(
///     std::fs::read_to_string(&path)?,
///     "1.000000000000000000e+00 1.000000000000000056e-01\nnan -2.000000000000000000e+00\n"
/// );
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the array has no or more than two axes or its elements cannot be written that way, or the
/// system refuses. The old file is then what it was.
pub fn savetxt<A: AsArray + ?Sized>(path: impl AsRef<Path>, array: &A) -> Result<()> {
    SaveText::new().save(path, array)
}

/// How to write an array as text: the parameters of `numpy.savetxt`.
///
/// ```
/// let mut text = Vec::new();
/// savez::text::SaveText::new()
///     .format("%.3f")
///     .delimiter(",")
///     .header("x,y")
///     .comments("")
///     .write(&mut text, &[[0.5, 2.0 / 3.0]])?;
/// assert_eq!(text, b"x,y\n0.500,0.667\n");
/// # Ok::<(), savez::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SaveText {
    format: Format,
    delimiter: String,
    newline: String,
    header: String,
    footer: String,
    comments: String,
    threads: Option<usize>,
}

#[derive(Clone, Debug)]
enum Format {
    /// Of every column.
    Each(String),
    /// Of one column after the other.
    Columns(Vec<String>),
    /// Of the whole row, delimiters included.
    Row(String),
}

impl Default for SaveText {
    fn default() -> SaveText {
        SaveText {
            format: Format::Each("%.18e".to_owned()),
            delimiter: " ".to_owned(),
            newline: "\n".to_owned(),
            header: String::new(),
            footer: String::new(),
            comments: "# ".to_owned(),
            threads: None,
        }
    }
}

impl SaveText {
    /// NumPy's defaults.
    pub fn new() -> SaveText {
        SaveText::default()
    }

    /// Formats every column that way: `%.18e` by default. Of complex numbers, both parts.
    pub fn format(&mut self, format: impl Into<String>) -> &mut Self {
        self.format = Format::Each(format.into());
        self
    }

    /// Formats each column its own way. That of complex numbers has a conversion for each part.
    pub fn column_formats<F: Into<String>>(
        &mut self,
        formats: impl IntoIterator<Item = F>,
    ) -> &mut Self {
        self.format = Format::Columns(formats.into_iter().map(Into::into).collect());
        self
    }

    /// Formats the row that way, with a conversion for each column; there are no other delimiters.
    pub fn row_format(&mut self, format: impl Into<String>) -> &mut Self {
        self.format = Format::Row(format.into());
        self
    }

    /// Puts this between columns: a blank by default.
    pub fn delimiter(&mut self, delimiter: impl Into<String>) -> &mut Self {
        self.delimiter = delimiter.into();
        self
    }

    /// Ends every row with this: a line feed by default.
    pub fn newline(&mut self, newline: impl Into<String>) -> &mut Self {
        self.newline = newline.into();
        self
    }

    /// Writes this before the first row, as a comment.
    pub fn header(&mut self, header: impl Into<String>) -> &mut Self {
        self.header = header.into();
        self
    }

    /// Writes this behind the last row, as a comment.
    pub fn footer(&mut self, footer: impl Into<String>) -> &mut Self {
        self.footer = footer.into();
        self
    }

    /// Starts every line of header and footer with this: `# ` by default.
    pub fn comments(&mut self, comments: impl Into<String>) -> &mut Self {
        self.comments = comments.into();
        self
    }

    /// Makes the text on that many threads: by default as many as the system runs at once.
    pub fn threads(&mut self, threads: usize) -> &mut Self {
        self.threads = Some(threads);
        self
    }

    /// Writes the array to a file, as [`savetxt`] does.
    ///
    /// # Errors
    /// As `savetxt`; if the format is none of Python's or does not fit the array; if a number has no
    /// text in it, as NaN has none in `%d`.
    pub fn save<A: AsArray + ?Sized>(&self, path: impl AsRef<Path>, array: &A) -> Result<()> {
        let path = path.as_ref();
        let save = || {
            let rows = self.rows(array.as_array()?)?;
            let (head, foot) = (self.remark(&self.header), self.remark(&self.footer));
            let gzip = path.extension().is_some_and(|extension| extension == "gz");
            let ends = [head.as_bytes(), foot.as_bytes()];
            save_rows(path, &rows, ends, gzip, self.threads, |_| Ok(()))?.map_or(Ok(()), refuse)
        };
        save().map_err(|error| error.in_file(Some(path)))
    }

    /// Writes the text of the array, in UTF-8.
    ///
    /// # Errors
    /// As [`save`](Self::save). What comes before a number without text is then written.
    pub fn write<A: AsArray + ?Sized>(&self, mut out: impl Write, array: &A) -> Result<()> {
        let rows = self.rows(array.as_array()?)?;
        let mut put = |text: &[u8]| {
            out.write_all(text).map_err(|error| Error::io(error, "cannot write the text"))
        };
        put(self.remark(&self.header).as_bytes())?;
        rows.for_each_block(0..rows.len(), self.threads, &mut put)?.map_or(Ok(()), refuse)?;
        put(self.remark(&self.footer).as_bytes())
    }

    fn rows<'a>(&self, array: ArrayView<'a>) -> Result<TextRows<'a>> {
        let format = self.format_of(&array)?;
        TextRows::new(array, &format, &self.newline)
    }

    fn format_of(&self, array: &ArrayView<'_>) -> Result<String> {
        let columns = match (array.dtype(), array.shape()) {
            (DType::Record(record), [_]) => record.fields().len(),
            (_, [_, columns]) => *columns,
            _ => 1,
        };
        match &self.format {
            Format::Row(format) => Ok(format.clone()),
            Format::Columns(formats) if formats.len() != columns => Err(Error::parameter(format!(
                "there are {} formats for {columns} columns",
                formats.len()
            ))),
            Format::Columns(formats) => Ok(formats.join(&self.delimiter)),
            Format::Each(format) => {
                let format = match is_complex(array.dtype()) {
                    true => format!(" ({format}+{format}j)"),
                    false => format.clone(),
                };
                Ok(vec![format; columns].join(&self.delimiter))
            }
        }
    }

    /// Header or footer as it is in the file.
    fn remark(&self, text: &str) -> String {
        match text {
            "" => String::new(),
            text => {
                let text = text.replace('\n', &format!("\n{}", self.comments));
                format!("{}{text}{}", self.comments, self.newline)
            }
        }
    }
}

fn refuse(bad: BadRow) -> Result<()> {
    Err(Error::parameter(format!("row {}: {}", bad.row, bad.reason)))
}
