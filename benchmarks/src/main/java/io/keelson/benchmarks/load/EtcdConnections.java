package io.keelson.benchmarks.load;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Connections to one target, spread evenly over its endpoints, that carry requests and responses as bytes: nothing is
 * decoded that the measurement does not look at.
 */
final class EtcdConnections implements AutoCloseable {
    private static final int MESSAGE_BYTES_MAX = 1 << 30;

    static final MethodDescriptor<byte[], byte[]> PUT = unary("etcdserverpb.KV/Put");
    static final MethodDescriptor<byte[], byte[]> RANGE = unary("etcdserverpb.KV/Range");
    static final MethodDescriptor<byte[], byte[]> TXN = unary("etcdserverpb.KV/Txn");
    static final MethodDescriptor<byte[], byte[]> DELETE_RANGE = unary("etcdserverpb.KV/DeleteRange");
    static final MethodDescriptor<byte[], byte[]> COMPACT = unary("etcdserverpb.KV/Compact");
    static final MethodDescriptor<byte[], byte[]> LEASE_GRANT = unary("etcdserverpb.Lease/LeaseGrant");
    static final MethodDescriptor<byte[], byte[]> LEASE_REVOKE = unary("etcdserverpb.Lease/LeaseRevoke");
    static final MethodDescriptor<byte[], byte[]> LEASE_KEEP_ALIVE =
            method("etcdserverpb.Lease/LeaseKeepAlive", MethodDescriptor.MethodType.BIDI_STREAMING);
    static final MethodDescriptor<byte[], byte[]> WATCH =
            method("etcdserverpb.Watch/Watch", MethodDescriptor.MethodType.BIDI_STREAMING);

    private final EventLoopGroup eventLoops;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<Channel> calls = new ArrayList<>();

    EtcdConnections(Target target, int connections, ClusterAccess access) {
        boolean epoll = Epoll.isAvailable();
        eventLoops =
                new MultiThreadIoEventLoopGroup(2, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (int i = 0; i < connections; i++) {
            Target.Endpoint endpoint =
                    target.endpoints().get(i % target.endpoints().size());
            channels.add(NettyChannelBuilder.forTarget(endpoint.address(), access.credentials(endpoint.isSecure()))
                    .eventLoopGroup(eventLoops)
                    .channelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                    .executor(MoreExecutors.directExecutor())
                    .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                    .build());
        }
        try {
            ClientInterceptor headers = access.headers(channels.getFirst());
            channels.forEach(channel -> calls.add(ClientInterceptors.intercept(channel, headers)));
        } catch (StatusRuntimeException e) {
            close();
            throw e;
        }
    }

    /** Calls a unary method on the connection that {@code client} has; the observer is called on an I/O thread. */
    void call(int client, MethodDescriptor<byte[], byte[]> method, byte[] request, StreamObserver<byte[]> observer) {
        ClientCalls.asyncUnaryCall(newCall(client, method), request, observer);
    }

    /** Calls a unary method and waits. */
    byte[] callAndWait(int client, MethodDescriptor<byte[], byte[]> method, byte[] request) {
        return ClientCalls.blockingUnaryCall(
                calls.get(client % calls.size()),
                method,
                CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
                request);
    }

    /** Opens a stream on the connection that {@code client} has. */
    StreamObserver<byte[]> stream(
            int client, MethodDescriptor<byte[], byte[]> method, StreamObserver<byte[]> observer) {
        return ClientCalls.asyncBidiStreamingCall(newCall(client, method), observer);
    }

    private ClientCall<byte[], byte[]> newCall(int client, MethodDescriptor<byte[], byte[]> method) {
        return calls.get(client % calls.size()).newCall(method, CallOptions.DEFAULT);
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    static MethodDescriptor<byte[], byte[]> unary(String name) {
        return method(name, MethodDescriptor.MethodType.UNARY);
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(name)
                .setRequestMarshaller(Bytes.MARSHALLER)
                .setResponseMarshaller(Bytes.MARSHALLER)
                .build();
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        MARSHALLER;

        @Override
        public InputStream stream(byte[] value) {
            return new KnownBytes(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class KnownBytes extends ByteArrayInputStream implements KnownLength {
        KnownBytes(byte[] bytes) {
            super(bytes);
        }
    }
}
