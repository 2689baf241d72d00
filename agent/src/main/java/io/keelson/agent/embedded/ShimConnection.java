package io.keelson.agent.embedded;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a shim: it carries one request, and then maybe a stream. One thread reads, any may write; closing
 * it ends both.
 */
final class ShimConnection implements AutoCloseable {
    private static final int HEADER = 8;
    private static final int VERSION = 1;
    private static final int ANSWER_MAX = 8 << 20;

    /** Closes connections whose time is over; it never waits itself. */
    private static final ScheduledThreadPoolExecutor DEADLINES = deadlines();

    private final SocketChannel channel;
    private final ReentrantLock writing = new ReentrantLock();

    /** A frame that came. */
    record Frame(int message, byte[] payload) {}

    private ShimConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException if no shim listens there */
    static ShimConnection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new ShimConnection(channel);
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    /**
     * Asks, and waits for the answer; the connection stays open for what follows.
     *
     * @return the fields of the answer
     * @throws ShimRefusal if the shim says no
     * @throws IOException if it does not answer in time, or is gone
     */
    List<ShimFields.Field> request(int message, ShimFields request, Duration limit) throws IOException {
        ScheduledFuture<?> deadline =
                DEADLINES.schedule(this::close, Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
        try {
            send(message, request.toBytes());
            Frame answer = receive();
            if (answer == null) {
                throw new EOFException("the pod's shim ended");
            }
            return switch (answer.message()) {
                case ShimMessage.DONE -> ShimFields.read(answer.payload());
                case ShimMessage.FAILED ->
                    throw new ShimRefusal(ShimFields.text(ShimFields.read(answer.payload()), ShimTag.TEXT));
                default -> throw new IOException("the shim answered with frame " + answer.message());
            };
        } catch (ShimRefusal refusal) {
            throw refusal;
        } catch (IOException failure) {
            if (deadline.isDone()) {
                throw new IOException("the pod's shim did not answer within " + limit.toMillis() + " ms", failure);
            }
            throw failure;
        } finally {
            deadline.cancel(false);
        }
    }

    /** Closes the connection after some time, unless the returned future is cancelled before. */
    ScheduledFuture<?> closeAfter(Duration limit) {
        return DEADLINES.schedule(this::close, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits while the shim takes nothing. */
    void send(int message, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        frame.put((byte) 'K').put((byte) VERSION).put((byte) message).put((byte) 0);
        frame.putInt(payload.length).put(payload).flip();
        writing.lock();
        try {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        } finally {
            writing.unlock();
        }
    }

    /** The next frame; null at the end. */
    @Nullable
    Frame receive() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        if (!fill(header)) {
            return null;
        }
        int length = header.getInt(4);
        if (header.get(0) != 'K' || header.get(1) != VERSION || length < 0 || length > ANSWER_MAX) {
            throw new IOException("what answers is no shim of this version");
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        if (!fill(payload)) {
            throw new EOFException("the pod's shim ended within an answer");
        }
        return new Frame(Byte.toUnsignedInt(header.get(2)), payload.array());
    }

    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException ignored) {
            // It is of no use any more either way.
        }
    }

    private static ScheduledThreadPoolExecutor deadlines() {
        var executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("shim-deadlines").factory());
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }
}
