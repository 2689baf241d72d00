package io.keelson.agent.pods.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Which users of the node pods may have as their own.
 *
 * @param first the first of them; a multiple of {@code perPod}
 * @param length how many there are; a multiple of {@code perPod}
 * @param perPod how many each pod has; a multiple of 65,536
 */
public record UserRanges(long first, long length, long perPod) {
    /** How many a pod has where nothing is said. */
    public static final long USUAL_PER_POD = 65_536;

    private static final long IDS = 1L << 32;
    private static final String KUBELET = "kubelet";
    private static final int ANSWER_MAX = 64 * 1024;
    private static final int LIMIT_SECONDS = 10;
    private static final List<String> PROGRAM_FOLDERS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    /** Checks that pods can have them. */
    public UserRanges {
        if (perPod < USUAL_PER_POD || perPod % USUAL_PER_POD != 0) {
            throw new IllegalArgumentException(
                    "userNamespaces.idsPerPod must be a multiple of 65536, but is " + perPod);
        }
        if (first % perPod != 0) {
            throw new IllegalArgumentException("kubelet user assigned ID " + first + " is not a multiple of " + perPod);
        }
        if (first < USUAL_PER_POD) {
            // The first ones are the node's own.
            throw new IllegalArgumentException(
                    "kubelet user assigned ID " + first + " must be greater or equal to " + USUAL_PER_POD);
        }
        if (length % perPod != 0) {
            throw new IllegalArgumentException(
                    "kubelet user assigned IDs length " + length + " is not a multiple of " + perPod);
        }
        if (first + length > IDS) {
            throw new IllegalArgumentException("kubelet user assigned IDs " + first + " to " + (first + length - 1)
                    + " are more than there are: take" + " a smaller userNamespaces.idsPerPod or maxPods");
        }
    }

    /** Those where nobody has said anything: after the node's own, for as many pods as there can be. */
    public static UserRanges usual(long perPod, int podsMax) {
        return new UserRanges(perPod, perPod * podsMax, perPod);
    }

    /**
     * Those of the machine: what is given to the user {@code kubelet} in {@code /etc/subuid} and {@code /etc/subgid}, as
     * {@code getsubids} tells; the usual ones where there is no such user or program.
     *
     * @throws IOException if they cannot be used; the text says why
     */
    public static UserRanges ofMachine(long perPod, int podsMax) throws IOException {
        Optional<Path> program = PROGRAM_FOLDERS.stream()
                .map(folder -> Path.of(folder, "getsubids"))
                .filter(Files::isExecutable)
                .findFirst();
        if (program.isEmpty() || !isUser(Path.of("/etc/passwd"))) {
            return usual(perPod, podsMax);
        }
        String users = ask(program.get().toString(), KUBELET);
        if (!users.equals(ask(program.get().toString(), "-g", KUBELET))) {
            throw new IOException("mismatched subuids and subgids for user \"" + KUBELET + '"');
        }
        return parse(users, perPod, podsMax);
    }

    private static boolean isUser(Path accounts) throws IOException {
        if (!Files.isReadable(accounts)) {
            return false;
        }
        try (var lines = Files.lines(accounts, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.startsWith(KUBELET + ":"));
        }
    }

    private static String ask(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            byte[] answer = process.getInputStream().readNBytes(ANSWER_MAX);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("error retrieving additional ids for user \"" + KUBELET + "\": "
                        + String.join(" ", command) + ": "
                        + new String(answer, StandardCharsets.UTF_8).strip());
            }
            return new String(answer, StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * Reads one line {@code 0: kubelet FIRST LENGTH}.
     *
     * @throws IOException if it is none, or pods cannot have these
     */
    static UserRanges parse(String answer, long perPod, int podsMax) throws IOException {
        List<String> lines = answer.strip().lines().toList();
        if (lines.size() != 1) {
            throw new IOException("error parsing line \"" + answer.strip() + "\": it must contain only one line");
        }
        String[] parts = lines.getFirst().strip().split("\\s+", -1);
        UserRanges ranges;
        try {
            if (parts.length != 4) {
                throw new NumberFormatException("it has " + parts.length + " words");
            }
            ranges = new UserRanges(
                    Integer.toUnsignedLong(Integer.parseUnsignedInt(parts[2])),
                    Integer.toUnsignedLong(Integer.parseUnsignedInt(parts[3])),
                    perPod);
        } catch (NumberFormatException e) {
            throw new IOException("invalid line \"" + lines.getFirst() + '"', e);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        if (ranges.count() < podsMax) {
            throw new IOException("kubelet user assigned IDs are not enough to support " + podsMax + " pods");
        }
        return ranges;
    }

    /** For how many pods they do. */
    int count() {
        return Math.toIntExact(length / perPod);
    }
}
