package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.function.LongConsumer;

/**
 * The SHA-256 that {@code etcdctl snapshot save} leaves at the end of a file, of everything before it. That it is there
 * shows by the size: all else is a multiple of 512 bytes. A file copied from a member's data folder has none.
 */
public final class SnapshotDigest {
    /** Length of the digest in bytes. */
    public static final int BYTES = 32;

    private static final int SECTOR_BYTES = 512;
    private static final int CHUNK_BYTES = 1 << 20;

    private SnapshotDigest() {}

    /** A digest to be fed with what precedes it in the file. */
    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Whether a file of this size ends with a digest. */
    public static boolean present(long fileBytes) {
        return fileBytes % SECTOR_BYTES == BYTES;
    }

    /**
     * Reads the whole file and compares.
     *
     * @param bytesSeen told the number of bytes read so far, about every MiB
     * @throws BoltFormatException if there is no digest, or it is not that of the file
     */
    public static void verify(Path file, LongConsumer bytesSeen) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (!present(size)) {
                throw new BoltFormatException("snapshot missing hash but --skip-hash-check=false");
            }
            MessageDigest digest = start();
            ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
            long end = size - BYTES;
            long at = 0;
            while (at < end) {
                buffer.clear().limit((int) Math.min(CHUNK_BYTES, end - at));
                at += read(channel, buffer, at);
                digest.update(buffer.flip());
                bytesSeen.accept(at);
            }
            byte[] expected = new byte[BYTES];
            ByteBuffer trailer = ByteBuffer.wrap(expected);
            while (trailer.hasRemaining()) {
                at += read(channel, trailer, at);
            }
            byte[] actual = digest.digest();
            if (!Arrays.equals(expected, actual)) {
                throw new BoltFormatException("expected sha256 " + show(expected) + ", got " + show(actual));
            }
        }
    }

    private static int read(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
        int read = channel.read(buffer, at);
        if (read < 0) {
            throw new BoltFormatException("the file ended at byte " + at + " while it was read");
        }
        return read;
    }

    // As etcdutl prints it: decimal numbers.
    private static String show(byte[] digest) {
        var text = new StringJoiner(" ", "[", "]");
        for (byte b : digest) {
            text.add(Integer.toString(b & 0xff));
        }
        return text.toString();
    }
}
