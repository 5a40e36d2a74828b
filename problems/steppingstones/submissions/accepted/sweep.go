package main

func FewestJumps(reach []int) int {
	jumps, here, far := 0, 0, 0
	for stone := 0; stone < len(reach)-1; stone++ {
		if stone+reach[stone] > far {
			far = stone + reach[stone]
		}
		if stone == here {
			if far == here {
				return -1
			}
			jumps++
			here = far
		}
	}
	return jumps
}
