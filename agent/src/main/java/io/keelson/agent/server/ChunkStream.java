package io.keelson.agent.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;

/** The body of an answer. Each piece is with the network before the next one is taken, so that no more is held. */
final class ChunkStream extends OutputStream {
    private final ChannelHandlerContext context;

    ChunkStream(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        if (count == 0) {
            // A piece without bytes would end the body.
            return;
        }
        ChannelFuture written = context.writeAndFlush(
                new DefaultHttpContent(Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, from, from + count))));
        try {
            written.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the client has left");
        }
        if (!written.isSuccess()) {
            throw new IOException("the client takes no more", written.cause());
        }
    }
}
