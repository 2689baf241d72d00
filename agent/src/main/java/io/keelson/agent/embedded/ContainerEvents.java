package io.keelson.agent.embedded;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells all who listen what became of containers. Each has a queue and a thread of its own; one who lets the queue fill
 * up is cut off, and is to list again.
 */
final class ContainerEvents {
    private static final int QUEUE_MAX = 4096;
    private static final int LISTENERS_MAX = 64;
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(100).toNanos();

    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();

    private static final class Listener implements Runnable {
        final BlockingQueue<ContainerEventResponse> queue = new LinkedBlockingQueue<>(QUEUE_MAX);
        final ServerCallStreamObserver<ContainerEventResponse> observer;
        final Thread thread = Thread.ofVirtual().name("container-events").unstarted(this);
        volatile boolean overrun;

        Listener(ServerCallStreamObserver<ContainerEventResponse> observer) {
            this.observer = observer;
        }

        @Override
        public void run() {
            try {
                while (!observer.isCancelled()) {
                    ContainerEventResponse event = queue.take();
                    while (!observer.isReady() && !observer.isCancelled() && !thread.isInterrupted()) {
                        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                    }
                    observer.onNext(event);
                }
            } catch (InterruptedException stop) {
                end();
            }
        }

        private void end() {
            if (observer.isCancelled()) {
                return;
            }
            if (overrun) {
                observer.onError(Status.DATA_LOSS
                        .withDescription("more than " + QUEUE_MAX + " events were not taken: list again")
                        .asRuntimeException());
            } else {
                observer.onCompleted();
            }
        }
    }

    /** Never waits. */
    void tell(ContainerEventResponse event) {
        for (Listener listener : listeners) {
            if (!listener.queue.offer(event)) {
                listener.overrun = true;
                remove(listener);
            }
        }
    }

    /** Whether anyone would hear. */
    boolean isHeard() {
        return !listeners.isEmpty();
    }

    /** Gives events to one more listener until it goes away. */
    void add(ServerCallStreamObserver<ContainerEventResponse> observer) {
        if (listeners.size() >= LISTENERS_MAX) {
            observer.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("at most " + LISTENERS_MAX + " listen to events")
                    .asRuntimeException());
            return;
        }
        Listener listener = new Listener(observer);
        observer.setOnCancelHandler(() -> remove(listener));
        observer.setOnReadyHandler(() -> LockSupport.unpark(listener.thread));
        listeners.add(listener);
        listener.thread.start();
    }

    private void remove(Listener listener) {
        listeners.remove(listener);
        listener.thread.interrupt();
    }

    void close() {
        listeners.forEach(this::remove);
    }
}
