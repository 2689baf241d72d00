package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.raft.RaftNode;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is turned away before it is in the log. */
class LogProposalsTest {
    private static final int REQUEST_BYTES_MAX = 100;

    private long unapplied = 0;
    private final RaftNode log = (RaftNode) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {RaftNode.class}, (_, method, _) -> switch (method.getName()) {
                case "unappliedEntries" -> unapplied;
                case "propose" -> CompletableFuture.completedFuture(ApplyResult.success(1));
                default -> throw new UnsupportedOperationException(method.getName());
            });
    private final LogProposals proposals = new LogProposals(log, REQUEST_BYTES_MAX);

    private static Command command(int bytes) {
        return Command.of(CommandKind.PUT, new byte[bytes]);
    }

    private static void assertRefused(EtcdError error, CompletableFuture<ApplyResult> outcome) {
        EtcdException refusal = assertInstanceOf(EtcdException.class, outcome.exceptionNow());
        assertEquals(error, refusal.error());
    }

    @Test
    void whileTooManyEntriesWaitToBeAppliedClientsAreRefusedAndTheSystemIsNot() {
        unapplied = LogProposals.UNAPPLIED_ENTRIES_MAX;
        assertTrue(proposals.propose(command(1)).isDone());
        unapplied++;
        assertRefused(EtcdError.TOO_MANY_REQUESTS, proposals.propose(command(1)));
        assertEquals(1, proposals.proposeSystem(command(1)).resultNow().revision());
        unapplied--;
        assertEquals(1, proposals.propose(command(1)).resultNow().revision());
    }

    @Test
    void whatIsLargerThanARequestMayBeIsRefused() {
        assertEquals(
                1, proposals.propose(command(REQUEST_BYTES_MAX)).resultNow().revision());
        assertRefused(EtcdError.REQUEST_TOO_LARGE, proposals.propose(command(REQUEST_BYTES_MAX + 1)));
    }
}
