package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.transport.TestAuthority;
import io.keelson.raft.transport.TestAuthority.KeyForm;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerCallsTest {
    @TempDir
    Path directory;

    @Test
    void membersAskEachOtherAndJoinersAskMembers() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.node(1).peerCalls().serve("hash", request -> CompletableFuture.completedFuture(request));
            cluster.node(1)
                    .peerCalls()
                    .serveJoiners("hello", request -> CompletableFuture.completedFuture("hi".getBytes(UTF_8)));
            cluster.node(1)
                    .peerCalls()
                    .serve("sad", request -> CompletableFuture.failedFuture(new IllegalStateException("cannot")));
            byte[] request = {1, 2, 3};
            assertArrayEquals(
                    request, TestCluster.get(cluster.node(2).peerCalls().call(1, "hash", request, 5_000)));
            RaftException told = assertThrows(
                    RaftException.Unreachable.class,
                    () -> TestCluster.get(cluster.node(2).peerCalls().call(1, "sad", request, 5_000)));
            assertTrue(String.valueOf(told.getMessage()).contains("cannot"), told.getMessage());
            String url = cluster.urls(1).getFirst();
            assertArrayEquals(
                    "hi".getBytes(UTF_8), TestCluster.get(PeerCalls.ask(url, null, 0, "hello", request, 5_000)));
            assertThrows(
                    RaftException.Unreachable.class,
                    () -> TestCluster.get(PeerCalls.ask(url, null, 0, "hash", request, 5_000)));
        }
    }

    @Test
    void aClusterWorksOverMutualTls() {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("peer", "peer", KeyForm.SEC1);
        PeerTls tls = new PeerTls(
                directory.resolve("peer.crt"),
                directory.resolve("peer.key"),
                null,
                null,
                authority.caFile(),
                null,
                true,
                List.of(),
                List.of(),
                false,
                null,
                List.of(),
                List.of(),
                false);
        try (TestCluster cluster = TestCluster.secured(directory, 3, tls)) {
            cluster.propose(1, "a");
            cluster.propose(2, "b");
            cluster.propose(3, "c");
            cluster.agreeOn(3);
        }
    }

    @Test
    void aMemberOfAnotherClusterGetsNothing() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(1, "ours");
            cluster.with(config -> new Changed(config).clusterId(0xbadL).config());
            cluster.start(4);
            RaftException told = assertThrows(
                    RaftException.Unreachable.class,
                    () -> TestCluster.get(cluster.node(4).peerCalls().call(1, "anything", new byte[0], 2_000)));
            assertTrue(String.valueOf(told.getMessage()).contains("cluster ID mismatch"), told.getMessage());
        }
    }
}
