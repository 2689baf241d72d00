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
        return request;
    }

    private void aWhilePasses() {
        now.addAndGet(HalfSentRequests.STALLED_NANOS + 1);
    }

    @Test
    void theOldestGoFirstAndNoMoreThanWillMakeRoomForAWhile() {
        part("a", 1, 300 * KIB);
        now.incrementAndGet();
        part("b", 2, 200 * KIB);
        aWhilePasses();
        HalfSentRequests.Request good = part("good", 3, 300 * KIB);
        assertEquals(List.of(), givenUp);
        part("c", 4, 1);
        assertEquals(List.of("a"), givenUp, "an eighth of the room has to be free");
        assertEquals(500 * KIB + 1, halfSent.bytes());
        assertTrue(good.whole());
        good.release();
        assertEquals(200 * KIB + 1, halfSent.bytes());
    }

    /** A connection on another thread may be that fast. */
    @Test
    void whatIsReleasedAtOnceWhenItIsGivenUpMakesRoomToo() {
        List<HalfSentRequests.Request> requests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int index = i;
            HalfSentRequests.Request request =
                    halfSent.begin(InetSocketAddress.createUnresolved("127.0.0.1", 1), () -> {
                        givenUp.add("attacker " + index);
                        requests.get(index).release();
                    });
            requests.add(request);
            request.part(190 * KIB);
            now.incrementAndGet();
        }
        aWhilePasses();
        HalfSentRequests.Request good = part("good", 2, 100 * KIB);
        assertEquals(List.of("attacker 0"), givenUp);
        assertFalse(good.givenUp());
        assertEquals(670 * KIB, halfSent.bytes());
    }

    @Test
    void moreOfARequestThatWasGivenUpCountsNothing() {
        HalfSentRequests.Request first = part("a", 1, 700 * KIB);
        aWhilePasses();
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
        aWhilePasses();
        part("next", 2, 20 * KIB);
        assertEquals(List.of("next"), givenUp);
        whole.release();
        part("later", 3, 700 * KIB);
        assertEquals(List.of("next"), givenUp);
    }

    @Test
    void headersThatNothingFollowsGoBeforeWhoSendsThoseOfWhoHasMostFirst() {
        HalfSentRequests.Request idle = begin("idle", 1);
        idle.headers(KIB);
        for (int i = 0; i < 6; i++) {
            begin("many", 2).headers(100 * KIB);
        }
        aWhilePasses();
        HalfSentRequests.Request good = part("good", 3, 190 * KIB);
        part("one more", 3, 10 * KIB);
        assertEquals(List.of("many", "many"), givenUp);
        assertFalse(idle.givenUp());
        assertFalse(good.givenUp());
    }

    @Test
    void ifAllIsYoungWhoHasMostGoesFirst() {
        part("good", 1, 100 * KIB);
        for (int i = 0; i < 7; i++) {
            part("many " + i, 2, 100 * KIB);
            now.incrementAndGet();
        }
        part("other", 3, KIB);
        assertEquals(List.of("many 0", "many 1"), givenUp);
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
