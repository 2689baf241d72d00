package io.keelson.agent.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What is mounted on this machine, as {@code /proc/self/mountinfo} tells it. */
final class MountTable {
    private MountTable() {}

    /** @throws io.grpc.StatusRuntimeException if what is mounted below a path here is not seen elsewhere */
    static void requireShared(Path path) throws IOException {
        if (!propagation(path).contains("shared:")) {
            throw RuntimeProblem.invalid(
                    "path \"" + path + "\" is not on a shared mount: run mount --make-rshared on it,"
                            + " or take the mount propagation from the volume");
        }
    }

    /** @throws io.grpc.StatusRuntimeException if a copy of the mount would not see what is mounted below it later */
    static void requireSharedOrSlave(Path path) throws IOException {
        String propagation = propagation(path);
        if (!propagation.contains("shared:") && !propagation.contains("master:")) {
            throw RuntimeProblem.invalid("path \"" + path + "\" is not on a shared or slave mount: run mount"
                    + " --make-rshared on it, or take the mount propagation from the volume");
        }
    }

    /** Whether something is mounted at exactly that path. */
    static boolean isMountPoint(Path path) throws IOException {
        return lines().stream()
                .anyMatch(line -> unescaped(line.split(" ", -1)[4]).equals(path.toString()));
    }

    /** Where something is mounted, at a folder or below it, the newest first. */
    static List<Path> below(Path folder) throws IOException {
        return lines().reversed().stream()
                .map(line -> Path.of(unescaped(line.split(" ", -1)[4])))
                .filter(point -> point.startsWith(folder))
                .toList();
    }

    private static String propagation(Path path) throws IOException {
        Path real = path.toRealPath();
        String best = "";
        int depth = -1;
        for (String line : lines()) {
            String[] parts = line.split(" ", -1);
            Path at = Path.of(unescaped(parts[4]));
            // The last one at the same place lies on top.
            if (real.startsWith(at) && at.getNameCount() >= depth) {
                depth = at.getNameCount();
                best = line.substring(0, Math.max(0, line.indexOf(" - ")));
            }
        }
        return best;
    }

    private static List<String> lines() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.split(" ", -1).length > 6)
                .toList();
    }

    /** Blanks, tabs, line ends and backslashes come as three octal digits. */
    private static String unescaped(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
