package io.keelson.kvstore.server;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftNode;
import io.keelson.raft.RaftNode.Priority;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Proposes commands to the log, and turns them away while this member is too far behind with applying it. */
final class LogProposals implements Proposals {
    /** Committed entries that may wait to be applied before clients are told to slow down; etcd's figure. */
    static final long UNAPPLIED_ENTRIES_MAX = 5_000;

    private final RaftNode log;
    private final int requestBytesMax;
    private final AtomicLong pending = new AtomicLong();
    private final LongAdder failed = new LongAdder();

    /** @param requestBytesMax what a client's command may take; the system's own are bounded by their makers */
    LogProposals(RaftNode log, int requestBytesMax) {
        this.log = log;
        this.requestBytesMax = requestBytesMax;
    }

    /** Commands whose result is waited for here. */
    long pending() {
        return pending.get();
    }

    /** Commands whose result did not come. */
    long failed() {
        return failed.sum();
    }

    @Override
    public CompletableFuture<ApplyResult> propose(Command command) {
        if (command.payload().remaining() > requestBytesMax) {
            return CompletableFuture.failedFuture(EtcdError.REQUEST_TOO_LARGE.exception());
        }
        if (log.unappliedEntries() > UNAPPLIED_ENTRIES_MAX) {
            return CompletableFuture.failedFuture(EtcdError.TOO_MANY_REQUESTS.exception());
        }
        return propose(command, Priority.NORMAL);
    }

    @Override
    public CompletableFuture<ApplyResult> proposeSystem(Command command) {
        return propose(command, Priority.SYSTEM);
    }

    private CompletableFuture<ApplyResult> propose(Command command, Priority priority) {
        pending.incrementAndGet();
        return log.propose(command.encode(), priority).handle((result, failure) -> {
            pending.decrementAndGet();
            if (failure != null) {
                failed.increment();
                throw translated(Failures.cause(failure));
            }
            ApplyResult answer = (ApplyResult) result;
            EtcdError error = answer.error();
            if (error != null) {
                throw error.exception();
            }
            return answer;
        });
    }

    private static RuntimeException translated(Throwable failure) {
        return switch (failure) {
            case RaftException raft -> Failures.ofRaft(raft).exception();
            case EtcdException etcd -> etcd;
            case RuntimeException other -> other;
            default -> new IllegalStateException(failure);
        };
    }
}
