package io.keelson.kvstore.server.net;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.keelson.kvstore.gateway.HttpHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AsciiString;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every new connection of a listener goes through before it is a gRPC or an HTTP connection. */
// A write or close that fails ends the connection, and that is seen where connections end.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionFront implements InternalProtocolNegotiator.ProtocolNegotiator {
    private static final Logger log = LoggerFactory.getLogger(ConnectionFront.class);
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");

    private final @Nullable ServerTls tls;
    private final @Nullable HttpHandler http;
    private final boolean grpc;
    private final HttpLimits limits;
    private final HalfSentRequests halfSent;
    private final Set<String> streamingPaths;
    private final ChannelGroup connections;
    private final AtomicInteger open;

    /**
     * @param tls null for plaintext
     * @param http what is not gRPC; null if it is not served here
     * @param grpc whether gRPC is served here
     * @param halfSent bounds what comes of requests that are not complete
     * @param streamingPaths {@code /SERVICE/METHOD} of the gRPC calls that take any number of messages
     * @param connections gets every connection, to be closed with the listener
     * @param open counts connections, over all listeners
     */
    ConnectionFront(
            @Nullable ServerTls tls,
            @Nullable HttpHandler http,
            boolean grpc,
            HttpLimits limits,
            HalfSentRequests halfSent,
            Set<String> streamingPaths,
            ChannelGroup connections,
            AtomicInteger open) {
        this.tls = tls;
        this.http = http;
        this.grpc = grpc;
        this.limits = limits;
        this.halfSent = halfSent;
        this.streamingPaths = streamingPaths;
        this.connections = connections;
        this.open = open;
    }

    @Override
    public AsciiString scheme() {
        return tls == null ? HTTP : HTTPS;
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpcHandler) {
        HttpTwoDispatch.install(grpcHandler, http, grpc, limits, halfSent, streamingPaths, tls != null);
        return new Admission(grpcHandler);
    }

    @Override
    public void close() {}

    /** Counts the connection in, or turns it away, and puts TLS and the sniffer in its place. */
    private final class Admission extends ChannelInboundHandlerAdapter {
        private final GrpcHttp2ConnectionHandler grpcHandler;

        Admission(GrpcHttp2ConnectionHandler grpcHandler) {
            this.grpcHandler = grpcHandler;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Channel channel = context.channel();
            int now = open.incrementAndGet();
            channel.closeFuture().addListener(_ -> open.decrementAndGet());
            if (now > limits.connectionsMax()) {
                log.warn(
                        "too many connections ({}): {} is turned away",
                        limits.connectionsMax(),
                        channel.remoteAddress());
                channel.close();
                return;
            }
            connections.add(channel);
            ProtocolSniffer sniffer = new ProtocolSniffer(grpcHandler, http, limits, halfSent, tls != null);
            if (tls == null) {
                context.pipeline().replace(this, "protocol", sniffer);
                return;
            }
            SslHandler handler;
            try {
                handler = tls.context().newHandler(channel.alloc());
            } catch (IllegalStateException e) {
                log.error("cannot take connections: {}", e.getMessage());
                channel.close();
                return;
            }
            handler.setHandshakeTimeoutMillis(limits.handshakeTimeoutMs());
            context.pipeline().addBefore(context.name(), "gate", new TlsGate(handler, limits.handshakeTimeoutMs()));
            context.pipeline().replace(this, "certificate", new CertificateCheck(tls, sniffer));
        }
    }

    /** Waits for the handshake and looks at the certificate before anything is read. */
    private static final class CertificateCheck extends ChannelInboundHandlerAdapter {
        private final ServerTls tls;
        private final ProtocolSniffer next;

        CertificateCheck(ServerTls tls, ProtocolSniffer next) {
            this.tls = tls;
            this.next = next;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
                super.userEventTriggered(context, event);
                return;
            }
            if (!handshake.isSuccess()) {
                log.warn(
                        "rejected connection on client endpoint from {}: {}",
                        context.channel().remoteAddress(),
                        handshake.cause().toString());
                context.close();
                return;
            }
            SslHandler ssl = context.pipeline().get(SslHandler.class);
            String refusal = tls.refusal(ssl.engine().getSession());
            if (refusal != null) {
                log.warn(
                        "rejected connection on client endpoint from {}: {}",
                        context.channel().remoteAddress(),
                        refusal);
                context.close();
                return;
            }
            context.pipeline().replace(this, "protocol", next);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            log.debug(
                    "a connection from {} failed before it said anything",
                    context.channel().remoteAddress(),
                    cause);
            context.close();
        }
    }
}
