//! Python literals: the grammar of an npy header.
//!
//! NumPy parses headers by `ast.literal_eval`. This is that grammar, written out and bounded: text
//! of a given length, brackets at most [`MAX_DEPTH`] deep. It knows Python, not dtypes.

use std::borrow::Cow;

/// CPython's tokenizer allows no more open brackets either.
const MAX_DEPTH: usize = 200;

/// A value that a literal denotes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    None,
    Bool(bool),
    Int(i128),
    /// Source text kept as it is: floats, complex numbers, and integers beyond 128 bits, all of
    /// which mean nothing in a header.
    Verbatim(String),
    Str(String),
    Bytes(Vec<u8>),
    Ellipsis,
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    Set(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
}

/// What a text turned out to be.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) value: Literal,
    /// Python 2 long integers (`10L`) were met.
    pub(crate) python2: bool,
    /// What follows the value: blanks and comments.
    pub(crate) rest: String,
}

/// Why a text is no literal, and where.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) reason: &'static str,
}

/// Parses one literal that makes up all of `text` but for blanks and comments.
pub(crate) fn parse(text: &str, allow_python2: bool) -> Result<Parsed, SyntaxError> {
    let text = unix_newlines(text);
    let bytes = text.as_bytes();
    Parser { text: &text, bytes, at: 0, depth: 0, allow_python2, python2: false }.document()
}

/// Python reads source text with every line break as `\n`.
fn unix_newlines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text may not end in a continued line. Nor in one of blanks alone; but where Python 2 is
/// allowed, NumPy takes these away.
fn check_last_line(rest: &str, allow_python2: bool) -> Result<(), &'static str> {
    let indented = rest.rsplit_once('\n').is_some_and(|(_, line)| {
        !line.is_empty() && line.bytes().all(|b| matches!(b, b' ' | b'\t'))
    });
    if rest.ends_with("\\\n") || (indented && !allow_python2) {
        return Err("the last line is not complete");
    }
    Ok(())
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    allow_python2: bool,
    python2: bool,
}

type Parse<T> = Result<T, SyntaxError>;

