package io.keelson.apiserver.encryption;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A KMS plugin on this machine, spoken to over a unix socket with gRPC. Calls wait for it for as long as the timeout. */
final class KmsPlugin implements KmsService {
    private static final String SERVICE = "v2.KeyManagementService";
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private static final MethodDescriptor<byte[], byte[]> STATUS = method("Status");
    private static final MethodDescriptor<byte[], byte[]> ENCRYPT = method("Encrypt");
    private static final MethodDescriptor<byte[], byte[]> DECRYPT = method("Decrypt");

    private final EventLoopGroup group;
    private final ManagedChannel channel;
    private final Duration timeout;
    private final EncryptionMetrics.Plugin metrics;

    private KmsPlugin(
            EventLoopGroup group, ManagedChannel channel, Duration timeout, EncryptionMetrics.Plugin metrics) {
        this.metrics = metrics;
        this.group = group;
        this.channel = channel;
        this.timeout = timeout;
    }

    /**
     * A plugin, whether it is there or not.
     *
     * @param endpoint {@code unix:///run/plugin.sock}
     * @throws EncryptionException if that is no path of a socket
     */
    static KmsPlugin at(String endpoint, Duration timeout, EncryptionMetrics.Plugin metrics)
            throws EncryptionException {
        String path = endpoint.substring(endpoint.indexOf(':') + 1).replaceFirst("^//", "");
        if (!path.startsWith("/") || path.startsWith("/@") || path.length() == 1) {
            throw new EncryptionException("invalid endpoint " + endpoint + ": the path of a socket is wanted");
        }
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("kms", true), NioIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(Path.of(path)))
                .channelType(NioDomainSocketChannel.class)
                .eventLoopGroup(group)
                .overrideAuthority("localhost")
                .usePlaintext()
                .maxInboundMessageSize(ANSWER_BYTES_MAX)
                .build();
        return new KmsPlugin(group, channel, timeout, metrics);
    }

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(RawBytes.INSTANCE)
                .setResponseMarshaller(RawBytes.INSTANCE)
                .build();
    }

    /** Messages as they are. */
    private enum RawBytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

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
    }

    @Override
    public Status status() throws GeneralSecurityException {
        KmsMessages.Reader answer = call(STATUS, new KmsMessages.Writer(), 0);
        return new Status(answer.text(1), answer.text(2), answer.text(3));
    }

    @Override
    public Encrypted encrypt(String uid, byte[] plain) throws GeneralSecurityException {
        KmsMessages.Reader answer =
                call(ENCRYPT, new KmsMessages.Writer().bytes(1, plain).text(2, uid), 3);
        return new Encrypted(answer.bytes(1), answer.text(2), answer.map(3));
    }

    @Override
    public byte[] decrypt(String uid, Encrypted encrypted) throws GeneralSecurityException {
        KmsMessages.Writer request = new KmsMessages.Writer()
                .bytes(1, encrypted.bytes())
                .text(2, uid)
                .text(3, encrypted.keyId())
                .map(4, encrypted.annotations());
        return call(DECRYPT, request, 0).bytes(1);
    }

    private KmsMessages.Reader call(MethodDescriptor<byte[], byte[]> method, KmsMessages.Writer request, int mapField)
            throws GeneralSecurityException {
        CallOptions options =
                CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
        long start = System.nanoTime();
        String status = name(Code.OK);
        byte[] answer;
        try {
            answer = ClientCalls.blockingUnaryCall(channel, method, options, request.done());
        } catch (StatusRuntimeException e) {
            status = name(e.getStatus().getCode());
            throw new GeneralSecurityException(text(e), e);
        } finally {
            metrics.called("/" + method.getFullMethodName(), status, System.nanoTime() - start);
        }
        try {
            return new KmsMessages.Reader(answer, mapField);
        } catch (IOException e) {
            throw new GeneralSecurityException("the plugin's answer cannot be read: " + e.getMessage(), e);
        }
    }

    /** As Go's gRPC says it. */
    private static String text(StatusRuntimeException failure) {
        String description = failure.getStatus().getDescription();
        return "rpc error: code = " + name(failure.getStatus().getCode()) + " desc = "
                + (description == null ? "" : description);
    }

    /** As Go writes it: {@code DeadlineExceeded}. */
    private static String name(Code code) {
        return switch (code) {
            case OK -> "OK";
            case CANCELLED -> "Canceled";
            default -> {
                StringBuilder name = new StringBuilder();
                for (String word : code.name().split("_", -1)) {
                    name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
                }
                yield name.toString();
            }
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
