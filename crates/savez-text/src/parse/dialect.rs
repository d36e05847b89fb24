//! What separates and ends fields and lines: [`Dialect`], and its bytes sorted into classes.

use super::error::Error;
use super::fields::Splitter;

/// How a table is written: what separates fields, begins comments, quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The byte between fields, an ASCII character; `None` for any white space.
    pub delimiter: Option<u8>,
    /// What begins a comment, which ends with the line. Several, or one of several bytes, cannot go
    /// together with `quote`.
    pub comments: Vec<Vec<u8>>,
    /// The byte around fields that hold delimiters, an ASCII character. Doubled within a field it
    /// stands for itself.
    pub quote: Option<u8>,
    /// What the bytes mean.
    pub encoding: Encoding,
    /// What ends a line.
    pub line_ends: LineEnds,
}

impl Default for Dialect {
    /// Columns between white space, comments after `#`, no quotes, UTF-8, line ends of any kind.
    fn default() -> Self {
        Dialect {
            delimiter: None,
            comments: vec![b"#".to_vec()],
            quote: None,
            encoding: Encoding::Utf8,
            line_ends: LineEnds::Any,
        }
    }
}

/// What the bytes of a table mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Encoding {
    Ascii,
    Utf8,
    Latin1,
}

impl Encoding {
    /// Whether the bytes are text in it.
    pub(super) fn has(self, bytes: &[u8]) -> bool {
        match self {
            Encoding::Latin1 => true,
            Encoding::Ascii => bytes.is_ascii(),
            Encoding::Utf8 => str::from_utf8(bytes).is_ok(),
        }
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// `\n`, `\r\n` or `\r`, as in files that Python opens as text.
    Any,
    /// `\n` or `\r\n`, as in files that Python opens as bytes; a `\r` elsewhere is refused.
    Newline,
}

/// What a byte means outside of quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Other,
    /// White space that does not end a line and is not the delimiter.
    Space,
    Delimiter,
    Comment,
    /// `\n` or `\r`.
    LineEnd,
}

/// The classes of all bytes.
pub(super) type Classes = [Class; 256];

/// White space by Python's `str.isspace`, as far as it is ASCII, and no line end.
const SPACES: [u8; 8] = [b' ', b'\t', 0x0b, 0x0c, 0x1c, 0x1d, 0x1e, 0x1f];

/// The text without white space at its ends.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| SPACES.contains(byte) || matches!(byte, b'\n' | b'\r');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

impl Dialect {
    /// The fields of a line, its end left out, as text; what is in no quotes without white space at
    /// its ends.
    ///
    /// # Errors
    /// If the bytes are not in the encoding, or a quote is not closed.
    pub fn fields(&self, line: &[u8]) -> Result<Vec<String>, Error> {
        if !self.encoding.has(line) {
            return Err(Error::Encoding);
        }
        let mut splitter = Splitter::new(self);
        let fields = splitter.split(line)?;
        let text = |field| {
            let text = fields.text(field, self.encoding);
            if fields.was_quoted(field) { text } else { text.trim().to_owned() }
        };
        Ok((0..fields.len()).map(text).collect())
    }

    /// The only byte that begins a comment, if it is one byte and one only.
    pub(super) fn comment(&self) -> Option<u8> {
        match self.comments.as_slice() {
            [only] => match only.as_slice() {
                [byte] => Some(*byte),
                _ => None,
            },
            _ => None,
        }
    }

    /// The comments, if they need more than a look at single bytes.
    pub(super) fn long_comments(&self) -> &[Vec<u8>] {
        if self.comment().is_some() { &[] } else { &self.comments }
    }

    /// Later ones win, in the order in which NumPy looks for them, from the last to the first.
    pub(super) fn classes(&self) -> Classes {
        let mut classes = [Class::Other; 256];
        for space in SPACES {
            classes[usize::from(space)] = Class::Space;
        }
        if let Some(comment) = self.comment() {
            classes[usize::from(comment)] = Class::Comment;
        }
        if let Some(delimiter) = self.delimiter {
            classes[usize::from(delimiter)] = Class::Delimiter;
        }
        classes[usize::from(b'\n')] = Class::LineEnd;
        classes[usize::from(b'\r')] = Class::LineEnd;
        classes
    }

    /// Whether no number can have the delimiter, the comment or the quote in it.
    pub(super) fn parts_numbers(&self) -> bool {
        let in_numbers = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.()_".contains(&byte);
        ![self.delimiter, self.comment(), self.quote].into_iter().flatten().any(in_numbers)
    }

    /// Where the content of the line at the start of `text` ends, and where the next line begins.
    pub(super) fn line_end(&self, text: &[u8]) -> (usize, usize) {
        let found = match self.line_ends {
            LineEnds::Any => memchr::memchr2(b'\n', b'\r', text),
            LineEnds::Newline => memchr::memchr(b'\n', text),
        };
        match found {
            None => (text.len(), text.len()),
            Some(end) if text[end] == b'\r' && text.get(end + 1) == Some(&b'\n') => (end, end + 2),
            Some(end) if end > 0 && text[end] == b'\n' && text[end - 1] == b'\r' => {
                (end - 1, end + 1)
            }
            Some(end) => (end, end + 1),
        }
    }
}