impl Parser<'_> {
    fn document(&mut self) -> Parse<Parsed> {
        if let Some(offset) = self.text.find('\0') {
            return Err(SyntaxError { offset, reason: "a NUL byte" });
        }
        // Blanks in front are dropped; on later lines they would be an indentation.
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        self.blanks(true);
        if self.at > start && !matches!(self.bytes[self.at - 1], b'\n' | b'\x0c') {
            return self.fail("the first line is indented");
        }
        let value = self.value()?;
        let rest = self.text[self.at..].to_owned();
        self.blanks(true);
        if self.at < self.bytes.len() {
            return self.fail("something follows the value");
        }
        check_last_line(&rest, self.allow_python2)
            .map_err(|reason| SyntaxError { offset: self.at, reason })?;
        Ok(Parsed { value, python2: self.python2, rest })
    }

    fn fail<T>(&self, reason: &'static str) -> Parse<T> {
        Err(SyntaxError { offset: self.at, reason })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.bytes[self.at..].starts_with(token.as_bytes());
        if found {
            self.at += token.len();
        }
        found
    }

    /// Skips white space, comments and continued lines; outside brackets a line break ends the
    /// value, so `newlines` says whether they may be skipped.
    fn blanks(&mut self, newlines: bool) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\x0c' => self.at += 1,
                b'\n' if newlines => self.at += 1,
                b'\\' if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                b'#' => {
                    let rest = &self.bytes[self.at..];
                    let line = rest.iter().position(|b| *b == b'\n');
                    self.at += line.unwrap_or(rest.len());
                }
                _ => break,
            }
        }
    }

    fn gap(&mut self) {
        let inside_brackets = self.depth > 0;
        self.blanks(inside_brackets);
    }

    fn value(&mut self) -> Parse<Literal> {
        match self.peek() {
            None => self.fail("the text ends where a value should be"),
            Some(b'(') => self.bracketed(Self::parenthesised),
            Some(b'[') => self.bracketed(|p| Ok(Literal::List(p.items(b']')?.0))),
            Some(b'{') => self.bracketed(Self::braced),
            Some(b'+' | b'-' | b'.' | b'0'..=b'9') => {
                if self.eat("...") {
                    return Ok(Literal::Ellipsis);
                }
                self.number()
            }
            Some(b'\'' | b'"') => self.strings(),
            Some(_) => self.word(),
        }
    }

    fn bracketed(&mut self, inside: impl FnOnce(&mut Self) -> Parse<Literal>) -> Parse<Literal> {
        if self.depth == MAX_DEPTH {
            return self.fail("brackets are nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        let value = inside(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// `(…)`: a tuple if it is empty or has a comma, else the value itself.
    fn parenthesised(&mut self) -> Parse<Literal> {
        let (mut items, comma) = self.items(b')')?;
        match items.pop() {
            Some(only) if items.is_empty() && !comma => Ok(only),
            last => {
                items.extend(last);
                Ok(Literal::Tuple(items))
            }
        }
    }

    /// Values up to `close`, and whether a comma was among them.
    fn items(&mut self, close: u8) -> Parse<(Vec<Literal>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            self.gap();
            if self.peek() == Some(close) {
                self.at += 1;
                return Ok((items, comma));
            }
            items.push(self.value()?);
            self.gap();
            match self.peek() {
                Some(b',') => {
                    comma = true;
                    self.at += 1;
                }
                Some(byte) if byte == close => {}
                _ => return self.fail("a comma or a closing bracket is missing"),
            }
        }
    }

    /// `{…}`: a dict if it is empty or its first value is followed by a colon, else a set.
    fn braced(&mut self) -> Parse<Literal> {
        let mut keys = Vec::new();
        let mut pairs = Vec::new();
        loop {
            self.gap();
            if self.eat("}") {
                return if keys.is_empty() {
                    Ok(Literal::Dict(pairs))
                } else {
                    Ok(Literal::Set(keys))
                };
            }
            let key = self.value()?;
            self.gap();
            match self.peek() {
                Some(b':') if keys.is_empty() => {
                    self.at += 1;
                    self.gap();
                    pairs.push((key, self.value()?));
                    self.gap();
                }
                _ if pairs.is_empty() => keys.push(key),
                _ => return self.fail("a colon is missing"),
            }
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return self.fail("a comma or a closing brace is missing"),
            }
        }
    }

    /// `True`, `False`, `None`, `set()`, or the prefix of a string.
    fn word(&mut self) -> Parse<Literal> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || !b.is_ascii()))
            .unwrap_or(rest.len());
        self.at += length;
        match &rest[..length] {
            b"True" => Ok(Literal::Bool(true)),
            b"False" => Ok(Literal::Bool(false)),
            b"None" => Ok(Literal::None),
            b"set" => {
                self.gap();
                if self.eat("(") {
                    self.blanks(true);
                    if self.eat(")") {
                        return Ok(Literal::Set(Vec::new()));
                    }
                }
                self.fail("only an empty set() may be called")
            }
            _ => {
                self.at = start;
                if self.prefix().is_some() { self.strings() } else { self.fail("not a literal") }
            }
        }
    }

    /// The string prefix at this place: its length, whether raw, whether bytes.
    fn prefix(&self) -> Option<(usize, bool, bool)> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take(3).position(|b| matches!(b, b'\'' | b'"'))?;
        match rest[..length].to_ascii_lowercase().as_slice() {
            b"" | b"u" => Some((length, false, false)),
            b"r" => Some((length, true, false)),
            b"b" => Some((length, false, true)),
            b"br" | b"rb" => Some((length, true, true)),
            _ => None,
        }
    }

    /// One string, or several side by side, which Python joins.
    fn strings(&mut self) -> Parse<Literal> {
        let mut joined: Option<Literal> = None;
        while let Some((length, raw, is_bytes)) = self.prefix() {
            self.at += length;
            let start = self.at;
            let next = if is_bytes {
                Literal::Bytes(self.bytes_literal(raw)?)
            } else {
                Literal::Str(self.str_literal(raw)?)
            };
            joined = Some(match (joined, next) {
                (None, next) => next,
                (Some(Literal::Str(a)), Literal::Str(b)) => Literal::Str(a + &b),
                (Some(Literal::Bytes(a)), Literal::Bytes(b)) => Literal::Bytes([a, b].concat()),
                _ => {
                    return Err(SyntaxError { offset: start, reason: "bytes beside a string" });
                }
            });
            let end = self.at;
            self.gap();
            if self.prefix().is_none() {
                self.at = end;
                break;
            }
        }
        joined.map_or_else(|| self.fail("not a string"), Ok)
    }

    /// Takes the opening quotes and finds the closing ones: the text between, its start, and the
    /// place behind them.
    fn quoted(&mut self) -> Parse<(usize, usize)> {
        let quote = self.bytes[self.at];
        let width = if self.bytes[self.at..].starts_with(&[quote; 3]) { 3 } else { 1 };
        let start = self.at + width;
        let mut end = start;
        loop {
            match self.bytes.get(end) {
                None => return self.fail("a string does not end"),
                Some(b'\n') if width == 1 => return self.fail("a string does not end"),
                Some(b'\\') => end += 2,
                Some(&b) if b == quote && self.bytes[end..].starts_with(&[quote; 3][..width]) => {
                    self.at = end + width;
                    return Ok((start, end));
                }
                Some(_) => end += 1,
            }
        }
    }

    fn str_literal(&mut self, raw: bool) -> Parse<String> {
        let (start, end) = self.quoted()?;
        let text = &self.text[start..end];
        if raw || !text.contains('\\') {
            return Ok(text.to_owned());
        }
        let mut out = String::with_capacity(text.len());
        let mut chars = Escapes { text, at: 0 };
        while let Some(piece) = chars.next(true).map_err(|e| e.shifted(start))? {
            match piece {
                Piece::Char(c) => out.push(c),
                Piece::Code(code) => match char::from_u32(code) {
                    Some(c) => out.push(c),
                    None => {
                        let reason = "an escape that is no Unicode character";
                        return Err(SyntaxError { offset: start + chars.at, reason });
                    }
                },
            }
        }
        Ok(out)
    }

    fn bytes_literal(&mut self, raw: bool) -> Parse<Vec<u8>> {
        let (start, end) = self.quoted()?;
        let text = &self.text[start..end];
        if !text.is_ascii() {
            return Err(SyntaxError { offset: start, reason: "bytes may hold only ASCII" });
        }
        if raw {
            return Ok(text.as_bytes().to_vec());
        }
        let mut out = Vec::with_capacity(text.len());
        let mut chars = Escapes { text, at: 0 };
        while let Some(piece) = chars.next(false).map_err(|e| e.shifted(start))? {
            let code = match piece {
                Piece::Char(c) => u32::from(c),
                Piece::Code(code) => code,
            };
            // An octal escape may go to 0o777; Python keeps its low byte.
            out.push((code & 0xff) as u8);
        }
        Ok(out)
    }

    /// A signed number, or the sum of a real and an imaginary one.
    fn number(&mut self) -> Parse<Literal> {
        let start = self.at;
        let first = self.signed()?;
        let end = self.at;
        self.gap();
        if matches!(self.peek(), Some(b'+' | b'-')) {
            self.signed()?;
            if self.bytes[self.at - 1].eq_ignore_ascii_case(&b'j') {
                return Ok(Literal::Verbatim(self.text[start..self.at].to_owned()));
            }
            return self.fail("only a complex number may be a sum");
        }
        self.at = end;
        Ok(first)
    }

    fn signed(&mut self) -> Parse<Literal> {
        let negative = match self.peek() {
            Some(sign @ (b'+' | b'-')) => {
                self.at += 1;
                self.gap();
                sign == b'-'
            }
            _ => false,
        };
        Ok(match self.unsigned()? {
            Literal::Int(value) if negative => Literal::Int(-value),
            Literal::Verbatim(text) if negative => Literal::Verbatim(format!("-{text}")),
            other => other,
        })
    }

    fn unsigned(&mut self) -> Parse<Literal> {
        let start = self.at;
        let radix = match self.bytes[start..] {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
            self.eat("_");
            let digits = self.digits(radix)?;
            self.end_of_number()?;
            return Ok(self.int(start, i128::from_str_radix(&digits, radix).ok()));
        }
        let whole = if self.peek() == Some(b'.') { String::new() } else { self.digits(10)? };
        let mut inexact = false;
        if self.eat(".") {
            inexact = true;
            if self.peek().is_some_and(|b| b.is_ascii_digit()) {
                self.digits(10)?;
            } else if whole.is_empty() {
                return self.fail("not a number");
            }
        }
        if self.eat("e") || self.eat("E") {
            inexact = true;
            _ = self.eat("+") || self.eat("-");
            self.digits(10)?;
        }
        if self.eat("j") || self.eat("J") {
            inexact = true;
        }
        if inexact {
            self.end_of_number()?;
            return Ok(Literal::Verbatim(self.text[start..self.at].to_owned()));
        }
        if whole.len() > 1 && whole.starts_with('0') && whole.bytes().any(|b| b != b'0') {
            return self.fail("leading zeros in a number");
        }
        let int = self.int(start, whole.parse().ok());
        self.long_suffix();
        self.end_of_number()?;
        Ok(int)
    }

    /// An integer whose digits end here; its source text if `value` could not hold it.
    fn int(&self, start: usize, value: Option<i128>) -> Literal {
        value.map_or_else(|| Literal::Verbatim(self.text[start..self.at].to_owned()), Literal::Int)
    }

    /// Python 2's `10L`, which NumPy drops in headers up to version 2.0.
    fn long_suffix(&mut self) {
        let before = self.at;
        self.blanks(false);
        let next = self.bytes.get(self.at + 1);
        let ends = next.is_none_or(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
        if self.allow_python2 && self.peek() == Some(b'L') && ends {
            self.at += 1;
            self.python2 = true;
        } else {
            self.at = before;
        }
    }

    fn end_of_number(&self) -> Parse<()> {
        match self.peek() {
            Some(b) if b.is_ascii_alphanumeric() || b == b'_' || b == b'.' => {
                self.fail("a letter follows a number")
            }
            _ => Ok(()),
        }
    }

    /// Digits of `radix`, single underscores between them left out.
    fn digits(&mut self, radix: u32) -> Parse<String> {
        let mut digits = String::new();
        loop {
            match self.peek() {
                Some(b) if char::from(b).is_digit(radix) => digits.push(char::from(b)),
                Some(b'_') if !digits.is_empty() => {
                    let next = self.bytes.get(self.at + 1);
                    if !next.is_some_and(|b| char::from(*b).is_digit(radix)) {
                        return self.fail("an underscore must stand between digits");
                    }
                }
                _ if digits.is_empty() => return self.fail("not a number"),
                _ => return Ok(digits),
            }
            self.at += 1;
        }
    }
}

