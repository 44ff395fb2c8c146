//! How a function is compiled for the vector instructions that the processor has.

/// Defines a function whose body, safe Rust that the compiler takes to vectors, is compiled for what every processor of
/// the target has, for AVX2 and for AVX-512; the widest set that the processor has runs.
///
/// Products and sums are rounded one by one on all of them, so all give the same bits.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $ty),*) $(-> $ret)? {
                    body($($arg),*)
                }
                #[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512($($arg: $ty),*) $(-> $ret)? {
                    body($($arg),*)
                }
                if is_x86_feature_detected!("avx2") {
                    let wide = is_x86_feature_detected!("avx512f")
                        && is_x86_feature_detected!("avx512bw")
                        && is_x86_feature_detected!("avx512dq")
                        && is_x86_feature_detected!("avx512vl");
                    #[allow(unsafe_code, reason = "the instructions were just detected")]
                    // SAFETY: the processor has every feature that the function is compiled for.
                    return if wide { unsafe { avx512($($arg),*) } } else { unsafe { avx2($($arg),*) } };
                }
            }
            body($($arg),*)
        }
    };
}

pub(crate) use kernel;

#[cfg(test)]
mod tests {
    kernel! {
        fn widest(values: &[f32]) -> f32 {
            faded_energy(values)
        }
    }

    #[inline(always)]
    fn faded_energy(values: &[f32]) -> f32 {
        values.iter().fold(0.0, |sum, value| 0.9 * sum + value * value)
    }

    #[test]
    fn the_widest_instructions_give_the_bits_of_the_narrowest() {
        let values: Vec<f32> = (0..999).map(|at| (at as f32 * 0.1).sin()).collect();
        assert_eq!(widest(&values).to_bits(), faded_energy(&values).to_bits());
        assert_eq!(crate::lanes::sum(&values), crate::lanes::add_up(&values));
    }
}
