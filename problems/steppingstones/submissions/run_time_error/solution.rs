pub fn fewest_jumps(reach: &[i32]) -> i32 {
    let mut jumps = 0;
    let mut here = 0;
    while here < reach.len() - 1 {
        // Past the last stone there is nothing to read.
        let next = (here..=here + reach[here] as usize).max_by_key(|&stone| stone + reach[stone] as usize).unwrap();
        if next == here {
            return -1;
        }
        here = next;
        jumps += 1;
    }
    jumps
}
