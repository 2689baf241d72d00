package io.keelson.apiserver.egress;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A connection over a unix socket as a {@link Socket}, which is what TLS is put on. Reading and writing are done by one
 * thread each. While a limit on the time of reads is set, nobody may write beside who reads.
 */
final class UnixSocket extends Socket {
    private final SocketChannel channel;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private volatile int timeoutMillis;

    /** @param channel blocking */
    UnixSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** One that is not connected yet. */
    static UnixSocket open() throws IOException {
        return new UnixSocket(SocketChannel.open(StandardProtocolFamily.UNIX));
    }

    void connect(Path path) throws IOException {
        var _ = channel.connect(UnixDomainSocketAddress.of(path));
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
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

    /** Data is always sent at once. */
    @Override
    public void setTcpNoDelay(boolean on) {}

    /** The other side is on this machine. */
    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public void shutdownInput() throws IOException {
        var _ = channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        var _ = channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private int readWithin(ByteBuffer into, int millis) throws IOException {
        channel.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_READ);
            if (selector.select(millis) == 0) {
                throw new SocketTimeoutException("Read timed out");
            }
            return channel.read(into);
        } finally {
            if (channel.isOpen()) {
                channel.configureBlocking(true);
            }
        }
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
            ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
            int millis = timeoutMillis;
            return millis == 0 ? channel.read(buffer) : readWithin(buffer, millis);
        }

        @Override
        public void close() throws IOException {
            UnixSocket.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(from, offset, length);
            while (buffer.hasRemaining()) {
                var _ = channel.write(buffer);
            }
        }

        @Override
        public void close() throws IOException {
            UnixSocket.this.close();
        }
    }
}
