import java.util.Arrays;

class Solution {
    static long oddSock(long[] colours) {
        long[] basket = colours.clone();
        Arrays.sort(basket);
        int i = 0;
        // The last sock has no right neighbour to compare with.
        while (basket[i] == basket[i + 1]) i += 2;
        return basket[i];
    }
}
