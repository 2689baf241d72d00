package io.keelson.kvstore.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets TLS in and nothing else; who speaks HTTP is told what is wrong, in Go's words, for that is what etcd answers. */
// A write or close that fails ends the connection, and that is seen where connections end.
@SuppressWarnings("FutureReturnValueIgnored")
final class TlsGate extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(TlsGate.class);
    private static final int RECORD_HEADER_BYTES = 5;
    private static final byte[] ANSWER =
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final SslHandler tls;
    private final int timeoutMs;
    private @Nullable ScheduledFuture<?> deadline;

    /**
     * @param tls takes this one's place
     * @param timeoutMs for the first bytes to come
     */
    TlsGate(SslHandler tls, int timeoutMs) {
        this.tls = tls;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor().schedule(() -> context.close(), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < RECORD_HEADER_BYTES) {
            return;
        }
        if (SslHandler.isEncrypted(in, false)) {
            context.pipeline().replace(this, "tls", tls);
            return;
        }
        byte first = in.getByte(in.readerIndex());
        in.skipBytes(in.readableBytes());
        log.warn(
                "rejected connection on client endpoint from {}: it does not speak TLS",
                context.channel().remoteAddress());
        if (first >= 'A' && first <= 'Z') {
            context.writeAndFlush(Unpooled.wrappedBuffer(ANSWER)).addListener(ChannelFutureListener.CLOSE);
        } else {
            context.close();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
