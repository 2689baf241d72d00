package io.keelson.kvstore.client;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.api.AuthenticateResponse;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A server on loopback whose answers a test decides. */
final class ScriptedServer implements AutoCloseable {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    final AtomicInteger ranges = new AtomicInteger();
    final AtomicInteger puts = new AtomicInteger();
    final AtomicInteger authentications = new AtomicInteger();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    final List<WatchRequest> watchRequests = new CopyOnWriteArrayList<>();
    volatile BiConsumer<ScriptedServer, StreamObserver<RangeResponse>> onRange = (server, to) -> {
        to.onNext(RangeResponse.getDefaultInstance());
        to.onCompleted();
    };
    volatile BiConsumer<ScriptedServer, StreamObserver<PutResponse>> onPut = (server, to) -> {
        to.onNext(PutResponse.getDefaultInstance());
        to.onCompleted();
    };
    volatile BiConsumer<WatchRequest, StreamObserver<WatchResponse>> onWatch = (request, to) -> {};

    private final Server server;

    ScriptedServer() throws IOException {
        this(0);
    }

    ScriptedServer(int port) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(ServerInterceptors.intercept(new Kv(), new TokenRecorder()))
                .addService(new Auth())
                .addService(new Watches())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    String endpoint() {
        return "127.0.0.1:" + port();
    }

    /** Cuts all connections and listens no more. */
    void die() {
        server.shutdownNow();
    }

    /** Dies, and waits until its port is free. */
    void dieWholly() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> to) {
            ranges.incrementAndGet();
            onRange.accept(ScriptedServer.this, to);
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> to) {
            puts.incrementAndGet();
            onPut.accept(ScriptedServer.this, to);
        }
    }

    private final class Auth extends AuthGrpc.AuthImplBase {
        @Override
        public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> to) {
            to.onNext(AuthenticateResponse.newBuilder()
                    .setToken(request.getName() + authentications.incrementAndGet())
                    .build());
            to.onCompleted();
        }
    }

    private final class Watches extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> to) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    watchRequests.add(request);
                    onWatch.accept(request, to);
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    to.onCompleted();
                }
            };
        }
    }

    private final class TokenRecorder implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String token = headers.get(TOKEN);
            if (token != null) {
                tokens.add(token);
            }
            return next.startCall(call, headers);
        }
    }
}
