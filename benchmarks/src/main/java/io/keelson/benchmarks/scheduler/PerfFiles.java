package io.keelson.benchmarks.scheduler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where cases and templates are read from: those that come with this program, or a folder of the same shape. */
abstract sealed class PerfFiles {
    /** More than any of them has. */
    static final int BYTES_MAX = 1 << 20;

    private static final String CONFIG = "performance-config.yaml";
    private static final int DEPTH_MAX = 4;

    /** The paths of the files of cases. */
    abstract List<String> configs() throws IOException;

    abstract InputStream open(String path) throws IOException;

    /** Those that come with this program. */
    static PerfFiles builtIn() {
        return new BuiltIn();
    }

    /** Those below a folder. */
    static PerfFiles below(Path folder) {
        return new Below(folder);
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it is not there or larger than {@link #BYTES_MAX}
     */
    final byte[] read(String path) throws IOException {
        try (InputStream in = open(path)) {
            byte[] content = in.readNBytes(BYTES_MAX + 1);
            if (content.length > BYTES_MAX) {
                throw new IOException(
                        path + " has more than " + BYTES_MAX + " bytes; no file of cases or templates has");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + path, e);
        }
    }

    /**
     * The path of a file that another one names.
     *
     * @throws IOException if it leads out of the folder
     */
    static String beside(String config, String named) throws IOException {
        Path path;
        try {
            path = Path.of(config).resolveSibling(named).normalize();
        } catch (InvalidPathException e) {
            throw new IOException(config + ": '" + named + "' is no path", e);
        }
        if (path.isAbsolute() || path.startsWith("..") || named.isEmpty()) {
            throw new IOException(config + ": '" + named + "' leads out of the folder of cases");
        }
        return path.toString();
    }

    private static final class BuiltIn extends PerfFiles {
        @Override
        List<String> configs() {
            return Stream.of("misc", "affinity", "topology_spreading", "taints", "preemption", "volumes", "gangs")
                    .map(folder -> folder + "/" + CONFIG)
                    .toList();
        }

        @Override
        InputStream open(String path) throws IOException {
            InputStream in = PerfFiles.class.getResourceAsStream(path);
            if (in == null) {
                throw new NoSuchFileException(path);
            }
            return in;
        }
    }

    private static final class Below extends PerfFiles {
        private final Path folder;

        Below(Path folder) {
            this.folder = folder;
        }

        @Override
        List<String> configs() throws IOException {
            try (Stream<Path> paths = Files.walk(folder, DEPTH_MAX)) {
                List<String> found = paths.filter(path -> path.endsWith(CONFIG))
                        .map(path -> folder.relativize(path).toString())
                        .sorted()
                        .toList();
                if (found.isEmpty()) {
                    throw new IOException("there is no " + CONFIG + " in " + folder + " or in a folder of it");
                }
                return found;
            }
        }

        @Override
        InputStream open(String path) throws IOException {
            return Files.newInputStream(folder.resolve(path));
        }
    }
}
