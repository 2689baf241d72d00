package io.keelson.benchmarks.node;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much memory of the machine processes have for themselves and share. */
final class Residents {
    private static final Path PROCESSES = Path.of("/proc");
    private static final Pattern PROPORTIONAL = Pattern.compile("(?m)^Pss:\\s+(\\d+) kB");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");
    private static final double KIB_PER_MIB = 1024;

    private Residents() {}

    private record Known(int count, long residentKib, long proportionalKib) {
        Known with(long resident, long proportional) {
            return new Known(count + 1, residentKib + resident, proportionalKib + proportional);
        }
    }

    /**
     * Lines for a table: one for each kind of process in a list.
     *
     * @param names of programs, as {@code keelson-shim}; the kernel keeps 15 letters of each
     * @param pid the cluster's process; 0 for none
     */
    static List<String> lines(List<String> names, long pid) throws IOException {
        Map<String, Known> found = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            for (Path process : all) {
                try {
                    String name = Files.readString(process.resolve("comm")).strip();
                    boolean isCluster = process.getFileName().toString().equals(Long.toString(pid));
                    String kind = isCluster ? "cluster" : name;
                    if (isCluster || names.contains(name)) {
                        found.put(
                                kind,
                                found.getOrDefault(kind, new Known(0, 0, 0))
                                        .with(
                                                number(RESIDENT, process.resolve("status")),
                                                number(PROPORTIONAL, process.resolve("smaps_rollup"))));
                    }
                } catch (IOException ended) {
                    // It does not count any more.
                }
            }
        }
        List<String> lines = new ArrayList<>();
        found.forEach((kind, known) -> lines.add(String.format(
                Locale.ROOT,
                "  %-20s %4d   resident %7.1f MiB   of these its own part %7.1f MiB",
                kind,
                known.count(),
                known.residentKib() / KIB_PER_MIB,
                known.proportionalKib() / KIB_PER_MIB)));
        return lines;
    }

    private static long number(Pattern pattern, Path file) throws IOException {
        Matcher line = pattern.matcher(Files.readString(file));
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }
}
