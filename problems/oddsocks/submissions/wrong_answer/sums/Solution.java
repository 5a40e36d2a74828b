import java.util.Arrays;

class Solution {
    /** Twice the sum of the different colours less the sum of all is the single one, if no colour comes in fours. */
    static long oddSock(long[] colours) {
        return 2 * Arrays.stream(colours).distinct().sum() - Arrays.stream(colours).sum();
    }
}
