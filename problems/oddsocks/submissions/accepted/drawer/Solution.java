import java.util.HashSet;
import java.util.Set;

class Solution {
    static long oddSock(long[] colours) {
        Set<Long> single = new HashSet<>();
        for (long colour : colours) {
            if (!single.add(colour)) single.remove(colour);
        }
        return single.iterator().next();
    }
}
