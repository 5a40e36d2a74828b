class Solution {
    static int fewestJumps(int[] reach) {
        int jumps = 0, here = 0, far = 0;
        for (int stone = 0; stone < reach.length - 1; stone++) {
            far = Math.max(far, stone + reach[stone]);
            if (stone == here) {
                if (far == here) return -1;
                jumps++;
                here = far;
            }
        }
        return jumps;
    }
}
