package io.keelson.apiserver.encryption;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A KMS plugin that turns bits around, for tests of other packages too. */
public final class TestPlugin implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;
    final Path socket;
    final AtomicInteger decrypted = new AtomicInteger();
    volatile String keyId = "key-1";
    volatile String health = "ok";
    volatile String version = "v2";
    volatile boolean broken;

    public TestPlugin(Path socket) throws IOException {
        this.socket = socket;
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .directExecutor()
                .addService(ServerServiceDefinition.builder("v2.KeyManagementService")
                        .addMethod(method("Status"), ServerCalls.asyncUnaryCall((_, answer) -> {
                            if (broken) {
                                answer.onError(Status.INTERNAL
                                        .withDescription("out of order")
                                        .asRuntimeException());
                                return;
                            }
                            answer.onNext(new KmsMessages.Writer()
                                    .text(1, version)
                                    .text(2, health)
                                    .text(3, keyId)
                                    .done());
                            answer.onCompleted();
                        }))
                        .addMethod(method("Encrypt"), ServerCalls.asyncUnaryCall((request, answer) -> {
                            KmsMessages.Reader reader = reader(request, 0);
                            answer.onNext(new KmsMessages.Writer()
                                    .bytes(1, turned(reader.bytes(1)))
                                    .text(2, keyId)
                                    .map(3, Map.of("kind.example.com", "turned".getBytes(StandardCharsets.UTF_8)))
                                    .done());
                            answer.onCompleted();
                        }))
                        .addMethod(method("Decrypt"), ServerCalls.asyncUnaryCall((request, answer) -> {
                            KmsMessages.Reader reader = reader(request, 4);
                            decrypted.incrementAndGet();
                            boolean known = reader.map(4).containsKey("kind.example.com");
                            if (broken || !known || !reader.text(3).startsWith("key-")) {
                                answer.onError(Status.FAILED_PRECONDITION
                                        .withDescription("no such key")
                                        .asRuntimeException());
                                return;
                            }
                            answer.onNext(new KmsMessages.Writer()
                                    .bytes(1, turned(reader.bytes(1)))
                                    .done());
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
    }

    public String endpoint() {
        return "unix://" + socket;
    }

    private static KmsMessages.Reader reader(byte[] request, int mapField) {
        try {
            return new KmsMessages.Reader(request, mapField);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] turned(byte[] bytes) {
        byte[] turned = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            turned[i] = (byte) ~bytes[i];
        }
        return turned;
    }

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        MethodDescriptor.Marshaller<byte[]> raw = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("v2.KeyManagementService/" + name)
                .setRequestMarshaller(raw)
                .setResponseMarshaller(raw)
                .build();
    }

    @Override
    public void close() {
        server.shutdownNow();
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
