//! The contract of [`OpticalFlow`].

use crate::{Error, FlowField, GrayImage, OpticalFlow, Result};

/// Checks the contract of [`OpticalFlow`].
///
/// The method must find a texture's shift of three pixels right and two up to half a pixel; how accurate it is
/// beyond that is its own matter.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn optical_flow_suite(method: &dyn OpticalFlow) {
    assert!(!method.name().is_empty(), "the method has no name");
    let flow = |a: &GrayImage, b: &GrayImage| match method.calculate(a, b) {
        Ok(flow) => flow,
        Err(error) => panic!("{}x{} fails: {error}", a.width(), a.height()),
    };

    let (previous, next) = (texture(128, 96, 0, 0), texture(128, 96, 3, -2));
    let found = flow(&previous, &next);
    let [dx, dy] = median(&found);
    assert!(
        (dx - 3.0).abs() <= 0.5 && (dy + 2.0).abs() <= 0.5,
        "a shift by (3, -2) is found as ({dx}, {dy})"
    );
    assert!(flow(&previous, &next) == found, "the same pair again gives another flow");

    for (width, height) in
        [(0, 0), (0, 7), (7, 0), (1, 1), (2, 2), (5, 3), (3, 40), (300, 3), (33, 31)]
    {
        let found = flow(&texture(width, height, 0, 0), &texture(width, height, 1, 1));
        let size = (found.width(), found.height());
        assert!(size == (width, height), "{width}x{height} has a flow of {size:?}");
        assert!(is_finite(&found), "{width}x{height} has a flow that is not finite");
    }
    let [white, black] = [255, 0].map(|value| GrayImage::filled(64, 48, value));
    assert!(is_finite(&flow(&white, &black)), "white to black has a flow that is not finite");

    let odd = texture(127, 96, 0, 0);
    assert!(is_mismatch(method.calculate(&previous, &odd)), "two sizes are not SizeMismatch");

    let frames = [previous, next, texture(128, 96, 5, -3), texture(128, 96, 5, -3)];
    let mut walk = method.walk();
    assert!(matches!(walk.push(&frames[0]), Ok(None)), "the first frame of a walk has a flow");
    for pair in frames.windows(2) {
        match walk.push(&pair[1]) {
            Ok(Some(walked)) => {
                assert!(*walked == flow(&pair[0], &pair[1]), "a walk differs from single pairs");
            }
            other => panic!("a walk gives {other:?} for a later frame"),
        }
        let refused = walk.push(&odd).map(|flow| flow.cloned());
        assert!(is_mismatch(refused), "another size in a walk is not SizeMismatch");
    }

    let expected = flow(&frames[0], &frames[1]);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let found = flow(&frames[0], &frames[1]);
                assert!(found == expected, "threads that share the method get another flow");
            });
        }
    });
}

/// A picture without repetition, moved by whole pixels.
fn texture(width: usize, height: usize, dx: isize, dy: isize) -> GrayImage {
    let knot = |x: isize, y: isize| {
        let mut bits = (x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA77)) as u64;
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x2545_F491_4F6C_DD1D);
        ((bits >> 33) & 0xFF) as f64
    };
    GrayImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as isize - dx, y as isize - dy);
        let (cx, cy) = (x.div_euclid(6), y.div_euclid(6));
        let fade = |at: isize| {
            let t = at.rem_euclid(6) as f64 / 6.0;
            t * t * (3.0 - 2.0 * t)
        };
        let (tx, ty) = (fade(x), fade(y));
        let top = knot(cx, cy) * (1.0 - tx) + knot(cx + 1, cy) * tx;
        let bottom = knot(cx, cy + 1) * (1.0 - tx) + knot(cx + 1, cy + 1) * tx;
        (top * (1.0 - ty) + bottom * ty) as u8
    })
}

/// The median displacement away from the edges, each direction by itself.
fn median(flow: &FlowField) -> [f32; 2] {
    let (width, height) = (flow.width(), flow.height());
    let inner = |i: usize| {
        let rows = flow.data().chunks(width).skip(height / 4).take(height / 2);
        let mut values: Vec<f32> =
            rows.flat_map(|row| &row[width / 4..3 * width / 4]).map(|vector| vector[i]).collect();
        values.sort_by(f32::total_cmp);
        values[values.len() / 2]
    };
    [inner(0), inner(1)]
}

fn is_finite(flow: &FlowField) -> bool {
    flow.data().as_flattened().iter().all(|value| value.is_finite())
}

fn is_mismatch<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::SizeMismatch { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FlowWalk;

    struct Stuck;

    impl OpticalFlow for Stuck {
        fn name(&self) -> &'static str {
            "stuck"
        }

        fn calculate(&self, previous: &GrayImage, _: &GrayImage) -> Result<FlowField> {
            Ok(FlowField::zeros(previous.width(), previous.height()))
        }

        fn walk(&self) -> Box<dyn FlowWalk> {
            unreachable!("the shift is checked first")
        }
    }

    #[test]
    #[should_panic(expected = "a shift by (3, -2) is found as (0, 0)")]
    fn a_method_that_finds_nothing_fails() {
        optical_flow_suite(&Stuck);
    }
}
