//! Bytes and text as Python's `repr` writes them, and void bytes as NumPy does.

use std::fmt::Write as _;

/// `b'spam\x00'`
pub(super) fn bytes_literal(bytes: &[u8]) -> String {
    let quote = quote(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut literal = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b' '..=b'~' => push_plain(&mut literal, char::from(byte), quote),
            _ => push_escape(&mut literal, byte.into()),
        }
    }
    literal.push(quote);
    literal
}

/// `'spam\n'`, from code points; NumPy does not check that they are any.
pub(super) fn str_literal(codes: &[u32]) -> String {
    let quote = quote(codes.contains(&u32::from('\'')), codes.contains(&u32::from('"')));
    let mut literal = String::from(quote);
    for &code in codes {
        match char::from_u32(code) {
            Some(c) if is_printable(c) => push_plain(&mut literal, c, quote),
            _ => push_escape(&mut literal, code),
        }
    }
    literal.push(quote);
    literal
}

/// `b'\x01\xFF'`: every byte escaped, in capitals.
pub(super) fn void_literal(bytes: &[u8]) -> String {
    let mut literal = String::from("b'");
    for byte in bytes {
        // Writing to a string does not fail.
        _ = write!(literal, "\\x{byte:02X}");
    }
    literal.push('\'');
    literal
}

fn quote(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

fn push_plain(literal: &mut String, c: char, quote: char) {
    if c == quote || c == '\\' {
        literal.push('\\');
    }
    literal.push(c);
}

fn push_escape(literal: &mut String, code: u32) {
    // Writing to a string does not fail.
    _ = match code {
        0x09 => write!(literal, "\\t"),
        0x0a => write!(literal, "\\n"),
        0x0d => write!(literal, "\\r"),
        0..0x100 => write!(literal, "\\x{code:02x}"),
        0x100..0x1_0000 => write!(literal, "\\u{code:04x}"),
        _ => write!(literal, "\\U{code:08x}"),
    };
}

/// Python's `str.isprintable`: neither control, nor unassigned, nor a separator but the blank.
///
/// Rust's `Debug` escapes the same characters, by the Unicode version of its standard library (as
/// Python's are by that of Python), and those that extend another if they come first, wherefore
/// one is put before it.
fn is_printable(c: char) -> bool {
    if matches!(c, '\'' | '"' | '\\') {
        return true;
    }
    let text: String = ['a', c].iter().collect();
    text.escape_debug().eq(text.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_pythons() {
        for (bytes, wanted) in [
            (&b"it's"[..], r#"b"it's""#),
            (b"\"it's\"", r#"b'"it\'s"'"#),
            (b"\\\t\n\r\0x\x7f\xff", r"b'\\\t\n\r\x00x\x7f\xff'"),
            (b"", "b''"),
        ] {
            assert_eq!(bytes_literal(bytes), wanted);
        }
        for (text, wanted) in [
            ("it's", r#""it's""#),
            (
                "\u{301}\u{a0}\u{200b}\u{1f600}\u{e0001}",
                "'\u{301}\\xa0\\u200b\u{1f600}\\U000e0001'",
            ),
            ("\0\u{85}\u{ad}é", r"'\x00\x85\xadé'"),
        ] {
            let codes: Vec<u32> = text.chars().map(u32::from).collect();
            assert_eq!(str_literal(&codes), wanted);
        }
        assert_eq!(str_literal(&[0xd800, 0x110000]), r"'\ud800\U00110000'");
        assert_eq!(void_literal(b"\x01\xffA"), r"b'\x01\xFF\x41'");
    }
}
