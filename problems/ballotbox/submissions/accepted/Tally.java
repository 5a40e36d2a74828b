import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in), 1 << 16);
        int n = Integer.parseInt(in.readLine());
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < n; i++) counts.merge(in.readLine(), 1, Integer::sum);
        String winner = null;
        for (String name : new TreeMap<>(counts).keySet()) {
            if (winner == null || counts.get(name) > counts.get(winner)) winner = name;
        }
        System.out.println(winner + " " + counts.get(winner));
    }
}
