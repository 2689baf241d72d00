package io.keelson.kvstore.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers that are alike show no difference; of two that are not, it is found. */
class DifferenceTest {
    private static final long SEED = 11;

    /** Enough for the first large values to come, and for leases of a few seconds. */
    private static final long CALLS = 1_600;

    private static KvServer server(Path folder, String... more) throws Exception {
        int peerPort = FreePorts.one();
        List<String> flags = new ArrayList<>(List.of(
                "--data-dir=" + folder,
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort,
                "--unsafe-no-fsync"));
        flags.addAll(List.of(more));
        return KvServer.start(ServerConfig.of(flags.toArray(String[]::new)));
    }

    private static String endpoint(KvServer server) {
        return "127.0.0.1:" + server.clientUrls().getFirst().port();
    }

    private static Difference compare(KvServer right, KvServer other) throws InterruptedException {
        Difference difference = new Difference(SEED);
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        assertEquals(CALLS, difference.run(endpoint(right), List.of(endpoint(other)), CALLS, deadline));
        return difference;
    }

    @Test
    void serversThatAreAlikeDoNotDiffer(@TempDir Path folder) throws Exception {
        try (KvServer right = server(folder.resolve("right"));
                KvServer other = server(folder.resolve("other"))) {
            Difference difference = compare(right, other);
            assertTrue(difference.watchEvents() > CALLS, difference.watchEvents() + " events");
            assertTrue(difference.fragments() > 0, "nothing was large enough to be cut");
        }
    }

    @Test
    void anotherLeastTimeToLiveIsFound(@TempDir Path folder) throws Exception {
        try (KvServer right = server(folder.resolve("right"));
                KvServer other = server(folder.resolve("other"), "--election-timeout=4000")) {
            AssertionError found = assertThrows(AssertionError.class, () -> compare(right, other));
            assertTrue(String.valueOf(found.getMessage()).contains("LeaseBriefly"), String.valueOf(found.getMessage()));
        }
    }

    @Test
    void aRangeThatIsNotStreamedAsItIsAnsweredIsFound(@TempDir Path folder) throws Exception {
        try (KvServer right = server(folder.resolve("right"));
                KvServer other = server(folder.resolve("other"), "--feature-gates=RangeStream=false")) {
            AssertionError found = assertThrows(AssertionError.class, () -> compare(right, other));
            assertTrue(
                    String.valueOf(found.getMessage()).contains("the streamed answer to call"),
                    String.valueOf(found.getMessage()));
        }
    }

    @Test
    void answersThatAreNotCutAreFound(@TempDir Path folder) throws Exception {
        try (KvServer right = server(folder.resolve("right"));
                KvServer other = server(folder.resolve("other"), "--max-request-bytes=33554432")) {
            AssertionError found = assertThrows(AssertionError.class, () -> compare(right, other));
            assertTrue(String.valueOf(found.getMessage()).contains("fragments"), String.valueOf(found.getMessage()));
        }
    }
}
