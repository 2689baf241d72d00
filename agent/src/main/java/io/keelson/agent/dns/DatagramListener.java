package io.keelson.agent.dns;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes questions by UDP. A few threads read from one socket in turn; whoever has read a question answers it, if the answer is
 * known here, while the next reads on.
 */
final class DatagramListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramListener.class);
    private static final int OCTETS_MAX = 4096;
    private static final int WAITING_OCTETS = 4 << 20;
    private static final long PAUSE_MILLIS = 10;

    private final DatagramChannel channel;
    private final QueryHandler handler;
    private final QueryHandler.Way way;
    private final List<Thread> threads = new ArrayList<>();

    /**
     * Listens.
     *
     * @throws IOException if the address is taken, or none of this machine
     */
    DatagramListener(InetSocketAddress address, QueryHandler handler, int threadCount) throws IOException {
        this.handler = handler;
        InetAddress host = address.getAddress();
        way = new QueryHandler.Way(false, host instanceof Inet6Address);
        channel = DatagramChannel.open();
        try {
            // What comes in all at once waits there.
            channel.setOption(StandardSocketOptions.SO_RCVBUF, WAITING_OCTETS);
            channel.bind(address);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        for (int i = 0; i < threadCount; i++) {
            threads.add(Thread.ofPlatform().daemon().name("dns-udp-" + i).start(this::receive));
        }
    }

    /** The address with the port that was taken. */
    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    private void receive() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(OCTETS_MAX);
        byte[] octets = new byte[OCTETS_MAX];
        while (true) {
            try {
                buffer.clear();
                SocketAddress from = channel.receive(buffer);
                buffer.flip();
                int length = buffer.remaining();
                buffer.get(octets, 0, length);
                handler.handle(octets, length, way, answer -> send(answer, from));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException | RuntimeException e) {
                LOG.warn("a question by UDP: {}", e.getMessage(), e);
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void send(byte[] answer, SocketAddress to) {
        try {
            channel.send(ByteBuffer.wrap(answer), to);
        } catch (IOException e) {
            // Who asked asks again; he may have given an address that nothing can be sent to.
            LOG.debug("an answer to {}: {}", to, e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
