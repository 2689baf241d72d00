package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.keelson.raft.RaftConfig;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftObserver;
import io.keelson.raft.StateMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When snapshots are taken, and by whom.
 *
 * <p>A snapshot is due after {@link RaftConfig#snapshotEveryCommands()} commands, but not before {@link
 * RaftConfig#snapshotKeepEntries()} entries have come since the last one: jraft keeps the log from the snapshot before
 * the last, so at least that many entries stay for members that are a little behind. Very large entries do not let the
 * log grow without end: after {@value #LOG_BYTES_MAX} bytes a snapshot is due in any case.
 *
 * <p>While another member copies a snapshot of this one, the next waits (until the log has {@value
 * #LOG_BYTES_WHILE_COPIED_MAX} bytes): it would take away the entries that the other needs after its copy, which would
 * have to begin again, perhaps for ever.
 *
 * <p>The state machine writes on a thread of its own while entries go on being applied, into the folder {@value #STATE}
 * of the snapshot. Everything is synced before jraft is told that the snapshot is there and drops the log before it.
 */
final class Snapshots {
    static final String STATE = "state";

    private static final Logger log = LoggerFactory.getLogger(Snapshots.class);
    private static final long LOG_BYTES_MAX = 512L << 20;
    private static final long LOG_BYTES_WHILE_COPIED_MAX = 4L << 30;

    private final RaftConfig config;
    private final StateMachine stateMachine;
    private final RaftObserver observer;
    private volatile @Nullable NodeImpl node;
    private volatile BooleanSupplier copied = () -> false;

    /** Since the last snapshot was begun; used by the apply thread. */
    private long commands;

    private long entriesStart;
    private long bytes;

    /** Guarded by this. */
    private boolean busy;

    private List<CompletableFuture<Void>> waiting = new ArrayList<>();

    Snapshots(RaftConfig config, StateMachine stateMachine, RaftObserver observer) {
        this.config = config;
        this.stateMachine = stateMachine;
        this.observer = observer;
    }

    void start(NodeImpl started, BooleanSupplier snapshotIsCopied) {
        copied = snapshotIsCopied;
        node = started;
    }

    /** A batch was applied; called by the apply thread. */
    void applied(long lastIndex, int batchCommands, long batchBytes) {
        if (entriesStart == 0) {
            entriesStart = lastIndex;
        }
        commands += batchCommands;
        bytes += batchBytes;
        boolean due =
                commands >= config.snapshotEveryCommands() && lastIndex - entriesStart >= config.snapshotKeepEntries();
        if (due || bytes >= LOG_BYTES_MAX) {
            if (copied.getAsBoolean() && bytes < LOG_BYTES_WHILE_COPIED_MAX) {
                return;
            }
            commands = 0;
            bytes = 0;
            entriesStart = lastIndex;
            begin(null);
        }
    }

    /** Takes a snapshot now, after the one that may be under way. */
    CompletableFuture<Void> take() {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        begin(taken);
        return taken;
    }

    private void begin(@Nullable CompletableFuture<Void> taken) {
        NodeImpl raft = node;
        synchronized (this) {
            if (busy) {
                if (taken != null) {
                    waiting.add(taken);
                }
                return;
            }
            busy = true;
        }
        List<CompletableFuture<Void>> served = taken == null ? List.of() : List.of(taken);
        if (raft == null) {
            ended(new Status(RaftError.ENODESHUTDOWN, "not started"), served);
            return;
        }
        // Not on the apply thread: jraft answers through that thread's own queue.
        Thread.ofVirtual().name("raft-snapshot").start(() -> raft.snapshot(status -> ended(status, served)));
    }

    private void ended(Status status, List<CompletableFuture<Void>> served) {
        List<CompletableFuture<Void>> next;
        synchronized (this) {
            busy = false;
            next = waiting;
            waiting = new ArrayList<>();
        }
        if (!status.isOk()) {
            log.warn("no snapshot was taken: {}", status.getErrorMsg());
        }
        for (CompletableFuture<Void> future : served) {
            if (status.isOk()) {
                future.complete(null);
            } else {
                future.completeExceptionally(
                        status.getRaftError() == RaftError.ENODESHUTDOWN
                                ? new RaftException.Stopped("this member is closing")
                                : new RaftException.Timeout("no snapshot was taken: " + status.getErrorMsg()));
            }
        }
        for (CompletableFuture<Void> future : next) {
            begin(future);
        }
    }

    /** Writes a snapshot into a folder that jraft has made; called by the apply thread, returns at once. */
    void save(Path directory, SnapshotWriter writer, Closure done) {
        Thread.ofPlatform().daemon().name("raft-snapshot-save").start(() -> done.run(save(directory, writer)));
    }

    private Status save(Path directory, SnapshotWriter writer) {
        try {
            Path state = Files.createDirectories(directory.resolve(STATE));
            stateMachine.saveSnapshot(state);
            long beganNs = System.nanoTime();
            List<String> files = Directories.syncTree(state, !config.unsafeNoFsync());
            Directories.sync(directory);
            observer.snapshotSynced(System.nanoTime() - beganNs);
            for (String file : files) {
                if (!writer.addFile(STATE + "/" + file)) {
                    return new Status(RaftError.EINTERNAL, "cannot list %s in the snapshot", file);
                }
            }
            return Status.OK();
        } catch (IOException | RuntimeException | Error e) {
            log.error("a snapshot could not be written to {}; the log is kept", directory, e);
            return new Status(RaftError.EINTERNAL, "cannot write the snapshot: %s", e);
        }
    }
}
