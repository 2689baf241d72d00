package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a lasting answer is written. Gathers small writes until it is flushed or {@link #GATHERED_BYTES} are there, then
 * waits for room and sends. For one thread.
 */
final class AnswerStream extends OutputStream {
    private static final int GATHERED_BYTES = 16 << 10;
    private static final int PIECE_BYTES_MAX = 64 << 10;

    private final Exchange exchange;
    private final long bytesMax;
    private final Runnable onClose;
    private long written;
    private @Nullable ByteBuf gathered;
    private boolean closed;

    /**
     * @param bytesMax how much may be written, at most
     * @param onClose what happens when the writer closes the stream, once, after what was written was sent
     */
    AnswerStream(Exchange exchange, long bytesMax, Runnable onClose) {
        this.exchange = exchange;
        this.bytesMax = bytesMax;
        this.onClose = onClose;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (closed) {
            throw new IOException("the answer has ended");
        }
        if (length > bytesMax - written) {
            throw new IOException("the answer is longer than its Content-Length");
        }
        written += length;
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (gathered == null && end - at >= GATHERED_BYTES) {
                int size = Math.min(end - at, PIECE_BYTES_MAX);
                exchange.awaitRoom();
                exchange.sendData(exchange.channel().alloc().buffer(size).writeBytes(bytes, at, size));
                at += size;
                continue;
            }
            ByteBuf into = gathered == null ? exchange.channel().alloc().buffer(1_024, GATHERED_BYTES) : gathered;
            gathered = into;
            int size = Math.min(end - at, into.maxWritableBytes());
            into.writeBytes(bytes, at, size);
            at += size;
            if (!into.isWritable() && into.maxWritableBytes() == 0) {
                flush();
            }
        }
    }

    /** Bytes so far. */
    long written() {
        return written;
    }

    @Override
    public void flush() throws IOException {
        if (gathered == null) {
            return;
        }
        try {
            exchange.awaitRoom();
        } catch (IOException e) {
            release();
            throw e;
        }
        ByteBuf data = gathered;
        gathered = null;
        exchange.sendData(data);
    }

    /** Gives back what was gathered and will not be sent. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            flush();
            closed = true;
            onClose.run();
        }
    }
}
