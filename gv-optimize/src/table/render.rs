//! Plain-text tables.

/// Lays out rows under a header: texts to the left, cells that begin with a digit or sign to the
/// right, two spaces between columns, each line ended. Short rows are filled up.
pub fn render(header: &[&str], rows: &[Vec<String>]) -> String {
    let columns = header.len();
    let cell = |row: &'_ [String], column: usize| row.get(column).cloned().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .map(|row| row.get(column).map_or(0, |text| text.chars().count()))
                .chain([header[column].chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |cells: Vec<String>| {
        let mut text = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let space = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
            let figure = cell
                .trim_start_matches(['+', '-', '$'])
                .starts_with(|letter: char| letter.is_ascii_digit());
            let between = if column == 0 { "" } else { "  " };
            text.push_str(between);
            if figure {
                text.push_str(&space);
                text.push_str(cell);
            } else {
                text.push_str(cell);
                text.push_str(&space);
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    };
    let mut out = line(header.iter().map(|title| (*title).to_owned()).collect());
    out.push_str(&line(widths.iter().map(|width| "-".repeat(*width)).collect()));
    for row in rows {
        out.push_str(&line((0..columns).map(|column| cell(row, column)).collect()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_right_and_texts_left() {
        let rows =
            [vec!["a".to_owned(), "5.00".to_owned()], vec!["long".to_owned(), "+12.50".to_owned()]];
        assert_eq!(
            render(&["ad", "change"], &rows),
            "ad    change\n----  ------\na       5.00\nlong  +12.50\n"
        );
    }

    #[test]
    fn no_rows_and_short_rows_are_ordinary() {
        assert_eq!(render(&["ad"], &[]), "ad\n--\n");
        assert_eq!(render(&["ad", "x"], &[vec!["a".to_owned()]]), "ad  x\n--  -\na\n");
        assert_eq!(render(&[], &[]), "\n\n");
    }
}
