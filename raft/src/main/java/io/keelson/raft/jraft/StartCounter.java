package io.keelson.raft.jraft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Counts the starts of a member in a file, so that what one run numbers can never be taken for what another did. The
 * number is on disk before it is used.
 */
final class StartCounter {
    /** The number and a CRC-32C of it. */
    private static final int FILE_BYTES = Long.BYTES + Integer.BYTES;

    private StartCounter() {}

    static long next(Path file, boolean fsync) throws IOException {
        long starts = 0;
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length != FILE_BYTES) {
                throw new IOException(file + ": damaged, has " + bytes.length + " bytes");
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            starts = in.getLong();
            if (in.getInt() != crc(starts)) {
                throw new IOException(file + ": damaged, the checksum does not fit");
            }
        }
        starts++;
        ByteBuffer content = ByteBuffer.allocate(FILE_BYTES).putLong(starts).putInt(crc(starts));
        Directories.replace(file, content.array(), fsync);
        return starts;
    }

    private static int crc(long starts) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(starts).flip());
        return (int) crc.getValue();
    }
}
