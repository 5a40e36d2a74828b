pub fn fewest_jumps(reach: &[i32]) -> i32 {
    let (mut jumps, mut here, mut far) = (0, 0, 0);
    for stone in 0..reach.len() - 1 {
        far = far.max(stone + reach[stone] as usize);
        if stone == here {
            if far == here {
                return -1;
            }
            jumps += 1;
            here = far;
        }
    }
    jumps
}
