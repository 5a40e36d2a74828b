//! Consume, judge, publish.

fn main() {}
