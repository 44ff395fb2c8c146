//! Samples that a program pushes: how they are laid out, beside frames or alone.

use crate::argument::{Visible, initialize, one_of, values};
use crate::call::{Failure, Outcome};
use std::ffi::c_void;

/// 32-bit floats, the channels in turn in `planes[0]`; -1 to 1 is full scale.
pub const GV_SAMPLES_F32: u32 = 0;
/// 16-bit integers, the channels in turn in `planes[0]`.
pub const GV_SAMPLES_S16: u32 = 1;
/// 32-bit floats, each channel in a plane of its own; 8 channels at most.
pub const GV_SAMPLES_F32_PLANAR: u32 = 2;

const FORMATS: [(u32, u32); 3] = [
    (GV_SAMPLES_F32, GV_SAMPLES_F32),
    (GV_SAMPLES_S16, GV_SAMPLES_S16),
    (GV_SAMPLES_F32_PLANAR, GV_SAMPLES_F32_PLANAR),
];

/// A block of samples; gv_audio_init sets it to nothing. Its samples are borrowed for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_audio {
    /// sizeof(gv_audio).
    pub struct_size: u32,
    /// How samples are laid out: GV_SAMPLES_F32, ..._S16 or ..._F32_PLANAR; the same for all blocks.
    pub format: u32,
    /// Channels, 1 to 64; the same for all blocks.
    pub channels: u32,
    /// Samples a second of each channel, 1000 to 768000; the same for all blocks.
    pub rate: u32,
    /// When the first sample is heard, counted in samples of one channel: seconds are pts / rate. On the timeline of the
    /// frames: 0 is heard when 0 is shown.
    pub pts: i64,
    /// Samples of each channel.
    pub frames: usize,
    /// The samples.
    pub planes: [*const c_void; 8],
}

unsafe impl Visible for gv_audio {}

/// Sets a block to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_audio_init(audio: *mut gv_audio) {
    unsafe { initialize(audio) };
}

impl gv_audio {
    /// What is the same for all blocks: format, channels, rate.
    pub(crate) const fn kind(&self) -> [u32; 3] {
        [self.format, self.channels, self.rate]
    }

    /// When the first sample is heard, in seconds.
    pub(crate) fn time(&self) -> f64 {
        self.pts as f64 / f64::from(self.rate)
    }

    pub(crate) fn check_kind(&self) -> Outcome {
        one_of("audio.format", self.format, &FORMATS)?;
        if self.format == GV_SAMPLES_F32_PLANAR && self.channels as usize > self.planes.len() {
            let message =
                format!("audio.channels is {}, allowed for planes is 1 to 8", self.channels);
            return Err(Failure::invalid(message));
        }
        Ok(())
    }

    /// Reads the samples, the channels in turn, in the place of what the block holds.
    pub(crate) unsafe fn read(&self, block: &mut Vec<f32>) -> Outcome {
        let channels = self.channels as usize;
        let all = self.frames.checked_mul(channels).ok_or_else(|| {
            Failure::invalid(format!("audio.frames is {}, more than memory holds", self.frames))
        })?;
        block.clear();
        match self.format {
            GV_SAMPLES_F32 => {
                let samples =
                    unsafe { values("audio.planes[0]", self.planes[0].cast::<f32>(), all) }?;
                block.extend_from_slice(samples);
            }
            GV_SAMPLES_S16 => {
                let samples =
                    unsafe { values("audio.planes[0]", self.planes[0].cast::<i16>(), all) }?;
                block.extend(samples.iter().map(|&sample| f32::from(sample) / 32_768.0));
            }
            _ => {
                let mut planes = Vec::with_capacity(channels);
                for (number, plane) in self.planes.iter().take(channels).enumerate() {
                    let name = format!("audio.planes[{number}]");
                    planes.push(unsafe { values(&name, plane.cast::<f32>(), self.frames) }?);
                }
                block.reserve(all);
                for frame in 0..self.frames {
                    block.extend(planes.iter().map(|plane| plane[frame]));
                }
            }
        }
        Ok(())
    }
}
