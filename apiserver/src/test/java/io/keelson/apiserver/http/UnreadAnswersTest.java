package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UnreadAnswersTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long SIZE = 100_000;

    private final AtomicLong now = new AtomicLong();
    private final List<String> ended = new ArrayList<>();

    /** A second passes whenever somebody looks at the time. */
    private UnreadAnswers hurried(long bytesMax) {
        return new UnreadAnswers(bytesMax, () -> now.addAndGet(SECOND));
    }

    private UnreadAnswers timed(long bytesMax) {
        return new UnreadAnswers(bytesMax, now::get);
    }

    private UnreadAnswers.Answer admitted(UnreadAnswers answers, String name) throws InterruptedException {
        return Objects.requireNonNull(
                answers.admit(SIZE, () -> ended.add("reset " + name), () -> ended.add("cut " + name)));
    }

    @Test
    void whatIsTakenMakesRoomOnce() throws Exception {
        UnreadAnswers answers = timed(4 * SIZE);
        UnreadAnswers.Answer first = admitted(answers, "first");
        admitted(answers, "second");
        assertEquals(2 * SIZE, answers.bytes());
        first.close();
        first.close();
        assertEquals(SIZE, answers.bytes());
    }

    @Test
    void theOldestThatStallsMakesRoomForANewOne() throws Exception {
        UnreadAnswers answers = hurried(2 * SIZE);
        List<UnreadAnswers.Answer> oldest = new ArrayList<>();
        oldest.add(Objects.requireNonNull(
                answers.admit(SIZE, () -> oldest.getFirst().close(), () -> ended.add("cut oldest"))));
        admitted(answers, "second");
        admitted(answers, "third");
        assertEquals(2 * SIZE, answers.bytes());
        assertEquals(List.of(), ended);
    }

    @Test
    void aNewOneIsRefusedIfThatDoesNotHelp() throws Exception {
        UnreadAnswers answers = hurried(2 * SIZE);
        admitted(answers, "first");
        admitted(answers, "second");
        assertNull(answers.admit(SIZE, () -> {}, () -> {}));
        assertEquals("reset first", ended.getFirst());
        assertFalse(ended.contains("reset second"), "more was given up than there was need for");
        assertEquals(2 * SIZE, answers.bytes());
    }

    @Test
    void aSmallOneIsAdmittedWithoutRoom() throws Exception {
        UnreadAnswers answers = timed(2 * SIZE);
        admitted(answers, "first");
        admitted(answers, "second");
        assertNotNull(answers.admit(UnreadAnswers.ALWAYS_ADMITTED_BYTES, () -> {}, () -> {}));
        assertEquals(2 * SIZE + UnreadAnswers.ALWAYS_ADMITTED_BYTES, answers.bytes());
    }

    @Test
    void aHugeOneCountsAsHalfOfTheRoom() throws Exception {
        UnreadAnswers answers = timed(2 * SIZE);
        admitted(answers, "first");
        assertNotNull(answers.admit(10 * SIZE, () -> {}, () -> {}));
        assertEquals(2 * SIZE, answers.bytes());
    }

    @Test
    void oneOfWhichNothingIsTakenIsResetAndThenCutOffThoughThereIsRoom() throws Exception {
        UnreadAnswers answers = timed(100 * SIZE);
        admitted(answers, "idle");
        UnreadAnswers.Answer slow = admitted(answers, "slow");
        now.addAndGet(UnreadAnswers.IDLE_NANOS);
        answers.giveUpIdle();
        assertEquals(List.of(), ended);
        slow.taken();
        now.addAndGet(SECOND);
        answers.giveUpIdle();
        answers.giveUpIdle();
        assertEquals(List.of("reset idle"), ended);
        slow.taken();
        now.addAndGet(UnreadAnswers.IDLE_NANOS);
        answers.giveUpIdle();
        answers.giveUpIdle();
        assertEquals(List.of("reset idle", "cut idle"), ended);
    }

    /** Many streams whose window is closed ask for large answers; room is kept, and a client that reads is served. */
    @Test
    void clientsThatDoNotReadHoldNoMoreThanThereIsRoomFor() throws Exception {
        long room = 10 * SIZE;
        UnreadAnswers unread = new UnreadAnswers(room, System::nanoTime);
        HttpSettings settings = HttpSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null);
        try (HttpFront front = HttpFront.start(
                        settings,
                        request -> request.info().path().equals("/large")
                                ? TestServer.ok(new byte[(int) SIZE])
                                : TestServer.ok("hello"),
                        InstantSource.system(),
                        unread);
                HttpClient good = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            try (FrameClient hostile = new FrameClient(new Socket(InetAddress.getLoopbackAddress(), front.port()))) {
                // SETTINGS_INITIAL_WINDOW_SIZE is 0.
                hostile.send(FrameClient.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
                for (int stream = 1; stream < 400; stream += 2) {
                    hostile.get(stream, "/large");
                }
                TestServer.eventually("no room", () -> unread.bytes() >= room);
                assertEquals(200, get(good, front, "/hello"));
                long most = unread.bytes();
                long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
                int status = get(good, front, "/large");
                while (status == 429 && System.nanoTime() < deadline) {
                    most = Math.max(most, unread.bytes());
                    status = get(good, front, "/large");
                }
                assertEquals(200, status);
                // What tells that there is no room lies there, too.
                assertTrue(most < room + 2 * SIZE, most + " bytes");
            }
            TestServer.eventually("nothing that is held", () -> unread.bytes() == 0);
        }
    }

    private static int get(HttpClient client, HttpFront front, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + front.port() + path);
        HttpResponse<byte[]> answer =
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
        return answer.statusCode();
    }
}
