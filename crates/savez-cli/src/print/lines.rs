//! Words of elements laid out in lines: nested brackets, `...`, breaks before the line is too long.

use super::shown;

/// NumPy's `linewidth`.
const WIDTH: usize = 75;

/// The text of an array of that shape with these words, in C order, of its elements. If it is
/// `cut`, they are those of the elements that [`shown`] gives.
pub(super) fn lines(shape: &[usize], cut: bool, words: impl Iterator<Item = String>) -> String {
    let mut lines = Lines { text: String::new(), cut, words };
    lines.push(shape, 1);
    lines.text
}

struct Lines<W> {
    text: String,
    cut: bool,
    words: W,
}

impl<W: Iterator<Item = String>> Lines<W> {
    /// Adds an array whose first element stands that many characters from the left.
    fn push(&mut self, shape: &[usize], indent: usize) {
        self.text.push('[');
        match shape {
            [] => {}
            [len] => self.push_row(*len, indent),
            [len, inner @ ..] => {
                for (i, index) in shown(*len, self.cut).into_iter().enumerate() {
                    if i > 0 {
                        self.text.extend(std::iter::repeat_n('\n', inner.len()));
                        self.push_blanks(indent);
                    }
                    match index {
                        Some(_) => self.push(inner, indent + 1),
                        None => self.text.push_str("..."),
                    }
                }
            }
        }
        self.text.push(']');
    }

    fn push_row(&mut self, len: usize, indent: usize) {
        // Brackets close behind the row, one for each that is open.
        let width = WIDTH.saturating_sub(indent);
        let mut column = indent;
        for (i, index) in shown(len, self.cut).into_iter().enumerate() {
            let word = match index {
                Some(_) => self.words.next().unwrap_or_default(),
                None => "...".to_owned(),
            };
            if i > 0 {
                self.text.push(' ');
                column += 1;
            }
            let length = word.chars().count();
            if column + length > width && column > indent {
                self.text.truncate(self.text.trim_end().len());
                self.text.push('\n');
                self.push_blanks(indent);
                column = indent;
            }
            self.text.push_str(&word);
            column += length;
        }
    }

    fn push_blanks(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(shape: &[usize], cut: bool) -> String {
        lines(shape, cut, (0..).map(|i| i.to_string()))
    }

    #[test]
    fn brackets_nest() {
        assert_eq!(numbers(&[3], false), "[0 1 2]");
        assert_eq!(numbers(&[2, 2], false), "[[0 1]\n [2 3]]");
        assert_eq!(numbers(&[2, 1, 2], false), "[[[0 1]]\n\n [[2 3]]]");
        assert_eq!(numbers(&[7], true), "[0 1 2 ... 3 4 5]");
        assert_eq!(numbers(&[7, 1], true), "[[0]\n [1]\n [2]\n ...\n [3]\n [4]\n [5]]");
    }

    #[test]
    fn rows_break_before_they_are_too_long() {
        let words = |len, count| {
            let text = lines(&[count], false, std::iter::repeat_with(|| "x".repeat(len)));
            text.lines().map(str::len).collect::<Vec<_>>()
        };
        assert_eq!(words(36, 4), [74, 75]);
        assert_eq!(words(37, 2), [38, 39]);
        assert_eq!(words(200, 2), [201, 202]);
    }
}
