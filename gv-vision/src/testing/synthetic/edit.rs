//! Shots joined into one video, and what happens on top of them.

use super::Scene;
use super::scene::{hash, unit};
use crate::shots::BoundaryKind;
use crate::{AnalysisFrame, Frame, GrayImage, Layout, Result};
use gv_media::Timestamp;

/// How a shot gives way to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Join {
    /// At once.
    Cut,
    /// Both pictures are seen for `frames` frames.
    Dissolve {
        /// Frames that show both.
        frames: usize,
    },
    /// To one grey level and out of it again.
    Fade {
        /// Frames in which the old picture vanishes, and frames in which the new one appears.
        frames: usize,
        /// Plain frames between.
        hold: usize,
        /// The grey level: 0 black, 255 white.
        level: u8,
    },
}

/// Something that happens over the shots and is no boundary.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The picture is nearly white for `frames` frames.
    Flash {
        /// Frames that it lasts.
        frames: usize,
    },
    /// The picture is black for `frames` frames.
    Blink {
        /// Frames that it lasts.
        frames: usize,
    },
    /// Every `period` frames one frame is bright, `count` times.
    Strobe {
        /// Frames from one flash to the next.
        period: usize,
        /// Number of flashes.
        count: usize,
    },
    /// A line of bright text stands on the picture from one frame to the next.
    Title {
        /// Frames that it stands.
        frames: usize,
    },
    /// A filled panel stands in the lower third.
    Panel {
        /// Frames that it stands.
        frames: usize,
    },
    /// The light changes to `factor` of what it was within `frames` frames, and stays.
    Light {
        /// Frames of the change.
        frames: usize,
        /// The light afterwards as a share of that before.
        factor: f32,
    },
}

/// A boundary that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// How the shots are joined.
    pub kind: BoundaryKind,
    /// The first frame that is not the old picture alone.
    pub start: u64,
    /// The first frame of the new picture alone.
    pub end: u64,
}

/// A video made of shots, joins and events.
#[derive(Debug, Clone)]
pub struct Edit {
    width: usize,
    height: usize,
    fps: f64,
    grain: f32,
    shots: Vec<(Scene, usize)>,
    joins: Vec<Join>,
    events: Vec<(usize, Event)>,
}

impl Edit {
    /// An empty video of `width` x `height` pixels and `fps` frames a second.
    pub fn new(width: usize, height: usize, fps: f64) -> Self {
        let (shots, joins, events) = (Vec::new(), Vec::new(), Vec::new());
        Self { width, height, fps, grain: 2.0, shots, joins, events }
    }

    /// Adds a shot of which `frames` frames are seen alone; joined by a cut where no join was given.
    #[must_use]
    pub fn shot(mut self, scene: Scene, frames: usize) -> Self {
        if self.joins.len() < self.shots.len() {
            self.joins.push(Join::Cut);
        }
        self.shots.push((scene, frames));
        self
    }

    /// Sets how the last shot gives way to the one that is added next.
    #[must_use]
    pub fn join(mut self, join: Join) -> Self {
        if self.joins.len() < self.shots.len() {
            self.joins.push(join);
        }
        self
    }

    /// Lets something happen from frame `at` of the video.
    #[must_use]
    pub fn event(mut self, at: usize, event: Event) -> Self {
        self.events.push((at, event));
        self
    }

    /// Sets the standard deviation of the grain, in grey levels.
    #[must_use]
    pub fn grain(mut self, grain: f32) -> Self {
        self.grain = grain;
        self
    }

    /// The number of frames.
    pub fn len(&self) -> usize {
        let joins = self.joins.iter().take(self.shots.len().saturating_sub(1));
        self.shots.iter().map(|s| s.1).sum::<usize>() + joins.map(|&j| length(j)).sum::<usize>()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The boundaries, in order.
    pub fn labels(&self) -> Vec<Label> {
        let mut at = 0;
        let joins = self.joins.iter().take(self.shots.len().saturating_sub(1));
        joins
            .zip(&self.shots)
            .map(|(&join, shot)| {
                let start = at + shot.1;
                at = start + length(join);
                let kind = match join {
                    Join::Cut => BoundaryKind::Cut,
                    Join::Dissolve { .. } => BoundaryKind::Dissolve,
                    Join::Fade { .. } => BoundaryKind::Fade,
                };
                Label { kind, start: start as u64, end: at as u64 }
            })
            .collect()
    }

    /// The frames in order.
    pub fn frames(&self) -> impl Iterator<Item = AnalysisFrame> + '_ {
        (0..self.len()).map(|index| self.frame(index))
    }

    /// Frame `index` at analysis size; black from the end of the video on.
    pub fn frame(&self, index: usize) -> AnalysisFrame {
        let mut picture = self.joined(index);
        for &(at, event) in &self.events {
            if let Some(age) = index.checked_sub(at) {
                self.happen(&mut picture, event, age);
            }
        }
        let plane = |channel: usize| {
            let seed = hash(index as u32, channel as u32, 4242);
            let grain = if channel == 0 { self.grain } else { self.grain / 2.0 };
            let value = |(i, pixel): (usize, &[f32; 3])| {
                (pixel[channel] + grain * normal(hash(seed, i as u32, 1)) + 0.5) as u8
            };
            let data = picture.iter().enumerate().map(value).collect();
            GrayImage::new(self.width, self.height, data).unwrap_or_default()
        };
        AnalysisFrame {
            index: index as u64,
            time: index as f64 / self.fps,
            luma: plane(0),
            cb: plane(1),
            cr: plane(2),
            source_scale: 1.0,
        }
    }

