//! Long scripts in pieces.

/// Cuts a text into pieces of at most `limit` characters (Unicode code points), at the ends of sentences where it can,
/// else at spaces, else anywhere. Nothing is lost but space at the cuts.
pub(crate) fn split(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while rest.chars().count() > limit {
        let end = rest.char_indices().nth(limit).map_or(rest.len(), |(at, _)| at);
        let at = cut(&rest[..end], &rest[end..]);
        let (piece, after) = rest.split_at(at);
        if !piece.trim().is_empty() {
            pieces.push(piece.trim().to_owned());
        }
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

fn cut(window: &str, after: &str) -> usize {
    let mut sentence = None;
    let mut space = None;
    let mut chars = window.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, c)| *c).or_else(|| after.chars().next());
        let spaced = next.is_none_or(char::is_whitespace);
        if c == '\n' || "。！？".contains(c) || (".!?…".contains(c) && spaced) {
            sentence = Some(end);
        }
        if c.is_whitespace() {
            space = Some(end);
        }
    }
    if after.chars().next().is_some_and(char::is_whitespace) {
        space = Some(window.len());
    }
    sentence.or(space).unwrap_or(window.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_are_at_sentences_then_at_spaces_then_anywhere() {
        assert_eq!(split("One. Two! Three?", 10), ["One. Two!", "Three?"]);
        assert_eq!(split("costs 3.5 dollars. ok", 19), ["costs 3.5 dollars.", "ok"]);
        assert_eq!(split("one two three", 8), ["one two", "three"]);
        assert_eq!(split("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(split("こんにちは。さようなら。", 7), ["こんにちは。", "さようなら。"]);
        assert_eq!(split("  short ", 100), ["short"]);
        assert!(split(" \n ", 5).is_empty());
        assert_eq!(split("ab", 0), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_piece_is_too_long(text in "\\PC{0,200}", limit in 1usize..50) {
            let pieces = split(&text, limit);
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
            for piece in &pieces {
                prop_assert!(!piece.trim().is_empty() && piece.chars().count() <= limit);
            }
        }
    }
}
