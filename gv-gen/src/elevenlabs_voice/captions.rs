//! When each word is said, and captions made of that.

use std::fmt::Write as _;

/// When each character is said, in seconds from the beginning of the audio.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alignment {
    /// The characters with the times at which they begin and end.
    pub characters: Vec<(String, f64, f64)>,
}

/// A word and when it is said, in seconds from the beginning of the audio.
#[derive(Debug, Clone, PartialEq)]
pub struct WordTime {
    /// The word with its punctuation.
    pub word: String,
    /// When it begins.
    pub start: f64,
    /// When it ends.
    pub end: f64,
}

/// How captions are set.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CaptionOptions {
    /// Characters of a line.
    pub line_characters: usize,
    /// Lines of a caption.
    pub lines: usize,
    /// The longest time a caption stands, in seconds.
    pub max_seconds: f64,
    /// A pause that ends a caption, in seconds.
    pub pause: f64,
}

impl Default for CaptionOptions {
    /// Two lines of 42 characters, at most 7 s, a pause of 0.8 s: what broadcasters and streaming services ask for.
    fn default() -> Self {
        Self { line_characters: 42, lines: 2, max_seconds: 7.0, pause: 0.8 }
    }
}

/// A caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Caption {
    /// When it appears, in seconds.
    pub start: f64,
    /// When it goes, in seconds.
    pub end: f64,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Alignment {
    /// The alignment moved by a time, for audio that is put behind other audio.
    pub(crate) fn moved(mut self, by: f64) -> Self {
        for (_, start, end) in &mut self.characters {
            *start += by;
            *end += by;
        }
        self
    }

    /// The words: characters between spaces. A word ends when the next begins at the latest.
    pub fn words(&self) -> Vec<WordTime> {
        let mut words: Vec<WordTime> = Vec::new();
        let mut open = false;
        for (text, start, end) in &self.characters {
            if text.trim().is_empty() {
                open = false;
                continue;
            }
            match words.last_mut().filter(|_| open) {
                Some(word) => {
                    word.word.push_str(text);
                    word.end = word.end.max(*end);
                }
                None => {
                    if let Some(before) = words.last_mut() {
                        before.end = before.end.min(*start).max(before.start);
                    }
                    words.push(WordTime {
                        word: text.clone(),
                        start: *start,
                        end: end.max(*start),
                    });
                }
            }
            open = true;
        }
        words
    }

    /// Captions: words in lines; a caption ends with its sentence, at a pause, or when it is full.
    pub fn captions(&self, options: &CaptionOptions) -> Vec<Caption> {
        let mut captions: Vec<Caption> = Vec::new();
        let mut fresh = true;
        for word in self.words() {
            let length = word.word.chars().count();
            let open = captions.last_mut().filter(|caption| {
                !fresh
                    && word.end - caption.start <= options.max_seconds
                    && word.start - caption.end < options.pause
            });
            fresh = word.word.ends_with(['.', '!', '?', '…', '。', '！', '？']);
            if let Some(caption) = open {
                let lines = caption.lines.len();
                let line = caption.lines.last_mut();
                match line {
                    Some(line) if line.chars().count() + 1 + length <= options.line_characters => {
                        line.push(' ');
                        line.push_str(&word.word);
                        caption.end = word.end;
                        continue;
                    }
                    _ if lines < options.lines => {
                        caption.lines.push(word.word);
                        caption.end = word.end;
                        continue;
                    }
                    _ => {}
                }
            }
            captions.push(Caption { start: word.start, end: word.end, lines: vec![word.word] });
        }
        captions
    }

    /// Captions as SubRip text (`.srt`).
    pub fn srt(&self, options: &CaptionOptions) -> String {
        let mut out = String::new();
        for (n, caption) in self.captions(options).iter().enumerate() {
            let (start, end) = (clock(caption.start, ','), clock(caption.end, ','));
            let _ = write!(out, "{}\n{start} --> {end}\n{}\n\n", n + 1, caption.lines.join("\n"));
        }
        out
    }

    /// Captions as WebVTT text (`.vtt`).
    pub fn vtt(&self, options: &CaptionOptions) -> String {
        let mut out = "WEBVTT\n\n".to_owned();
        for caption in self.captions(options) {
            let (start, end) = (clock(caption.start, '.'), clock(caption.end, '.'));
            let text = caption.lines.join("\n").replace('&', "&amp;").replace('<', "&lt;");
            let text = text.replace("-->", "--&gt;");
            let _ = write!(out, "{start} --> {end}\n{text}\n\n");
        }
        out
    }
}

fn clock(seconds: f64, point: char) -> String {
    let ms = (seconds.max(0.0) * 1000.0).round() as u64;
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{h:02}:{m:02}:{s:02}{point}{:03}", ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Alignment {
        let each = |(n, c): (usize, char)| (c.to_string(), n as f64 * 0.1, (n + 1) as f64 * 0.1);
        Alignment { characters: text.chars().enumerate().map(each).collect() }
    }

    #[test]
    fn words_have_the_times_of_their_characters() {
        let words = said("Hi,  you").words();
        assert_eq!(words.len(), 2);
        assert_eq!(words[0].word, "Hi,");
        assert!((words[0].end - 0.3).abs() < 1e-9 && (words[1].start - 0.5).abs() < 1e-9);
        assert!(said(" \n").words().is_empty());
    }

    #[test]
    fn captions_end_with_sentences_and_when_they_are_full() {
        let captions = said("One two. Three").captions(&CaptionOptions::default());
        assert_eq!(captions.len(), 2);
        let small = CaptionOptions { line_characters: 7, ..CaptionOptions::default() };
        let captions = said("aaa bbb ccc ddd eee").captions(&small);
        assert_eq!(captions[0].lines, ["aaa bbb", "ccc ddd"]);
        assert_eq!(captions[1].lines, ["eee"]);
        let short = CaptionOptions { max_seconds: 1.0, ..CaptionOptions::default() };
        assert!(
            said("aaa bbb ccc ddd").captions(&short).iter().all(|c| c.end - c.start <= 1.0 + 1e-9)
        );
        let mut gap = said("aa bb");
        for c in &mut gap.characters[3..] {
            (c.1, c.2) = (c.1 + 2.0, c.2 + 2.0);
        }
        assert_eq!(gap.captions(&CaptionOptions::default()).len(), 2);
    }

    #[test]
    fn both_forms_of_text_are_well_formed() {
        let alignment = said("A <b> & c.").moved(3599.95);
        let options = CaptionOptions::default();
        assert_eq!(alignment.srt(&options), "1\n00:59:59,950 --> 01:00:00,950\nA <b> & c.\n\n");
        assert_eq!(
            alignment.vtt(&options),
            "WEBVTT\n\n00:59:59.950 --> 01:00:00.950\nA &lt;b> &amp; c.\n\n"
        );
    }
}
