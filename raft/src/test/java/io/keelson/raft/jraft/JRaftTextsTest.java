package io.keelson.raft.jraft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.closure.ClosureQueueImpl;
import com.alipay.sofa.jraft.core.NodeImpl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What {@link Proposals} and {@link VoterTimer} rely on in this version of jraft. A new version must be looked at anew. */
class JRaftTextsTest {
    @Test
    void aRefusalBeforeTheLogReadsAsExpected() throws IOException {
        String node = constants(NodeImpl.class);
        assertTrue(node.contains("Is not leader."));
        assertTrue(node.contains("expected_term=%d doesn't match current_term=%d"));
        assertTrue(node.contains("Is transferring leadership."));
    }

    @Test
    void aLeaderThatStepsDownReadsDifferently() throws IOException {
        String queue = constants(ClosureQueueImpl.class);
        assertTrue(queue.contains("Leader stepped down"));
        assertFalse(queue.contains("Is not leader."));
    }

    @Test
    void theElectionTimerIsWhereItUsedToBe() throws ReflectiveOperationException {
        assertNotNull(NodeImpl.class.getDeclaredField("electionTimer"));
    }

    private static String constants(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            assertNotNull(in);
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
