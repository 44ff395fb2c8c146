//! The C library of geminivideo.
