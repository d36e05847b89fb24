//! Member names as text: UTF-8 where the header says so (APPNOTE appendix D), else code page 437.

/// The upper half of code page 437.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The text of a name; `None` if it says to be UTF-8 and is not.
pub(crate) fn decode(name: &[u8], utf8: bool) -> Option<String> {
    if utf8 || name.is_ascii() {
        return String::from_utf8(name.to_vec()).ok();
    }
    let upper: Vec<char> = CP437.chars().collect();
    Some(
        name.iter()
            .map(|&byte| match byte {
                0..=0x7f => char::from(byte),
                _ => upper[usize::from(byte - 0x80)],
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_page_437_is_complete() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(decode(&[b'a', 0x82, 0xff], false).as_deref(), Some("aé\u{a0}"));
        assert_eq!(decode("é".as_bytes(), false).as_deref(), Some("├⌐"));
        assert_eq!(decode("é".as_bytes(), true).as_deref(), Some("é"));
        assert_eq!(decode(&[0xff], true), None);
    }
}
