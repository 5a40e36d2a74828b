//! One binary, every role; the embedded profile.

fn main() {}
