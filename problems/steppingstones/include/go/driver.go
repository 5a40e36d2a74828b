package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	var count int
	fmt.Fscan(in, &count)
	reach := make([]int, count)
	for i := range reach {
		fmt.Fscan(in, &reach[i])
	}
	fmt.Println(FewestJumps(reach))
}
