package io.keelson.agent.pods.launch;

import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.wire.cri.Mount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Set;

/**
 * Why a container ended, in its own words: the end of the file that it has for that; where that is empty, the container
 * failed and wants it so, the end of its log. Never more than 4,096 bytes of the one, and 80 lines and 2,048 bytes of
 * the other.
 */
public final class TerminationMessages {
    private static final int FILE_MAX = 4096;
    private static final int LOG_MAX = 2048;
    private static final int LOG_LINES_MAX = 80;
    /** A line of a log has a time, a stream and a tag before what was written. */
    private static final int LOG_READ_MAX = 64 * 1024;

    private TerminationMessages() {}

    /** What a run said at its end; empty for nothing. */
    public static String of(RuntimeContainer run) {
        Map<String, String> annotations = run.status().getAnnotationsMap();
        String path = annotations.get(Annotations.MESSAGE_PATH);
        String message = "";
        if (path != null) {
            for (Mount mount : run.status().getMountsList()) {
                if (mount.getContainerPath().equals(path)) {
                    message = end(Path.of(mount.getHostPath()));
                }
            }
        }
        boolean fallsBack = "FallbackToLogsOnError".equals(annotations.get(Annotations.MESSAGE_POLICY));
        if (message.isEmpty() && fallsBack && run.status().getExitCode() != 0) {
            return log(Path.of(run.status().getLogPath()));
        }
        return message;
    }

    private static String end(Path file) {
        try {
            return text(tail(file, FILE_MAX));
        } catch (NoSuchFileException e) {
            // A pod's folder may be gone before its container is.
            return "";
        } catch (IOException e) {
            return "Error on reading termination log " + file + ": " + e.getMessage();
        }
    }

    private static String log(Path file) {
        try {
            return lastLines(text(tail(file, LOG_READ_MAX)));
        } catch (IOException e) {
            return "Error on reading termination message from logs: " + e.getMessage();
        }
    }

    private static byte[] tail(Path file, int max) throws IOException {
        // What the container can write to may have become a link, and what is behind that is not the container's.
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is no file");
            }
            long size = channel.size();
            channel.position(Math.max(0, size - max));
            ByteBuffer read = ByteBuffer.allocate((int) Math.min(size, max));
            int last = 0;
            while (read.hasRemaining() && last >= 0) {
                last = channel.read(read);
            }
            return Arrays.copyOf(read.array(), read.position());
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * What was written, of lines {@code TIME STREAM TAG TEXT}; a tag {@code P} goes on with the next line of the
     * stream.
     */
    static String lastLines(String log) {
        Deque<String> last = new ArrayDeque<>();
        StringBuilder line = new StringBuilder();
        for (String entry : log.split("\n", -1)) {
            String[] parts = entry.split(" ", 4);
            if (parts.length < 4) {
                continue;
            }
            line.append(parts[3]);
            if (!parts[2].startsWith("P")) {
                last.add(line + "\n");
                line.setLength(0);
                if (last.size() > LOG_LINES_MAX) {
                    last.removeFirst();
                }
            }
        }
        byte[] all = String.join("", last).getBytes(StandardCharsets.UTF_8);
        int from = Math.max(0, all.length - LOG_MAX);
        return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    }
}
