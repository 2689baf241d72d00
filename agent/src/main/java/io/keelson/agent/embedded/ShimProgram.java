package io.keelson.agent.embedded;

import io.keelson.agent.embedded.programs.NativeProgram;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** The program that is each pod's shim, taken out of the jar once, and the start of one. */
final class ShimProgram {
    private static final int SECONDS = 30;

    private final Path file;

    private ShimProgram(Path file) {
        this.file = file;
    }

    /**
     * Has the program at hand. The file's name has its content's digest, so shims of another version go on with theirs.
     *
     * @param folder where it is put
     * @throws IOException if this build has none for the machine's processor
     */
    static ShimProgram install(Path folder) throws IOException {
        byte[] program = NativeProgram.read("keelson-shim");
        Path file = folder.resolve("keelson-shim-" + digest(program).substring(0, 16));
        if (!Files.isExecutable(file) || Files.size(file) != program.length) {
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(
                    folder,
                    "keelson-shim",
                    ".new",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.write(fresh, program);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return new ShimProgram(file);
    }

    /**
     * A shim that runs.
     *
     * @param shim its process id
     * @param init that of the first process in the pod's process namespace; not positive if it has none
     */
    record Started(long shim, long init) {}

    /**
     * Starts a pod's shim; it goes on by itself.
     *
     * @return who it is
     * @throws IOException with what it said when it could not make the pod
     */
    Started start(Path folder, ShimFields pod) throws IOException, InterruptedException {
        byte[] payload = pod.toBytes();
        ProcessBuilder builder = new ProcessBuilder(file.toString(), "pod", folder.toString());
        builder.environment().clear();
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(new byte[] {'K', 1, ShimMessage.POD, 0});
            in.write(new byte[] {
                (byte) payload.length,
                (byte) (payload.length >> 8),
                (byte) (payload.length >> 16),
                (byte) (payload.length >> 24)
            });
            in.write(payload);
        } catch (IOException ended) {
            // It ended before it had read all, and says why below.
        }
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("keelson-shim did not make the pod's namespaces within " + SECONDS + " s");
        }
        String said = new String(process.getErrorStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
        String pid = new String(process.getInputStream().readNBytes(64), StandardCharsets.UTF_8).strip();
        if (process.exitValue() != 0) {
            throw new IOException(said.isEmpty() ? "keelson-shim failed with code " + process.exitValue() : said);
        }
        try {
            String[] pids = pid.split(" ", 2);
            return new Started(Long.parseLong(pids[0]), pids.length > 1 ? Long.parseLong(pids[1]) : -1);
        } catch (NumberFormatException malformed) {
            throw new IOException("keelson-shim did not say its process id", malformed);
        }
    }

    /**
     * What the machine lacks for pods with users of their own.
     *
     * @param folder on the disk that images are on
     * @return empty: nothing
     */
    String userNamespaceProblem(Path folder) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(file.toString(), "users", folder.toString());
        builder.environment().clear();
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return "keelson-shim did not find out within " + SECONDS + " s whether the kernel has them";
        }
        String said = new String(process.getErrorStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
        return process.exitValue() == 0
                ? ""
                : said.isEmpty() ? "keelson-shim failed with code " + process.exitValue() : said;
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
