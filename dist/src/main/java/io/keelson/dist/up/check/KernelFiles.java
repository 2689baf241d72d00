package io.keelson.dist.up.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files of a machine that can be missing, as on other kernels, or be closed to this user. What cannot be read is not there.
 *
 * @param root {@code /}
 */
record KernelFiles(Path root) {
    private static final int OCTETS_MAX = 16 << 20;

    /** @param path without the slash at its beginning */
    Path at(String path) {
        return root.resolve(path);
    }

    /** A file's text, without blanks around it. */
    Optional<String> text(String path) {
        // What the kernel makes while it is read has no size before.
        try (var in = Files.newInputStream(at(path))) {
            return Optional.of(new String(in.readNBytes(OCTETS_MAX), StandardCharsets.ISO_8859_1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A file's lines. */
    Stream<String> lines(String path) {
        return text(path).orElse("").lines();
    }

    /** A file's number; -1 if it has none. */
    long number(String path) {
        return number(text(path));
    }

    /** The number after a name, {@code MemTotal:}; -1 if there is none. */
    long number(String path, String name) {
        return number(lines(path)
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+", -1)[0])
                .findFirst());
    }

    private static long number(Optional<String> text) {
        try {
            return text.isEmpty() ? -1 : Long.parseLong(text.get());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** The names in a folder. */
    List<String> names(String path) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(path))) {
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
        } catch (IOException e) {
            return List.of();
        }
        names.sort(null);
        return names;
    }

    boolean exists(String path) {
        return Files.exists(at(path));
    }
}
