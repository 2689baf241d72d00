package io.keelson.apiserver.authn;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.plugin.PluginChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An external signer with keys of the curve P-256, for tests of other packages too. */
public final class TestSigner implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;
    private final List<Key> keys = new CopyOnWriteArrayList<>();
    final AtomicInteger fetched = new AtomicInteger();
    volatile String header = "";
    volatile long refreshHintSeconds = 600;
    volatile long maxTokenSeconds = 86_400;
    volatile boolean broken;
    /** Keys are not told before it is open. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    private volatile String signingKey = "";

    private record Key(String id, KeyPair pair, boolean excluded) {}

    /** What writes a message. */
    private interface Message {
        void write(CodedOutputStream out) throws IOException;
    }

    public TestSigner(Path socket) throws IOException {
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .directExecutor()
                .addService(ServerServiceDefinition.builder("v1.ExternalJWTSigner")
                        .addMethod(method("Sign"), ServerCalls.asyncUnaryCall(this::sign))
                        .addMethod(method("FetchKeys"), ServerCalls.asyncUnaryCall((_, to) -> fetchKeys(to)))
                        .addMethod(method("Metadata"), ServerCalls.asyncUnaryCall((_, to) -> metadata(to)))
                        .build())
                .build()
                .start();
    }

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        return PluginChannel.method("v1.ExternalJWTSigner", name);
    }

    /** One more key, which tokens are signed with from now on. */
    public TestSigner signingWith(String id) throws GeneralSecurityException {
        keys.add(new Key(id, SigningKey.EC_P256.generate(), false));
        signingKey = id;
        header = "{\"alg\":\"ES256\",\"kid\":\"" + id + "\",\"typ\":\"JWT\"}";
        return this;
    }

    /** One more key, which others are not told of. */
    public TestSigner withExcluded(String id) throws GeneralSecurityException {
        keys.add(new Key(id, SigningKey.EC_P256.generate(), true));
        return this;
    }

    /** How long tokens live that it signs. */
    public TestSigner lasting(long seconds) {
        maxTokenSeconds = seconds;
        return this;
    }

    private static byte[] message(Message message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        message.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private void answer(StreamObserver<byte[]> to, Message message) {
        try {
            if (broken) {
                to.onError(Status.INTERNAL.withDescription("out of order").asRuntimeException());
                return;
            }
            to.onNext(message(message));
            to.onCompleted();
        } catch (IOException e) {
            to.onError(e);
        }
    }

    private void sign(byte[] request, StreamObserver<byte[]> to) {
        answer(to, out -> {
            CodedInputStream in = CodedInputStream.newInstance(request);
            if (in.readTag() != ((1 << 3) | 2)) {
                throw new IOException("claims are wanted");
            }
            String claims = in.readString();
            String head =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8));
            out.writeString(1, head);
            out.writeString(2, signature(head + "." + claims));
        });
    }

    private String signature(String text) throws IOException {
        for (Key key : keys) {
            if (key.id().equals(signingKey)) {
                try {
                    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
                    signature.initSign(key.pair().getPrivate());
                    signature.update(text.getBytes(StandardCharsets.US_ASCII));
                    return Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
                } catch (GeneralSecurityException e) {
                    throw new IOException(e);
                }
            }
        }
        throw new IOException("no key");
    }

    private void fetchKeys(StreamObserver<byte[]> to) {
        fetched.incrementAndGet();
        try {
            if (!gate.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody opened the gate");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        answer(to, out -> {
            for (Key key : keys) {
                out.writeByteArray(1, message(inner -> {
                    inner.writeString(1, key.id());
                    inner.writeByteArray(2, key.pair().getPublic().getEncoded());
                    inner.writeBool(3, key.excluded());
                }));
            }
            out.writeByteArray(2, message(inner -> inner.writeInt64(1, 1_700_000_000L)));
            out.writeInt64(3, refreshHintSeconds);
        });
    }

    private void metadata(StreamObserver<byte[]> to) {
        answer(to, out -> out.writeInt64(1, maxTokenSeconds));
    }

    @Override
    public void close() {
        server.shutdownNow();
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
