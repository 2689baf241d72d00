package io.keelson.kvstore.lease;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.server.Failures;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive stream. Renewals of a stream are answered in the order they came in.
 *
 * <p>At most {@link #OUTSTANDING_MAX} requests are taken from the wire before they are answered, and none while the
 * client does not read its answers: the rest waits in the client, held back by HTTP/2 flow control.
 */
final class KeepAliveStream implements StreamObserver<LeaseKeepAliveRequest> {
    static final int OUTSTANDING_MAX = 256;

    private final ServerCallStreamObserver<LeaseKeepAliveResponse> client;
    private final Supplier<ResponseHeader> header;
    private final LongFunction<CompletableFuture<Long>> renew;

    /** Requests not answered yet, oldest first. Guarded by this. */
    private final Deque<Renewal> renewals = new ArrayDeque<>();
    /** Answers given for which no new request was asked for yet, because the client does not read. Guarded by this. */
    private int credit;

    private boolean halfClosed;
    private boolean ended;

    private record Renewal(long leaseId, ResponseHeader header, CompletableFuture<Long> ttl) {}

    KeepAliveStream(
            ServerCallStreamObserver<LeaseKeepAliveResponse> client,
            Supplier<ResponseHeader> header,
            LongFunction<CompletableFuture<Long>> renew) {
        this.client = client;
        this.header = header;
        this.renew = renew;
    }

    void open() {
        client.disableAutoRequest();
        client.setOnCancelHandler(this::abandon);
        client.setOnReadyHandler(this::spendCredit);
        client.request(OUTSTANDING_MAX);
    }

    @Override
    public void onNext(LeaseKeepAliveRequest request) {
        // The header is made before the renewal, so that its revision is one at which the lease was still held.
        Renewal renewal = new Renewal(request.getID(), header.get(), renew.apply(request.getID()));
        synchronized (this) {
            if (ended) {
                return;
            }
            renewals.add(renewal);
        }
        var _ = renewal.ttl.whenComplete((_, _) -> answer());
    }

    @Override
    public void onError(Throwable failure) {
        abandon();
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            halfClosed = true;
        }
        answer();
    }

    /** Answers as many of the oldest requests as are decided. */
    private synchronized void answer() {
        while (!ended && !renewals.isEmpty() && renewals.element().ttl.isDone()) {
            Renewal renewal = renewals.remove();
            Throwable failure = renewal.ttl.isCompletedExceptionally() ? renewal.ttl.exceptionNow() : null;
            if (failure != null) {
                end(failure);
                return;
            }
            client.onNext(LeaseKeepAliveResponse.newBuilder()
                    .setHeader(renewal.header)
                    .setID(renewal.leaseId)
                    .setTTL(renewal.ttl.resultNow())
                    .build());
            credit++;
        }
        spendCredit();
        if (!ended && halfClosed && renewals.isEmpty()) {
            end(null);
        }
    }

    private synchronized void spendCredit() {
        if (!ended && !halfClosed && credit > 0 && client.isReady()) {
            client.request(credit);
            credit = 0;
        }
    }

    private synchronized void abandon() {
        ended = true;
        renewals.clear();
    }

    private synchronized void end(@Nullable Throwable failure) {
        ended = true;
        renewals.clear();
        if (failure == null) {
            client.onCompleted();
        } else {
            client.onError(Failures.status(failure).asRuntimeException());
        }
    }
}
