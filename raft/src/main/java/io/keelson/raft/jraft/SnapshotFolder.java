package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.option.SnapshotCopierOptions;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.storage.SnapshotThrottle;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.keelson.raft.files.GradualDeletion;
import io.keelson.raft.transport.PeerTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of a member.
 *
 * <pre>
 *   writing/              the one that is being written; thrown away at a start
 *   incoming-A-1200/      the one of member A up to entry 1200 that is being copied; what is complete of it is kept
 *   snapshot_1000/        the newest whole one, and older ones while somebody reads them
 *       manifest          what belongs to it
 *       state/            what the state machine has written
 *   removing-7/           what is not needed any more and goes a file at a time
 * </pre>
 *
 * A snapshot gets its name by renaming its folder when all of it is on disk, so a folder with that name is whole. jraft's
 * own storage forgets what it has copied when the connection is cut; this one goes on from there, see {@link
 * SnapshotDownload}.
 */
final class SnapshotFolder implements SnapshotStorage {
    static final String MANIFEST = "manifest";

    private static final Logger log = LoggerFactory.getLogger(SnapshotFolder.class);
    private static final String PREFIX = "snapshot_";
    private static final String INCOMING = "incoming-";
    private static final String WRITING = "writing";
    private static final String REMOVING = "removing-";

    /** An old snapshot stays so long after another member has last read from it: that one may have been cut off. */
    private static final long KEPT_AFTER_READ_NANOS = TimeUnit.SECONDS.toNanos(120);

    private static final class Use {
        private int readers;
        private long readNanos = System.nanoTime() - KEPT_AFTER_READ_NANOS;
    }

    private final Path root;
    private final boolean fsync;
    private final long memberId;
    private final PeerTransport transport;
    private final Consumer<String> failed;

    /** Whole snapshots by index, and who uses them; guarded by this. */
    private final Map<Long, Use> whole = new HashMap<>();

    private final GradualDeletion deletion;
    private final AtomicLong removals = new AtomicLong();
    private long newest;

    SnapshotFolder(Path root, boolean fsync, long memberId, PeerTransport transport, Consumer<String> failed) {
        this.root = root;
        this.fsync = fsync;
        this.memberId = memberId;
        this.transport = transport;
        this.failed = failed;
        this.deletion = new GradualDeletion("snapshot-removal-" + Long.toHexString(memberId));
    }

    boolean fsync() {
        return fsync;
    }

    Path path(long index) {
        return root.resolve(PREFIX + index);
    }

    @Override
    public synchronized boolean init(@Nullable Void unused) {
        try {
            Files.createDirectories(root);
            try (Stream<Path> entries = Files.list(root)) {
                for (Path entry : (Iterable<Path>) entries::iterator) {
                    String name = String.valueOf(entry.getFileName());
                    if (name.startsWith(REMOVING)) {
                        removals.accumulateAndGet(Long.parseLong(name.substring(REMOVING.length())), Math::max);
                        deletion.delete(entry);
                    } else if (name.startsWith(PREFIX)) {
                        long index = Long.parseLong(name.substring(PREFIX.length()));
                        whole.put(index, new Use());
                        newest = Math.max(newest, index);
                    }
                }
            }
            remove(root.resolve(WRITING));
            if (newest > 0) {
                manifest(newest);
            }
            clean();
            return true;
        } catch (IOException | NumberFormatException e) {
            log.error("the snapshots in {} cannot be used", root, e);
            failed.accept("the snapshots in " + root + " cannot be used: " + e.getMessage());
            return false;
        }
    }

    @Override
    public void shutdown() {
        deletion.close();
    }

    @Override
    public boolean setFilterBeforeCopyRemote() {
        return true;
    }

    @Override
    public void setSnapshotThrottle(SnapshotThrottle throttle) {
        // The sender limits the rate, see SnapshotService.
    }

    /** @throws IOException if it is damaged, or there is no such snapshot */
    SnapshotManifest manifest(long index) throws IOException {
        Path file = path(index).resolve(MANIFEST);
        return SnapshotManifest.decode(file.toString(), Files.readAllBytes(file));
    }

