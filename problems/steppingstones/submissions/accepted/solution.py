def fewest_jumps(reach):
    jumps = here = far = 0
    for stone, length in enumerate(reach[:-1]):
        far = max(far, stone + length)
        if stone == here:
            if far == here:
                return -1
            jumps, here = jumps + 1, far
    return jumps
