package io.keelson.benchmarks.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** First packets of connections, each of a socket of its own: the kernel finds their way before they are sent. */
final class FirstPackets {
    private static final int PACKETS = 3000;
    private static final int WARMING = 2000;

    private FirstPackets() {}

    /** How long each took, in nanoseconds. */
    static long[] send(String address, int port) throws IOException {
        InetSocketAddress to = new InetSocketAddress(address, port);
        ByteBuffer packet = ByteBuffer.allocateDirect(8);
        long[] nanos = new long[PACKETS];
        for (int i = -WARMING; i < PACKETS; i++) {
            try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
                channel.bind(new InetSocketAddress(0));
                packet.clear();
                long start = System.nanoTime();
                int _ = channel.send(packet, to);
                long took = System.nanoTime() - start;
                if (i >= 0) {
                    nanos[i] = took;
                }
            }
        }
        return nanos;
    }
}
