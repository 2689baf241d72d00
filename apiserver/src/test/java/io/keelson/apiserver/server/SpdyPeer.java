package io.keelson.apiserver.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The side of SPDY/3.1 that the agent of a node has: takes streams, and reads and writes them. */
final class SpdyPeer {
    private static final int PIPE_BYTES = 64 << 10;

    private final InputStream in;
    private final OutputStream out;
    private final EmbeddedChannel decoder = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final EmbeddedChannel encoder = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final Map<Integer, OutputStream> incoming = new ConcurrentHashMap<>();

    SpdyPeer(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** A stream that the other side has opened. */
    record Stream(int id, String type, String port, String requestId, InputStream in, OutputStream out) {}

    /** Takes streams until the connection ends. */
    void serve(Consumer<Stream> taken) throws IOException {
        byte[] read = new byte[8 << 10];
        int count = 0;
        try {
            while (count >= 0) {
                decoder.writeInbound(Unpooled.copiedBuffer(read, 0, count));
                for (Object frame = decoder.readInbound(); frame != null; frame = decoder.readInbound()) {
                    take(frame, taken);
                    ReferenceCountUtil.release(frame);
                }
                count = in.read(read);
            }
        } finally {
            for (OutputStream stream : incoming.values()) {
                stream.close();
            }
        }
    }

    private void take(Object frame, Consumer<Stream> taken) throws IOException {
        switch (frame) {
            case SpdySynStreamFrame opened -> {
                int id = opened.streamId();
                PipedOutputStream pipe = new PipedOutputStream();
                incoming.put(id, pipe);
                PipedInputStream data = new PipedInputStream(pipe, PIPE_BYTES);
                DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
                reply.headers().set("taken", "yes"); // The codec writes no block for no headers, which others expect.
                send(reply);
                taken.accept(new Stream(
                        id,
                        String.valueOf(opened.headers().get("streamtype")),
                        String.valueOf(opened.headers().get("port")),
                        String.valueOf(opened.headers().get("requestid")),
                        data,
                        output(id)));
            }
            case SpdyDataFrame data -> {
                OutputStream to = incoming.get(data.streamId());
                if (to != null) {
                    to.write(ByteBufUtil.getBytes(data.content()));
                    to.flush();
                    if (data.isLast()) {
                        to.close();
                    }
                }
            }
            case SpdyPingFrame ping -> send(new DefaultSpdyPingFrame(ping.id()));
            default -> {
                // Nothing that an agent would heed.
            }
        }
    }

    synchronized void send(Object frame) throws IOException {
        encoder.writeOutbound(frame);
        for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
            bytes.readBytes(out, bytes.readableBytes());
            bytes.release();
        }
        out.flush();
    }

    private OutputStream output(int id) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                send(new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(bytes, offset, length)));
            }

            @Override
            public void close() throws IOException {
                DefaultSpdyDataFrame last = new DefaultSpdyDataFrame(id);
                last.setLast(true);
                send(last);
            }
        };
    }
}
