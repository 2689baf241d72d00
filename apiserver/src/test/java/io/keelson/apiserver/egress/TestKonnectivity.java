package io.keelson.apiserver.egress;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.keelson.apiserver.plugin.PluginChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A konnectivity server with its agent, for tests of other packages too. Where names lead is for the test to say. */
public final class TestKonnectivity implements AutoCloseable {
    private static final int CONNECTION = 7;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;
    private final Path socket;
    private final Map<String, Integer> ways = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    final AtomicInteger closeRequests = new AtomicInteger();
    final AtomicInteger closedDials = new AtomicInteger();
    volatile boolean silent;

    /** What writes a message. */
    private interface Message {
        void write(CodedOutputStream out) throws IOException;
    }

    public TestKonnectivity(Path socket) throws IOException {
        this.socket = socket;
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .executor(threads)
                .addService(ServerServiceDefinition.builder("ProxyService")
                        .addMethod(
                                PluginChannel.streaming("ProxyService", "Proxy"),
                                ServerCalls.asyncBidiStreamingCall(this::stream))
                        .build())
                .build()
                .start();
    }

    /** Has a target lead to a port of loopback; one that is not named leads nowhere. */
    public TestKonnectivity lead(String target, int port) {
        ways.put(target, port);
        return this;
    }

    /** The targets that were asked for, in order. */
    public List<String> asked() {
        return asked;
    }

    /** An element of {@code egressSelections}. */
    public String selection(String name) {
        return "{name: " + name + ", connection: {proxyProtocol: GRPC, transport: {uds: {udsName: '" + socket + "'}}}}";
    }

    private static byte[] message(Message message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        message.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] packet(int type, int field, Message payload) throws IOException {
        return message(out -> {
            out.writeEnum(1, type);
            out.writeByteArray(field, message(payload));
        });
    }

    private StreamObserver<byte[]> stream(StreamObserver<byte[]> to) {
        return new Stream(to);
    }

    /** One stream, and the connection that it carries. */
    private final class Stream implements StreamObserver<byte[]> {
        private final StreamObserver<byte[]> to;
        private @Nullable Socket backend;

        Stream(StreamObserver<byte[]> to) {
            this.to = to;
        }

        @Override
        public void onNext(byte[] message) {
            try {
                take(message);
            } catch (IOException e) {
                to.onError(e);
            }
        }

        private void take(byte[] message) throws IOException {
            CodedInputStream in = CodedInputStream.newInstance(message);
            int type = 0;
            byte[] payload = {};
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == 1) {
                    type = in.readEnum();
                } else {
                    payload = in.readByteArray();
                }
            }
            String text = "";
            long number = 0;
            byte[] data = {};
            CodedInputStream inner = CodedInputStream.newInstance(payload);
            for (int tag = inner.readTag(); tag != 0; tag = inner.readTag()) {
                int field = WireFormat.getTagFieldNumber(tag);
                if (type == 4 && field == 3) {
                    data = inner.readByteArray();
                } else if (field == 2) {
                    text = inner.readString();
                } else if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
                    number = inner.readInt64();
                } else {
                    var _ = inner.skipField(tag);
                }
            }
            switch (type) {
                case 0 -> dial(text, number);
                case 2 -> {
                    closeRequests.incrementAndGet();
                    end();
                    to.onNext(packet(3, 6, out -> out.writeInt64(2, CONNECTION)));
                    to.onCompleted();
                }
                case 4 -> {
                    Socket connected = backend;
                    if (connected != null && number == CONNECTION) {
                        connected.getOutputStream().write(data);
                    }
                }
                case 5 -> {
                    closedDials.incrementAndGet();
                    to.onCompleted();
                }
                default -> throw new IOException("a packet of type " + type);
            }
        }

        private void dial(String target, long random) throws IOException {
            asked.add(target);
            if (silent) {
                return;
            }
            Integer port = ways.get(target);
            if (port == null) {
                to.onNext(packet(1, 3, out -> {
                    out.writeString(1, "dial tcp: no such host");
                    out.writeInt64(3, random);
                }));
                return;
            }
            Socket connected = new Socket(InetAddress.getLoopbackAddress(), port);
            backend = connected;
            to.onNext(packet(1, 3, out -> {
                out.writeInt64(2, CONNECTION);
                out.writeInt64(3, random);
            }));
            threads.execute(() -> relay(connected));
        }

        private void relay(Socket from) {
            try (from) {
                InputStream in = from.getInputStream();
                byte[] piece = new byte[4_096];
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    byte[] data = Arrays.copyOf(piece, count);
                    synchronized (to) {
                        to.onNext(packet(4, 4, out -> {
                            out.writeInt64(1, CONNECTION);
                            out.writeByteArray(3, data);
                        }));
                    }
                }
                to.onNext(packet(3, 6, out -> out.writeInt64(2, CONNECTION)));
            } catch (IOException | RuntimeException e) {
                // The other side has closed it.
            }
        }

        private void end() throws IOException {
            Socket connected = backend;
            if (connected != null) {
                connected.close();
            }
        }

        @Override
        public void onError(Throwable failure) {
            onCompleted();
        }

        @Override
        public void onCompleted() {
            try {
                end();
            } catch (IOException e) {
                // It is closed as far as can be.
            }
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        threads.shutdownNow();
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
