package io.keelson.kvstore.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps a lease alive from the calling thread. */
public final class LeaseKeepAlive {
    private static final long PAUSE_AFTER_FAILURE_MS = 500;
    private static final int RENEWALS_PER_TTL = 3;

    private final KvClient client;
    private final long lease;

    public LeaseKeepAlive(KvClient client, long lease) {
        this.client = client;
        this.lease = lease;
    }

    /**
     * Renews once. A TTL of 0 or less in the answer says that the lease does not exist.
     *
     * @param deadline null for none
     */
    public LeaseKeepAliveResponse once(@Nullable Deadline deadline) throws InterruptedException {
        try {
            return send(deadline);
        } catch (StatusRuntimeException e) {
            if (!client.renewedToken(e.getStatus(), deadline)) {
                throw e;
            }
            return send(deadline);
        }
    }

    /**
     * Renews three times per TTL until the lease is gone or could not be renewed for a whole TTL, or the thread is
     * interrupted.
     *
     * @param renewed sees every answer that says the lease lives
     */
    public void untilGone(Consumer<LeaseKeepAliveResponse> renewed) throws InterruptedException {
        long aliveUntilNs = Long.MAX_VALUE;
        boolean everRenewed = false;
        while (!everRenewed || System.nanoTime() - aliveUntilNs < 0) {
            LeaseKeepAliveResponse answer;
            try {
                long leftNs = everRenewed ? aliveUntilNs - System.nanoTime() : TimeUnit.DAYS.toNanos(1);
                answer = once(Deadline.after(leftNs, TimeUnit.NANOSECONDS));
            } catch (StatusRuntimeException e) {
                if (!KvClient.isLost(e.getStatus()) && e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                    throw e;
                }
                client.turnToNextEndpoint();
                Thread.sleep(PAUSE_AFTER_FAILURE_MS);
                continue;
            }
            if (answer.getTTL() <= 0) {
                return;
            }
            everRenewed = true;
            aliveUntilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(answer.getTTL());
            renewed.accept(answer);
            Thread.sleep(TimeUnit.SECONDS.toMillis(answer.getTTL()) / RENEWALS_PER_TTL);
        }
    }

    private LeaseKeepAliveResponse send(@Nullable Deadline deadline) throws InterruptedException {
        CompletableFuture<LeaseKeepAliveResponse> answer = new CompletableFuture<>();
        ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call = client.channelForStream(deadline)
                .newCall(
                        LeaseGrpc.getLeaseKeepAliveMethod(),
                        CallOptions.DEFAULT.withDeadline(deadline).withWaitForReady());
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(LeaseKeepAliveResponse message) {
                        answer.complete(message);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        answer.completeExceptionally(
                                (status.isOk() ? Status.UNAVAILABLE : status).asRuntimeException());
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StatusRuntimeException status) {
                throw status.getStatus().asRuntimeException();
            }
            throw new IllegalStateException(e);
        } finally {
            call.cancel("answered", null);
        }
    }
}
