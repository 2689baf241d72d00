package io.keelson.kvstore.lease;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.server.Proposals;
import io.keelson.kvstore.storage.Session;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A log of one member that carries out lease commands as soon as they are proposed, on a clock that a test moves, with a
 * set of keys in place of key-values.
 */
final class AppliedLog implements Proposals {
    final MapSession session = new MapSession();
    final AtomicLong clusterTimeMs = new AtomicLong();
    /** By key: the lease it is attached to. */
    final Map<String, Long> keys = new HashMap<>();
    /** What was deleted, one list per revision. */
    final List<List<String>> deletions = new ArrayList<>();

    /** Deleting this key fails, as if the program had a fault there. */
    @Nullable
    String failDeletionOf;

    /** What the deletion of a key takes in memory. */
    long keyBytes = 1000;

    LeaseStore store = new LeaseStore(() -> session);
    private long revision = 1;
    private long index;

    /** As after a start of the process: everything in memory is gone. */
    synchronized void restart() {
        store = new LeaseStore(() -> session);
        store.reload();
    }

    synchronized void put(String key, long leaseId) {
        Long before = keys.put(key, leaseId);
        if (before != null && before != 0) {
            store.detach(session, before, key.getBytes(UTF_8));
        }
        if (leaseId != 0) {
            if (!store.exists(session, leaseId)) {
                throw new IllegalArgumentException("no lease " + leaseId);
            }
            store.attach(session, leaseId, key.getBytes(UTF_8));
        }
        revision++;
    }

    synchronized long revision() {
        return revision;
    }

    /** Carries out a command as one batch. */
    synchronized ApplyResult apply(Command command) {
        index++;
        session.mark();
        ApplyResult result;
        try {
            result = store.apply(new Context(), Command.decode(ByteBuffer.wrap(command.encode())));
        } catch (EtcdException e) {
            result = ApplyResult.failure(revision, e.error());
        } catch (IllegalStateException e) {
            session.rollback();
            store.batchCommitted();
            throw e;
        }
        if (result.error() == null) {
            session.keep();
        } else {
            session.rollback();
        }
        store.batchCommitted();
        return result;
    }

    @Override
    public CompletableFuture<ApplyResult> propose(Command command) {
        ApplyResult result = apply(command);
        return result.error() == null
                ? CompletableFuture.completedFuture(result)
                : CompletableFuture.failedFuture(result.error().exception());
    }

    @Override
    public CompletableFuture<ApplyResult> proposeSystem(Command command) {
        return propose(command);
    }

    private final class Context implements CommandContext {
        private long changedBytes;

        @Override
        public Session session() {
            return session;
        }

        @Override
        public long index() {
            return index;
        }

        @Override
        public long term() {
            return 1;
        }

        @Override
        public long clusterTimeMs() {
            return clusterTimeMs.get();
        }

        @Override
        public boolean local() {
            return true;
        }

        @Override
        public long revision() {
            return revision;
        }

        @Override
        public int deleteKeys(List<byte[]> gone, long bytesMax) {
            List<String> deleted = new ArrayList<>();
            int done = 0;
            for (byte[] key : gone) {
                String name = new String(key, UTF_8);
                if (name.equals(failDeletionOf)) {
                    throw new IllegalStateException("a fault");
                }
                if (changedBytes > 0 && changedBytes + keyBytes > bytesMax) {
                    break;
                }
                done++;
                Long lease = keys.remove(name);
                if (lease != null) {
                    changedBytes += keyBytes;
                    deleted.add(name);
                    store.detach(session, lease, key);
                }
            }
            if (!deleted.isEmpty()) {
                deletions.add(deleted);
                revision++;
            }
            return done;
        }
    }
}
