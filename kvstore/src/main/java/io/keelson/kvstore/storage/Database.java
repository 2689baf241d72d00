package io.keelson.kvstore.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a member on disk.
 *
 * <p><b>Writing.</b> The apply thread writes batches through {@link #session}; a background thread that drops what nobody
 * can read any more writes through {@link #maintenance}. Writes go to RocksDB's memtables only. All tables reach the disk
 * together when RocksDB flushes them, so a crash leaves the state after some write, never a part of one, and everything
 * after it is lost: the log has it, from {@link AppliedState#index} on.
 *
 * <p><b>Reading.</b> {@link #view} hands out the state after the newest batch. A view is made when the first reader asks
 * after a batch, and shared by all that ask before the next; the apply thread drops a view that is out of date, so that an
 * idle reader side keeps nothing back. Neither side waits for the other.
 *
 * <p><b>Replacing.</b> {@link #restore} puts another database in the place of this one, see {@link DataFolder}. Readers of
 * the old one finish in peace: native memory goes when the last of them closes its view.
 *
 * <p><b>Failing.</b> The first error of the disk or of RocksDB that a reader or a writer meets takes the database out of
 * service for good: from then on every use is a {@link StorageException}, and {@link #failure} says why. An error in
 * RocksDB's own threads, as when a flush finds the disk full, meets the next writer.
 */
public final class Database implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final String SNAPSHOT_FOLDER = "db";
    private static final int RECENT_STATES = 1 << 8;
    private static final int BATCHES_UNTAKEN_MAX = 1 << 14;
    private static final int CHANGES_UNTAKEN_MAX = KeyCounting.CHANGES_KEPT / 8;
    private static final long READERS_DEADLINE_MS = 10_000;
    private static final long SIZE_AGE_MAX_NS = TimeUnit.SECONDS.toNanos(1);

    private final DataFolder folder;
    private final RocksResources resources;
    private final ReadAhead readAhead;
    private final BatchSession session;
    private final Object viewLock = new Object();
    private final AtomicReference<@Nullable View> newestView = new AtomicReference<>();

    /** Changed by the apply thread only; null once closed. */
    private volatile @Nullable RocksInstance instance;

    private volatile Published published;

    /** The states after the last batches, by sequence: whoever makes a view learns only from it which state it has got. */
    private final AtomicReferenceArray<@Nullable Published> recent = new AtomicReferenceArray<>(RECENT_STATES);

    /** What the write under way, or the last one, makes of the state. */
    private volatile Published written;

    private final KeyCounting counting;
    private final KeyCensus census;
    private volatile Measured measured = new Measured(new DatabaseSize(0, 0, 0), System.nanoTime() - SIZE_AGE_MAX_NS);

    /** What readers may see, how many batches led to it, and how many keys came and went in them. */
    private record Published(AppliedState state, long sequence, long changes) {}

    private record Measured(DatabaseSize size, long atNs) {}

    private Database(DataFolder folder, RocksResources resources, StorageConfig config, RocksInstance instance) {
        this.folder = folder;
        this.resources = resources;
        this.instance = instance;
        this.readAhead = new ReadAhead(config.slowReadNanos());
        this.session = new BatchSession(this, config, readAhead);
        this.published = new Published(stateOf(instance), 1, 0);
        this.written = published;
        this.recent.set(1, published);
        this.counting = new KeyCounting(instance.isEmpty(Table.CURRENT));
        this.census = new KeyCensus(this, counting);
    }

    /**
     * Opens the database of a member, creating it if there is none.
     *
     * @param path a folder for nothing else, created if missing
     * @throws StorageException if what is there cannot be opened or is damaged
     */
    public static Database open(Path path, StorageConfig config) throws IOException {
        RocksLibrary.load(path);
        RocksResources resources = new RocksResources(config);
        RocksInstance opened = null;
        try {
            DataFolder folder = new DataFolder(path);
            Path active = folder.active();
            if (active == null) {
                Path first = folder.next();
                Files.createDirectory(first);
                opened = RocksInstance.open(resources, first);
                folder.activate(first);
            } else {
                opened = RocksInstance.open(resources, active);
            }
            return new Database(folder, resources, config, opened);
        } catch (IOException | RuntimeException e) {
            if (opened != null) {
                opened.release();
            }
            resources.close();
            throw e;
        }
    }

    private static AppliedState stateOf(RocksInstance instance) {
        return AppliedState.decode(instance.get(Table.META, AppliedState.key()));
    }

    /** The apply thread's way to write. There is one. */
    public BatchSession session() {
        return session;
    }

    /** What readers may see, as of the newest batch. */
    public AppliedState published() {
        return published.state;
    }

    /**
     * The state after the newest batch, to read from. To be closed by the caller.
     *
     * @throws StorageException if the database is closed or out of service
     */
    public View view() {
        long wanted = published.sequence;
        View newest = newestView.get();
        if (newest != null && newest.sequence() >= wanted && newest.tryAcquire()) {
            return checked(newest);
        }
        synchronized (viewLock) {
            wanted = published.sequence;
            newest = newestView.get();
            if (newest != null && newest.sequence() >= wanted && newest.tryAcquire()) {
                return checked(newest);
            }
            View made = new View(acquire(), wanted, this);
            if (!made.tryAcquire()) {
                throw new IllegalStateException("a new view has no references");
            }
            View old = newestView.getAndSet(made);
            if (old != null) {
                old.close();
            }
            return checked(made);
        }
    }

    private static View checked(View view) {
        try {
            view.instance().failure().check();
            return view;
        } catch (StorageException e) {
            view.close();
            throw e;
        }
    }

    /** A batch that leads to a state is about to be written. Apply thread. */
    void writing(AppliedState state, List<Write> writes) {
        Published next = new Published(state, published.sequence + 1, counting.changed(writes));
        recent.set((int) (next.sequence & (RECENT_STATES - 1)), next);
        written = next;
        if (counting.untaken() >= CHANGES_UNTAKEN_MAX || next.sequence % BATCHES_UNTAKEN_MAX == 0) {
            census.cut();
        }
    }

    /** Makes the batch that was just written visible. Apply thread. */
    void publish() {
        published = written;
        dropView();
    }

    /** How many keys came and went before a state that is, or was a moment ago, the newest; below 0 if it is older. */
    long changesOf(AppliedState state) {
        long newest = written.sequence;
        for (long sequence = newest; sequence > newest - RECENT_STATES; sequence--) {
            Published one = recent.get((int) (sequence & (RECENT_STATES - 1)));
            if (one != null && one.state.equals(state)) {
                return one.changes;
            }
        }
        return -1;
    }

    /** What is known of the number of keys in a state, by how many had come and gone before it. */
    KeyCounts counts(long changes) {
        return counting.at(changes);
    }

    /** Lets what is known of the number of keys outlast a restart. To be called once. */
    public void keepCounts(KeyChanges keyChanges) {
        census.persist(keyChanges);
    }

    /** History is about to be compacted: what was saved before could not be used any more. Does not wait. */
    public void saveCounts() {
        census.keep();
    }

    /** What is known of the number of keys after the last batch. Apply thread. */
    KeyCounts newestCounts() {
        return counting.at(written.changes);
    }

    /** Takes in what a reader of a state found out about the number of keys; returns false if that is of no use. */
    boolean found(KeyCounts seen, List<KeyCounts.Piece> pieces, byte @Nullable [] to) {
        return counting.found(seen, pieces, to);
    }

    /**
     * Lets the keys of a range be counted, unless that is a matter of a moment anyway. Any thread; does not wait.
     *
     * @param from first key, inclusive
     * @param to end, exclusive; null for the end of all keys
     * @return completes when counting them is a matter of a moment, or cannot be made one; null if it is now
     * @throws java.util.concurrent.RejectedExecutionException if too many wait for such already
     */
    public @Nullable CompletableFuture<Void> counted(byte[] from, byte @Nullable [] to) {
        return counting.recent().unsettled(from, to) == null ? null : census.survey(from, to);
    }

    private void dropView() {
        View stale = newestView.get();
        if (stale != null && newestView.compareAndSet(stale, null)) {
            stale.close();
        }
    }

    /** The database in force, for the apply thread. */
    RocksInstance instance() {
        RocksInstance now = instance;
        if (now == null) {
            throw new StorageException(StorageException.Kind.CLOSED, "the database is closed");
        }
        return now;
    }

    /** The database in force, with a reference that the caller releases. */
    private RocksInstance acquire() {
        RocksInstance now = instance();
        while (!now.tryAcquire()) {
            now = instance();
        }
        return now;
    }

    boolean isInForce(RocksInstance some) {
        return some == instance;
    }

    /** The way of a background thread to drop what nobody can read any more. To be closed by the caller. */
    public Maintenance maintenance() {
        return new Maintenance(this, acquire());
    }

    /**
     * A way to fill tables that are empty, before anybody else uses the database. To be closed.
     *
     * @param scratch a folder on the same file system, for nothing else
     */
    public BulkLoad bulkLoad(Path scratch) {
        counting.reset();
        writing(published.state, List.of());
        publish();
        return new BulkLoad(resources, instance(), scratch);
    }

    /** Somebody has waited so long for the disk to take a few records: what can wait is to make room. Any thread. */
    public void diskWaited(long nanos) {
        resources.pace().waited(nanos);
    }

    /** Lets flushes and compactions go as fast as the disk has time for them; to be called some times a second. */
    public void adjustPace() {
        resources.pace().look(System.nanoTime());
    }

    /** How fast flushes and compactions may write at this time, in bytes a second. */
    public long backgroundPace() {
        return resources.pace().pace();
    }

    /** Brings everything written so far to disk, so that less is applied again after a restart. */
    public void flush() {
        RocksInstance now = acquire();
        try {
            now.flush();
        } finally {
            now.release();
        }
    }

    /** Gives the space of everything that was deleted back to the disk; as long as rewriting the database takes. */
    public void reclaim() {
        // The view kept for the next reader would keep all that it sees, and no batch may come that ends it.
        dropView();
        RocksInstance now = acquire();
        try {
            now.flush();
            now.compact();
            measured = new Measured(measured.size, System.nanoTime() - SIZE_AGE_MAX_NS);
        } finally {
            now.release();
        }
    }

    /**
     * Writes the state after some batch, no older than the call, into an empty directory. Any thread; does not hold up
     * the apply thread.
     *
     * @throws IOException if it cannot be written; the directory is then of no use
     */
    public void saveSnapshot(Path directory) throws IOException {
        RocksInstance now = acquire();
        try {
            now.failure().check();
            now.checkpoint(directory.resolve(SNAPSHOT_FOLDER));
        } finally {
            now.release();
        }
    }

    /**
     * Puts what {@link #saveSnapshot} wrote into the place of the whole state. Apply thread. Every block is read and
     * checked before.
     *
     * @throws IOException if the snapshot is damaged or cannot be read; the old state is then still in force
     */
    public void restore(Path directory) throws IOException {
        Path source = directory.resolve(SNAPSHOT_FOLDER);
        if (!Files.isDirectory(source)) {
            throw new IOException("the snapshot " + directory + " has no folder " + SNAPSHOT_FOLDER);
        }
        Path target = folder.next();
        RocksInstance replacement = null;
        AppliedState state;
        try {
            DataFolder.adopt(source, target);
            replacement = RocksInstance.open(resources, target);
            replacement.verify();
            state = stateOf(replacement);
            folder.activate(target);
        } catch (IOException | RuntimeException e) {
            if (replacement != null) {
                replacement.deleteWhenClosed(folder);
                replacement.release();
            } else if (Files.exists(target)) {
                folder.deleteLeftover(target);
            }
            throw new IOException("the snapshot " + directory + " cannot be restored: " + e.getMessage(), e);
        }
        RocksInstance old = instance();
        instance = replacement;
        session.reset();
        counting.reset();
        writing(state, List.of());
        publish();
        census.load();
        old.deleteWhenClosed(folder);
        old.release();
    }

    /** How large the database is; measured at most once a second, so cheap to ask often. */
    public DatabaseSize size() {
        Measured last = measured;
        long nowNs = System.nanoTime();
        if (nowNs - last.atNs < SIZE_AGE_MAX_NS) {
            return last.size;
        }
        RocksInstance now = acquire();
        try {
            long unflushedBytes = now.total("rocksdb.cur-size-all-mem-tables");
            DatabaseSize size = new DatabaseSize(
                    now.total("rocksdb.total-sst-files-size") + unflushedBytes,
                    now.total("rocksdb.estimate-live-data-size") + unflushedBytes,
                    now.number(Table.CURRENT, "rocksdb.estimate-num-keys"));
            measured = new Measured(size, nowNs);
            return size;
        } finally {
            now.release();
        }
    }

    /** Who reads from it at this moment: views and cursors that are shared count once. */
    public int readers() {
        RocksInstance now = instance;
        return now == null ? 0 : now.readers();
    }

    /** Why the database is out of service; null while it is in service. */
    public @Nullable StorageException failure() {
        RocksInstance now = instance;
        return now == null ? null : now.failure().first();
    }

    /** Closes the database, once its readers are done; gives up waiting for them after ten seconds. */
    @Override
    public void close() {
        RocksInstance last = instance;
        if (last == null) {
            return;
        }
        census.close();
        readAhead.close();
        instance = null;
        synchronized (viewLock) {
            dropView();
        }
        last.release();
        boolean closed = false;
        try {
            closed = last.closed().await(READERS_DEADLINE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        folder.close();
        if (closed) {
            resources.close();
        } else {
            // Freeing native memory under a reader would take the whole process down; leaving it is the lesser evil.
            log.warn("the database {} still has readers and stays open until they are done", last.folder());
        }
    }
}
