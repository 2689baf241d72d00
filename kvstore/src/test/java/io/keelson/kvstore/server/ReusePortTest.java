package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.raft.FreePorts;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --socket-reuse-port}: whether another one who asks for the same may listen where a member does. */
class ReusePortTest {
    @TempDir
    Path directory = Path.of("");

    private int peerPort;
    private int metricsPort;

    @BeforeEach
    void choosePorts() throws IOException {
        assumeTrue(Epoll.isAvailable(), "listeners for clients set it with epoll alone");
        peerPort = FreePorts.one();
        metricsPort = FreePorts.one();
    }

    private KvServer start(boolean reusePort) throws StartFailure {
        return TestServers.start(List.of(
                "--data-dir=" + directory.resolve("a"),
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-metrics-urls=http://127.0.0.1:" + metricsPort,
                "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort,
                "--unsafe-no-fsync",
                "--socket-reuse-port=" + reusePort));
    }

    private static void listenToo(int port) throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open()) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
    }

    @Test
    void withTheFlagClientsMembersAndMetricsHavePortsThatCanBeShared() throws Exception {
        try (KvServer server = start(true)) {
            listenToo(server.clientUrls().getFirst().port());
            listenToo(peerPort);
            listenToo(metricsPort);
        }
    }

    @Test
    void withoutItNoPortCanBeShared() throws Exception {
        try (KvServer server = start(false)) {
            int clientPort = server.clientUrls().getFirst().port();
            for (int port : List.of(clientPort, peerPort, metricsPort)) {
                assertThrows(BindException.class, () -> listenToo(port), () -> "port " + port);
            }
        }
    }
}
