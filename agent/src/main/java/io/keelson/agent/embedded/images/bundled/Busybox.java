package io.keelson.agent.embedded.images.bundled;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The machine's busybox, if it needs no libraries, so that it runs in an image that has none.
 *
 * @param file where it is
 * @param content its bytes
 */
record Busybox(Path file, byte[] content) {
    private static final long BYTES_MAX = 16 << 20;
    private static final int LIST_BYTES_MAX = 64 << 10;
    private static final int LIST_SECONDS = 5;
    private static final int PROGRAM_HEADERS_MAX = 64;
    private static final int INTERPRETER = 3;

    /** Where it is looked for on this machine: where Debian has it, then the folders of {@code PATH}. */
    static List<Path> usualPlaces() {
        String path = System.getenv("PATH");
        Stream<Path> folders = Stream.of((path == null ? "" : path).split(File.pathSeparator, -1))
                .filter(folder -> folder.startsWith("/"))
                .map(Path::of);
        return Stream.concat(Stream.of(Path.of("/bin")), folders)
                .map(folder -> folder.resolve("busybox"))
                .toList();
    }

    /** The first one that needs no libraries. */
    static Optional<Busybox> find(List<Path> places) throws IOException {
        for (Path place : places) {
            if (Files.isRegularFile(place) && Files.isExecutable(place) && Files.size(place) <= BYTES_MAX) {
                byte[] content = Files.readAllBytes(place);
                if (isStatic(content)) {
                    return Optional.of(new Busybox(place, content));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether it is a program of 64 bits of this byte order that the kernel starts without another one's help. */
    static boolean isStatic(byte[] program) {
        ByteBuffer elf = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        boolean isElf = program.length >= 64 && elf.getInt(0) == 0x464c457f && program[4] == 2 && program[5] == 1;
        if (!isElf) {
            return false;
        }
        long table = elf.getLong(32);
        int size = Short.toUnsignedInt(elf.getShort(54));
        int count = Short.toUnsignedInt(elf.getShort(56));
        if (count == 0 || count > PROGRAM_HEADERS_MAX || table < 64 || size < 56) {
            return false;
        }
        if (table > program.length - (long) count * size) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (elf.getInt((int) table + i * size) == INTERPRETER) {
                return false;
            }
        }
        return true;
    }

    /**
     * The names by which it does something, as it says itself.
     *
     * @throws IOException if it does not say so in time
     */
    List<String> applets() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(file.toString(), "--list");
        builder.environment().clear();
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        Thread limit = Thread.ofVirtual().start(() -> endAfterLimit(process));
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readNBytes(LIST_BYTES_MAX), StandardCharsets.US_ASCII);
            List<String> names = new ArrayList<>();
            for (String name : said.split("\n", -1)) {
                if (name.matches("[a-z0-9_\\[][a-z0-9_.\\[+-]{0,31}") && !name.equals("busybox")) {
                    names.add(name);
                }
            }
            if (!names.contains("sh")) {
                throw new IOException(file + " --list names no sh within " + LIST_SECONDS + " s");
            }
            return names;
        } finally {
            process.destroyForcibly();
            limit.interrupt();
        }
    }

    private static void endAfterLimit(Process process) {
        try {
            if (!process.waitFor(LIST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }
}
