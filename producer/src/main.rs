//! Submissions in: library and command line.

fn main() {}
