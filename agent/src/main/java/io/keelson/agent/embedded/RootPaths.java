package io.keelson.agent.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Finds files of a container's root as the container would see them: no link of the image leads outside. Only for roots
 * in which nothing runs yet, for what is found could change before it is used.
 */
final class RootPaths {
    private static final int LINKS_MAX = 40;

    private RootPaths() {}

    /**
     * Where a path of the container lies. Parts that are not there are taken for plain folders.
     *
     * @throws IOException if links lead in a circle
     */
    static Path resolve(Path root, String path) throws IOException {
        Deque<Path> rest = new ArrayDeque<>();
        push(rest, Path.of(path));
        Path at = root;
        int links = 0;
        while (!rest.isEmpty()) {
            Path part = rest.pop();
            if (part.toString().equals("..")) {
                at = at.equals(root) ? root : parent(at);
                continue;
            }
            if (part.toString().equals(".") || part.toString().isEmpty()) {
                continue;
            }
            Path next = at.resolve(part);
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            }
            if (++links > LINKS_MAX) {
                throw new IOException(path + ": too many levels of symbolic links");
            }
            Path target = Files.readSymbolicLink(next);
            if (target.isAbsolute()) {
                at = root;
            }
            push(rest, target);
        }
        return at;
    }

    /** The lines of a small file of the container; none if it is missing, no plain file, or larger than a mebibyte. */
    static List<String> lines(Path root, String path) throws IOException {
        Path file = resolve(root, path);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > 1 << 20) {
            return List.of();
        }
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                .lines()
                .toList();
    }

    private static void push(Deque<Path> rest, Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            rest.push(path.getName(i));
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }
}
