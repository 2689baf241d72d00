package io.keelson.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What this process holds, as Linux sees it. */
final class OwnProcess {
    private static final String SOCKET = "socket:[";
    private static final String LISTENING = "0A";

    private OwnProcess() {}

    /** What its file descriptors are: paths, and things such as {@code socket:[inode]}. */
    static List<String> descriptors() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            for (Path entry : entries.toList()) {
                try {
                    found.add(Files.readSymbolicLink(entry).toString());
                } catch (NoSuchFileException e) {
                    // The one that the folder was read with.
                }
            }
        }
        return found;
    }

    /** The ports of TCP that it listens on, whatever the address. */
    static Set<Integer> listeningPorts() throws IOException {
        Set<String> own = new HashSet<>(descriptors());
        Set<Integer> ports = new TreeSet<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 9 && fields[3].equals(LISTENING) && own.contains(SOCKET + fields[9] + "]")) {
                    ports.add(Integer.parseInt(fields[1].substring(fields[1].lastIndexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    static List<String> platformThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .sorted()
                .toList();
    }
}