enum Piece {
    Char(char),
    Code(u32),
}

/// Walks the inside of a string literal, escapes undone.
struct Escapes<'a> {
    text: &'a str,
    at: usize,
}

impl Escapes<'_> {
    /// The next character; `unicode` tells a string from bytes, which know fewer escapes.
    fn next(&mut self, unicode: bool) -> Parse<Option<Piece>> {
        while self.text[self.at..].starts_with("\\\n") {
            self.at += 2;
        }
        let mut chars = self.text[self.at..].chars();
        let Some(first) = chars.next() else { return Ok(None) };
        self.at += first.len_utf8();
        if first != '\\' {
            return Ok(Some(Piece::Char(first)));
        }
        let Some(kind) = chars.next() else { return Ok(None) };
        let backslash = self.at;
        self.at += kind.len_utf8();
        let plain = |c| Ok(Some(Piece::Char(c)));
        match kind {
            '\\' | '\'' | '"' => plain(kind),
            'a' => plain('\x07'),
            'b' => plain('\x08'),
            'f' => plain('\x0c'),
            'n' => plain('\n'),
            'r' => plain('\r'),
            't' => plain('\t'),
            'v' => plain('\x0b'),
            '0'..='7' => Ok(Some(Piece::Code(self.octal(backslash)))),
            'x' => self.hex(2),
            'u' if unicode => self.hex(4),
            'U' if unicode => self.hex(8),
            'N' if unicode => {
                Err(SyntaxError { offset: self.at, reason: "\\N{…} escapes are not supported" })
            }
            // An unknown escape stands for itself, backslash and all.
            _ => {
                self.at = backslash;
                plain('\\')
            }
        }
    }

    fn octal(&mut self, start: usize) -> u32 {
        let digits =
            self.text[start..].bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
        self.at = start + digits;
        u32::from_str_radix(&self.text[start..self.at], 8).unwrap_or(0)
    }

    fn hex(&mut self, digits: usize) -> Parse<Option<Piece>> {
        let code = self
            .text
            .get(self.at..self.at + digits)
            .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(code) = code.and_then(|text| u32::from_str_radix(text, 16).ok()) else {
            return Err(SyntaxError { offset: self.at, reason: "an escape is cut short" });
        };
        self.at += digits;
        Ok(Some(Piece::Code(code)))
    }
}

impl SyntaxError {
    fn shifted(self, by: usize) -> Self {
        SyntaxError { offset: self.offset + by, ..self }
    }
}
