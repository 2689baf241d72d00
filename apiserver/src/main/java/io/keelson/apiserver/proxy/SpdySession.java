package io.keelson.apiserver.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * SPDY/3.1 as the agents of nodes speak it, the client's side: streams that are told apart by header fields. There are no
 * windows: whoever is slow stops the connection as a whole. One thread reads; any may write.
 */
final class SpdySession implements AutoCloseable {
    static final String PROTOCOL = "SPDY/3.1";

    private static final int CHUNK_BYTES_MAX = 16 << 10;
    private static final int HEADER_BYTES_MAX = 16 << 10;
    private static final int READ_BYTES = 16 << 10;
    private static final int NO_COMPRESSION = 0;
    private static final int WINDOW_BITS = 15;
    private static final int MEMORY_LEVEL = 8;

    private final InputStream in;
    private final OutputStream out;
    private final EmbeddedChannel decoder = codec();
    private final EmbeddedChannel encoder = codec();
    private final ReentrantLock writing = new ReentrantLock();

    /** What the other side wants to have returned; 0 for nothing. */
    private final AtomicInteger ping = new AtomicInteger();

    private final byte[] read = new byte[READ_BYTES];
    private int nextStream = 1;

    SpdySession(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    private static EmbeddedChannel codec() {
        return new EmbeddedChannel(new SpdyFrameCodec(
                SpdyVersion.SPDY_3_1, CHUNK_BYTES_MAX, HEADER_BYTES_MAX, NO_COMPRESSION, WINDOW_BITS, MEMORY_LEVEL));
    }

    /** Opens a stream; it may be written to once the other side has replied. Returns its number. */
    int open(String field, String value) throws IOException {
        writing.lock();
        try {
            int stream = nextStream;
            nextStream += 2;
            SpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(stream, 0, (byte) 0);
            frame.headers().set(field, value);
            write(frame);
            return stream;
        } finally {
            unlock();
        }
    }

    /** @param last whether nothing more will come on the stream */
    void send(int stream, byte[] data, boolean last) throws IOException {
        writing.lock();
        try {
            DefaultSpdyDataFrame frame = new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(data));
            frame.setLast(last);
            write(frame);
        } finally {
            unlock();
        }
    }

    private void write(Object frame) throws IOException {
        encoder.writeOutbound(frame);
        ByteBuf bytes = encoder.readOutbound();
        while (bytes != null) {
            bytes.readBytes(out, bytes.readableBytes());
            bytes.release();
            bytes = encoder.readOutbound();
        }
        out.flush();
    }

    private void unlock() throws IOException {
        try {
            int wanted = ping.getAndSet(0);
            if (wanted != 0) {
                write(new DefaultSpdyPingFrame(wanted));
            }
        } finally {
            writing.unlock();
        }
    }

    /**
     * Waits for the next frame; pings are answered. Who gets it releases it.
     *
     * @return null at the end of the connection
     */
    @Nullable
    Object receive() throws IOException {
        while (true) {
            Object frame = decoder.readInbound();
            if (frame instanceof SpdyPingFrame wanted) {
                ping.set(wanted.id());
                // Whoever writes now, and may have to wait, returns it; the reader never waits for that.
                if (writing.tryLock()) {
                    unlock();
                }
                continue;
            }
            if (frame != null) {
                return frame;
            }
            int count = in.read(read);
            if (count < 0) {
                return null;
            }
            decode(count);
        }
    }

    @SuppressWarnings("CatchingUnchecked") // What the codec throws is checked, and declared nowhere.
    private void decode(int count) throws IOException {
        try {
            decoder.writeInbound(Unpooled.copiedBuffer(read, 0, count));
        } catch (Exception e) {
            throw new IOException("malformed SPDY: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Object left = decoder.readInbound();
        while (left != null) {
            ReferenceCountUtil.release(left);
            left = decoder.readInbound();
        }
        decoder.finishAndReleaseAll();
        // Frees what the compression of headers holds; nobody writes any more, or fails.
        writing.lock();
        try {
            encoder.finishAndReleaseAll();
        } finally {
            writing.unlock();
        }
    }
}
