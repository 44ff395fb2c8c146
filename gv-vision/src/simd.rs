//! Which vector instructions the processor has, and how a kernel is compiled for each of them.
//!
//! A kernel is written once, in safe Rust that the compiler vectorises, and [`kernel!`] compiles it
//! for every instruction set below. A product and a sum are rounded together where a kernel asks for it
//! (`mul_add`), and nowhere else, so all sets give the same bits.

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
    /// 256-bit vectors, fused multiplication and addition.
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
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
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

impl Default for Isa {
    fn default() -> Self {
        Self::detect()
    }
}

/// Values whose first lies at the start of a cache line.
#[derive(Debug, Default, Clone)]
pub(crate) struct Aligned {
    values: Vec<f32>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// Bytes of a cache line, and of the widest vector.
    const LINE: usize = 64;

    /// Makes room for `length` values, kept where there was room enough; the content is unspecified, and
    /// finite if what was written before is.
    pub(crate) fn reserve(&mut self, length: usize) {
        if length > self.length {
            self.values = vec![0.0; length + Self::LINE / size_of::<f32>()];
            self.start =
                self.values.as_ptr().align_offset(Self::LINE).min(Self::LINE / size_of::<f32>());
            self.length = length;
        }
    }
}

impl std::ops::Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[self.start..self.start + self.length]
    }
}

impl std::ops::DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..self.start + self.length]
    }
}

/// Asks for `values` to be brought near, to be read a little later; no effect on results.
#[inline(always)]
pub(crate) fn prefetch(values: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(Aligned::LINE / size_of::<f32>()) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        #[allow(unsafe_code, reason = "a hint, which reads nothing")]
        // SAFETY: every x86-64 processor has the instruction, and it faults for no address.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
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
            #[target_feature(enable = "avx2,fma")]
            fn avx2 $(<$(const $param: $param_ty),+>)? ($($arg: $ty),*) $(-> $ret)? {
                body $(::<$($param),+>)? ($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
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
