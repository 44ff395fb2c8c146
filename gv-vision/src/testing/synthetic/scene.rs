//! What one shot shows: textured ground, shapes upon it, and a camera.

/// How camera and subjects move.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Motion {
    /// Nothing moves; only grain changes from frame to frame.
    Still,
    /// The camera pans by `speed` picture widths a second.
    Pan {
        /// Picture widths a second.
        speed: f32,
    },
    /// The camera zooms in by the factor `1 + rate` each second.
    Zoom {
        /// Share of the size a second.
        rate: f32,
    },
    /// The camera stands and the shapes cross the picture at `speed` picture widths a second.
    Subjects {
        /// Picture widths a second.
        speed: f32,
    },
    /// The camera trembles by `amount` picture widths.
    Handheld {
        /// Picture widths.
        amount: f32,
    },
    /// The camera stands, whips round by `widths` in `seconds` starting at `at`, and stands again.
    Whip {
        /// When the camera starts, in seconds from the beginning of the shot.
        at: f32,
        /// How long it moves, in seconds.
        seconds: f32,
        /// How far it moves, in picture widths.
        widths: f32,
    },
}

/// What one shot shows; scenes with different seeds show unrelated things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    seed: u32,
    motion: Motion,
    light: f32,
    colourless: bool,
}

impl Scene {
    /// A scene that stands still in full light.
    pub fn new(seed: u32) -> Self {
        Self { seed, motion: Motion::Still, light: 1.0, colourless: false }
    }

    /// Sets how camera and subjects move.
    #[must_use]
    pub fn motion(self, motion: Motion) -> Self {
        Self { motion, ..self }
    }

    /// Sets the light: 1 full, 0.1 night.
    #[must_use]
    pub fn light(self, light: f32) -> Self {
        Self { light, ..self }
    }

    /// Takes the colours out.
    #[must_use]
    pub fn colourless(self) -> Self {
        Self { colourless: true, ..self }
    }

    /// The number that makes this scene different from others.
    pub(super) fn seed(&self) -> u32 {
        self.seed
    }

    /// Y, Cb and Cr of the picture `seconds` after the beginning of the shot.
    pub(super) fn render(&self, seconds: f32, width: usize, height: usize) -> Vec<[f32; 3]> {
        let aspect = height as f32 / width.max(1) as f32;
        let exposures: &[f32] =
            if self.whips(seconds) { &[-0.4, -0.2, 0.0, 0.2, 0.4] } else { &[0.0] };
        let cameras: Vec<[f32; 3]> =
            exposures.iter().map(|e| self.camera(seconds + e / 30.0)).collect();
        let colours = Colours::new(self.seed);
        let shapes = self.shapes(seconds, aspect);
        let mut picture = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (u, v) = ((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / width as f32);
                let mut sum = [0.0; 3];
                for [left, top, zoom] in &cameras {
                    let (u, v) = (
                        (u - 0.5) / zoom + 0.5 + left,
                        (v - aspect / 2.0) / zoom + aspect / 2.0 + top,
                    );
                    let colour = shapes
                        .iter()
                        .rev()
                        .find(|s| s.covers(u, v))
                        .map_or_else(|| colours.ground(u, v), |s| s.colour(u, v));
                    sum = [0, 1, 2].map(|i| sum[i] + colour[i] / cameras.len() as f32);
                }
                let chroma = if self.colourless { 0.0 } else { self.light.sqrt() };
                picture.push([
                    sum[0] * self.light,
                    128.0 + (sum[1] - 128.0) * chroma,
                    128.0 + (sum[2] - 128.0) * chroma,
                ]);
            }
        }
        picture
    }

    fn whips(&self, seconds: f32) -> bool {
        matches!(self.motion, Motion::Whip { at, seconds: long, .. } if seconds >= at && seconds <= at + long)
    }

    /// Place of the camera and its zoom.
    fn camera(&self, seconds: f32) -> [f32; 3] {
        match self.motion {
            Motion::Still | Motion::Subjects { .. } => [0.0, 0.0, 1.0],
            Motion::Pan { speed } => [speed * seconds, 0.1 * speed * seconds, 1.0],
            Motion::Zoom { rate } => [0.0, 0.0, (1.0 + rate).powf(seconds)],
            Motion::Handheld { amount } => {
                let wave = |rate: f32, phase: f32| (seconds * rate + phase).sin();
                [
                    amount * (wave(7.3, 0.0) + 0.5 * wave(17.1, 1.0)),
                    amount * (wave(5.9, 2.0) + 0.5 * wave(13.7, 0.5)),
                    1.0,
                ]
            }
            Motion::Whip { at, seconds: long, widths } => {
                let way = ((seconds - at) / long.max(1e-3)).clamp(0.0, 1.0);
                [widths * way * way * (3.0 - 2.0 * way), 0.0, 1.0]
            }
        }
    }

    fn shapes(&self, seconds: f32, aspect: f32) -> Vec<Shape> {
        let speed = match self.motion {
            Motion::Subjects { speed } => speed,
            _ => 0.0,
        };
        (0..6)
            .map(|i| {
                let pick = |k: u32| unit(hash(self.seed, i * 16 + k, 77));
                let way =
                    speed * seconds * (0.5 + pick(0)) * if pick(1) < 0.5 { -1.0 } else { 1.0 };
                Shape {
                    seed: hash(self.seed, i, 3),
                    x: (pick(2) + way + 0.2).rem_euclid(1.4) - 0.2,
                    y: pick(3) * aspect,
                    half: [0.04 + 0.1 * pick(4), 0.04 + 0.1 * pick(5)],
                    round: pick(6) < 0.5,
                }
            })
            .collect()
    }
}

