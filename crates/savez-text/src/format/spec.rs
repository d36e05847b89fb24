//! One conversion of a format, `%-8.3f`, parsed as Python does.

/// What a conversion makes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// `d i u`
    Decimal,
    /// `o`
    Octal,
    /// `x X`
    Hexadecimal,
    /// `e E`
    Exponent,
    /// `f F`
    Fixed,
    /// `g G`
    General,
    /// `c`
    Character,
    /// `s`
    Str,
    /// `r a`: the two differ in text that is not ASCII only.
    Repr,
}

impl Conversion {
    /// The first of its letters.
    pub(super) fn letter(self) -> char {
        match self {
            Conversion::Decimal => 'd',
            Conversion::Octal => 'o',
            Conversion::Hexadecimal => 'x',
            Conversion::Exponent => 'e',
            Conversion::Fixed => 'f',
            Conversion::General => 'g',
            Conversion::Character => 'c',
            Conversion::Str => 's',
            Conversion::Repr => 'r',
        }
    }
}

/// A conversion with its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) conversion: Conversion,
    /// `E F G X`
    pub(super) upper: bool,
    /// `-`
    pub(super) left: bool,
    /// `+`
    pub(super) plus: bool,
    /// A blank.
    pub(super) blank: bool,
    /// `#`
    pub(super) alternate: bool,
    /// `0`
    pub(super) zeros: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

impl Spec {
    /// `%d`
    pub(super) const DECIMAL: Spec = Spec::plain(Conversion::Decimal);

    const fn plain(conversion: Conversion) -> Spec {
        Spec {
            conversion,
            upper: false,
            left: false,
            plus: false,
            blank: false,
            alternate: false,
            zeros: false,
            width: 0,
            precision: None,
        }
    }
}

/// A part of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Conversion(Spec),
}

/// Python takes no larger width or precision.
const LARGEST: usize = i32::MAX as usize;

/// The parts of a format; two literals never follow each other. What Python refuses, and what
/// takes its width or its value from elsewhere (`%*d`, `%(name)d`), is named in the error.
pub(super) fn parse(format: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        literal += &rest[..at];
        let text = &rest[at + 1..];
        if let Some(after) = text.strip_prefix('%') {
            literal.push('%');
            rest = after;
            continue;
        }
        let (spec, after) = conversion(text)?;
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        parts.push(Part::Conversion(spec));
        rest = after;
    }
    literal += rest;
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}

/// What follows a `%`, and what follows that.
fn conversion(text: &str) -> Result<(Spec, &str), String> {
    let mut spec = Spec::plain(Conversion::Str);
    let mut rest = text;
    loop {
        let flag = match rest.as_bytes().first() {
            Some(b'-') => &mut spec.left,
            Some(b'+') => &mut spec.plus,
            Some(b' ') => &mut spec.blank,
            Some(b'#') => &mut spec.alternate,
            Some(b'0') => &mut spec.zeros,
            _ => break,
        };
        *flag = true;
        rest = &rest[1..];
    }
    (spec.width, rest) = number(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        let precision;
        (precision, rest) = number(after)?;
        spec.precision = Some(precision);
    }
    // C's lengths mean nothing to Python.
    rest = rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest);
    let Some(letter) = rest.chars().next() else { return Err("incomplete format".to_owned()) };
    spec.conversion = match letter {
        'd' | 'i' | 'u' => Conversion::Decimal,
        'o' => Conversion::Octal,
        'x' | 'X' => Conversion::Hexadecimal,
        'e' | 'E' => Conversion::Exponent,
        'f' | 'F' => Conversion::Fixed,
        'g' | 'G' => Conversion::General,
        'c' => Conversion::Character,
        's' => Conversion::Str,
        'r' | 'a' => Conversion::Repr,
        other => return Err(format!("unsupported format character {other:?}")),
    };
    spec.upper = letter.is_ascii_uppercase();
    Ok((spec, &rest[1..]))
}

/// A number of decimal digits, 0 if there are none.
fn number(text: &str) -> Result<(usize, &str), String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    match digits.parse() {
        Ok(number) if number <= LARGEST => Ok((number, rest)),
        Err(_) if digits.is_empty() => Ok((0, rest)),
        _ => Err(format!("the number {digits} is too large")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_python_reads_them() {
        let parts = parse("a%%b%-+ #08.3lE%d").expect("a format");
        let [Part::Literal(before), Part::Conversion(first), Part::Conversion(second)] = &parts[..]
        else {
            panic!("{parts:?}")
        };
        assert_eq!(before, "a%b");
        assert!(first.left && first.plus && first.blank && first.alternate && first.zeros);
        assert_eq!((first.width, first.precision, first.upper), (8, Some(3), true));
        assert_eq!((second.conversion, second.precision), (Conversion::Decimal, None));
        assert_eq!(parse("%.f").map(|parts| parts.len()), Ok(1));
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for format in ["%", "%5", "%k", "%5%", "%hhd", "%.-3d", "%(a)d", "%*d", "%.*f", "%é"] {
            assert!(parse(format).is_err(), "{format}");
        }
        assert!(parse("%99999999999999999999d").is_err());
    }
}
