package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.tar.TarEntry;
import io.keelson.agent.embedded.images.tar.TarEntry.Segment;
import io.keelson.agent.embedded.images.tar.TarReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes the content of files in a layer, with holes where an archive has them. One thread. */
final class FileContent implements AutoCloseable {
    private static final int BUFFER = 128 * 1024;
    private static final long LOOK_AT_DISK_BYTES = 16 << 20;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER);
    private final byte[] bytes = new byte[BUFFER];
    private final Blobs blobs;
    private long untilLook;

    /** Looks at the disk's space as that of blobs. */
    FileContent(Blobs blobs) {
        this.blobs = blobs;
    }

    /** Makes a file that is not there yet. */
    void write(int folder, byte[] name, TarEntry entry, TarReader reader) throws IOException {
        int file = Libc.openAt(folder, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, 0600);
        try {
            if (entry.segments() == null) {
                copy(file, 0, entry.size(), reader);
            } else {
                for (Segment segment : entry.segments()) {
                    copy(file, segment.offset(), segment.length(), reader);
                }
                Libc.truncate(file, entry.size());
            }
        } finally {
            Libc.close(file);
        }
    }

    private void copy(int file, long from, long length, TarReader reader) throws IOException {
        for (long done = 0; done < length; ) {
            int read = reader.read(bytes, 0, (int) Math.min(BUFFER, length - done));
            if (read < 0) {
                throw new IOException("the archive has less of a file than it says");
            }
            untilLook -= read;
            if (untilLook < 0) {
                blobs.requireSpace();
                untilLook = LOOK_AT_DISK_BYTES;
            }
            MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, read);
            Libc.write(file, buffer.asSlice(0, read), from + done);
            done += read;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
