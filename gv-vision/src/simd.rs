//! Which vector instructions the processor has, and how a kernel is compiled for each of them.
//!
//! A kernel is written once, in safe Rust that the compiler vectorises, and [`kernel!`] compiles it
//! for every instruction set below. No kernel contracts a product and a sum into one rounding, so
//! all of them give the same bits.

/// An instruction set that this processor has.
///
/// Only [`Isa::detect`] and [`Isa::available`] make one, so holding it proves that its instructions run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Isa(pub(crate) Kind);

/// The instruction sets kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What every processor of the target has (SSE2 on x86-64, NEON on AArch64).
    Portable,
    /// 256-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The widest set of this processor.
    pub(crate) fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self(Kind::Portable))
    }

    /// All sets of this processor, from the narrowest to the widest.
    pub(crate) fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "other architectures have the portable set alone")]
        let mut sets = vec![Self(Kind::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                sets.push(Self(Kind::Avx2));
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                {
                    sets.push(Self(Kind::Avx512));
                }
            }
        }
        sets
    }
}

/// Defines a function that takes an [`Isa`] first and runs its body compiled for that set.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident $([$(const $param:ident: $param_ty:ty),+])? ($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $(#[$meta])*
        #[allow(unsafe_code, reason = "an Isa is only made for instructions that were detected")]
        #[allow(clippy::too_many_arguments, reason = "slices as arguments are known not to overlap")]
        $vis fn $name $(<$(const $param: $param_ty),+>)? (isa: $crate::simd::Isa, $($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body $(<$(const $param: $param_ty),+>)? ($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2 $(<$(const $param: $param_ty),+>)? ($($arg: $ty),*) $(-> $ret)? {
                body $(::<$($param),+>)? ($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512 $(<$(const $param: $param_ty),+>)? ($($arg: $ty),*) $(-> $ret)? {
                body $(::<$($param),+>)? ($($arg),*)
            }

            match isa.0 {
                $crate::simd::Kind::Portable => body $(::<$($param),+>)? ($($arg),*),
                // SAFETY: an `Isa` of this kind is only made where the features were detected.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Kind::Avx2 => unsafe { avx2 $(::<$($param),+>)? ($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Kind::Avx512 => unsafe { avx512 $(::<$($param),+>)? ($($arg),*) },
            }
        }
    };
}

pub(crate) use kernel;

#[cfg(test)]
mod tests {
    use super::*;

    kernel! {
        fn scaled_sum[const N: usize](values: &[f32; 16]) -> f32 {
            values.iter().sum::<f32>() * N as f32
        }
    }

    #[test]
    fn every_available_set_computes_the_same() {
        let values: [f32; 16] = std::array::from_fn(|i| 0.1 * i as f32);
        let expected = scaled_sum::<3>(Isa(Kind::Portable), &values);
        assert!(expected > 35.0);
        for isa in Isa::available() {
            assert_eq!(scaled_sum::<3>(isa, &values).to_bits(), expected.to_bits());
        }
    }

    #[test]
    fn the_detected_set_is_the_last_available() {
        assert_eq!(Isa::available().last(), Some(&Isa::detect()));
    }
}
