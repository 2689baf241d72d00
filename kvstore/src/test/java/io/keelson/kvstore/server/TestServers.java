package io.keelson.kvstore.server;

import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Servers for tests: on loopback, on free ports, without waiting for the disk. */
final class TestServers {
    private TestServers() {}

    /** Flags of a lone member, to which more may be added. */
    static List<String> loneMember(Path directory) {
        int peerPort = FreePorts.one();
        return new ArrayList<>(List.of(
                "--data-dir=" + directory,
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort,
                "--unsafe-no-fsync"));
    }

    static KvServer start(List<String> flags) throws StartFailure {
        return KvServer.start(ServerConfig.of(flags.toArray(String[]::new)));
    }

    /** Waits until something holds. */
    static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not happen in time: " + what);
            }
            Thread.sleep(10);
        }
    }
}
