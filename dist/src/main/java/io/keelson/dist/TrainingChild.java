package io.keelson.dist;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@code keelson} command beside a training run, whose classes are not to be among those that are noted down. */
final class TrainingChild {
    private TrainingChild() {}

    static Process start(String command, List<String> arguments) throws IOException {
        List<String> whole = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Keelson.class.getName(),
                command));
        whole.addAll(arguments);
        return new ProcessBuilder(whole).inheritIO().start();
    }
}
