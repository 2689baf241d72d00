package io.keelson.kvstore.server.net;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.keelson.kvstore.gateway.HttpHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the first three bytes: {@code PRI} begins HTTP/2, anything else is HTTP/1.1. */
// A write or close that fails ends the connection, and that is seen where connections end.
@SuppressWarnings("FutureReturnValueIgnored")
final class ProtocolSniffer extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(ProtocolSniffer.class);
    private static final int INITIAL_LINE_BYTES_MAX = 8 * 1024;

    private final GrpcHttp2ConnectionHandler grpcHandler;
    private final @Nullable HttpHandler http;
    private final HttpLimits limits;
    private final HalfSentRequests halfSent;
    private final boolean secure;
    private @Nullable ScheduledFuture<?> deadline;

    ProtocolSniffer(
            GrpcHttp2ConnectionHandler grpcHandler,
            @Nullable HttpHandler http,
            HttpLimits limits,
            HalfSentRequests halfSent,
            boolean secure) {
        this.grpcHandler = grpcHandler;
        this.http = http;
        this.limits = limits;
        this.halfSent = halfSent;
        this.secure = secure;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline =
                context.executor().schedule(() -> context.close(), limits.handshakeTimeoutMs(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < 3) {
            return;
        }
        if (deadline != null) {
            deadline.cancel(false);
        }
        int at = in.readerIndex();
        if (in.getByte(at) == 'P' && in.getByte(at + 1) == 'R' && in.getByte(at + 2) == 'I') {
            becomeGrpc(context);
        } else if (http != null) {
            becomeHttpOne(context, http);
        } else {
            in.skipBytes(in.readableBytes());
            context.close();
        }
    }

    private void becomeGrpc(ChannelHandlerContext context) {
        SslHandler ssl = context.pipeline().get(SslHandler.class);
        Attributes.Builder attributes = Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, context.channel().localAddress())
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, context.channel().remoteAddress());
        if (ssl != null) {
            attributes.set(Grpc.TRANSPORT_ATTR_SSL_SESSION, ssl.engine().getSession());
        }
        context.pipeline().replace(this, null, grpcHandler);
        grpcHandler.handleProtocolNegotiationCompleted(attributes.build(), null);
    }

    private void becomeHttpOne(ChannelHandlerContext context, HttpHandler handler) {
        ChannelPipeline pipeline = context.pipeline();
        String name = context.name();
        HttpOneIntake intake = new HttpOneIntake(halfSent);
        pipeline.addAfter(name, "http", new HttpOneHandler(handler, limits, intake, secure));
        pipeline.addAfter(name, "body", new HttpObjectAggregator(limits.bodyBytesMax(), true));
        pipeline.addAfter(
                name, "codec", new HttpServerCodec(INITIAL_LINE_BYTES_MAX, limits.headerBytesMax(), 16 * 1024));
        pipeline.addAfter(name, "intake", intake);
        pipeline.remove(this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
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
