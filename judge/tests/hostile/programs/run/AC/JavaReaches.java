import java.io.File;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/** The language has no sandbox of its own any more, and none is relied on. */
public class JavaReaches {
    public static void main(String[] arguments) throws Exception {
        Map<String, String> facts = new HashMap<>();
        Scanner in = new Scanner(System.in);
        while (in.hasNextLine()) {
            String[] pair = in.nextLine().split(" ", 2);
            facts.put(pair[0], pair[1]);
        }
        List<String> done = new ArrayList<>();
        for (String path : List.of(facts.get("secret"), facts.get("answer"), "/etc/shadow", "/sys", "/root", "/proc/1/environ"))
            if (new File(path).exists()) done.add("sees " + path);
        try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(facts.get("port")))) {
            done.add("connected");
        } catch (Exception expected) {
        }
        Process id = new ProcessBuilder("/usr/bin/id", "-u").start();
        if (new String(id.getInputStream().readAllBytes()).trim().equals("0")) done.add("is root");
        System.out.println(done.isEmpty() ? "refused" : done);
    }
}
