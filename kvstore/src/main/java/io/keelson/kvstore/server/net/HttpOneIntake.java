package io.keelson.kvstore.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the decoder of an HTTP/1.1 connection and keeps account of what has come of a request that is not whole,
 * headers and body. A connection whose request is given up is closed. Event loop of the connection only.
 */
// A close that fails ends the connection, and that is seen where connections end.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpOneIntake extends ChannelInboundHandlerAdapter {
    private final HalfSentRequests halfSent;
    private HalfSentRequests.@Nullable Request coming;

    HttpOneIntake(HalfSentRequests halfSent) {
        this.halfSent = halfSent;
    }

    private HalfSentRequests.Request coming(ChannelHandlerContext context) {
        HalfSentRequests.Request known = coming;
        if (known == null) {
            // Closes below the handler of requests, which puts a close off until it has answered.
            known = halfSent.begin(
                    context.channel().remoteAddress(), () -> context.executor().execute(() -> context.close()));
            coming = known;
        }
        return known;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            HalfSentRequests.Request request = coming(context);
            request.part(bytes.readableBytes() + HalfSentRequests.PIECE_BYTES);
            if (request.givenUp()) {
                ReferenceCountUtil.release(message);
                return;
            }
        }
        context.fireChannelRead(message);
    }

    /** The request that was coming is whole: its account goes to who answers it. */
    HalfSentRequests.Request whole(ChannelHandlerContext context) {
        HalfSentRequests.Request request = coming(context);
        coming = null;
        return request;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        HalfSentRequests.Request request = coming;
        if (request != null) {
            request.release();
            coming = null;
        }
        context.fireChannelInactive();
    }
}
