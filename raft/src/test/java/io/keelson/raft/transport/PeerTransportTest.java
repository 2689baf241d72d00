package io.keelson.raft.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.raft.Await;
import io.keelson.raft.FreePorts;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftObserver;
import io.keelson.raft.TestCluster;
import io.keelson.raft.transport.PeerReply.Failure;
import io.keelson.raft.transport.PeerTransport.Access;
import io.keelson.raft.transport.TestAuthority.KeyForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerTransportTest {
    private static final long CLUSTER = 7;

    @TempDir
    Path directory;

    private final List<PeerTransport> open = new ArrayList<>();

    /** What came of a request: the answer, or the kind of failure and its message. */
    private record Outcome(
            @Nullable ByteString answer, @Nullable Failure failure, String message) {}

    @AfterEach
    void close() {
        open.forEach(PeerTransport::close);
    }

    @Test
    void requestsArriveInOrderAndEachGetsItsOwnAnswer() throws IOException {
        ConcurrentLinkedQueue<String> arrived = new ConcurrentLinkedQueue<>();
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("echo", Access.MEMBERS, request -> {
            arrived.add(request.payload().toStringUtf8());
            request.respond(request.payload());
        });
        PeerTransport client = connected(server, transport(CLUSTER, 2, null), "http");
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            outcomes.add(ask(client, 1, "echo", Integer.toString(i)));
        }
        for (int i = 0; i < outcomes.size(); i++) {
            assertEquals(
                    ByteString.copyFromUtf8(Integer.toString(i)),
                    TestCluster.get(outcomes.get(i)).answer());
        }
        int expected = 0;
        for (String payload : arrived) {
            assertEquals(Integer.toString(expected++), payload);
        }
    }

    @Test
    void aLargeRequestGoesThrough() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve(
                "size",
                Access.MEMBERS,
                request -> request.respond(ByteString.copyFromUtf8(
                        Integer.toString(request.payload().size()))));
        PeerTransport client = connected(server, transport(CLUSTER, 2, null), "http");
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        client.call(1, "size", ByteString.copyFrom(new byte[20 << 20]), 10_000, completing(outcome));
        assertEquals(
                ByteString.copyFromUtf8(Integer.toString(20 << 20)),
                TestCluster.get(outcome).answer());
    }

    @Test
    void aMemberOfAnotherClusterIsRefused() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        PeerTransport client = connected(server, transport(CLUSTER + 1, 2, null), "http");
        Outcome outcome = TestCluster.get(ask(client, 1, "echo", "x"));
        assertTrue(outcome.message().contains("cluster ID mismatch"), outcome.message());
    }

    @Test
    void aCallerThatExpectedAnotherMemberIsRefused() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        String url = listen(server, "http");
        PeerTransport client = transport(CLUSTER, 2, null);
        client.updateAddresses(Map.of(3L, List.of(url)));
        Outcome outcome = TestCluster.get(ask(client, 3, "echo", "x"));
        assertTrue(outcome.message().contains("the caller expected 3"), outcome.message());
    }

    @Test
    void aMemberThatWasRemovedIsRefusedAndLearnsWhy() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        PeerTransport gone = connected(server, transport(CLUSTER, 2, null), "http");
        PeerTransport stays = connected(server, transport(CLUSTER, 3, null), "http", false);
        ByteString x = ByteString.copyFromUtf8("x");
        assertEquals(x, TestCluster.get(ask(gone, 1, "echo", "x")).answer());
        assertEquals(x, TestCluster.get(ask(stays, 1, "echo", "x")).answer());
        assertEquals(Set.of(), gone.removedBy());

        server.refuseRemoved(Set.of(2L));
        Await.until(
                "the open stream ends with the reason", () -> gone.removedBy().equals(Set.of(1L)));
        Await.until("a new stream is refused with it", () -> {
            Outcome outcome = TestCluster.get(ask(gone, 1, "echo", "x"));
            assertEquals(null, outcome.answer());
            return outcome.message().contains("member 2 has been permanently removed from the cluster");
        });
        assertEquals(x, TestCluster.get(ask(stays, 1, "echo", "x")).answer());
        assertEquals(Set.of(), stays.removedBy());

        server.refuseRemoved(Set.of());
        Await.until(
                "it is let in again",
                () -> x.equals(TestCluster.get(ask(gone, 1, "echo", "x")).answer()));
        assertEquals(Set.of(), gone.removedBy());
    }

    @Test
    void onlyAMemberOfTheClusterThatWasMeantCanSayThatOneWasRemoved() throws IOException {
        PeerTransport other = transport(CLUSTER + 1, 1, null);
        other.refuseRemoved(Set.of(2L));
        PeerTransport client = connected(other, transport(CLUSTER, 2, null), "http");
        Outcome outcome = TestCluster.get(ask(client, 1, "echo", "x"));
        assertTrue(outcome.message().contains("cluster ID mismatch"), outcome.message());
        assertEquals(Set.of(), client.removedBy());
        PeerTransport third = transport(CLUSTER, 3, null);
        third.refuseRemoved(Set.of(2L));
        client.updateAddresses(Map.of(4L, List.of(listen(third, "http"))));
        outcome = TestCluster.get(ask(client, 4, "echo", "x"));
        assertTrue(outcome.message().contains("the caller expected 4"), outcome.message());
        assertEquals(Set.of(), client.removedBy());
    }

    @Test
    void anUnknownMethodAndAFailingHandlerAreAnsweredAsErrors() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("fails", Access.MEMBERS, request -> {
            throw new IllegalStateException("on purpose");
        });
        PeerTransport client = connected(server, transport(CLUSTER, 2, null), "http");
        Outcome unknown = TestCluster.get(ask(client, 1, "unknown", "x"));
        assertEquals(Failure.REFUSED, unknown.failure());
        Outcome failing = TestCluster.get(ask(client, 1, "fails", "x"));
        assertEquals(Failure.REFUSED, failing.failure());
        assertTrue(failing.message().contains("on purpose"), failing.message());
    }

    @Test
    void aRequestWithoutAnAnswerTimesOut() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("silent", Access.MEMBERS, request -> {});
        PeerTransport client = connected(server, transport(CLUSTER, 2, null), "http");
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        client.call(1, "silent", ByteString.EMPTY, 50, completing(outcome));
        Await.until("it times out", () -> {
            client.expire(System.nanoTime());
            return outcome.isDone();
        });
        assertEquals(Failure.TIMED_OUT, TestCluster.get(outcome).failure());
    }

    @Test
    void whatIsUnansweredWhenTheOtherGoesAwayIsLostAndWhatComesAfterIsNotSent() throws IOException {
        CountDownLatch arrived = new CountDownLatch(1);
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("silent", Access.MEMBERS, request -> arrived.countDown());
        PeerTransport client = connected(server, transport(CLUSTER, 2, null), "http");
        CompletableFuture<Outcome> outcome = ask(client, 1, "silent", "x");
        Await.until("it has arrived", () -> arrived.getCount() == 0);
        server.close();
        assertEquals(Failure.LOST, TestCluster.get(outcome).failure());
        Await.until(
                "nothing is sent any more",
                () -> TestCluster.get(ask(client, 1, "silent", "y")).failure() == Failure.NOT_SENT);
    }

    @Test
    void aConnectionThatWasMadeForSomebodyElsesRequestOutlivesHim() throws IOException {
        CompletableFuture<PeerRequest> held = new CompletableFuture<>();
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("hold", Access.MEMBERS, held::complete);
        AtomicInteger ended = new AtomicInteger();
        PeerTransport between = new PeerTransport(new PeerIdentity(CLUSTER, 2), null, new RaftObserver() {
            @Override
            public void receiveFailed(long member) {
                ended.incrementAndGet();
            }
        });
        open.add(between);
        var _ = connected(server, between, "http");
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        between.serve("pass on", Access.MEMBERS, request -> {
            between.call(1, "hold", request.payload(), 60_000, completing(outcome));
            request.respond(ByteString.EMPTY);
        });
        PeerTransport first = connected(between, transport(CLUSTER, 3, null), "http");
        assertEquals(
                ByteString.EMPTY, TestCluster.get(ask(first, 2, "pass on", "x")).answer());
        PeerRequest request = TestCluster.get(held);

        first.close();
        Await.until("the end of his own is seen", () -> ended.get() > 0);
        request.respond(ByteString.copyFromUtf8("late"));
        assertEquals(ByteString.copyFromUtf8("late"), TestCluster.get(outcome).answer());
    }

    @Test
    void tooManyUnansweredRequestsAreNotSent() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        server.serve("silent", Access.MEMBERS, request -> {});
        PeerTransport client = connected(server, transport(CLUSTER, 2, null), "http");
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < TransportLimits.UNANSWERED_REQUESTS_MAX + 10; i++) {
            client.call(1, "silent", ByteString.EMPTY, 60_000, new PeerReply() {
                @Override
                public void answered(ByteString payload) {
                    throw new IllegalStateException("nobody answers");
                }

                @Override
                public void failed(Failure failure, String message) {
                    if (failure == Failure.NOT_SENT) {
                        refused.incrementAndGet();
                    }
                }
            });
        }
        Await.until("the last ten are refused", () -> refused.get() == 10);
    }

    @Test
    void aMemberIsFoundAgainAtItsNewAddress() throws IOException {
        PeerTransport first = transport(CLUSTER, 1, null);
        first.serve("where", Access.MEMBERS, request -> request.respond(ByteString.copyFromUtf8("old")));
        PeerTransport client = connected(first, transport(CLUSTER, 2, null), "http");
        assertEquals(
                ByteString.copyFromUtf8("old"),
                TestCluster.get(ask(client, 1, "where", "")).answer());
        PeerTransport moved = transport(CLUSTER, 1, null);
        moved.serve("where", Access.MEMBERS, request -> request.respond(ByteString.copyFromUtf8("new")));
        client.updateAddresses(Map.of(1L, List.of(listen(moved, "http"))));
        Await.until(
                "the new one answers",
                () -> ByteString.copyFromUtf8("new")
                        .equals(TestCluster.get(ask(client, 1, "where", "")).answer()));
    }

    @Test
    void membersOfOneAuthorityTalkWithEveryFormOfKey() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        for (KeyForm form : KeyForm.values()) {
            authority.issue("server-" + form, "server", form);
            authority.issue("client-" + form, "client", form);
            PeerTransport server = transport(CLUSTER, 1, tls(authority, "server-" + form, List.of()));
            server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
            PeerTransport client =
                    connected(server, transport(CLUSTER, 2, tls(authority, "client-" + form, List.of())), "https");
            assertEquals(
                    ByteString.copyFromUtf8("x"),
                    TestCluster.get(ask(client, 1, "echo", "x")).answer(),
                    form.toString());
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefusedByBothSides() throws IOException {
        TestAuthority ours = new TestAuthority(directory, "ours");
        TestAuthority theirs = new TestAuthority(directory, "theirs");
        ours.issue("server", "server", KeyForm.PKCS8);
        theirs.issue("client", "client", KeyForm.PKCS8);
        PeerTransport server = transport(CLUSTER, 1, tls(ours, "server", List.of()));
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        PeerTransport wary = connected(server, transport(CLUSTER, 2, tls(theirs, "client", List.of())), "https");
        assertEquals(null, TestCluster.get(ask(wary, 1, "echo", "x")).answer());
        PeerTransport trusting = connected(
                server,
                transport(
                        CLUSTER,
                        3,
                        new PeerTls(
                                directory.resolve("client.crt"),
                                directory.resolve("client.key"),
                                null,
                                null,
                                ours.caFile(),
                                null,
                                true,
                                List.of(),
                                List.of(),
                                false,
                                null,
                                List.of(),
                                List.of(),
                                false)),
                "https",
                false);
        assertEquals(null, TestCluster.get(ask(trusting, 1, "echo", "x")).answer());
    }

    @Test
    void onlyAllowedNamesAreLetIn() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("server", "server", KeyForm.PKCS8);
        authority.issue("good", "etcd-peer", KeyForm.PKCS8);
        authority.issue("bad", "somebody", KeyForm.PKCS8);
        PeerTransport server = transport(CLUSTER, 1, tls(authority, "server", List.of("etcd-peer")));
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        PeerTransport good = connected(server, transport(CLUSTER, 2, tls(authority, "good", List.of())), "https");
        PeerTransport bad = connected(server, transport(CLUSTER, 3, tls(authority, "bad", List.of())), "https", false);
        assertEquals(
                ByteString.copyFromUtf8("x"),
                TestCluster.get(ask(good, 1, "echo", "x")).answer());
        assertEquals(null, TestCluster.get(ask(bad, 1, "echo", "x")).answer());
    }

    @Test
    void aMemberWithoutAnAllowedNameIsNotTalkedToEither() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("server", "somebody", KeyForm.PKCS8);
        authority.issue("client", "etcd-peer", KeyForm.PKCS8);
        PeerTransport server = transport(CLUSTER, 1, tls(authority, "server", List.of()));
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        PeerTransport wary =
                connected(server, transport(CLUSTER, 2, tls(authority, "client", List.of("etcd-peer"))), "https");
        Outcome refused = TestCluster.get(ask(wary, 1, "echo", "x"));
        assertEquals(null, refused.answer());
        assertTrue(refused.message().contains("has none of the allowed names"), refused.message());
        PeerTransport content =
                connected(server, transport(CLUSTER, 3, tls(authority, "client", List.of("somebody"))), "https", false);
        assertEquals(
                ByteString.copyFromUtf8("x"),
                TestCluster.get(ask(content, 1, "echo", "x")).answer());
    }

    @Test
    void allowedHostsAreComparedAsHostNamesAre() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("server", "server", KeyForm.PKCS8);
        authority.issue("client", "*.peers.example", KeyForm.PKCS8);
        PeerTls open = tls(authority, "server", List.of());
        for (Map.Entry<String, Boolean> allowed :
                Map.of("M1.Peers.Example", true, "deep.m1.peers.example", false).entrySet()) {
            PeerTls named = new PeerTls(
                    open.certFile(),
                    open.keyFile(),
                    null,
                    null,
                    open.trustedCaFile(),
                    null,
                    true,
                    List.of(),
                    List.of(allowed.getKey()),
                    false,
                    null,
                    List.of(),
                    List.of(),
                    false);
            PeerTransport server = transport(CLUSTER, 1, named);
            server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
            PeerTransport client =
                    connected(server, transport(CLUSTER, 2, tls(authority, "client", List.of())), "https");
            assertEquals(
                    allowed.getValue() ? ByteString.copyFromUtf8("x") : null,
                    TestCluster.get(ask(client, 1, "echo", "x")).answer(),
                    allowed.getKey());
        }
    }

    @Test
    void whoConnectsHasToComeFromWhereItsCertificateIsFor() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("server");
        authority.issueFor("elsewhere", "10.1.2.3");
        authority.issueFor("here", "10.1.2.3", "127.0.0.1");
        authority.issueFor("named", "localhost");
        authority.issueFor("misnamed", "member.invalid", "10.1.2.3");
        authority.issueFor("nowhere");
        PeerTls tls = tls(authority, "server", List.of());
        PeerTransport server = transport(CLUSTER, 1, tls);
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        String url = listen(server, "https");
        for (String name : List.of("here", "named", "nowhere")) {
            Outcome outcome = TestCluster.get(ask(from(authority, name, url), 1, "echo", name));
            assertEquals(ByteString.copyFromUtf8(name), outcome.answer(), name);
        }
        assertRefused(
                from(authority, "elsewhere", url),
                "the caller's certificate is for 10.1.2.3, not for 127.0.0.1, which it comes from");
        assertRefused(
                from(authority, "misnamed", url),
                "the caller's certificate is for member.invalid, 10.1.2.3, not for 127.0.0.1, which it comes from"
                        + " (member.invalid is not known)");

        PeerTransport trusting = transport(
                CLUSTER,
                1,
                new PeerTls(
                        tls.certFile(),
                        tls.keyFile(),
                        null,
                        null,
                        tls.trustedCaFile(),
                        null,
                        true,
                        List.of(),
                        List.of(),
                        true,
                        null,
                        List.of(),
                        List.of(),
                        false));
        trusting.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        String other = listen(trusting, "https");
        assertEquals(
                ByteString.copyFromUtf8("x"),
                TestCluster.get(ask(from(authority, "elsewhere", other), 1, "echo", "x"))
                        .answer());
    }

    private PeerTransport from(TestAuthority authority, String certificate, String url) throws IOException {
        PeerTransport client = transport(CLUSTER, 2, tls(authority, certificate, List.of()));
        client.updateAddresses(Map.of(1L, List.of(url)));
        return client;
    }

    private static void assertRefused(PeerTransport client, String why) {
        Outcome outcome = TestCluster.get(ask(client, 1, "echo", "x"));
        assertEquals(null, outcome.answer());
        assertTrue(outcome.message().contains(why), outcome.message());
    }

    @Test
    void revokedMembersAreRefusedWhoeverConnectsAlsoWhenTheyAreRevokedLater() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("server", "server", KeyForm.PKCS8);
        authority.issue("good");
        TestAuthority.Issued revoked = authority.issue("revoked");
        TestAuthority.Issued later = authority.issue("later");
        Path list = authority.revoke(revoked.certificate());
        PeerTransport server = transport(CLUSTER, 1, tls(authority, "server", list, List.of()));
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        PeerTransport member = connected(server, transport(CLUSTER, 2, tls(authority, "good", List.of())), "https");
        PeerTransport former =
                connected(server, transport(CLUSTER, 3, tls(authority, "revoked", List.of())), "https", false);
        assertEquals(
                ByteString.copyFromUtf8("x"),
                TestCluster.get(ask(member, 1, "echo", "x")).answer());
        assertEquals(null, TestCluster.get(ask(former, 1, "echo", "x")).answer());

        // The other way round: who connects looks at the certificate of whom it has reached.
        former.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        connected(former, server, "https");
        assertEquals(null, TestCluster.get(ask(server, 3, "echo", "x")).answer());

        var _ = authority.revoke(revoked.certificate(), later.certificate());
        Await.until("the new list is read", () -> !letIn(server, tls(authority, "later", List.of())));
    }

    private boolean letIn(PeerTransport server, PeerTls tls) {
        try (PeerTransport next = connected(server, transport(CLUSTER, 4, tls), "https", false)) {
            return TestCluster.get(ask(next, 1, "echo", "x")).answer() != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsWrongWithARevocationListIsToldWithItsFile() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("server", "server", KeyForm.PKCS8);
        Path list = directory.resolve("list.crl");
        for (Map.Entry<String, String> wrong : Map.of(
                        "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
                        "list.crl: a revocation list is broken",
                        "",
                        "list.crl: holds no revocation list")
                .entrySet()) {
            Files.writeString(list, wrong.getKey());
            IOException told = assertThrows(
                    IOException.class, () -> PeerTlsContexts.of(tls(authority, "server", list, List.of())));
            assertTrue(String.valueOf(told.getMessage()).contains(wrong.getValue()), told.getMessage());
        }
        Files.delete(list);
        IOException missing =
                assertThrows(IOException.class, () -> PeerTlsContexts.of(tls(authority, "server", list, List.of())));
        assertTrue(String.valueOf(missing.getMessage()).endsWith("list.crl: no such file"), missing.getMessage());
    }

    @Test
    void changedCertificatesAreReadAgain() throws IOException {
        TestAuthority old = new TestAuthority(directory, "old");
        TestAuthority next = new TestAuthority(directory, "next");
        Path trusted = directory.resolve("trusted.crt");
        Files.copy(old.caFile(), trusted);
        old.issue("server", "server", KeyForm.PKCS8);
        next.issue("client", "client", KeyForm.PKCS8);
        PeerTls serverTls = new PeerTls(
                directory.resolve("server.crt"),
                directory.resolve("server.key"),
                null,
                null,
                trusted,
                null,
                true,
                List.of(),
                List.of(),
                false,
                null,
                List.of(),
                List.of(),
                false);
        PeerTransport server = transport(CLUSTER, 1, serverTls);
        server.serve("echo", Access.MEMBERS, request -> request.respond(request.payload()));
        PeerTransport client = connected(server, transport(CLUSTER, 2, tls(next, "client", List.of())), "https");
        assertEquals(null, TestCluster.get(ask(client, 1, "echo", "x")).answer());
        Files.writeString(trusted, Files.readString(next.caFile()));
        next.issue("server", "server", KeyForm.SEC1);
        Await.until(
                "both sides agree",
                () -> ByteString.copyFromUtf8("x")
                        .equals(TestCluster.get(ask(client, 1, "echo", "x")).answer()));
    }

    @Test
    void whatIsWrongWithACertificateIsToldWithItsFile() throws IOException {
        TestAuthority authority = new TestAuthority(directory, "ca");
        authority.issue("ok", "ok", KeyForm.PKCS8);
        Files.writeString(directory.resolve("broken.crt"), "no certificate");
        assertWrong("missing.crt", "ok.key", "missing.crt: no such file");
        assertWrong("broken.crt", "ok.key", "broken.crt: holds no certificate");
        assertWrong("ok.crt", "broken.crt", "broken.crt: holds no private key");
        authority.issue("rsa", "rsa", KeyForm.PKCS1);
        assertWrong("ok.crt", "rsa.key", "rsa.key: a key of kind RSA does not belong to the EC certificate");
    }

    @Test
    void aJoinerReachesOnlyWhatIsOpenToIt() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        String call = PeerTransport.CALL_PREFIX;
        server.serve(call + "open", Access.ANYONE, request -> request.respond(request.payload()));
        server.serve(call + "closed", Access.MEMBERS, request -> request.respond(request.payload()));
        String url = listen(server, "http");
        assertEquals(5, TestCluster.get(JoinerCall.ask(url, null, 0, "open", new byte[5], 2_000)).length);
        assertEquals(6, TestCluster.get(JoinerCall.ask(url, null, CLUSTER, "open", new byte[6], 2_000)).length);
        assertThrows(
                RaftException.Unreachable.class,
                () -> TestCluster.get(JoinerCall.ask(url, null, 0, "closed", new byte[5], 2_000)));
        assertThrows(
                RaftException.Unreachable.class,
                () -> TestCluster.get(JoinerCall.ask(url, null, CLUSTER + 1, "open", new byte[5], 2_000)));
        assertThrows(
                RaftException.Unreachable.class,
                () -> TestCluster.get(
                        JoinerCall.ask("http://127.0.0.1:" + FreePorts.one(), null, 0, "open", new byte[5], 2_000)));
    }

    @Test
    void anAddressThatIsTakenIsNamed() throws IOException {
        PeerTransport server = transport(CLUSTER, 1, null);
        String url = listen(server, "http");
        PeerTransport second = transport(CLUSTER, 2, null);
        IOException told = assertThrows(IOException.class, () -> second.listen(List.of(url), false));
        assertTrue(String.valueOf(told.getMessage()).contains(url), told.getMessage());
    }

    @Test
    void thoseWhoReuseAPortListenTogetherAndNobodyElseDoes() throws IOException {
        String url = "http://127.0.0.1:" + FreePorts.one();
        transport(CLUSTER, 1, null).listen(List.of(url), true);
        transport(CLUSTER, 2, null).listen(List.of(url), true);
        PeerTransport third = transport(CLUSTER, 3, null);
        assertThrows(IOException.class, () -> third.listen(List.of(url), false));
    }

    private void assertWrong(String cert, String key, String text) {
        PeerTls tls = new PeerTls(
                directory.resolve(cert),
                directory.resolve(key),
                null,
                null,
                directory.resolve("ca.crt"),
                null,
                true,
                List.of(),
                List.of(),
                false,
                null,
                List.of(),
                List.of(),
                false);
        IOException told = assertThrows(IOException.class, () -> PeerTlsContexts.of(tls));
        assertTrue(String.valueOf(told.getMessage()).contains(text), told.getMessage());
    }

    private PeerTls tls(TestAuthority authority, String prefix, List<String> allowedCn) {
        return tls(authority, prefix, null, allowedCn);
    }

    private PeerTls tls(TestAuthority authority, String prefix, @Nullable Path crlFile, List<String> allowedCn) {
        return new PeerTls(
                directory.resolve(prefix + ".crt"),
                directory.resolve(prefix + ".key"),
                null,
                null,
                authority.caFile(),
                crlFile,
                true,
                allowedCn,
                List.of(),
                false,
                null,
                List.of(),
                List.of(),
                false);
    }

    private PeerTransport transport(long cluster, long member, @Nullable PeerTls tls) throws IOException {
        PeerTransport transport = new PeerTransport(new PeerIdentity(cluster, member), tls);
        open.add(transport);
        return transport;
    }

    private final Map<PeerTransport, String> listening = new java.util.HashMap<>();

    private String listen(PeerTransport server, String scheme) throws IOException {
        String url = scheme + "://127.0.0.1:" + FreePorts.one();
        server.listen(List.of(url), false);
        listening.put(server, url);
        return url;
    }

    private PeerTransport connected(PeerTransport server, PeerTransport client, String scheme) throws IOException {
        return connected(server, client, scheme, true);
    }

    private PeerTransport connected(PeerTransport server, PeerTransport client, String scheme, boolean first)
            throws IOException {
        String url = first ? listen(server, scheme) : listening.getOrDefault(server, "");
        client.updateAddresses(Map.of(server.identity().memberId(), List.of(url)));
        return client;
    }

    private static CompletableFuture<Outcome> ask(PeerTransport client, long member, String method, String payload) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        client.call(member, method, ByteString.copyFromUtf8(payload), 5_000, completing(outcome));
        return outcome;
    }

    private static PeerReply completing(CompletableFuture<Outcome> outcome) {
        return new PeerReply() {
            @Override
            public void answered(ByteString payload) {
                outcome.complete(new Outcome(payload, null, ""));
            }

            @Override
            public void failed(Failure failure, String message) {
                outcome.complete(new Outcome(null, failure, message));
            }
        };
    }
}
