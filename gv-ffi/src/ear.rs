//! How samples that a program pushes are heard.

use crate::call::{Failure, Outcome, lock};
use crate::samples::gv_audio;
use geminivideo::ErrorKind;
use geminivideo::audio::{AudioAnalysis, AudioOptions, Listener};
use std::sync::Mutex;

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
    Sound { listener: Box<Listener>, kind: [u32; 3] },
    Over,
}

impl Ear {
    pub(crate) fn new(options: AudioOptions) -> Mutex<Self> {
        Mutex::new(Self { options, hearing: Hearing::Silent, block: Vec::new() })
    }

    pub(crate) unsafe fn push(&mut self, given: &gv_audio) -> Outcome {
        if let Hearing::Silent = self.hearing {
            given.check_kind()?;
            let listener = Listener::new(given.channels as usize, given.rate, &self.options)?;
            self.hearing = Hearing::Sound { listener: Box::new(listener), kind: given.kind() };
        }
        let Hearing::Sound { listener, kind } = &mut self.hearing else {
            return Err(Failure::new(ErrorKind::Conflict, "the sound is finished"));
        };
        if given.kind() != *kind {
            let message = format!(
                "audio has the format, channels and rate {:?}, the first block has {kind:?}",
                given.kind()
            );
            return Err(Failure::invalid(message));
        }
        unsafe { given.read(&mut self.block) }?;
        Ok(listener.push(given.time(), &self.block)?)
    }

    /// What was heard; `None` where nothing was pushed. A detector of the program's, which is asked now, may call on the
    /// same object: it is told that the sound is finished.
    pub(crate) fn finish(ear: &Mutex<Self>) -> Outcome<Option<AudioAnalysis>> {
        let hearing = std::mem::replace(&mut lock(ear).hearing, Hearing::Over);
        match hearing {
            Hearing::Silent => Ok(None),
            Hearing::Sound { listener, .. } => Ok(Some(listener.finish()?)),
            Hearing::Over => Err(Failure::new(ErrorKind::Conflict, "the sound is finished")),
        }
    }
}
