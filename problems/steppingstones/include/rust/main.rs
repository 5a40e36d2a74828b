//! Reads the stones, asks `solution::fewest_jumps`, prints its answer.
mod solution;

use std::io::Read;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let reach: Vec<i32> = text.split_whitespace().skip(1).map(|word| word.parse().unwrap()).collect();
    println!("{}", solution::fewest_jumps(&reach));
}
