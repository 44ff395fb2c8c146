//! Pictures that are made smaller before they pass the pipe.

use crate::Rational;

/// Reduces pictures to a longer side where they are at least twice as large; what is in between would be blurred.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reduction {
    /// The longer side in square pixels.
    pub(super) long_side: u32,
}

impl Reduction {
    /// The options of ffmpeg's filter `scale` that do it; [`apply`](Self::apply) in its language.
    pub(super) fn scale_options(self) -> String {
        let side = self.long_side;
        let width = "iw*clip(sar,0.001,1000)";
        let reduced = |length: &str, native: &str| {
            format!(
                "'if(gte(max({width},ih),{}),max(1,round({length}*{side}/max({width},ih))),{native})'",
                2 * u64::from(side)
            )
        };
        format!(
            "w={}:h={}:flags=area+accurate_rnd+bitexact",
            reduced(width, "iw"),
            reduced("ih", "ih")
        )
    }

    /// Width and height to which a picture of a size comes.
    pub(super) fn apply(self, (width, height): (u64, u64), pixel_aspect: Rational) -> (u64, u64) {
        let display = width as f64 * pixel_aspect.to_f64().clamp(1e-3, 1e3);
        let long = display.max(height as f64);
        let side = f64::from(self.long_side);
        if long < 2.0 * side {
            return (width, height);
        }
        let reduced = |length: f64| (length * side / long).round().max(1.0) as u64;
        (reduced(display), reduced(height as f64))
    }

    /// Size and pixel aspect, after rotation, of the pictures that come as `delivered`, from those of the coded
    /// picture; `None` where neither way up gives that size.
    pub(super) fn source(
        self,
        (width, height): (u64, u64),
        pixel_aspect: Option<Rational>,
        delivered: (u64, u64),
    ) -> Option<((u64, u64), Rational)> {
        let aspect = pixel_aspect.unwrap_or(Rational::ONE);
        let ways = [((width, height), aspect), ((height, width), aspect.recip()?)];
        ways.into_iter().find(|&(size, aspect)| self.apply(size, aspect) == delivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_twice_as_large_are_reduced_and_made_square() {
        let reduction = Reduction { long_side: 320 };
        assert_eq!(reduction.apply((1920, 1080), Rational::ONE), (320, 180));
        assert_eq!(reduction.apply((1080, 1920), Rational::ONE), (180, 320));
        assert_eq!(reduction.apply((639, 480), Rational::ONE), (639, 480));
        assert_eq!(reduction.apply((16384, 16), Rational::ONE), (320, 1));
        let wide = Rational::new(2, 1).unwrap();
        assert_eq!(reduction.apply((320, 240), wide), (320, 120));
        assert_eq!(reduction.apply((319, 240), wide), (319, 240));
    }

    #[test]
    fn what_came_reduced_is_told_from_the_coded_picture_and_the_way_it_lies() {
        let reduction = Reduction { long_side: 320 };
        let wide = Rational::new(4, 3).unwrap();
        let upright = reduction.source((1440, 1080), Some(wide), (320, 180));
        assert_eq!(upright, Some(((1440, 1080), wide)));
        let turned = reduction.source((1440, 1080), Some(wide), (180, 320));
        assert_eq!(turned, Some(((1080, 1440), wide.recip().unwrap())));
        assert_eq!(reduction.source((1440, 1080), None, (320, 180)), None);
    }
}
