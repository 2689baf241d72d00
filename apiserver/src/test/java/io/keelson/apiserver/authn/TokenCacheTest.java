package io.keelson.apiserver.authn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.request.UserInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TokenCacheTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final AtomicInteger looks = new AtomicInteger();
    private final CountDownLatch open = new CountDownLatch(1);
    private Instant now = Instant.EPOCH;
    private final TokenCache cache =
            new TokenCache(this::look, Duration.ofSeconds(10), Duration.ofSeconds(5), () -> now);

    private Optional<Authenticated> look(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        looks.incrementAndGet();
        open.await();
        if (token.equals("bad")) {
            throw new AuthenticationException("bad token");
        }
        return token.equals("unknown")
                ? Optional.empty()
                : Optional.of(new Authenticated(new UserInfo(token, "", List.of(), Map.of()), audiences));
    }

    private Thread ask(String token, Queue<String> answers) {
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                answers.add(cache.authenticate(token, List.of())
                        .map(found -> found.user().name())
                        .orElse("nobody"));
            } catch (AuthenticationException e) {
                answers.add(e.message());
            } catch (InterruptedException e) {
                answers.add("left");
            }
        });
        long deadline = System.nanoTime() + LONG.toNanos();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(System.nanoTime() < deadline, () -> "it does not wait: " + thread.getState());
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void equalTokensAtTheSameTimeAreLookedAtOnce() throws Exception {
        Queue<String> answers = new ConcurrentLinkedQueue<>();
        Thread leaving = ask("jane", answers);
        List<Thread> staying = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            staying.add(ask("jane", answers));
        }
        leaving.interrupt();
        assertTrue(leaving.join(LONG));
        assertEquals(List.of("left"), List.copyOf(answers));
        open.countDown();
        for (Thread thread : staying) {
            assertTrue(thread.join(LONG));
        }
        assertEquals(20, answers.stream().filter("jane"::equals).count());
        assertEquals(1, looks.get());
        assertEquals(
                "jane",
                cache.authenticate("jane", List.of()).orElseThrow().user().name());
        assertEquals(1, looks.get());
        assertEquals(
                List.of("x"),
                cache.authenticate("jane", List.of("x")).orElseThrow().audiences());
        assertEquals(2, looks.get());
    }

    @Test
    void allWhoAskGetTheFailureWhichIsNotRemembered() throws Exception {
        Queue<String> answers = new ConcurrentLinkedQueue<>();
        Thread one = ask("bad", answers);
        Thread other = ask("bad", answers);
        open.countDown();
        assertTrue(one.join(LONG) && other.join(LONG));
        assertEquals(List.of("bad token", "bad token"), List.copyOf(answers));
        assertEquals(1, looks.get());
        assertThrows(AuthenticationException.class, () -> cache.authenticate("bad", List.of()));
        assertEquals(2, looks.get());
    }

    @Test
    void whatNobodyKnowsIsRememberedAsLongAsStated() throws Exception {
        open.countDown();
        assertEquals(Optional.empty(), cache.authenticate("unknown", List.of()));
        assertEquals(Optional.empty(), cache.authenticate("unknown", List.of()));
        assertEquals(1, looks.get());
        now = now.plusSeconds(5);
        assertEquals(Optional.empty(), cache.authenticate("unknown", List.of()));
        assertEquals(2, looks.get());
    }
}
