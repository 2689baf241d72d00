package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets up each connection: TLS, and the version of HTTP that the client wants. */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class ConnectionSetup extends ChannelInitializer<Channel> {
    private static final Logger log = LoggerFactory.getLogger(ConnectionSetup.class);
    private static final String NO_TLS =
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    private static final int CLIENT_HELLO_BYTES_MAX = 64 << 10;
    private static final ByteBuf HTTP2_PREFACE = Unpooled.unreleasableBuffer(
            Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII));

    private final Serving serving;
    private final @Nullable ServerCertificates certificates;

    /** @param certificates null for a server without TLS */
    ConnectionSetup(Serving serving, @Nullable ServerCertificates certificates) {
        this.serving = serving;
        this.certificates = certificates;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (serving.connections().full()) {
            log.debug(
                    "Closed a new connection: there are {} already",
                    serving.limits().connectionsMax());
            channel.close();
            return;
        }
        Open open = new Open(channel);
        serving.connections().add(open);
        channel.closeFuture().addListener(_ -> serving.connections().remove(open));
        if (certificates == null) {
            channel.pipeline().addLast(new ByPreface());
        } else {
            channel.pipeline().addLast(new Tls(certificates), new ByAlpn(), new HandshakeFailures());
        }
    }

    private void http1(ChannelPipeline pipeline) {
        pipeline.addLast(new Http1Connection(serving));
    }

    private void http2(ChannelPipeline pipeline) {
        Http2Connection.configure(pipeline, serving);
    }

    /** An open connection, whatever it speaks. */
    private record Open(Channel channel) implements Connections.Connection {
        @Override
        public void drain() {
            channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(Serving.DRAIN));
        }

        @Override
        public void cut() {
            channel.eventLoop().execute(() -> channel.unsafe().close(channel.voidPromise()));
        }
    }

    /** Chooses a certificate by the name that the client asks for. */
    private final class Tls extends SniHandler {
        Tls(ServerCertificates certificates) {
            super(
                    (String host) -> certificates.forHost(host),
                    CLIENT_HELLO_BYTES_MAX,
                    serving.limits().handshakeTimeout().toMillis());
        }

        @Override
        protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
            SslHandler handler = super.newSslHandler(context, allocator);
            handler.setHandshakeTimeout(serving.limits().handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
            return handler;
        }
    }

    /** HTTP/2 for clients that ask for it, else HTTP/1.1. */
    private final class ByAlpn extends ApplicationProtocolNegotiationHandler {
        ByAlpn() {
            super(ApplicationProtocolNames.HTTP_1_1);
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            ctx.pipeline().remove(HandshakeFailures.class);
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                http2(ctx.pipeline());
            } else {
                http1(ctx.pipeline());
            }
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            serving.connections().handshakeFailed();
            log.debug("A handshake with {} failed", ctx.channel().remoteAddress(), cause);
            ctx.close();
        }
    }

    /** Closes what never becomes a connection of HTTP. */
    private static final class HandshakeFailures extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent || event.equals(Serving.DRAIN)) {
                ctx.close();
            } else if (event instanceof SslHandshakeCompletionEvent done
                    && done.cause() instanceof NotSslRecordException) {
                forgotTls(ctx.pipeline().firstContext());
            }
        }

        /** A word for those who forgot TLS, which goes past its handler. */
        private static void forgotTls(@Nullable ChannelHandlerContext first) {
            if (first != null) {
                first.writeAndFlush(Unpooled.copiedBuffer(NO_TLS, StandardCharsets.US_ASCII));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.debug("A handshake with {} failed", ctx.channel().remoteAddress(), cause);
            ctx.close();
        }
    }

    /** Without TLS: HTTP/2 for clients that begin with its preface. */
    private final class ByPreface extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int compared = Math.min(in.readableBytes(), HTTP2_PREFACE.readableBytes());
            for (int i = 0; i < compared; i++) {
                if (in.getByte(in.readerIndex() + i) != HTTP2_PREFACE.getByte(i)) {
                    http1(ctx.pipeline());
                    ctx.pipeline().remove(this);
                    return;
                }
            }
            if (compared == HTTP2_PREFACE.readableBytes()) {
                http2(ctx.pipeline());
                ctx.pipeline().remove(this);
            }
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.executor()
                    .schedule(
                            () -> {
                                if (!ctx.isRemoved()) {
                                    ctx.close(); // It has not sent enough to tell what it wants.
                                }
                            },
                            serving.limits().handshakeTimeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            super.userEventTriggered(ctx, event);
            boolean over = event instanceof ChannelInputShutdownEvent || event.equals(Serving.DRAIN);
            if (over && !ctx.isRemoved()) {
                ctx.close();
            }
        }
    }
}
