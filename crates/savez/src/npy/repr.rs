//! Python's `repr`: how the values of a header are spelled.

use std::fmt::Write as _;

use super::literal::Literal;

impl Literal {
    /// Python's `repr`, the spelling in which NumPy writes headers.
    pub(crate) fn repr(&self) -> String {
        let mut out = String::new();
        self.write_repr(&mut out);
        out
    }

    fn write_repr(&self, out: &mut String) {
        match self {
            Literal::None => out.push_str("None"),
            Literal::Bool(true) => out.push_str("True"),
            Literal::Bool(false) => out.push_str("False"),
            Literal::Int(value) => _ = write!(out, "{value}"),
            Literal::Verbatim(text) => out.push_str(text),
            Literal::Str(text) => write_str_repr(text, out),
            Literal::Bytes(bytes) => write_bytes_repr(bytes, out),
            // Python writes the name, which is no literal.
            Literal::Ellipsis => out.push_str("..."),
            Literal::Tuple(items) => {
                write_items("(", items, if items.len() == 1 { ",)" } else { ")" }, out);
            }
            Literal::List(items) => write_items("[", items, "]", out),
            Literal::Set(items) if items.is_empty() => out.push_str("set()"),
            Literal::Set(items) => write_items("{", items, "}", out),
            Literal::Dict(pairs) => {
                out.push('{');
                for (i, (key, value)) in pairs.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    key.write_repr(out);
                    out.push_str(": ");
                    value.write_repr(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_items(open: &str, items: &[Literal], close: &str, out: &mut String) {
    out.push_str(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        item.write_repr(out);
    }
    out.push_str(close);
}

/// `repr(str)`: single quotes unless the text holds one and no double quote.
fn write_str_repr(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            c if !c.is_ascii() && is_printable(c) => out.push(c),
            c => {
                _ = match u32::from(c) {
                    code @ 0..=0xff => write!(out, "\\x{code:02x}"),
                    code @ 0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                }
            }
        }
    }
    out.push(quote);
}

/// `str.isprintable` for one character. The standard library keeps the same table (everything but
/// the categories C* and Z*) behind `escape_debug`, which also escapes a *leading* combining mark.
fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().count() == 2
}

fn write_bytes_repr(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    out.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if char::from(byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => _ = write!(out, "\\x{byte:02x}"),
        }
    }
    out.push(quote);
}
