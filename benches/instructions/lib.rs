//! Empty: the package is its bench.

#![forbid(unsafe_code)]
