class Solution {
    static int fewestJumps(int[] reach) {
        return from(reach, 0, 0);
    }

    /** Forgets that some stones lead nowhere, and never comes back from those. */
    private static int from(int[] reach, int stone, int jumps) {
        if (stone == reach.length - 1) return jumps;
        int best = stone;
        for (int next = stone; next <= stone + reach[stone] && next < reach.length; next++) {
            if (next == reach.length - 1) return jumps + 1;
            if (next + reach[next] >= best + reach[best]) best = next;
        }
        return from(reach, best, jumps + 1);
    }
}