#[derive(Debug, Clone, Copy)]
struct Shape {
    seed: u32,
    x: f32,
    y: f32,
    half: [f32; 2],
    round: bool,
}

impl Shape {
    fn covers(&self, u: f32, v: f32) -> bool {
        let (x, y) = ((u - self.x) / self.half[0], (v - self.y) / self.half[1]);
        if self.round { x * x + y * y <= 1.0 } else { x.abs().max(y.abs()) <= 1.0 }
    }

    fn colour(&self, u: f32, v: f32) -> [f32; 3] {
        let stripe = (((u - self.x) + (v - self.y)) * 40.0).sin() * 25.0;
        let pick = |k: u32| unit(hash(self.seed, k, 5));
        [40.0 + 170.0 * pick(0) + stripe, 88.0 + 80.0 * pick(1), 88.0 + 80.0 * pick(2)]
    }
}

/// The colours between which the ground changes.
struct Colours {
    seed: u32,
    low: [f32; 3],
    high: [f32; 3],
}

impl Colours {
    fn new(seed: u32) -> Self {
        let pick = |k: u32| unit(hash(seed, k, 9));
        let base = 20.0 + 120.0 * pick(0);
        Self {
            seed,
            low: [base, 98.0 + 60.0 * pick(1), 98.0 + 60.0 * pick(2)],
            high: [base + 40.0 + 60.0 * pick(3), 98.0 + 60.0 * pick(4), 98.0 + 60.0 * pick(5)],
        }
    }

    fn ground(&self, u: f32, v: f32) -> [f32; 3] {
        let t = 0.7 * noise(self.seed, u * 5.0, v * 5.0)
            + 0.3 * noise(self.seed ^ 1, u * 21.0, v * 21.0);
        [0, 1, 2].map(|i| self.low[i] + (self.high[i] - self.low[i]) * t)
    }
}

/// Smooth noise, 0 to 1, with one value for each unit square.
fn noise(seed: u32, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
    let (s, t) = (smooth(x - left), smooth(y - top));
    let corner =
        |dx: i32, dy: i32| unit(hash(seed, (left as i32 + dx) as u32, (top as i32 + dy) as u32));
    let upper = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * s;
    let lower = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * s;
    upper + (lower - upper) * t
}

/// A number that depends on all three and looks random.
pub(super) fn hash(a: u32, b: u32, c: u32) -> u32 {
    let mut h =
        a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA77) ^ c.wrapping_mul(0xC2B2_AE3D);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    h ^ (h >> 15)
}

/// A hash as a number from 0 to 1.
pub(super) fn unit(hash: u32) -> f32 {
    (hash >> 8) as f32 / (1 << 24) as f32
}
