package io.keelson.controllers.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The machine that a process runs on. */
public final class Host {
    private static final Path NAME = Path.of("/proc/sys/kernel/hostname");

    private Host() {}

    /**
     * What it is called, in small letters as nodes are; whether or not anybody can look that name up.
     *
     * @throws IOException if it has no name
     */
    public static String name() throws IOException {
        return name(NAME);
    }

    static String name(Path file) throws IOException {
        String name = Files.readString(file).strip().toLowerCase(Locale.ROOT);
        if (name.isEmpty() || name.equals("(none)")) {
            throw new IOException("this machine has no name: hostname NAME gives it one");
        }
        return name;
    }
}
