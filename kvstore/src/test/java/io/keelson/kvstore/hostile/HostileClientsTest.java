package io.keelson.kvstore.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every attack for a moment, while others put and read: none of their calls fails, and all members stay in service. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
    private static final int ATTACK_MS = 700;

    /** Far beyond what a call takes, and far below what a member that is held up would make it take. */
    private static final double SLOWEST_MS = 5_000;

    private final Path directory;
    private @Nullable LocalCluster started;

    HostileClientsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeAll
    void start() throws Exception {
        LocalCluster cluster = LocalCluster.start(directory);
        started = cluster;
        byte[] value = "v".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 100; i++) {
            KVGrpc.newBlockingStub(cluster.channel(0))
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("bulk/" + i))
                            .setValue(ByteString.copyFrom(value))
                            .build());
        }
    }

    @AfterAll
    void stop() {
        cluster().close();
    }

    private LocalCluster cluster() {
        if (started == null) {
            throw new IllegalStateException("the cluster did not start");
        }
        return started;
    }

    private List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < cluster().size(); i++) {
            targets.add(new Target(
                    "127.0.0.1", cluster().server(i).clientUrls().getFirst().port()));
        }
        return targets;
    }

    @ParameterizedTest
    @EnumSource
    void othersAreServedDuring(Attack attack) throws Exception {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < cluster().size(); i++) {
            channels.add(cluster().channel(i));
        }
        Siege.Outcome outcome;
        try (GoodClients clients = new GoodClients(channels)) {
            outcome = Siege.run(attack, targets(), clients, ATTACK_MS, 1);
        }
        assertEquals(List.of(), outcome.look().failures(), outcome.line());
        assertTrue(outcome.look().tookNanos().length > 0, outcome.line());
        assertTrue(outcome.look().millisAt(1) < SLOWEST_MS, outcome.line());
        cluster().assertServingTheSame();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aConnectionThatSaysNothingIsClosed() throws IOException {
        try (RawConnection silent = new RawConnection(targets().getFirst());
                RawConnection halfPreface = new RawConnection(targets().getFirst());
                RawConnection halfRequest = new RawConnection(targets().getFirst())) {
            halfPreface.send("PR");
            halfRequest.send("GET /hea");
            assertFalse(silent.closedWithin(100), "not at once");
            assertTrue(silent.closedWithin(15_000), "one that says nothing");
            assertTrue(halfPreface.closedWithin(5_000), "one that stops in the preface");
            assertTrue(halfRequest.closedWithin(30_000), "one that stops in its request");
        }
    }

    @Test
    void aFloodOfResetsEndsTheConnection() throws IOException {
        assertCutShort(Attack.RESET_FLOOD);
    }

    @Test
    void headersWithoutEndEndTheConnection() throws IOException {
        assertCutShort(Attack.CONTINUATION_FLOOD);
    }

    private void assertCutShort(Attack attack) throws IOException {
        boolean cut = false;
        try {
            attack.strike(targets().getFirst(), new java.util.Random(2));
        } catch (IOException e) {
            cut = true;
        }
        assertTrue(cut, "the server lets " + attack.title() + " go on");
    }
}
