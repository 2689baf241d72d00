package io.keelson.kvstore.server;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import java.util.concurrent.CompletableFuture;

/**
 * The way of a service into the log.
 *
 * <p>Methods never block and may be called from any thread. A future that completes normally holds a result without
 * error. Every failure is an {@link io.keelson.kvstore.errors.EtcdException}, whether the command was refused on its way
 * into the log (too many requests, no leader, too large, timed out) or by the handler that carried it out.
 *
 * <p>Futures complete on a thread that must not be blocked: building and sending an answer is fine, reading the store or
 * waiting is not.
 */
public interface Proposals {
    /**
     * Proposes what a client asked for. Fails with {@code TOO_MANY_REQUESTS}, and without effect, while the backlog of
     * the log is full.
     */
    CompletableFuture<ApplyResult> propose(Command command);

    /** Proposes what the system itself has to do, such as revoking expired leases; not refused for load. */
    CompletableFuture<ApplyResult> proposeSystem(Command command);
}
