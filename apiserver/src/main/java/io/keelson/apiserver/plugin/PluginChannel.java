package io.keelson.apiserver.plugin;

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
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Calls a plugin over a unix socket. Calls wait for the plugin to be there for as long as they may take. Any thread. */
public final class PluginChannel implements AutoCloseable {
    /** The status of a call that was answered. */
    public static final String OK = name(Code.OK);

    private final EventLoopGroup group;
    private final ManagedChannel channel;

    private PluginChannel(EventLoopGroup group, ManagedChannel channel) {
        this.group = group;
        this.channel = channel;
    }

    /**
     * A channel to a plugin, whether that is there or not.
     *
     * @param name of the thread that reads and writes
     * @param answerBytesMax how large an answer may be
     */
    public static PluginChannel to(Path socket, String name, int answerBytesMax) {
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioDomainSocketChannel.class)
                .eventLoopGroup(group)
                .overrideAuthority("localhost")
                .usePlaintext()
                .maxInboundMessageSize(answerBytesMax)
                .build();
        return new PluginChannel(group, channel);
    }

    /** A method with one request and one answer, both as bytes. */
    public static MethodDescriptor<byte[], byte[]> method(String service, String name) {
        return method(MethodDescriptor.MethodType.UNARY, service, name);
    }

    /** A method with any number of requests and answers, all as bytes. */
    public static MethodDescriptor<byte[], byte[]> streaming(String service, String name) {
        return method(MethodDescriptor.MethodType.BIDI_STREAMING, service, name);
    }

    private static MethodDescriptor<byte[], byte[]> method(
            MethodDescriptor.MethodType type, String service, String name) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
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

    /**
     * Calls a method.
     *
     * @param timeout for all of it, also until the plugin is there
     * @throws PluginException if there is no answer, or it is a refusal
     */
    public byte[] call(MethodDescriptor<byte[], byte[]> method, byte[] request, Duration timeout)
            throws PluginException {
        CallOptions options =
                CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return ClientCalls.blockingUnaryCall(channel, method, options, request);
        } catch (StatusRuntimeException e) {
            String description = e.getStatus().getDescription();
            throw new PluginException(name(e.getStatus().getCode()), description == null ? "" : description, e);
        }
    }

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
