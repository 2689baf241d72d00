package io.keelson.kvstore.lease;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.server.Proposals;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Holds proposals until a test decides about them. */
final class HeldProposals implements Proposals {
    record Held(Command command, boolean system, CompletableFuture<ApplyResult> result) {
        long[] ids() {
            return LeaseIds.decode(command.payload());
        }

        void succeed(long... body) {
            result.complete(ApplyResult.success(1, LeaseIds.encode(body)));
        }
    }

    final BlockingQueue<Held> held = new LinkedBlockingQueue<>();
    /** Failures for the next proposals, at once. */
    final Queue<RuntimeException> failures = new ArrayDeque<>();

    @Override
    public CompletableFuture<ApplyResult> propose(Command command) {
        return hold(command, false);
    }

    @Override
    public CompletableFuture<ApplyResult> proposeSystem(Command command) {
        return hold(command, true);
    }

    private synchronized CompletableFuture<ApplyResult> hold(Command command, boolean system) {
        RuntimeException failure = failures.poll();
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        Held proposal = new Held(command, system, new CompletableFuture<>());
        held.add(proposal);
        return proposal.result;
    }

    /** The next proposal; null if there is none within ten seconds. */
    @Nullable
    Held poll() throws InterruptedException {
        return held.poll(10, TimeUnit.SECONDS);
    }

    Held next() throws InterruptedException {
        Held next = poll();
        if (next == null) {
            throw new AssertionError("nothing was proposed");
        }
        return next;
    }
}
