package io.keelson.kvstore.server;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.auth.Credential;
import io.keelson.kvstore.auth.HandedOnCredential;
import io.keelson.kvstore.errors.EtcdError;
import java.util.concurrent.Semaphore;

/**
 * Runs calls that wait for other calls (to lock, to win an election) each on a virtual thread, against the server's own
 * services, with the caller's credential and for as long as the caller is there. At most {@link #CALLS_MAX} at a time; a
 * further one is refused.
 */
final class BlockingCalls {
    private static final int CALLS_MAX = 10_000;

    private final Channel channel;
    private final Semaphore slots = new Semaphore(CALLS_MAX);

    /** @param channel leads to the server's own services */
    BlockingCalls(Channel channel) {
        this.channel = channel;
    }

    /** Work that answers through the observer, or throws. */
    @FunctionalInterface
    interface Work {
        void run(Channel asCaller) throws InterruptedException;
    }

    void run(String name, StreamObserver<?> client, Work work) {
        if (!slots.tryAcquire()) {
            client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
            return;
        }
        Context context = Context.current();
        Channel asCaller = HandedOnCredential.attach(channel, Credential.KEY.get());
        var _ = Thread.ofVirtual().name(name).start(() -> {
            Context before = context.attach();
            try {
                work.run(asCaller);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                client.onError(EtcdError.STOPPED.status().asRuntimeException());
            } catch (RuntimeException e) {
                client.onError(Failures.status(e).asRuntimeException());
            } finally {
                context.detach(before);
                slots.release();
            }
        });
    }
}
