package io.keelson.apiserver.egress;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection through a konnectivity server as a {@link Socket}: a stream of packets that carries this one connection.
 * What has come and is not read yet is at most {@link #PACKETS_MAX} packets; whoever writes waits until gRPC wants more.
 * Reading and writing are done by one thread each.
 */
final class KonnectivitySocket extends Socket {
    private static final int PACKETS_MAX = 4;
    private static final int PIECE_BYTES = 32 << 10;
    /** How long the server has to say that a connection is closed. */
    private static final Duration FAREWELL_MAX = Duration.ofSeconds(10);

    private final ClientCall<byte[], byte[]> call;
    private final Runnable onEnd;
    private final long random = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
    private final InputStream input = new Input();
    private final OutputStream output = new Output();

    /** Guards what follows, and the call, which no two threads may use at a time. None of that waits for the network. */
    private final Object lock = new Object();

    private final Deque<byte[]> received = new ArrayDeque<>();
    private int readOfFirst;
    /** What the connection is called; 0 until there is one. */
    private long connection;
    /** Why nothing more comes; empty for no reason but that it has ended, null while something may come. */
    private @Nullable String end;

    private boolean heard;
    private boolean closed;
    private boolean ended;
    private volatile int timeoutMillis;

    /**
     * @param call not started
     * @param onEnd called once, when nothing is sent or received any more
     */
    KonnectivitySocket(ClientCall<byte[], byte[]> call, Runnable onEnd) {
        this.call = call;
        this.onEnd = onEnd;
    }

    /**
     * Connects.
     *
     * @throws IOException if the server cannot, or does not say in time; the connection is closed then
     */
    void dial(String target, Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (lock) {
            call.start(new Listener(), new Metadata());
            call.request(PACKETS_MAX);
            if (end == null) { // It is told within the calls above, too, that there is nobody.
                call.sendMessage(KonnectivityPacket.dialRequest(target, random));
            }
        }
        try {
            synchronized (lock) {
                while (connection == 0 && end == null && !closed) {
                    if (!awaitChange(deadline)) {
                        throw new IOException("dial timeout, context");
                    }
                }
                if (connection == 0) {
                    throw new IOException(end == null || end.isEmpty() ? "tunnel closed" : end);
                }
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Whether the server has said anything at all. */
    boolean heard() {
        synchronized (lock) {
            return heard;
        }
    }

    /** @return whether there was time left */
    private boolean awaitChange(long deadline) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        awaitChangeFor(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        return true;
    }

    /** @param millis 0 for as long as it takes */
    @SuppressWarnings("WaitNotInLoop") // Callers loop over what they wait for.
    private void awaitChangeFor(long millis) throws IOException {
        synchronized (lock) {
            try {
                lock.wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SocketException("Closed by interrupt");
            }
        }
    }

    private final class Listener extends ClientCall.Listener<byte[]> {
        @Override
        public void onMessage(byte[] message) {
            KonnectivityPacket packet;
            try {
                packet = KonnectivityPacket.read(message);
            } catch (IOException e) {
                synchronized (lock) {
                    end = "malformed packet: " + e.getMessage();
                    lock.notifyAll();
                }
                end();
                return;
            }
            boolean over;
            synchronized (lock) {
                heard = true;
                over = !take(packet);
                lock.notifyAll();
            }
            if (over) {
                end();
            }
        }

        @Override
        @SuppressWarnings("NakedNotify") // What has changed is the call.
        public void onReady() {
            synchronized (lock) {
                lock.notifyAll();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            synchronized (lock) {
                if (end == null) {
                    end = status.isOk() ? "" : status.getCode() + ": " + status.getDescription();
                }
                lock.notifyAll();
            }
            KonnectivitySocket.this.end();
        }
    }

    /** @return whether the stream is still of use */
    private boolean take(KonnectivityPacket packet) {
        switch (packet.type()) {
            case KonnectivityPacket.DIAL_RESPONSE -> {
                if (!packet.error().isEmpty()) {
                    end = packet.error();
                    return false;
                }
                connection = packet.number();
            }
            case KonnectivityPacket.CLOSE_DIAL -> {
                if (connection == 0) {
                    end = "dial closed";
                    return false;
                }
            }
            case KonnectivityPacket.DATA -> {
                if (packet.bytes().length > 0 && packet.number() == connection && !closed) {
                    received.add(packet.bytes());
                    return true; // More is asked for when it is read.
                }
            }
            case KonnectivityPacket.CLOSE_RESPONSE -> {
                end = "";
                return false;
            }
            default -> {
                // Of a later version; nothing that this one has to know.
            }
        }
        call.request(1);
        return true;
    }

    private void end() {
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
        }
        call.cancel("the connection has ended", null);
        onEnd.run();
    }

    @Override
    public boolean isConnected() {
        synchronized (lock) {
            return connection != 0;
        }
    }

    @Override
    public boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void setSoTimeout(int millis) {
        timeoutMillis = millis;
    }

    @Override
    public int getSoTimeout() {
        return timeoutMillis;
    }

    @Override
    public int getSoLinger() {
        return -1;
    }

    /** Half a connection cannot be closed there. */
    @Override
    public void shutdownInput() {}

    @Override
    public void shutdownOutput() {}

    /** Says so to the server, and gives it some time to answer. */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            received.clear();
            lock.notifyAll();
            if (end != null) {
                return; // It has ended by itself.
            }
            call.sendMessage(
                    connection == 0
                            ? KonnectivityPacket.closeDial(random)
                            : KonnectivityPacket.closeRequest(connection));
            call.request(PACKETS_MAX);
        }
        Thread.ofVirtual().name("konnectivity farewell").start(() -> {
            long deadline = System.nanoTime() + FAREWELL_MAX.toNanos();
            try {
                synchronized (lock) {
                    while (end == null && awaitChange(deadline)) {
                        // Until it has answered.
                    }
                }
            } catch (IOException e) {
                // Interrupted: it is not waited for.
            }
            end();
        });
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            int millis = timeoutMillis;
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            synchronized (lock) {
                while (received.isEmpty()) {
                    if (closed) {
                        throw new SocketException("Socket closed");
                    }
                    String why = end;
                    if (why != null && !why.isEmpty()) {
                        throw new IOException(why);
                    }
                    if (why != null) {
                        return -1;
                    }
                    if (millis == 0) {
                        awaitChangeFor(0);
                    } else if (!awaitChange(deadline)) {
                        throw new SocketTimeoutException("Read timed out");
                    }
                }
                byte[] first = received.getFirst();
                int count = Math.min(length, first.length - readOfFirst);
                System.arraycopy(first, readOfFirst, into, offset, count);
                readOfFirst += count;
                if (readOfFirst == first.length) {
                    var _ = received.removeFirst();
                    readOfFirst = 0;
                    if (end == null) {
                        call.request(1);
                    }
                }
                return count;
            }
        }

        @Override
        public int available() {
            synchronized (lock) {
                return received.isEmpty() ? 0 : received.getFirst().length - readOfFirst;
            }
        }

        @Override
        public void close() {
            KonnectivitySocket.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            int at = offset;
            while (at < offset + length) {
                int count = Math.min(PIECE_BYTES, offset + length - at);
                synchronized (lock) {
                    while (!closed && end == null && !call.isReady()) {
                        awaitChangeFor(0);
                    }
                    if (closed || end != null) {
                        throw new SocketException(closed ? "Socket closed" : "Broken pipe");
                    }
                    call.sendMessage(KonnectivityPacket.data(connection, from, at, count));
                }
                at += count;
            }
        }

        @Override
        public void close() {
            KonnectivitySocket.this.close();
        }
    }
}
