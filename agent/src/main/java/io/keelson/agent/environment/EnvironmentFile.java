package io.keelson.agent.environment;

import org.jspecify.annotations.Nullable;

/**
 * A file of variables, {@code NAME=value} in each line, that a container has written into a volume. What follows a
 * {@code #} is a comment; lines without {@code =} mean nothing; of several lines with one name the first counts.
 */
final class EnvironmentFile {
    /** A file that is larger is not read. */
    static final int SIZE_BYTES_MAX = 1 << 20;

    private EnvironmentFile() {}

    /** The value of a name; null if the file has none, or an empty one. */
    static @Nullable String value(String file, String name) {
        for (String line : (Iterable<String>) file.lines()::iterator) {
            int comment = line.indexOf('#');
            String content = comment < 0 ? line : line.substring(0, comment);
            int equals = content.indexOf('=');
            if (equals >= 0 && content.substring(0, equals).equals(name)) {
                String value = content.substring(equals + 1);
                return value.isEmpty() ? null : value;
            }
        }
        return null;
    }
}