    /// Frame `index` as a source hands it over: [`Layout::Yuv420p`], limited range.
    ///
    /// # Errors
    ///
    /// Where the size leaves `usize`.
    pub fn picture(&self, index: usize, pts: Timestamp) -> Result<Frame> {
        let frame = self.frame(index);
        let limited = |v: u8| (16.0 + f32::from(v) * 219.0 / 255.0 + 0.5) as u8;
        let mut data: Vec<u8> = frame.luma.data().iter().map(|&v| limited(v)).collect();
        for plane in [&frame.cb, &frame.cr] {
            for y in (0..self.height).step_by(2) {
                let row = plane.row(y).iter().step_by(2);
                data.extend(
                    row.map(|&v| (128.0 + (f32::from(v) - 128.0) * 224.0 / 255.0 + 0.5) as u8),
                );
            }
        }
        Frame::new(index as u64, pts, self.width, self.height, Layout::Yuv420p, data)
    }

    /// The shots and their joins without what happens on top.
    fn joined(&self, index: usize) -> Vec<[f32; 3]> {
        let mut start = 0;
        let mut led_in = 0;
        for (number, &(scene, alone)) in self.shots.iter().enumerate() {
            let show = |scene: Scene, frame: usize| {
                scene.render((frame as f64 / self.fps) as f32, self.width, self.height)
            };
            if index < start + alone {
                return show(scene, led_in + index - start);
            }
            let Some((&join, next)) = self.joins.get(number).zip(self.shots.get(number + 1)) else {
                break;
            };
            let into = index - start - alone;
            if into < length(join) {
                let old = || show(scene, led_in + alone + into);
                return match join {
                    Join::Cut => old(),
                    Join::Dissolve { frames } => {
                        mix(old(), &show(next.0, into), (into + 1) as f32 / (frames + 1) as f32)
                    }
                    Join::Fade { frames, hold, level } => {
                        let ground = [f32::from(level), 128.0, 128.0];
                        let plain = || vec![ground; self.width * self.height];
                        if into < frames {
                            mix(old(), &plain(), (into + 1) as f32 / (frames + 1) as f32)
                        } else if into < frames + hold {
                            plain()
                        } else {
                            let seen = into - frames - hold;
                            mix(
                                plain(),
                                &show(next.0, seen),
                                (seen + 1) as f32 / (frames + 1) as f32,
                            )
                        }
                    }
                };
            }
            start += alone + length(join);
            led_in = match join {
                Join::Cut => 0,
                Join::Dissolve { frames } | Join::Fade { frames, .. } => frames,
            };
        }
        vec![[0.0, 128.0, 128.0]; self.width * self.height]
    }

    fn happen(&self, picture: &mut Vec<[f32; 3]>, event: Event, age: usize) {
        let level = |picture: &mut Vec<[f32; 3]>, luma: f32, share: f32| {
            for pixel in picture {
                for (value, to) in pixel.iter_mut().zip([luma, 128.0, 128.0]) {
                    *value += (to - *value) * share;
                }
            }
        };
        match event {
            Event::Flash { frames } if age < frames => level(picture, 255.0, 0.85),
            Event::Blink { frames } if age < frames => level(picture, 0.0, 1.0),
            Event::Strobe { period, count }
                if age.is_multiple_of(period.max(1)) && age / period.max(1) < count =>
            {
                level(picture, 255.0, 0.7);
            }
            Event::Title { frames } if age < frames => self.draw(picture, true),
            Event::Panel { frames } if age < frames => self.draw(picture, false),
            Event::Light { frames, factor } => {
                let way = ((age + 1) as f32 / frames.max(1) as f32).min(1.0);
                for pixel in picture {
                    pixel[0] = (pixel[0] * (1.0 + (factor - 1.0) * way)).min(255.0);
                }
            }
            _ => {}
        }
    }

    /// Draws a line of letters in the middle, or a panel in the lower third.
    fn draw(&self, picture: &mut [[f32; 3]], letters: bool) {
        for y in 0..self.height {
            for x in 0..self.width {
                let (u, v) = (x as f32 / self.width as f32, y as f32 / self.height as f32);
                let drawn = if letters {
                    let stroke = unit(hash((u * 50.0) as u32, (v * 30.0) as u32, 8)) < 0.6;
                    (0.15..0.85).contains(&u) && (0.42..0.58).contains(&v) && stroke
                } else {
                    (0.08..0.7).contains(&u) && (0.72..0.92).contains(&v)
                };
                if drawn {
                    picture[y * self.width + x] =
                        if letters { [235.0, 128.0, 128.0] } else { [60.0, 170.0, 90.0] };
                }
            }
        }
    }

    /// The seeds of the scenes, in order.
    pub fn seeds(&self) -> Vec<u32> {
        self.shots.iter().map(|s| s.0.seed()).collect()
    }
}

fn length(join: Join) -> usize {
    match join {
        Join::Cut => 0,
        Join::Dissolve { frames } => frames,
        Join::Fade { frames, hold, .. } => 2 * frames + hold,
    }
}

fn mix(mut a: Vec<[f32; 3]>, b: &[[f32; 3]], share: f32) -> Vec<[f32; 3]> {
    for (a, b) in a.iter_mut().zip(b) {
        *a = [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share);
    }
    a
}

/// Roughly normal with deviation 1.
fn normal(seed: u32) -> f32 {
    let part = |shift: u32| ((seed >> shift) & 0xFF) as f32 / 255.0 - 0.5;
    (part(0) + part(8) + part(16) + part(24)) * 1.73
}
