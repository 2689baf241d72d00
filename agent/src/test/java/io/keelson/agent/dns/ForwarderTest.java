package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ForwarderTest {
    private static final DnsName NAME = DnsName.parse("www.example.com");
    private static final byte[] RIGHT = {10, 0, 0, 1};
    private static final byte[] WRONG = {6, 6, 6, 6};

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private FakeNameServer server(Function<Message, List<Message>> both) throws IOException {
        return server(both, both);
    }

    private FakeNameServer server(
            Function<Message, List<Message>> byDatagram, Function<Message, List<Message>> byStream) throws IOException {
        FakeNameServer server = new FakeNameServer(notForProbes(byDatagram), notForProbes(byStream));
        open.add(server);
        return server;
    }

    /** What is asked to find out whether a server leads back or is well is answered in an honest way. */
    private static Function<Message, List<Message>> notForProbes(Function<Message, List<Message>> says) {
        return query -> {
            int type = query.question() == null ? 0 : query.question().type();
            return type == RecordType.HINFO || type == RecordType.NS
                    ? List.of(FakeNameServer.answer(query, ResponseCode.NXDOMAIN))
                    : says.apply(query);
        };
    }

    private Forwarder forwarder(Duration tryMax, int concurrentMax, FakeNameServer... servers) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (FakeNameServer server : servers) {
            addresses.add(server.address());
        }
        return forwarder(tryMax, concurrentMax, addresses);
    }

    private Forwarder forwarder(Duration tryMax, int concurrentMax, List<InetSocketAddress> servers) {
        SecureRandom random = new SecureRandom();
        Forwarder forwarder = new Forwarder(
                () -> servers,
                ignored -> false,
                ForwardPolicy.SEQUENTIAL,
                concurrentMax,
                tryMax,
                random,
                new DnsMetrics(new PrometheusRegistry(), "dns://:53"),
                new LoopProbe(random));
        open.add(forwarder);
        return forwarder;
    }

    private static AnswerCache.Request request(DnsName name) {
        return new AnswerCache.Request(Question.of(name, RecordType.A), false, false);
    }

    private static ResourceRecord address(Message query, byte[] address) {
        return ResourceRecord.address(FakeNameServer.name(query), 60, address);
    }

    private static List<Message> right(Message query) {
        return List.of(FakeNameServer.answer(query, ResponseCode.NOERROR, address(query, RIGHT)));
    }

    private static Message wrong(Message query, int id, DnsName name) {
        return new Message(
                id,
                Message.RESPONSE,
                Question.of(name, RecordType.A),
                List.of(ResourceRecord.address(name, 60, WRONG)),
                List.of(),
                List.of(),
                query.edns());
    }

    private static void assertAnswered(byte[] address, Answer answer) {
        assertEquals(ResponseCode.NOERROR, answer.code(), () -> String.valueOf(answer.error()));
        assertEquals(List.of(ResourceRecord.address(NAME, 60, address)), answer.answers());
    }

    @Test
    void whoDoesNotAnswerIsFollowedByTheNext() throws Exception {
        FakeNameServer silent = server(query -> List.of());
        FakeNameServer good = server(ForwarderTest::right);
        Forwarder forwarder = forwarder(Duration.ofMillis(150), 10, silent, good);
        assertAnswered(RIGHT, forwarder.ask(request(NAME)).get());
        assertEquals(1, good.datagramsAsked.get() - 1, "one question beside the probe");
    }

    @Test
    void whenNobodyAnswersTheReasonIsTold() throws Exception {
        FakeNameServer silent = server(query -> List.of());
        Answer answer =
                forwarder(Duration.ofMillis(100), 10, silent).ask(request(NAME)).get();
        assertEquals(ResponseCode.SERVFAIL, answer.code());
        String error = String.valueOf(answer.error());
        assertTrue(error.contains("no answer within") && error.contains("127.0.0.1"), error);
        Answer nobody = forwarder(Duration.ofMillis(100), 10).ask(request(NAME)).get();
        assertTrue(String.valueOf(nobody.error()).contains("no name server"), String.valueOf(nobody.error()));
    }

    @Test
    void whatIsTooLongComesByStream() throws Exception {
        FakeNameServer server = server(
                query -> List.of(new Message(
                        query.id(),
                        Message.RESPONSE | Message.TRUNCATED,
                        query.question(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null)),
                ForwarderTest::right);
        assertAnswered(
                RIGHT,
                forwarder(Duration.ofSeconds(2), 10, server).ask(request(NAME)).get());
        assertEquals(1, server.streamsAsked.get());
    }

    @Test
    void aServerThatKnowsNoExtensionsIsAskedWithoutThem() throws Exception {
        FakeNameServer server = server(query -> query.edns() == null
                ? right(query)
                : List.of(new Message(
                        query.id(),
                        Message.RESPONSE | ResponseCode.FORMERR,
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        null)));
        assertAnswered(
                RIGHT,
                forwarder(Duration.ofSeconds(2), 10, server).ask(request(NAME)).get());
    }

    @Test
    void aQuestionThatIsBeingAskedIsNotAskedTwice() throws Exception {
        CountDownLatch all = new CountDownLatch(1);
        FakeNameServer server = server(query -> {
            await(all);
            return right(query);
        });
        Forwarder forwarder = forwarder(Duration.ofSeconds(5), 10, server);
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(forwarder.ask(request(NAME)));
        }
        all.countDown();
        for (CompletableFuture<Answer> answer : answers) {
            assertAnswered(RIGHT, answer.get());
        }
        // The probe is sent beside the question, and may come to the server after the answer has gone.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (server.datagramsAsked.get() < 2 && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertEquals(2, server.datagramsAsked.get(), "one question, and the probe");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void noMoreAreForwardedThanThereIsRoomFor() throws Exception {
        CountDownLatch all = new CountDownLatch(1);
        FakeNameServer server = server(query -> {
            await(all);
            return right(query);
        });
        Forwarder forwarder = forwarder(Duration.ofSeconds(5), 2, server);
        CompletableFuture<Answer> first = forwarder.ask(request(NAME));
        CompletableFuture<Answer> second = forwarder.ask(request(DnsName.parse("b.example.com")));
        Answer third = forwarder.ask(request(DnsName.parse("c.example.com"))).get();
        assertEquals(ResponseCode.REFUSED, third.code());
        // The same question again waits for the one that is asked, but not with any number of others.
        List<CompletableFuture<Answer>> joined = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            joined.add(forwarder.ask(request(NAME)));
        }
        assertEquals(18, joined.stream().filter(answer -> !answer.isDone()).count());
        all.countDown();
        assertAnswered(RIGHT, first.get());
        assertEquals(ResponseCode.NOERROR, second.get().code());
    }

    @Test
    void answersThatWereGuessedAreNotBelieved() throws Exception {
        FakeNameServer server = server(query -> {
            List<Message> said = new ArrayList<>();
            for (int guess = 1; guess <= 5; guess++) {
                said.add(wrong(query, query.id() ^ guess, FakeNameServer.name(query)));
            }
            said.add(wrong(query, query.id(), DnsName.parse("www.example.org")));
            Message query2 = query;
            said.add(new Message(
                    query2.id(), 0, query2.question(), List.of(address(query2, WRONG)), List.of(), List.of(), null));
            said.addAll(right(query));
            return said;
        });
        assertAnswered(
                RIGHT,
                forwarder(Duration.ofSeconds(2), 10, server).ask(request(NAME)).get());
        assertEquals(0, server.streamsAsked.get());
    }

    @Test
    void whoGuessesTheIdButNotTheCaseOfLettersMakesUsAskByStream() throws Exception {
        FakeNameServer server = server(
                query -> {
                    // Letters as they are usually written; that they were sent like this is as good as impossible.
                    DnsName usual = DnsName.parse("www.example.com");
                    return FakeNameServer.name(query).sameCase(usual)
                            ? right(query)
                            : List.of(wrong(query, query.id(), usual));
                },
                ForwarderTest::right);
        assertAnswered(
                RIGHT,
                forwarder(Duration.ofSeconds(2), 10, server).ask(request(NAME)).get());
    }

    @Test
    void aFloodOfGuessesMakesUsAskByStream() throws Exception {
        FakeNameServer server = server(
                query -> {
                    List<Message> said = new ArrayList<>();
                    for (int guess = 1; guess <= 100; guess++) {
                        said.add(wrong(query, query.id() ^ guess, FakeNameServer.name(query)));
                    }
                    return said;
                },
                ForwarderTest::right);
        assertAnswered(
                RIGHT,
                forwarder(Duration.ofSeconds(2), 10, server).ask(request(NAME)).get());
    }

    @Test
    void whatAServerSaysOfOtherNamesIsNotBelieved() throws Exception {
        DnsName bank = DnsName.parse("bank.example.org");
        FakeNameServer server = server(query -> {
            DnsName asked = FakeNameServer.name(query);
            if (asked.equals(bank)) {
                return List.of(FakeNameServer.answer(
                        query, ResponseCode.NOERROR, ResourceRecord.address(DnsName.parse("x.org"), 60, WRONG)));
            }
            return List.of(new Message(
                    query.id(),
                    Message.RESPONSE,
                    query.question(),
                    List.of(
                            ResourceRecord.address(bank, 60, WRONG),
                            ResourceRecord.cname(asked, 60, DnsName.parse("real.example.net")),
                            ResourceRecord.address(DnsName.parse("real.example.net"), 60, RIGHT)),
                    List.of(ResourceRecord.ns(DnsName.parse("org"), 60, DnsName.parse("ns.evil.test"))),
                    List.of(ResourceRecord.address(bank, 60, WRONG)),
                    null));
        });
        Forwarder forwarder = forwarder(Duration.ofSeconds(2), 10, server);
        Answer answer = forwarder.ask(request(NAME)).get();
        assertEquals(
                List.of(
                        ResourceRecord.cname(NAME, 60, DnsName.parse("real.example.net")),
                        ResourceRecord.address(DnsName.parse("real.example.net"), 60, RIGHT)),
                answer.answers());
        assertEquals(List.of(), answer.authorities());
        assertEquals(List.of(), answer.additionals());
        Answer other = forwarder.ask(request(bank)).get();
        assertEquals(ResponseCode.SERVFAIL, other.code());
        assertTrue(String.valueOf(other.error()).contains("other names"), String.valueOf(other.error()));
    }

    @Test
    void aChainOfAliasesWithoutEndIsNoAnswer() throws Exception {
        FakeNameServer server = server(query -> {
            DnsName asked = FakeNameServer.name(query);
            DnsName other = DnsName.parse("b.example.com");
            return List.of(FakeNameServer.answer(
                    query,
                    ResponseCode.NOERROR,
                    ResourceRecord.cname(asked, 60, other),
                    ResourceRecord.cname(other, 60, asked)));
        });
        Answer answer =
                forwarder(Duration.ofSeconds(2), 10, server).ask(request(NAME)).get();
        assertEquals(ResponseCode.SERVFAIL, answer.code());
        assertTrue(String.valueOf(answer.error()).contains("aliases"), String.valueOf(answer.error()));
    }

    @Test
    void idsPortsAndLettersAreOtherOnesEachTime() throws Exception {
        Set<Integer> ids = ConcurrentHashMap.newKeySet();
        Set<String> spellings = ConcurrentHashMap.newKeySet();
        FakeNameServer server = server(query -> {
            ids.add(query.id());
            spellings.add(FakeNameServer.name(query).toString());
            return right(query);
        });
        Forwarder forwarder = forwarder(Duration.ofSeconds(2), 10, server);
        for (int i = 0; i < 40; i++) {
            assertAnswered(RIGHT, forwarder.ask(request(NAME)).get());
        }
        assertTrue(ids.size() > 35, () -> "ids " + ids);
        assertTrue(spellings.size() > 30, () -> "spellings " + spellings);
    }

    @Test
    void aServerThatLeadsBackIsNotAsked() throws Exception {
        SecureRandom random = new SecureRandom();
        LoopProbe probe = new LoopProbe(random);
        CountDownLatch seen = new CountDownLatch(1);
        FakeNameServer looping = new FakeNameServer(query -> {
            if (query.question() != null && probe.saw(query.question())) {
                seen.countDown();
            }
            return right(query);
        });
        open.add(looping);
        Forwarder forwarder = new Forwarder(
                () -> List.of(looping.address()),
                ignored -> false,
                ForwardPolicy.RANDOM,
                10,
                Duration.ofSeconds(2),
                random,
                new DnsMetrics(new PrometheusRegistry(), "dns://:53"),
                probe);
        open.add(forwarder);
        forwarder.open();
        await(seen);
        Answer answer = forwarder.ask(request(NAME)).get();
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (answer.error() == null && System.nanoTime() < end) {
            answer = forwarder.ask(request(NAME)).get();
        }
        assertTrue(String.valueOf(answer.error()).contains("ask this one"), String.valueOf(answer.error()));
        assertFalse(probe.saw(Question.of(NAME, RecordType.HINFO)));
    }
}
