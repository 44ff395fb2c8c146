//! The built-in classifier: a small network tells voices from noise, how the sound moves tells them from music.

use super::manner::{Manner, moving_mean};
use super::network::{Network, RATE, STEP};
use super::{BEGIN, END, Scores, at_level};
use crate::features::Features;
use crate::mono::Mono;
use crate::{AudioOptions, Result};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Seconds by which the score of a frame is late: the network sees 48 ms.
const LATE: f64 = 0.024;
/// Log odds below which the network is not asked: one in two hundred moments with a voice is below.
const WORTH_ASKING: f32 = -2.36;
/// Seconds around moments that are worth asking about, for the network to settle.
const AROUND: f64 = 1.0;
/// Seconds between two such stretches that are asked about as well.
const APART: f64 = 2.0;
/// Longest piece in seconds that the network hears in one go.
const PIECE: f64 = 15.0;
/// Seconds of the two means of scores that the classifier sees.
const LONG: f64 = 1.5;
const SHORT: f64 = 0.256;
/// Seconds by which a voice begins before, and ends after, what the classifier is sure of, where the network hears it
/// there: the classifier's windows are wide.
const BLUR: f64 = 0.4;

/// Scores of frames: the network's where the classifier finds a voice around it, else 0.
///
/// The classifier is a logistic regression, fitted on speech of a dozen languages, of people and machines, alone and
/// over music, and on music alone; the network is the crate `earshot`, which by itself takes much music for voices.
pub(super) fn scores(
    mono: &Mono,
    gain: f32,
    features: &Features,
    options: &AudioOptions,
) -> Result<Scores> {
    let manner = Manner::of(features);
    let length = f64::from(options.rate) * STEP;
    let count = (mono.len() as f64 / length) as usize;
    let mut heard = vec![0.0f32; count];
    let pieces = pieces(&worth_asking(&manner, features.fps, count));
    let found = shared_out(&pieces, options, |piece| {
        let place = |frame: usize| ((frame as f64 * length).round() as usize).min(mono.len());
        let sound = place(piece.before)..place(piece.last);
        let rate = options.rate.max(RATE);
        let sound = at_level(mono, sound, gain, options.rate, rate)?;
        let mut scores = Network::new(rate).scores(&sound, piece.last - piece.before);
        drop(scores.drain(..piece.first - piece.before));
        Ok(scores)
    })?;
    for (piece, scores) in pieces.iter().zip(found) {
        heard[piece.first..piece.last].iter_mut().zip(scores).for_each(|(to, score)| *to = score);
    }
    let half = |seconds: f64| (seconds / STEP / 2.0).round() as usize;
    let (long, short) = (moving_mean(&heard, half(LONG)), moving_mean(&heard, half(SHORT)));
    let time = |at: usize| at as f64 * STEP - LATE;
    let probability = |at: usize| match heard[at] > 0.0 || long[at] > 0.0 {
        true => manner.probability(time(at), long[at], short[at]),
        false => 0.0,
    };
    let probabilities: Vec<f32> = (0..count).map(probability).collect();
    let values = sure(&heard, &probabilities, (BLUR / STEP) as usize);
    Ok(Scores { values, probabilities, thresholds: (BEGIN, END), step: STEP, first: -LATE })
}

/// The stretches of frames that the network is asked about.
fn worth_asking(manner: &Manner, fps: f64, count: usize) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for frame in (0..manner.frames()).filter(|&frame| manner.odds(frame) >= WORTH_ASKING) {
        let (first, last) = (frame as f64 / fps - AROUND, frame as f64 / fps + AROUND);
        match stretches.last_mut() {
            Some(stretch) if first - stretch.1 <= APART => stretch.1 = last,
            _ => stretches.push((first, last)),
        }
    }
    let frame = |time: f64| ((time / STEP).max(0.0) as usize).min(count);
    stretches.into_iter().map(|(first, last)| (frame(first), frame(last))).collect()
}

/// Frames that the network is asked about in one go.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// From where on it listens, so that it has settled at the first.
    before: usize,
    first: usize,
    last: usize,
}

/// Cuts stretches into pieces, which do not depend on how many threads there are.
fn pieces(stretches: &[(usize, usize)]) -> Vec<Piece> {
    let (length, lead) = ((PIECE / STEP) as usize, (AROUND / STEP) as usize);
    let of = |&(start, end): &(usize, usize)| {
        (start..end).step_by(length).map(move |first| Piece {
            before: first.saturating_sub(lead).max(start),
            first,
            last: (first + length).min(end),
        })
    };
    stretches.iter().flat_map(of).collect()
}

/// What `work` makes of each piece, in order, on as many threads as there may be.
fn shared_out(
    pieces: &[Piece],
    options: &AudioOptions,
    work: impl Fn(&Piece) -> Result<Vec<f32>> + Sync,
) -> Result<Vec<Vec<f32>>> {
    let done: Vec<OnceLock<Result<Vec<f32>>>> = pieces.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let take = || {
        while let Some((piece, done)) = pieces.iter().zip(&done).nth(next.fetch_add(1, Relaxed)) {
            let scores = options.cancel.check().map_err(Into::into).and_then(|()| work(piece));
            drop(done.set(scores));
        }
    };
    std::thread::scope(|scope| {
        (1..options.thread_count().min(pieces.len())).for_each(|_| drop(scope.spawn(take)));
        take();
    });
    done.into_iter().map(|scores| scores.into_inner().unwrap_or_else(|| Ok(Vec::new()))).collect()
}

/// The network's scores where the classifier says that there is a voice, or said so `blur` frames ago, or will, while
/// the network goes on hearing it.
fn sure(heard: &[f32], probabilities: &[f32], blur: usize) -> Vec<f32> {
    let is_voice = |at: usize| probabilities[at] >= 0.5;
    let mut kept = vec![false; heard.len()];
    let mut spread = |order: &mut dyn Iterator<Item = usize>| {
        let mut left = 0;
        for at in order {
            left = match (is_voice(at), heard[at] >= END) {
                (true, _) => blur,
                (false, true) => left.saturating_sub(1),
                (false, false) => 0,
            };
            kept[at] |= left > 0;
        }
    };
    spread(&mut (0..heard.len()));
    spread(&mut (0..heard.len()).rev());
    heard.iter().zip(kept).map(|(&score, kept)| if kept { score } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_each_stretch_once_and_listen_a_second_before() {
        let cut = pieces(&[(100, 300), (1000, 3000)]);
        let piece = |before, first, last| Piece { before, first, last };
        let expected = [
            piece(100, 100, 300),
            piece(1000, 1000, 1937),
            piece(1875, 1937, 2874),
            piece(2812, 2874, 3000),
        ];
        assert_eq!(cut, expected);
        assert_eq!(pieces(&[]), []);
        for threads in [1, 3, 16] {
            let options = AudioOptions::default().threads(threads);
            let found = shared_out(&cut, &options, |piece| Ok(vec![piece.first as f32])).unwrap();
            assert_eq!(found, [vec![100.0], vec![1000.0], vec![1937.0], vec![2874.0]]);
        }
        let cancelled = AudioOptions::default();
        cancelled.cancel.cancel();
        assert!(shared_out(&cut, &cancelled, |_| Ok(Vec::new())).is_err());
    }

    #[test]
    fn a_voice_begins_where_the_network_hears_it_near_what_is_sure() {
        let heard = [0.9, 0.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1];
        let probabilities = [0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 0.9, 0.4, 0.1];
        let kept = sure(&heard, &probabilities, 3);
        assert_eq!(kept, [0.0, 0.0, 0.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.0]);
    }
}
