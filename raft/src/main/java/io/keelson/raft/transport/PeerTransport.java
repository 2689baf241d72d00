package io.keelson.raft.transport;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftObserver;
import io.keelson.raft.transport.PeerReply.Failure;
import io.keelson.raft.transport.proto.Frame;
import io.keelson.raft.transport.proto.Hello;
import io.keelson.raft.transport.proto.PeerGrpc;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One member's door to the others.
 *
 * <p><b>Who is let in.</b> A stream opens with {@link Hello}: members of another cluster are refused, so is one that
 * expected another member at this address, and one that was removed, which is told so. A caller without an id (a joiner) reaches only methods served as {@link
 * Access#ANYONE}. With TLS, certificates are checked before any of that, and whether the caller comes from where its own is
 * for.
 *
 * <p><b>Threads.</b> One or two I/O threads; handlers and replies run on a pool whose size follows the number of streams,
 * one frame of a stream at a time.
 */
public final class PeerTransport implements AutoCloseable {
    /** Who may ask a method. */
    public enum Access {
        /** Members of this cluster. */
        MEMBERS,
        /** Members, and those who are about to become one. */
        ANYONE
    }

    /** What methods of other parts of a member begin with, so that they cannot meet the log's own. */
    public static final String CALL_PREFIX = "call/";

    private record Method(PeerHandler handler, Access access) {}

    private static final int IO_THREADS = 1;
    private static final int CALLS_PER_CONNECTION_MAX = 16;
    private static final int METADATA_BYTES_MAX = 8 << 10;
    private static final int HANDSHAKE_TIMEOUT_MS = 10_000;

    private final PeerIdentity identity;
    private final RaftObserver observer;
    private final IoThreads io;
    private final ExecutorService callbacks;
    private final PeerChannels channels;
    private final @Nullable PeerTlsContexts tls;
    private final Map<String, Method> methods = new ConcurrentHashMap<>();
    private final Map<Long, PeerLink> links = new ConcurrentHashMap<>();
    private final Map<Long, List<String>> addresses = new ConcurrentHashMap<>();
    private final Set<InboundStream> inbound = ConcurrentHashMap.newKeySet();
    private final List<Server> servers = new ArrayList<>();
    private final Set<Long> removedBy = ConcurrentHashMap.newKeySet();
    private volatile Set<Long> removed = Set.of();
    private volatile LongConsumer connected = memberId -> {};
    private volatile boolean closed;

    /** @throws IOException if the certificates cannot be used; the message names the file */
    public PeerTransport(PeerIdentity identity, @Nullable PeerTls peerTls) throws IOException {
        this(identity, peerTls, RaftObserver.NONE);
    }

    /** As the other constructor, with somebody who hears of messages and connections. */
    public PeerTransport(PeerIdentity identity, @Nullable PeerTls peerTls, RaftObserver observer) throws IOException {
        this.identity = identity;
        this.observer = observer;
        this.tls = peerTls == null ? null : PeerTlsContexts.of(peerTls);
        String name = PeerIdentity.text(identity.memberId());
        this.io = new IoThreads("peer-io-" + name, IO_THREADS);
        this.callbacks = newPool("peer-" + name);
        this.channels = new PeerChannels(io, callbacks, tls);
    }

    /** Threads that come and go with the work; their number is bounded by the number of streams and of slow handlers. */
    static ExecutorService newPool(String name) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    public PeerIdentity identity() {
        return identity;
    }

    /** Hears of messages and connections, and of whatever else is done for other members. */
    public RaftObserver observer() {
        return observer;
    }

    /** For what a handler or a reply has to do that takes its time: they run on an I/O thread. */
    public ExecutorService pool() {
        return callbacks;
    }

    /** Serves a method; to be called before {@link #listen}, or while nobody can ask for it yet. */
    public void serve(String method, Access access, PeerHandler handler) {
        if (methods.putIfAbsent(method, new Method(handler, access)) != null) {
            throw new IllegalArgumentException("method " + method + " is served already");
        }
    }

    /** Tells whenever a stream to another member has been accepted there; the listener must not block. */
    public void onConnected(LongConsumer listener) {
        connected = listener;
    }

    /**
     * Opens the doors.
     *
     * @param reusePort whether others who set SO_REUSEPORT too may listen at the same ports
     * @throws IOException if an address cannot be bound; the message names it
     */
    public void listen(List<String> urls, boolean reusePort) throws IOException {
        for (String url : urls) {
            PeerAddress address = PeerAddress.parse(url);
            NettyServerBuilder builder = NettyServerBuilder.forAddress(address.socketAddress())
                    .bossEventLoopGroup(io.group())
                    .workerEventLoopGroup(io.group())
                    .channelType(io.serverChannel())
                    .withOption(ChannelOption.SO_REUSEADDR, true)
                    .withChildOption(ChannelOption.TCP_NODELAY, true)
                    .directExecutor()
                    .flowControlWindow(TransportLimits.FLOW_CONTROL_WINDOW_BYTES)
                    .maxInboundMessageSize(TransportLimits.FRAME_BYTES_MAX)
                    .maxInboundMetadataSize(METADATA_BYTES_MAX)
                    .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
                    .handshakeTimeout(HANDSHAKE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .keepAliveTime(TransportLimits.KEEP_ALIVE_MS, TimeUnit.MILLISECONDS)
                    .keepAliveTimeout(TransportLimits.KEEP_ALIVE_MS, TimeUnit.MILLISECONDS)
                    .permitKeepAliveTime(TransportLimits.KEEP_ALIVE_MS / 2, TimeUnit.MILLISECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .addService(new Service());
            if (reusePort) {
                builder.withOption(io.reusePort(), true);
            }
            if (address.tls()) {
                if (tls == null) {
                    throw new IOException(
                            "cannot listen at " + address + ": no certificate and key are given for peers");
                }
                builder.sslContext(tls.server());
                if (tls.looksWhereCallersComeFrom()) {
                    builder.intercept(new CallerOrigin.Interceptor());
                }
            }
            try {
                servers.add(builder.build().start());
            } catch (IOException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new IOException("cannot listen at " + address + ": " + cause.getMessage(), e);
            }
        }
    }

    /** Tells where members are reached; what is known of other members stays. */
    public void updateAddresses(Map<Long, List<String>> urlsById) {
        urlsById.forEach((id, urls) -> {
            List<String> copy = List.copyOf(urls);
            addresses.put(id, copy);
            PeerLink link = links.get(id);
            if (link != null) {
                link.updateUrls(copy);
            }
        });
    }

    /** Ends the streams of members that were removed, and accepts none of them any more; replaces what was said before. */
    public void refuseRemoved(Set<Long> memberIds) {
        removed = Set.copyOf(memberIds);
        for (InboundStream stream : inbound) {
            if (removed.contains(stream.callerId())) {
                stream.refuse(Refusal.ofRemoved(stream.callerId()));
            }
        }
    }

    /** The members that have said, when this one last tried to reach them, that it was removed. */
    public Set<Long> removedBy() {
        return Set.copyOf(removedBy);
    }

    /**
     * Asks a member.
     *
     * @param timeoutMs after this long without an answer the request fails as timed out
     */
    public void call(long memberId, String method, ByteString payload, int timeoutMs, PeerReply reply) {
        if (closed) {
            callbacks.execute(() -> reply.failed(Failure.NOT_SENT, "this member is closing"));
            return;
        }
        PeerLink link = links.computeIfAbsent(
                memberId,
                id -> new PeerLink(
                        identity,
                        id,
                        addresses.getOrDefault(id, List.of()),
                        channels,
                        callbacks,
                        observer,
                        this::reached,
                        removedBy::add));
        link.send(method, payload, timeoutMs, reply);
    }

    private void reached(long memberId) {
        removedBy.remove(memberId);
        connected.accept(memberId);
    }

    /** Fails requests whose time is over; to be called every few milliseconds. */
    public void expire(long nowNanos) {
        for (PeerLink link : links.values()) {
            link.expire(nowNanos);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (PeerLink link : links.values()) {
            link.close();
        }
        for (InboundStream stream : inbound) {
            stream.end(Status.UNAVAILABLE.withDescription("this member is closing"));
        }
        for (Server server : servers) {
            server.shutdownNow();
        }
        try {
            for (Server server : servers) {
                server.awaitTermination(2, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        io.close();
        // The pool ends by itself once idle: replies that are still to come must find it.
    }

    /** Why a caller is refused, or null. */
    @Nullable
    Refusal refusalOf(Hello hello) {
        if (closed) {
            return Refusal.because("this member is closing");
        }
        if (hello.getProtocolVersion() != TransportLimits.PROTOCOL_VERSION) {
            return Refusal.because("peer protocol " + hello.getProtocolVersion() + " is not spoken here, only "
                    + TransportLimits.PROTOCOL_VERSION);
        }
        boolean joiner = hello.getMemberId() == 0;
        if (hello.getClusterId() != identity.clusterId() && !(joiner && hello.getClusterId() == 0)) {
            return Refusal.because("cluster ID mismatch: this is a member of cluster "
                    + PeerIdentity.text(identity.clusterId()) + ", the caller of "
                    + PeerIdentity.text(hello.getClusterId()));
        }
        if (hello.getExpectedMemberId() != identity.memberId() && !(joiner && hello.getExpectedMemberId() == 0)) {
            return Refusal.because("this is member " + PeerIdentity.text(identity.memberId()) + ", the caller expected "
                    + PeerIdentity.text(hello.getExpectedMemberId()));
        }
        if (hello.getMemberId() == identity.memberId()) {
            return Refusal.because(
                    "the caller claims the ID of this very member, " + PeerIdentity.text(identity.memberId()));
        }
        // Last, so that nobody is told so by a member of another cluster, or by one it did not mean to ask.
        return removed.contains(hello.getMemberId()) ? Refusal.ofRemoved(hello.getMemberId()) : null;
    }

    @Nullable
    PeerHandler handler(String name, long from) {
        Method method = methods.get(name);
        return method == null || (from == 0 && method.access() == Access.MEMBERS) ? null : method.handler();
    }

    void entered(InboundStream stream, long memberId) {
        inbound.add(stream);
        if (removed.contains(memberId)) {
            // Removed since its hello was looked at, when it was not among those to be ended yet.
            stream.refuse(Refusal.ofRemoved(memberId));
            return;
        }
        PeerLink link = links.get(memberId);
        if (link != null) {
            link.heardOf();
        }
    }

    void left(InboundStream stream) {
        inbound.remove(stream);
    }

    private final class Service extends PeerGrpc.PeerImplBase {
        @Override
        public StreamObserver<Frame> connect(StreamObserver<Frame> out) {
            return new InboundStream(PeerTransport.this, (ServerCallStreamObserver<Frame>) out, CallerOrigin.current());
        }
    }
}
