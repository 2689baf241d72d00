package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
    private final SettableTime time = new SettableTime();
    private final AnswerCache cache = new AnswerCache(time, 30, 100, 1 << 20);

    private static AnswerCache.Request request(String name) {
        return new AnswerCache.Request(Question.of(DnsName.parse(name), RecordType.A), false, false);
    }

    private static Answer found(int seconds) {
        return new Answer(
                ResponseCode.NOERROR,
                false,
                false,
                List.of(ResourceRecord.address(DnsName.parse("a"), seconds, new byte[4])),
                List.of(),
                List.of(),
                null,
                "forward");
    }

    private static Answer absent(int code, int soaSeconds, int negativeSeconds) {
        DnsName zone = DnsName.parse("com");
        return new Answer(
                code,
                false,
                false,
                List.of(),
                List.of(ResourceRecord.soa(zone, soaSeconds, zone, zone, 1, negativeSeconds)),
                List.of(),
                null,
                "forward");
    }

    private @Nullable Integer secondsLeft(String name) {
        AnswerCache.Hit hit = cache.get(request(name));
        return hit == null ? null : hit.answer().answers().getFirst().seconds();
    }

    @Test
    void whatIsRememberedGrowsOlder() {
        cache.put(request("a"), found(20));
        time.advance(Duration.ofSeconds(12));
        assertEquals(8, secondsLeft("A"));
        time.advance(Duration.ofSeconds(8));
        assertNull(secondsLeft("a"));
        assertEquals(0, cache.size(true));
    }

    @Test
    void timesAreBounded() {
        Answer told = cache.put(request("long"), found(86_400));
        assertEquals(30, told.answers().getFirst().seconds());
        cache.put(request("short"), found(0));
        time.advance(Duration.ofSeconds(4));
        assertEquals(26, secondsLeft("long"));
        assertEquals(1, secondsLeft("short"));
        time.advance(Duration.ofSeconds(1));
        assertNull(secondsLeft("short"));
    }

    @Test
    void thatThereIsNothingIsRememberedAsLongAsTheZoneSays() {
        cache.put(request("none"), absent(ResponseCode.NXDOMAIN, 3600, 10));
        cache.put(request("empty"), absent(ResponseCode.NOERROR, 7, 3600));
        time.advance(Duration.ofSeconds(6));
        assertNotNull(cache.get(request("none")));
        assertNotNull(cache.get(request("empty")));
        time.advance(Duration.ofSeconds(1));
        assertNull(cache.get(request("empty")));
        time.advance(Duration.ofSeconds(3));
        assertNull(cache.get(request("none")));
    }

    @Test
    void failuresAreRememberedShortlyAndRefusalsNotAtAll() {
        cache.put(request("failed"), absent(ResponseCode.SERVFAIL, 3600, 3600));
        cache.put(request("refused"), absent(ResponseCode.REFUSED, 3600, 3600));
        assertNull(cache.get(request("refused")));
        assertNotNull(cache.get(request("failed")));
        time.advance(Duration.ofSeconds(5));
        assertNull(cache.get(request("failed")));
    }

    @Test
    void thereIsABoundInAnswersForEachKind() {
        cache.put(request("used"), found(30));
        for (int i = 0; i < 1000; i++) {
            cache.put(request("made-up-" + i), absent(ResponseCode.NXDOMAIN, 30, 30));
        }
        assertEquals(100, cache.size(false));
        assertEquals(900, cache.evictions(false));
        assertNotNull(cache.get(request("used")));
        assertNotNull(cache.get(request("made-up-999")));
        assertNull(cache.get(request("made-up-0")));
    }

    @Test
    void thereIsABoundInOctets() {
        AnswerCache small = new AnswerCache(time, 30, 100, 10_000);
        for (int i = 0; i < 50; i++) {
            byte[] large = new byte[2000];
            small.put(
                    request("a" + i),
                    new Answer(
                            ResponseCode.NOERROR,
                            false,
                            false,
                            List.of(new ResourceRecord(DnsName.ROOT, 65_000, 1, 30, large)),
                            List.of(),
                            List.of(),
                            null,
                            "forward"));
        }
        assertEquals(4, small.size(true));
    }

    @Test
    void whatIsUsedOftenIsDueOnceBeforeItIsForgotten() {
        cache.put(request("a"), found(30));
        assertFalse(isDue("a"));
        assertFalse(isDue("a"));
        time.advance(Duration.ofSeconds(27));
        assertTrue(isDue("a"));
        assertFalse(isDue("a"), "it is being fetched");
        cache.put(request("b"), found(30));
        time.advance(Duration.ofSeconds(28));
        assertFalse(isDue("b"), "nobody else wants it");
    }

    private boolean isDue(String name) {
        AnswerCache.Hit hit = cache.get(request(name));
        return hit != null && hit.isDue();
    }

    @Test
    void nothingIsRememberedWithoutTime() {
        AnswerCache none = new AnswerCache(time, 0, 100, 10_000);
        none.put(request("a"), found(30));
        assertNull(none.get(request("a")));
    }
}
