package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A blob that is being written. It is part of the store once committed, and gone if it is closed before. One thread.
 */
public final class BlobWriter implements AutoCloseable {
    private static final long LOOK_AT_DISK_BYTES = 16 << 20;

    private final Blobs blobs;
    private final Path temporary;
    private final FileChannel channel;
    private final MessageDigest digest = Digest.sha256();
    private long size;
    private long lookAgainAt;

    BlobWriter(Blobs blobs, Path temporary) throws IOException {
        this.blobs = blobs;
        this.temporary = temporary;
        this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Adds some bytes. */
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (size >= lookAgainAt) {
            blobs.requireSpace();
            lookAgainAt = size + LOOK_AT_DISK_BYTES;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        digest.update(bytes, from, length);
        size += length;
    }

    /** How many bytes there are. */
    public long size() {
        return size;
    }

    /** Forgets what was written. */
    public void restart() throws IOException {
        channel.truncate(0);
        digest.reset();
        size = 0;
        lookAgainAt = 0;
    }

    /**
     * Checks that it is what was expected, and keeps it.
     *
     * @throws ImageProblem {@code DAMAGED}: it is something else
     */
    public void commit(Digest expected) throws IOException {
        Digest found = Digest.of(digest);
        if (!found.equals(expected)) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    "blob " + expected + ": unexpected commit digest " + found + " of " + size + " bytes");
        }
        keep(found);
    }

    /** The digest of what there is. */
    public Digest digest() {
        try {
            return Digest.of((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    private void keep(Digest found) throws IOException {
        channel.force(true);
        channel.close();
        Path place = blobs.place(found);
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        WholeFile.syncName(place);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }
}
