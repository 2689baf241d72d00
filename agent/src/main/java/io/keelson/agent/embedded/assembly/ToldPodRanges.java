package io.keelson.agent.embedded.assembly;

import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * The ranges of a node's pods as its kubelet tells them, which it does when they change, but not when only the runtime
 * starts anew; so they are kept in a file.
 */
final class ToldPodRanges implements Supplier<List<String>> {
    private static final int RANGES_MAX = 2;
    private static final int FILE_BYTES_MAX = 4096;

    private final Path file;
    private volatile List<String> ranges;

    /** Those of a file, which need not be there. */
    ToldPodRanges(Path file) throws IOException {
        this.file = file;
        ranges = read(file);
    }

    private static List<String> read(Path file) throws IOException {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException(file + " does not hold the ranges of pods: remove it");
            }
            return checked(Files.readString(file).lines().toList());
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (IllegalArgumentException damaged) {
            throw new IOException(file + ": " + damaged.getMessage() + ": remove it", damaged);
        }
    }

    /**
     * One of each family at most.
     *
     * @throws IllegalArgumentException if they are none
     */
    static List<String> checked(List<String> texts) {
        if (texts.size() > RANGES_MAX) {
            throw new IllegalArgumentException("a node has one range of pods of each family, not " + texts.size());
        }
        for (String text : texts) {
            if (IpPrefix.parse(text) == null) {
                throw new IllegalArgumentException("\"" + text + "\" is no range of addresses, as 10.244.0.0/24 is");
            }
        }
        return List.copyOf(texts);
    }

    /**
     * Takes new ones.
     *
     * @throws IllegalArgumentException if they are none
     * @throws IOException if they cannot be kept
     */
    synchronized void tell(List<String> texts) throws IOException {
        List<String> told = checked(texts);
        if (told.equals(ranges)) {
            return;
        }
        WholeFile.write(file, String.join("\n", told) + "\n");
        ranges = told;
    }

    @Override
    public List<String> get() {
        return ranges;
    }
}
