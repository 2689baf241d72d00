package io.keelson.kvstore.server;

import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.storage.Database;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room while the NOSPACE alarm is raised. RocksDB gives the space of deleted data back while new data is written;
 * with the alarm raised nothing is written any more, so it has to be told. This is done after each compaction, and when an
 * operator asks for a defragmentation, on this member's own database. One at a time; the others share it.
 */
final class SpaceReclaimer {
    private static final Logger log = LoggerFactory.getLogger(SpaceReclaimer.class);

    private final Database database;
    private final MvccStore store;
    private final Supplier<Membership> membership;
    private @Nullable CompletableFuture<Void> running;
    private long compactedBefore = -1;

    SpaceReclaimer(Database database, MvccStore store, Supplier<Membership> membership) {
        this.database = database;
        this.store = store;
        this.membership = membership;
    }

    /** Begins to make room if that is called for. To be called now and then. */
    void look() {
        if (membership.get().alarmed(AlarmType.NOSPACE) && store.compactRevision() != compactedBefore) {
            var _ = reclaim();
        }
    }

    /**
     * What a defragmentation does: completes when as much room as there is was made if the alarm is raised, and at once if
     * it is not.
     */
    CompletableFuture<Void> defragment() {
        return membership.get().alarmed(AlarmType.NOSPACE) ? reclaim() : CompletableFuture.completedFuture(null);
    }

    private synchronized CompletableFuture<Void> reclaim() {
        CompletableFuture<Void> now = running;
        if (now != null && !now.isDone()) {
            return now;
        }
        long compacted = store.compactRevision();
        compactedBefore = compacted;
        CompletableFuture<Void> done = new CompletableFuture<>();
        running = done;
        var _ = store.compactionFinished(compacted).whenComplete((_, failure) -> {
            if (failure != null) {
                done.completeExceptionally(failure);
                return;
            }
            var _ = Thread.ofPlatform().daemon().name("space-reclaimer").start(() -> {
                try {
                    long before = database.size().totalBytes();
                    database.reclaim();
                    log.info(
                            "made room: {} bytes of {} are left",
                            database.size().totalBytes(),
                            before);
                    done.complete(null);
                } catch (RuntimeException e) {
                    log.error("could not make room", e);
                    done.completeExceptionally(e);
                }
            });
        });
        return done;
    }
}
