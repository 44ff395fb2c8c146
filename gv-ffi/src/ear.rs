//! How samples that a program pushes are heard.

use crate::argument::{one_of, values};
use crate::call::{Failure, Outcome};
use crate::sound::{GV_SAMPLES_F32, GV_SAMPLES_F32_PLANAR, GV_SAMPLES_S16, gv_audio};
use geminivideo::ErrorKind;
use geminivideo::audio::{AudioAnalysis, AudioOptions, Listener};
use geminivideo::media::Cancel;

const FORMATS: [(u32, u32); 3] = [
    (GV_SAMPLES_F32, GV_SAMPLES_F32),
    (GV_SAMPLES_S16, GV_SAMPLES_S16),
    (GV_SAMPLES_F32_PLANAR, GV_SAMPLES_F32_PLANAR),
];

/// A listener that learns the format of the sound from its first block.
#[derive(Debug)]
pub(crate) struct Ear {
    options: AudioOptions,
    hearing: Hearing,
    block: Vec<f32>,
}

#[derive(Debug)]
enum Hearing {
    Silent,
    Sound { listener: Box<Listener>, format: [u32; 3] },
    Over,
}

impl Ear {
    pub(crate) fn new(options: AudioOptions) -> Self {
        Self { options, hearing: Hearing::Silent, block: Vec::new() }
    }

    /// An ear for the sound that belongs to frames.
    pub(crate) fn beside(cancel: Cancel, threads: Option<usize>) -> Self {
        let mut options = AudioOptions::default().cancel(cancel);
        options.threads = threads;
        Self::new(options)
    }

    pub(crate) unsafe fn push(&mut self, given: &gv_audio) -> Outcome {
        let format = [given.format, given.channels, given.rate];
        if let Hearing::Silent = self.hearing {
            let (channels, rate) = (given.channels as usize, given.rate);
            one_of("audio.format", given.format, &FORMATS)?;
            if given.format == GV_SAMPLES_F32_PLANAR && channels > given.planes.len() {
                let message = format!("audio.channels is {channels}, allowed for planes is 1 to 8");
                return Err(Failure::invalid(message));
            }
            let listener = Box::new(Listener::new(channels, rate, &self.options)?);
            self.hearing = Hearing::Sound { listener, format };
        }
        let Hearing::Sound { listener, format: first } = &mut self.hearing else {
            return Err(Failure::new(ErrorKind::Conflict, "the sound is finished"));
        };
        if format != *first {
            let message = format!(
                "audio has the format, channels and rate {format:?}, the first block has {first:?}"
            );
            return Err(Failure::invalid(message));
        }
        unsafe { read(given, &mut self.block) }?;
        Ok(listener.push(given.pts as f64 / f64::from(given.rate), &self.block)?)
    }

    /// What was heard; `None` where nothing was pushed.
    pub(crate) fn finish(&mut self) -> Outcome<Option<AudioAnalysis>> {
        match std::mem::replace(&mut self.hearing, Hearing::Over) {
            Hearing::Silent => Ok(None),
            Hearing::Sound { listener, .. } => Ok(Some(listener.finish()?)),
            Hearing::Over => Err(Failure::new(ErrorKind::Conflict, "the sound is finished")),
        }
    }
}

/// Reads the samples of a block, the channels in turn.
unsafe fn read(given: &gv_audio, block: &mut Vec<f32>) -> Outcome {
    let channels = given.channels as usize;
    let all = given.frames.checked_mul(channels).ok_or_else(|| {
        Failure::invalid(format!("audio.frames is {}, more than memory holds", given.frames))
    })?;
    block.clear();
    match given.format {
        GV_SAMPLES_F32 => {
            let samples = unsafe { values("audio.planes[0]", given.planes[0].cast::<f32>(), all) }?;
            block.extend_from_slice(samples);
        }
        GV_SAMPLES_S16 => {
            let samples = unsafe { values("audio.planes[0]", given.planes[0].cast::<i16>(), all) }?;
            block.extend(samples.iter().map(|&sample| f32::from(sample) / 32_768.0));
        }
        _ => {
            let mut planes = Vec::with_capacity(channels);
            for (number, plane) in given.planes.iter().take(channels).enumerate() {
                let name = format!("audio.planes[{number}]");
                planes.push(unsafe { values(&name, plane.cast::<f32>(), given.frames) }?);
            }
            block.reserve(all);
            for frame in 0..given.frames {
                block.extend(planes.iter().map(|plane| plane[frame]));
            }
        }
    }
    Ok(())
}
