//! A writable scratch volume that a program may shape and that we read without trusting it.

/// A tmpfs of bounded size, shared between a box and its caller.
#[derive(Debug)]
pub struct Volume {}
