package io.keelson.kvstore.server.net;

import io.netty.util.internal.PlatformDependent;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the memory of requests that are not complete, or that nobody has taken yet, over all connections and protocols.
 * Flow control does not: a part of a message is collected until the rest comes, and gives the client its window back.
 *
 * <p>There is room for so many bytes. Beyond it requests are given up until there is some again, with three looks for whom:
 *
 * <ol>
 *   <li>parts of messages older than {@link #STALLED_NANOS}, the oldest first;
 *   <li>headers that nothing has followed for as long, of the connection that has most of them;
 *   <li>what is younger, of the connection that has most.
 * </ol>
 *
 * <p>A client that behaves sends its message within that time, and so goes last. A part of a message that is older than
 * {@link #OVERDUE_NANOS} is given up whether there is room or not. Any thread.
 */
public final class HalfSentRequests {
    private static final Logger log = LoggerFactory.getLogger(HalfSentRequests.class);

    /** When there is no room, how long a part of a message may be there. */
    static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How long the rest of a message may take to come. */
    static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** What a piece takes besides its bytes, for the objects that hold it. */
    static final int PIECE_BYTES = 256;

    /** A part of what the JVM has for buffers outside the heap, and of the heap, which is as large unless told otherwise. */
    private static final int PART_OF_DIRECT_MEMORY = 6;

    /** So much of the room is made at once, so that who goes on sending is not looked for at every piece. */
    private static final int PART_MADE_AT_ONCE = 8;

    /** What a request was when it was looked at; it may go on meanwhile. */
    private record Candidate(Request request, long ageNanos, long bytesOfConnection) {}

    /** What there is of a request. */
    private enum State {
        /** Headers alone. It may stay so for as long as it likes: who opens a stream need not use it at once. */
        OPENED,
        /** Whole messages, or a whole request, whose turn has not come, because the client has not read earlier answers. */
        UNTAKEN,
        /** A part of a message. */
        HALF_SENT,
        /** All of it. It waits for a thread that takes it, and is not given up any more. */
        WHOLE
    }

    private final long bytesMax;
    private final LongSupplier nanoTime;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<Request> kept = ConcurrentHashMap.newKeySet();

    /** @param bytesMax room for requests */
    public HalfSentRequests(long bytesMax, LongSupplier nanoTime) {
        this.bytesMax = bytesMax;
        this.nanoTime = nanoTime;
    }

    /** The room that there is in this JVM. */
    public static long bytesMaxHere() {
        return PlatformDependent.maxDirectMemory() / PART_OF_DIRECT_MEMORY;
    }

    /** Bytes of requests that are kept. */
    public long bytes() {
        return bytes.get();
    }

    /**
     * A request begins, of which nothing is kept yet.
     *
     * @param client tells its connection from others
     * @param giveUp resets it; on whatever thread, must not block
     */
    Request begin(@Nullable SocketAddress client, Runnable giveUp) {
        return new Request(client, giveUp);
    }

    private void changed(long more) {
        if (bytes.addAndGet(more) > bytesMax && more > 0) {
            makeRoom();
        }
    }

    private synchronized void makeRoom() {
        long over = bytes.get() - bytesMax;
        if (over <= 0) {
            return;
        }
        long wanted = over + bytesMax / PART_MADE_AT_ONCE;
        long now = nanoTime.getAsLong();
        Map<Object, Long> byConnection = new HashMap<>();
        kept.forEach(request -> byConnection.merge(request.connection(), request.bytes, Long::sum));
        List<Candidate> stalled = new ArrayList<>();
        List<Candidate> unused = new ArrayList<>();
        List<Candidate> young = new ArrayList<>();
        for (Request request : kept) {
            long ageNanos = now - request.sinceNanos;
            List<Candidate> look;
            if (ageNanos <= STALLED_NANOS) {
                look = young;
            } else {
                look = request.state == State.OPENED ? unused : stalled;
            }
            look.add(new Candidate(request, ageNanos, byConnection.getOrDefault(request.connection(), 0L)));
        }
        Comparator<Candidate> oldestFirst =
                Comparator.comparingLong(Candidate::ageNanos).reversed();
        Comparator<Candidate> mostFirst =
                Comparator.comparingLong(Candidate::bytesOfConnection).reversed();
        stalled.sort(oldestFirst);
        unused.sort(mostFirst);
        young.sort(mostFirst.thenComparing(oldestFirst));
        List<Request> candidates = Stream.of(stalled, unused, young)
                .flatMap(List::stream)
                .map(Candidate::request)
                .toList();
        giveUp(candidates, wanted, "others need the memory");
    }

    /** Gives up what is overdue; to be called every second or so. */
    void giveUpOverdue() {
        long now = nanoTime.getAsLong();
        List<Request> overdue = kept.stream()
                .filter(request -> request.state == State.HALF_SENT && now - request.sinceNanos > OVERDUE_NANOS)
                .toList();
        giveUp(overdue, Long.MAX_VALUE, "the rest of a message has not come in time");
    }

    private static void giveUp(List<Request> candidates, long wanted, String why) {
        long freed = 0;
        int count = 0;
        @Nullable SocketAddress first = null;
        for (Request request : candidates) {
            if (freed >= wanted) {
                break;
            }
            long of = request.giveUp();
            freed += of;
            if (of > 0) {
                first = count == 0 ? request.client : first;
                count++;
            }
        }
        if (count > 0) {
            log.warn(
                    "{} requests that are not complete were reset, {} bytes, the first of {}: {}",
                    count,
                    freed,
                    first,
                    why);
        }
    }

    /** One request, or one message of a stream of them. Used by its connection's event loop, and by who takes it. */
    final class Request {
        private final @Nullable SocketAddress client;
        private final Runnable giveUp;
        private volatile State state = State.OPENED;
        private volatile long sinceNanos;
        private volatile long bytes;
        private boolean givenUp;
        private boolean released;

        private Request(@Nullable SocketAddress client, Runnable giveUp) {
            this.client = client;
            this.giveUp = giveUp;
        }

        private Object connection() {
            return client == null ? this : client;
        }

        /** So many bytes of headers have come. */
        void headers(long more) {
            keep(State.OPENED, more);
        }

        /** So many bytes have come of a message that is not whole; its time runs from the first of them. */
        void part(long more) {
            keep(State.HALF_SENT, more);
        }

        /** So many bytes of whole messages wait for their service. */
        void untaken(long more) {
            keep(State.UNTAKEN, more);
        }

        /** All has come, and waits for its turn on its connection. */
        synchronized void waits() {
            state = State.UNTAKEN;
        }

        private void keep(State becomes, long more) {
            synchronized (this) {
                if (givenUp || released) {
                    return;
                }
                if (bytes == 0 || becomes.compareTo(state) > 0) {
                    sinceNanos = nanoTime.getAsLong();
                    state = becomes;
                }
                bytes += more;
                var _ = kept.add(this);
            }
            changed(more);
        }

        /** All has come. Returns whether it is to be carried out; if not, it was given up and its answer is on the way. */
        synchronized boolean whole() {
            if (!givenUp) {
                state = State.WHOLE;
            }
            return !givenUp;
        }

        /** Whether it was given up; nothing more of it is wanted then. */
        synchronized boolean givenUp() {
            return givenUp;
        }

        /** Nothing of it is kept any more. Repeated calls do nothing. */
        void release() {
            synchronized (this) {
                released = true;
            }
            long _ = forget();
        }

        private long giveUp() {
            synchronized (this) {
                if (givenUp || released || state == State.WHOLE) {
                    return 0;
                }
                givenUp = true;
            }
            // First, for its connection may release it before the next statement here, and it would count for nothing.
            long freed = forget();
            giveUp.run();
            return freed;
        }

        private long forget() {
            long gone;
            synchronized (this) {
                gone = bytes;
                bytes = 0;
                kept.remove(this);
            }
            if (gone > 0) {
                changed(-gone);
            }
            return gone;
        }
    }
}
