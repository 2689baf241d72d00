package io.keelson.kvstore.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HalfSentRequestsTest {
    private static final int KIB = 1 << 10;

    private final AtomicLong now = new AtomicLong();
    private final HalfSentRequests halfSent = new HalfSentRequests(800 * KIB, now::get);
    private final List<String> givenUp = new ArrayList<>();

    private HalfSentRequests.Request begin(String name, int port) {
        return halfSent.begin(InetSocketAddress.createUnresolved("127.0.0.1", port), () -> givenUp.add(name));
    }

    private HalfSentRequests.Request part(String name, int port, int bytes) {
        HalfSentRequests.Request request = begin(name, port);
        request.part(bytes);
        now.incrementAndGet();
        return request;
    }

    @Test
    void theOldestGoFirstAndNoMoreThanWillMakeRoomForAWhile() {
        part("a", 1, 300 * KIB);
        part("b", 2, 200 * KIB);
        HalfSentRequests.Request good = part("good", 3, 300 * KIB);
        assertEquals(List.of(), givenUp);
        part("c", 4, 1);
        assertEquals(List.of("a"), givenUp, "an eighth of the room has to be free");
        assertEquals(500 * KIB + 1, halfSent.bytes());
        assertTrue(good.whole());
        good.release();
        assertEquals(200 * KIB + 1, halfSent.bytes());
    }

    @Test
    void moreOfARequestThatWasGivenUpCountsNothing() {
        HalfSentRequests.Request first = part("a", 1, 700 * KIB);
        part("b", 2, 200 * KIB);
        assertTrue(first.givenUp());
        first.part(KIB);
        assertFalse(first.whole(), "its answer is on the way");
        first.release();
        assertEquals(200 * KIB, halfSent.bytes());
        assertEquals(List.of("a"), givenUp);
    }

    @Test
    void aWholeRequestIsCarriedOutAndWhoComesNextIsRefused() {
        HalfSentRequests.Request whole = part("whole", 1, 790 * KIB);
        assertTrue(whole.whole());
        part("next", 2, 20 * KIB);
        assertEquals(List.of("next"), givenUp);
        whole.release();
        part("later", 3, 700 * KIB);
        assertEquals(List.of("next"), givenUp);
    }

    @Test
    void headersAloneGoLastThoseOfWhoHasMostOfThemFirst() {
        HalfSentRequests.Request idle = begin("idle", 1);
        idle.headers(KIB);
        List<HalfSentRequests.Request> many = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            many.add(begin("many", 2));
            many.getLast().headers(100 * KIB);
        }
        part("half", 3, 50 * KIB);
        part("one more", 4, 60 * KIB);
        assertEquals(
                List.of("half", "one more", "many"), givenUp.stream().distinct().toList());
        assertFalse(idle.givenUp());
    }

    @Test
    void theRestOfAMessageHasALimitOnTimeAndHeadersAndWhatWaitsHaveNone() {
        HalfSentRequests.Request opened = begin("opened", 1);
        opened.headers(100);
        HalfSentRequests.Request untaken = begin("untaken", 1);
        untaken.untaken(100);
        HalfSentRequests.Request whole = part("whole", 1, 100);
        assertTrue(whole.whole());
        HalfSentRequests.Request slow = part("slow", 2, 100);
        now.addAndGet(HalfSentRequests.OVERDUE_NANOS - 10);
        slow.part(100);
        halfSent.giveUpOverdue();
        assertEquals(List.of(), givenUp);
        now.addAndGet(20);
        halfSent.giveUpOverdue();
        assertEquals(List.of("slow"), givenUp);
        assertEquals(300, halfSent.bytes());
    }
}
