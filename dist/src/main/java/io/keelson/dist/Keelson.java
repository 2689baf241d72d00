package io.keelson.dist;

import io.keelson.kvstore.cli.Console;
import io.keelson.kvstore.cli.KvCommandLine;
import java.util.List;

/** The main class of the {@code keelson} command. Knows nothing of picocli: {@code keelson kv} must not load it. */
public final class Keelson {
    private Keelson() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals("kv")) {
            return runKv(arguments);
        }
        return KeelsonCommand.execute(arguments);
    }

    /** Runs a command of {@code kv}, the first argument. */
    static int runKv(String[] arguments) {
        KvCommandLine.prepareProcess();
        List<String> words = KvCommandLine.bytesOf(arguments);
        return KvCommandLine.run(words.subList(1, words.size()), Console.ofProcess());
    }
}