    @Override
    public @Nullable SnapshotWriter create() {
        Path directory = root.resolve(WRITING);
        try {
            remove(directory);
            Files.createDirectories(directory);
            return new FolderSnapshotWriter(this, directory);
        } catch (IOException e) {
            log.error("no snapshot can be written in {}", root, e);
            return null;
        }
    }

    @Override
    public @Nullable SnapshotReader open() {
        long index;
        synchronized (this) {
            index = newest;
            Use use = whole.get(index);
            if (use == null) {
                return null;
            }
            use.readers++;
        }
        try {
            return new FolderSnapshotReader(this, memberId, manifest(index));
        } catch (IOException e) {
            log.error("the snapshot {} cannot be read", path(index), e);
            release(index);
            return null;
        }
    }

    /** A snapshot that another member may read from, if it is (still) there. */
    synchronized Optional<Path> servedTo(long index) {
        Use use = whole.get(index);
        if (use == null) {
            return Optional.empty();
        }
        use.readNanos = System.nanoTime();
        return Optional.of(path(index));
    }

    synchronized void release(long index) {
        Use use = whole.get(index);
        if (use != null) {
            use.readers--;
        }
        clean();
    }

    /** Makes a complete folder a snapshot: writes its manifest, syncs it, gives it its name. */
    void adopt(Path directory, SnapshotManifest manifest) throws IOException {
        Directories.write(directory.resolve(MANIFEST), manifest.encode(), fsync);
        if (fsync) {
            Directories.sync(directory);
        }
        synchronized (this) {
            long index = manifest.index();
            if (whole.containsKey(index)) {
                // Written here and copied from another: the one that is there is as good.
                remove(directory);
                return;
            }
            Files.move(directory, path(index), StandardCopyOption.ATOMIC_MOVE);
            if (fsync) {
                Directories.sync(root);
            }
            whole.put(index, new Use());
            newest = Math.max(newest, index);
            clean();
        }
    }

    /** Removes snapshots that nobody needs any more. */
    synchronized void clean() {
        long now = System.nanoTime();
        List<Long> gone = whole.entrySet().stream()
                .filter(entry -> entry.getKey() != newest
                        && entry.getValue().readers <= 0
                        && now - entry.getValue().readNanos >= KEPT_AFTER_READ_NANOS)
                .map(Map.Entry::getKey)
                .toList();
        for (long index : gone) {
            whole.remove(index);
            try {
                remove(path(index));
            } catch (IOException e) {
                log.warn("the old snapshot {} cannot be removed; it is tried again at the next start", path(index), e);
            }
        }
    }

    /** The folder for a snapshot of another member, with what is there of it already; those of other snapshots go. */
    Path incoming(long fromMember, long index) throws IOException {
        Path directory = root.resolve(INCOMING + Long.toHexString(fromMember) + "-" + index);
        try (Stream<Path> entries = Files.list(root)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (String.valueOf(entry.getFileName()).startsWith(INCOMING) && !entry.equals(directory)) {
                    remove(entry);
                }
            }
        }
        return Files.createDirectories(directory);
    }

    @Override
    public @Nullable SnapshotCopier startToCopyFrom(String uri, SnapshotCopierOptions options) {
        SnapshotDownload download = SnapshotDownload.of(uri, this, transport);
        if (download != null) {
            download.start();
        }
        return download;
    }

    @Override
    public @Nullable SnapshotReader copyFrom(String uri, SnapshotCopierOptions options) {
        SnapshotCopier copier = startToCopyFrom(uri, options);
        if (copier == null) {
            return null;
        }
        try {
            copier.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        return copier.getReader();
    }

    /** Takes a folder that may be there out of the way, and removes it in the background. */
    void remove(Path tree) throws IOException {
        if (Files.exists(tree)) {
            Path gone = root.resolve(REMOVING + removals.incrementAndGet());
            Files.move(tree, gone, StandardCopyOption.ATOMIC_MOVE);
            deletion.delete(gone);
        }
    }
}
