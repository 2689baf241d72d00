package io.keelson.kvstore.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerStreamTracer.ServerCallInfo;
import io.grpc.Status;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.WatchGrpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class UnreadAnswersTest {
    private static final int MIB = 1 << 20;

    private final AtomicLong now = new AtomicLong();
    private final UnreadAnswers unread = new UnreadAnswers(10 * MIB, now::get);
    private final List<SocketAddress> closed = new ArrayList<>();

    private static InetSocketAddress client(int port) {
        return InetSocketAddress.createUnresolved("127.0.0.1", port);
    }

    private <Q, R> ServerStreamTracer call(MethodDescriptor<Q, R> method, int port) {
        unread.closeThrough(closed::add);
        ServerStreamTracer tracer = unread.newServerStreamTracer(method.getFullMethodName(), new Metadata());
        Attributes attributes = Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, client(port))
                .build();
        tracer.serverCallStarted(new ServerCallInfo<Q, R>() {
            @Override
            public MethodDescriptor<Q, R> getMethodDescriptor() {
                return method;
            }

            @Override
            public Attributes getAttributes() {
                return attributes;
            }

            @Override
            public String getAuthority() {
                return "test";
            }
        });
        return tracer;
    }

    private ServerStreamTracer holding(int port, int bytes) {
        ServerStreamTracer tracer = call(KVGrpc.getRangeMethod(), port);
        tracer.outboundMessageSent(0, bytes, bytes);
        return tracer;
    }

    @Test
    void countsLargeAnswersUntilTheyAreRead() {
        ServerStreamTracer one = holding(1, 6 * MIB);
        holding(2, UnreadAnswers.COUNTED_BYTES_MIN - 1);
        call(WatchGrpc.getWatchMethod(), 3).outboundMessageSent(0, MIB, MIB);
        assertEquals(6 * MIB, unread.bytes());
        assertTrue(unread.admit(4 * MIB, false));
        assertFalse(unread.admit(5 * MIB, false));
        assertTrue(unread.admit(UnreadAnswers.COUNTED_BYTES_MIN - 1, false), "small ones always");
        one.streamClosed(Status.OK);
        assertEquals(0, unread.bytes());
        assertTrue(unread.admit(100 * MIB, false), "when it is the only one");
    }

    /** A client that leaves while its answer is made is not counted for ever. */
    @Test
    void forgetsAnswersToClientsThatLeft() {
        ServerStreamTracer left = call(KVGrpc.getRangeMethod(), 1);
        left.streamClosed(Status.CANCELLED);
        left.outboundMessageSent(0, 6 * MIB, 6 * MIB);
        assertEquals(0, unread.bytes());
    }

    @Test
    void closesThoseThatReadNothingOldestFirstAndNoMoreThanNeeded() {
        holding(1, 4 * MIB);
        now.addAndGet(1);
        holding(2, 4 * MIB);
        now.addAndGet(UnreadAnswers.STALLED_NANOS);
        holding(3, 2 * MIB);
        assertFalse(unread.admit(MIB, false), "closing takes a moment");
        assertEquals(List.of(client(1)), closed, "the second is not old enough");
        now.addAndGet(2);
        assertFalse(unread.admit(5 * MIB, false));
        assertEquals(List.of(client(1), client(2)), closed);
        assertFalse(unread.admit(MIB, false));
        assertEquals(2, closed.size(), "nobody is closed twice");
    }

    /** Its connection's thread may be that fast. */
    @Test
    void whatEndsAtOnceWhenItsConnectionIsClosedMakesRoomToo() {
        ServerStreamTracer first = holding(1, 4 * MIB);
        now.addAndGet(1);
        holding(2, 4 * MIB);
        now.addAndGet(UnreadAnswers.STALLED_NANOS + 1);
        unread.closeThrough(client -> {
            closed.add(client);
            first.streamClosed(Status.CANCELLED);
        });
        assertTrue(unread.admit(3 * MIB, false));
        assertEquals(List.of(client(1)), closed);
        assertEquals(4 * MIB, unread.bytes());
    }
}
