package io.keelson.agent.embedded.images.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Where something is mounted, as the kernel tells this process. */
final class MountTable {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private final Set<String> places = new HashSet<>();

    private MountTable() {}

    static MountTable read() throws IOException {
        MountTable table = new MountTable();
        for (String line : new String(Files.readAllBytes(TABLE), StandardCharsets.UTF_8).split("\n", -1)) {
            String[] fields = line.split(" ", 6);
            if (fields.length > 5) {
                table.places.add(plain(fields[4]));
            }
        }
        return table;
    }

    boolean has(Path place) {
        return places.contains(place.toString());
    }

    /** Blanks and the like are in octal. */
    private static String plain(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
