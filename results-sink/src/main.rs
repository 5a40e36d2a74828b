//! Verdicts into the database, once each.

fn main() {}
