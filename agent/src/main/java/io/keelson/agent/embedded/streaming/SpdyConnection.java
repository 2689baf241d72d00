package io.keelson.agent.embedded.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of SPDY/3.1 as clients of Kubernetes speak it: without windows, so who is slow stops the whole
 * connection. One thread receives, any may send.
 */
final class SpdyConnection implements AutoCloseable {
    static final String PROTOCOL = "SPDY/3.1";

    private static final int CHUNK_BYTES_MAX = 16 << 10;
    private static final int HEADER_BYTES_MAX = 16 << 10;
    private static final int NO_COMPRESSION = 0;
    private static final int WINDOW_BITS = 15;
    private static final int MEMORY_LEVEL = 8;

    private final InputStream in;
    private final OutputStream out;
    private final EmbeddedChannel decoder = codec();
    private final EmbeddedChannel encoder = codec();
    private final ReentrantLock sending = new ReentrantLock();
    private final byte[] piece = new byte[CHUNK_BYTES_MAX];

    /** What a client does. */
    sealed interface Event {}

    /**
     * It opens a stream.
     *
     * @param type what the stream is for, the field {@code streamtype}
     * @param port for ports
     * @param request by which the two streams of a port know each other
     */
    record Opened(int stream, String type, String port, String request) implements Event {}

    /** It sends something; {@code last}: and nothing after it. */
    record Data(int stream, byte[] bytes, boolean last) implements Event {}

    /** It does not want a stream any more. */
    record Reset(int stream) implements Event {}

    SpdyConnection(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    private static EmbeddedChannel codec() {
        return new EmbeddedChannel(new SpdyFrameCodec(
                SpdyVersion.SPDY_3_1, CHUNK_BYTES_MAX, HEADER_BYTES_MAX, NO_COMPRESSION, WINDOW_BITS, MEMORY_LEVEL));
    }

    /**
     * The next event; null when the client goes.
     *
     * @throws IOException if what comes is no SPDY
     */
    @Nullable
    Event receive() throws IOException {
        while (true) {
            Object frame = decoder.readInbound();
            if (frame == null) {
                int count = in.read(piece);
                if (count < 0) {
                    return null;
                }
                decode(Unpooled.copiedBuffer(piece, 0, count));
                continue;
            }
            try {
                switch (frame) {
                    case SpdySynStreamFrame opened -> {
                        if (opened.isInvalid() || opened.isTruncated()) {
                            throw new IOException("the header of a stream is malformed");
                        }
                        return new Opened(
                                opened.streamId(),
                                header(opened, "streamtype"),
                                header(opened, "port"),
                                header(opened, "requestid"));
                    }
                    case SpdyDataFrame data -> {
                        return new Data(data.streamId(), ByteBufUtil.getBytes(data.content()), data.isLast());
                    }
                    case SpdyRstStreamFrame reset -> {
                        return new Reset(reset.streamId());
                    }
                    case SpdyPingFrame ping -> send(new DefaultSpdyPingFrame(ping.id()));
                    case SpdyGoAwayFrame _ -> {
                        return null;
                    }
                    default -> {
                        // Settings and windows change nothing here.
                    }
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }
    }

    private void decode(ByteBuf bytes) throws IOException {
        try {
            var _ = decoder.writeInbound(bytes);
        } catch (RuntimeException malformed) {
            throw new IOException("the client does not speak SPDY/3.1", malformed);
        }
    }

    private static String header(SpdySynStreamFrame frame, String name) {
        String value = frame.headers().getAsString(name);
        return value == null ? "" : value;
    }

    /** Takes a stream that was opened. */
    void accept(int stream) throws IOException {
        DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(stream);
        // The library sends no block of headers where there are none, and kubectl cannot read a reply without one.
        reply.headers().set(":status", "200");
        reply.headers().set(":version", "HTTP/1.1");
        send(reply);
    }

    /** Refuses one. */
    void refuse(int stream) throws IOException {
        send(new DefaultSpdyRstStreamFrame(stream, SpdyStreamStatus.REFUSED_STREAM));
    }

    /** Sends something; waits while the client takes nothing. */
    void send(int stream, byte[] bytes, boolean last) throws IOException {
        int at = 0;
        do {
            int length = Math.min(bytes.length - at, CHUNK_BYTES_MAX);
            DefaultSpdyDataFrame frame = new DefaultSpdyDataFrame(stream, Unpooled.copiedBuffer(bytes, at, length));
            at += length;
            frame.setLast(last && at == bytes.length);
            send(frame);
        } while (at < bytes.length);
    }

    private void send(Object frame) throws IOException {
        sending.lock();
        try {
            var _ = encoder.writeOutbound(frame);
            ByteBuf bytes = encoder.readOutbound();
            while (bytes != null) {
                bytes.readBytes(out, bytes.readableBytes());
                bytes.release();
                bytes = encoder.readOutbound();
            }
            out.flush();
        } finally {
            sending.unlock();
        }
    }

    /** Gives the memory of the codec back. */
    @Override
    public void close() {
        sending.lock();
        try {
            var _ = decoder.finishAndReleaseAll();
            var _ = encoder.finishAndReleaseAll();
        } finally {
            sending.unlock();
        }
    }
}
