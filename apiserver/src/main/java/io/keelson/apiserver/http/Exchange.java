package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, whatever the version of HTTP. The virtual thread of the request calls, in this order,
 * {@link #sendHead}, {@link #sendData} any number of times, {@link #sendEnd}; or {@link #sendWhole} alone; or, at any
 * time, {@link #abort}. All of them hand over to the event loop, in order, and return at once. Before more data it calls
 * {@link #awaitRoom}, which waits while {@link #IN_FLIGHT_BYTES} or more have not been taken by the operating system. That
 * is all of an answer made bit by bit that a client that does not read can make the server hold; for whole ones, see {@link
 * UnreadAnswers}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
abstract class Exchange {
    /** What may be on its way to the client before the writer waits. */
    static final int IN_FLIGHT_BYTES = 128 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long inFlightBytes;
    private boolean gone;
    private boolean leaving;
    private @Nullable Thread lasting;
    private UnreadAnswers.@Nullable Answer held;
    /** Whether all of the answer is on its way, so far as it will ever be. */
    private boolean handedOver;

    /** Counts what was sent, when the operating system has taken it or will not any more. */
    private final class Sent implements ChannelFutureListener {
        private final int bytes;

        Sent(int bytes) {
            this.bytes = bytes;
        }

        @Override
        public void operationComplete(ChannelFuture future) {
            taken(bytes);
            if (!future.isSuccess()) {
                clientGone();
            }
        }
    }

    abstract RequestHead head();

    abstract IncomingBody body();

    /** The connection, or the stream of it. */
    abstract Channel channel();

    abstract InetSocketAddress remote();

    /** The client's chain as it was shown, not judged; empty for none. */
    abstract List<X509Certificate> clientCertificates();

    /**
     * Sends a head of status 101; from then on data is sent as it is, and what the client sends is read from the result.
     *
     * @return null if this version of HTTP has no such thing; nothing is sent then
     */
    abstract @Nullable IncomingBody upgrade(ResponseHead head);

    /** After an upgrade: nothing more is sent, while the client may still send. */
    abstract void endOutput();

    /** Sends what a client waits for that asked for permission to send the body. */
    abstract void sendContinue();

    /** Asks the client to send its next requests over another connection, if this version of HTTP can say so. */
    abstract void askToLeave();

    /** Has the client send its next requests over another connection; before the head is sent. */
    abstract void endConnection();

    /** In the event loop. */
    protected abstract ChannelFuture writeHead(ResponseHead head, boolean end);

    /** In the event loop. */
    protected abstract ChannelFuture writeData(ByteBuf data, boolean end);

    /**
     * In the event loop, after the last part was written.
     *
     * @param end of the write that carries the end; null if that is still to be written
     */
    protected abstract void finish(@Nullable ChannelFuture end);

    /** In the event loop: ends so that the client sees that the answer is not complete. */
    protected abstract void breakOff();

    /** Any thread: ends the connection at once, and all else that is under way on it. */
    abstract void disconnect();

    /** Counts an answer that is about to be sent, until the client has taken it or is gone. */
    final void holds(UnreadAnswers.Answer answer) {
        lock.lock();
        try {
            held = answer;
            if (gone) {
                answer.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void allHandedOver() {
        lock.lock();
        try {
            handedOver = true;
            if (held != null && inFlightBytes == 0) {
                held.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A whole answer. */
    final void sendWhole(ResponseHead head, ByteBuf data) {
        int bytes = data.readableBytes();
        charge(bytes);
        allHandedOver();
        boolean accepted = inLoop(() -> {
            boolean empty = bytes == 0;
            ChannelFuture end = writeHead(head, empty);
            if (empty) {
                data.release();
            } else {
                end = writeData(data, true).addListener(new Sent(bytes));
            }
            channel().flush();
            finish(end);
        });
        if (!accepted) {
            data.release();
        }
    }

    final void sendHead(ResponseHead head, boolean flush) {
        inLoop(() -> {
            writeHead(head, false);
            if (flush) {
                channel().flush();
            }
        });
    }

    /** Part of an answer; the buffer is given away. */
    final void sendData(ByteBuf data) {
        int bytes = data.readableBytes();
        charge(bytes);
        boolean accepted = inLoop(() -> {
            writeData(data, false).addListener(new Sent(bytes));
            channel().flush();
        });
        if (!accepted) {
            data.release();
        }
    }

    final void sendEnd() {
        allHandedOver();
        inLoop(() -> {
            finish(null);
            channel().flush();
        });
    }

    final void abort() {
        allHandedOver();
        inLoop(this::breakOff);
    }

    /** Runs in the event loop. False if that has ended, with its server, and so has the connection. */
    final boolean inLoop(Runnable task) {
        try {
            channel().eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            clientGone();
            return false;
        }
    }

    private void charge(int bytes) {
        lock.lock();
        try {
            inFlightBytes += bytes;
        } finally {
            lock.unlock();
        }
    }

    private void taken(int bytes) {
        lock.lock();
        try {
            boolean waited = inFlightBytes >= IN_FLIGHT_BYTES;
            inFlightBytes -= bytes;
            if (held != null) {
                held.taken();
                if (handedOver && inFlightBytes == 0) {
                    held.close();
                }
            }
            if (waited && inFlightBytes < IN_FLIGHT_BYTES) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until more may be sent.
     *
     * @throws IOException once the client is gone, or the thread is interrupted
     */
    final void awaitRoom() throws IOException {
        lock.lock();
        try {
            while (inFlightBytes >= IN_FLIGHT_BYTES && !unwanted()) {
                changed.await();
            }
            if (unwanted()) {
                throw new IOException("the client is gone");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the client does not read");
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody will read what is written now: a lasting answer ends as soon as the client leaves. */
    private boolean unwanted() {
        return gone || (leaving && lasting != null);
    }

    final boolean isGone() {
        lock.lock();
        try {
            return gone || leaving;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The client will send nothing more. It may still read the answer, if that comes to an end; a lasting one is taken to
     * be of no use to it any more.
     */
    final void clientLeaves() {
        lock.lock();
        try {
            leaving = true;
            if (lasting != null) {
                changed.signalAll();
                lasting.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The client has given up: who writes to it is told so, by an interrupt if it waits for something else. */
    final void clientGone() {
        lock.lock();
        try {
            if (!gone) {
                gone = true;
                if (held != null) {
                    held.close();
                }
                changed.signalAll();
                if (lasting != null) {
                    lasting.interrupt();
                }
            }
        } finally {
            lock.unlock();
        }
        body().fail(new IOException("the client is gone"));
    }

    /**
     * From now until {@link #endLasting} the calling thread writes an answer that may last. If the client has left before,
     * the thread is interrupted at once: the writer is to run all the same, since it alone lets go of what it holds.
     */
    final void beginLasting() {
        lock.lock();
        try {
            lasting = Thread.currentThread();
            if (gone || leaving) {
                lasting.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The calling thread is interrupted no more. */
    final void endLasting() {
        lock.lock();
        try {
            lasting = null;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that are not copied. */
    static ByteBuf wrap(ByteBuffer... parts) {
        return Unpooled.wrappedBuffer(parts.length, parts);
    }
}
