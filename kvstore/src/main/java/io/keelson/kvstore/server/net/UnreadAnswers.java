package io.keelson.kvstore.server.net;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.util.internal.PlatformDependent;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the memory of large answers that clients have asked for and do not read: gRPC keeps an answer of a single message
 * whole until the client has taken it, however slowly. There is room for so many bytes of them. While there is none, whoever
 * wants to answer waits for a moment, and connections that have left an answer lying for {@link #STALLED_NANOS} are closed,
 * the oldest first, until there would be room again; then it is refused. Small answers are not counted, nor are streams,
 * which stop by themselves while their client does not read. Any thread.
 */
public final class UnreadAnswers extends ServerStreamTracer.Factory {
    private static final Logger log = LoggerFactory.getLogger(UnreadAnswers.class);

    /** Smaller answers than this are not counted. */
    static final int COUNTED_BYTES_MIN = 16 << 10;
    /** Under pressure, how long an answer may lie unread. */
    static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long to wait for room before an answer is refused. */
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(7);

    private static final long LOOK_MS = 100;

    /** A part of what the JVM has for buffers outside the heap: reading and the rest of the work need some, too. */
    private static final int PART_OF_DIRECT_MEMORY = 3;

    private final long bytesMax;
    private final LongSupplier nanoTime;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<Call> holding = ConcurrentHashMap.newKeySet();
    private volatile Consumer<SocketAddress> connections = _ -> {};

    /** @param bytesMax room for answers */
    public UnreadAnswers(long bytesMax, LongSupplier nanoTime) {
        this.bytesMax = bytesMax;
        this.nanoTime = nanoTime;
    }

    /** The room that there is in this JVM. */
    public static long bytesMaxHere() {
        return PlatformDependent.maxDirectMemory() / PART_OF_DIRECT_MEMORY;
    }

    /** @param close closes the connection from an address, if there still is one */
    void closeThrough(Consumer<SocketAddress> close) {
        connections = close;
    }

    /** Bytes of large answers that have not been read. */
    public long bytes() {
        return bytes.get();
    }

    /**
     * Whether there is room for an answer.
     *
     * @param mayWait whether this thread may wait some seconds for it
     */
    public boolean admit(int answerBytes, boolean mayWait) {
        if (answerBytes < COUNTED_BYTES_MIN || hasRoom(answerBytes)) {
            return true;
        }
        if (!mayWait) {
            closeStalled(answerBytes);
            return hasRoom(answerBytes);
        }
        long deadline = nanoTime.getAsLong() + WAIT_NANOS;
        while (nanoTime.getAsLong() - deadline < 0) {
            closeStalled(answerBytes);
            try {
                synchronized (this) {
                    wait(LOOK_MS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            if (hasRoom(answerBytes)) {
                return true;
            }
        }
        return false;
    }

    /** An answer that is larger than all the room is let through when it is the only one. */
    private boolean hasRoom(int answerBytes) {
        long now = bytes.get();
        return now == 0 || now + answerBytes <= bytesMax;
    }

    private void closeStalled(int wanted) {
        long now = nanoTime.getAsLong();
        long missing = bytes.get() + wanted - bytesMax;
        List<Call> stalled = holding.stream()
                .filter(call -> now - call.sinceNanos > STALLED_NANOS)
                .sorted(Comparator.comparingLong(call -> call.sinceNanos - now))
                .toList();
        for (Call call : stalled) {
            SocketAddress client = call.client;
            if (missing <= 0) {
                return;
            }
            // First, for it may be gone as soon as its connection is closed.
            long held = call.held;
            if (held > 0 && client != null && !call.given) {
                call.given = true;
                log.warn(
                        "closing the connection from {}: {} bytes of an answer were not read for {} s, and others need"
                                + " the memory",
                        client,
                        held,
                        TimeUnit.NANOSECONDS.toSeconds(now - call.sinceNanos));
                connections.accept(client);
            }
            missing -= held;
        }
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Call();
    }

    /** One call; its answer is counted while it is held. */
    private final class Call extends ServerStreamTracer {
        private volatile @Nullable SocketAddress client;
        private volatile long held;
        private volatile long sinceNanos;
        /** Whether its connection has been given up. */
        private volatile boolean given;

        private boolean unary;
        private boolean closed;

        @Override
        public void serverCallStarted(ServerCallInfo<?, ?> call) {
            unary = call.getMethodDescriptor().getType() == MethodType.UNARY;
            Attributes attributes = call.getAttributes();
            client = attributes == null ? null : attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        }

        @Override
        public void outboundMessageSent(int sequence, long wireBytes, long messageBytes) {
            if (messageBytes < COUNTED_BYTES_MIN || !unary) {
                return;
            }
            synchronized (this) {
                if (closed) {
                    return; // The client left while its answer was being made.
                }
                held = messageBytes;
                sinceNanos = nanoTime.getAsLong();
                bytes.addAndGet(messageBytes);
                holding.add(this);
            }
        }

        @Override
        public void streamClosed(Status status) {
            long gone;
            synchronized (this) {
                closed = true;
                gone = held;
                held = 0;
                if (gone > 0) {
                    holding.remove(this);
                    bytes.addAndGet(-gone);
                }
            }
            if (gone > 0) {
                synchronized (UnreadAnswers.this) {
                    UnreadAnswers.this.notifyAll();
                }
            }
        }
    }
}
