package main

// FewestJumps never looks whether a stone leads on at all.
func FewestJumps(reach []int) int {
	jumps, here, far := 0, 0, 0
	for stone := 0; stone < len(reach)-1; stone++ {
		if stone+reach[stone] > far {
			far = stone + reach[stone]
		}
		if stone == here {
			jumps++
			here = far
		}
	}
	return jumps
}
