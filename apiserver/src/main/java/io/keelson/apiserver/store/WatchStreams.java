package io.keelson.apiserver.store;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC streams that watches share. A stream for each watch would cost the store a connection's worth of state for every
 * kind; one for all would let one watch that catches up delay the progress reports of the others, which come only when
 * all watches of a stream are up to date. So there are a few, and a new watch takes the one with the fewest.
 */
final class WatchStreams implements AutoCloseable {
    private static final int STREAMS_MAX = 4;
    /** A further stream is opened when the others have this many each. */
    private static final int WATCHES_EACH = 16;

    private final EtcdCalls calls;
    private final EtcdStore.Values values;
    private final long bufferBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<WatchStream> streams = new ArrayList<>();
    private boolean closed;

    WatchStreams(EtcdCalls calls, EtcdStore.Values values, long bufferBytes) {
        this.calls = calls;
        this.values = values;
        this.bufferBytes = bufferBytes;
    }

    StoreWatch watch(
            ByteString from,
            ByteString end,
            long revision,
            Consumer<StoreEvent> events,
            Consumer<@Nullable Throwable> ended) {
        WatchDelivery delivery = new WatchDelivery(this, values, bufferBytes, from, end, revision, events, ended);
        delivery.start();
        return delivery;
    }

    /** A stream that works, as far as is known. */
    WatchStream stream() {
        lock.lock();
        try {
            if (closed) {
                throw StoreErrors.unavailable("the client is closed");
            }
            streams.removeIf(WatchStream::broken);
            WatchStream least = null;
            for (WatchStream stream : streams) {
                if (least == null || stream.size() < least.size()) {
                    least = stream;
                }
            }
            if (least == null || (least.size() >= WATCHES_EACH && streams.size() < STREAMS_MAX)) {
                least = WatchStream.open(calls.channel());
                streams.add(least);
            }
            return least;
        } finally {
            lock.unlock();
        }
    }

    /** A stream broke. */
    void reconnect() {
        calls.reconnect();
    }

    @Override
    public void close() {
        List<WatchStream> open;
        lock.lock();
        try {
            closed = true;
            open = List.copyOf(streams);
            streams.clear();
        } finally {
            lock.unlock();
        }
        open.forEach(WatchStream::close);
    }
}
