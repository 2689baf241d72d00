package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps what is being put together, and has no name yet, from being taken for garbage. A lease is a file, locked as
 * long as who took it lives, with the digests of all that it keeps; temporary files carry its name. When its process
 * dies, whoever collects garbage next finds it not locked, and removes it with all that it kept.
 */
final class Lease implements AutoCloseable {
    /** Those of this process: it must not even open their files again, or the system would drop their locks. */
    private static final Map<Path, Set<String>> OURS = new ConcurrentHashMap<>();

    private final StoreFolders folders;
    private final StoreLock lock;
    private final Path file;
    private final FileChannel channel;
    private final Set<String> kept = ConcurrentHashMap.newKeySet();
    private final AtomicLong temporaries = new AtomicLong();

    private Lease(StoreFolders folders, StoreLock lock, Path file, FileChannel channel) {
        this.folders = folders;
        this.lock = lock;
        this.file = file;
        this.channel = channel;
    }

    /** Takes a new lease. */
    static Lease take(StoreFolders folders, StoreLock lock) throws IOException {
        Path file = folders.leases().resolve(UUID.randomUUID().toString());
        try (StoreLock.Held _ = lock.hold()) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            boolean locked = false;
            try {
                channel.lock();
                Lease lease = new Lease(folders, lock, file, channel);
                OURS.put(file, lease.kept);
                locked = true;
                return lease;
            } finally {
                if (!locked) {
                    channel.close();
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Keeps blobs and layers, whether they are there or not; from when this returns, they stay if they are there. */
    void keep(Collection<Digest> digests) throws IOException {
        StringBuilder lines = new StringBuilder();
        Set<String> more = new HashSet<>();
        for (Digest digest : digests) {
            if (!kept.contains(digest.hex()) && more.add(digest.hex())) {
                lines.append(digest.hex()).append('\n');
            }
        }
        if (more.isEmpty()) {
            return;
        }
        try (StoreLock.Held _ = lock.hold()) {
            ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            kept.addAll(more);
        }
    }

    /** A name in the folder of unfinished things that nobody has. */
    Path temporary() {
        return folders.ingest().resolve(file.getFileName() + "." + temporaries.incrementAndGet());
    }

    @Override
    public void close() throws IOException {
        try (StoreLock.Held _ = lock.hold()) {
            Files.deleteIfExists(file);
            OURS.remove(file);
            channel.close();
        }
    }

    /**
     * What living leases say.
     *
     * @param names of the leases
     * @param kept digests as hex
     */
    record Living(Set<String> names, Set<String> kept) {
        /** Whether a temporary file belongs to one of them. */
        boolean owns(Path temporary) {
            String name = temporary.getFileName().toString();
            int dot = name.indexOf('.');
            return dot > 0 && names.contains(name.substring(0, dot));
        }
    }

    /** Reads all leases, and removes those whose holders are dead. The lock must be held. */
    static Living living(StoreFolders folders) throws IOException {
        Set<String> names = new HashSet<>();
        Set<String> kept = new HashSet<>();
        for (Path file : StoreFolders.in(folders.leases())) {
            Set<String> ours = OURS.get(file);
            if (ours != null) {
                kept.addAll(ours);
            } else if (isDead(file)) {
                Files.deleteIfExists(file);
                continue;
            } else {
                kept.addAll(Files.readAllLines(file, StandardCharsets.US_ASCII));
            }
            names.add(file.getFileName().toString());
        }
        return new Living(names, kept);
    }

    private static boolean isDead(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        }
    }
}
