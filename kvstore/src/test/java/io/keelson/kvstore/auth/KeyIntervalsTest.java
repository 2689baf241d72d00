package io.keelson.kvstore.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.mvcc.KeyRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class KeyIntervalsTest {
    private static final byte[] NOTHING = {};

    /** All keys of up to three bytes out of three values, which is enough for every way in which ranges can meet. */
    private static final List<byte[]> UNIVERSE = universe();

    private static List<byte[]> universe() {
        List<byte[]> keys = new ArrayList<>();
        byte[] values = {0, 1, (byte) 0xff};
        for (byte a : values) {
            keys.add(new byte[] {a});
            for (byte b : values) {
                keys.add(new byte[] {a, b});
                for (byte c : values) {
                    keys.add(new byte[] {a, b, c});
                }
            }
        }
        return keys;
    }

    private static KeyRange range(String key, String end) {
        return KeyRange.of(key.getBytes(StandardCharsets.UTF_8), end.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] randomKey(Random random, int lengthMax) {
        byte[] key = new byte[1 + random.nextInt(lengthMax)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt(2));
        }
        return key;
    }

    private static KeyRange randomRange(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> KeyRange.of(randomKey(random, 2), NOTHING);
            case 1 -> KeyRange.of(randomKey(random, 2), new byte[] {0});
            default -> KeyRange.of(randomKey(random, 2), randomKey(random, 2));
        };
    }

    @Property(tries = 3000)
    void containsARangeExactlyIfItContainsEveryKeyOfIt(@ForAll long seed) {
        Random random = new Random(seed);
        List<KeyRange> granted = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            granted.add(randomRange(random));
        }
        KeyIntervals intervals = KeyIntervals.of(granted);
        for (byte[] key : UNIVERSE) {
            assertEquals(granted.stream().anyMatch(range -> range.contains(key)), intervals.covering(key) != null);
        }
        for (int i = 0; i < 30; i++) {
            KeyRange asked = randomRange(random);
            if (asked.empty()) {
                continue;
            }
            // A key that is granted or not tells about all behind it up to the next end of a range, and ends are at
            // most two bytes long: the universe has a key in every such stretch.
            boolean everyKey = UNIVERSE.stream()
                    .filter(asked::contains)
                    .allMatch(key -> granted.stream().anyMatch(range -> range.contains(key)));
            assertEquals(everyKey, intervals.contains(asked), () -> describe(granted, asked));
        }
    }

    private static String describe(List<KeyRange> granted, KeyRange asked) {
        StringBuilder text = new StringBuilder();
        for (KeyRange range : granted) {
            text.append(Arrays.toString(range.from()))
                    .append("..")
                    .append(Arrays.toString(range.to()))
                    .append(' ');
        }
        return text + "asked " + Arrays.toString(asked.from()) + ".." + Arrays.toString(asked.to());
    }

    @Test
    void permissionsThatTouchCoverARangeTogether() {
        KeyIntervals intervals = KeyIntervals.of(List.of(range("m", "p"), range("a", "f"), range("f", "m")));

        assertTrue(intervals.contains(range("a", "p")));
        assertFalse(intervals.contains(range("a", "p\0")));
        assertFalse(intervals.contains(range("\0", "b")));
    }

    @Test
    void aKeyDoesNotPermitARangeThatBeginsWithIt() {
        KeyIntervals intervals = KeyIntervals.of(List.of(range("k", "")));

        assertTrue(intervals.contains(range("k", "")));
        assertTrue(intervals.contains(range("k", "k\0")));
        assertFalse(intervals.contains(range("k", "l")));
        assertFalse(intervals.contains(range("k", "\0")));
        assertFalse(intervals.contains(range("k\0", "")));
    }

    @Test
    void onlyAnOpenPermissionPermitsAnOpenRange() {
        assertFalse(KeyIntervals.of(List.of(range("a", "\u007f"))).contains(range("b", "\0")));
        assertTrue(KeyIntervals.of(List.of(range("a", "\0"))).contains(range("b", "\0")));
        assertFalse(KeyIntervals.of(List.of(range("b", "\0"))).contains(range("a", "\0")));
    }

    @Test
    void everythingIsPermittedFromTheFirstKeyHoweverItIsWritten() {
        KeyIntervals everything = KeyIntervals.of(List.of(range("\0", "\0")));

        assertTrue(everything.contains(range("\0", "\0")));
        assertTrue(everything.contains(range("", "\0")));
        assertTrue(KeyIntervals.of(List.of(range("", "\0"))).contains(range("\0", "\0")));
    }

    @Test
    void anInvertedRangeIsContainedOnlyInsideOneInterval() {
        KeyIntervals intervals = KeyIntervals.of(List.of(range("m", "p")));

        assertTrue(intervals.contains(range("o", "n")));
        assertFalse(intervals.contains(range("q", "n")));
        assertFalse(intervals.contains(range("z", "a")));
    }

    @Test
    void aGrantThatIsInvertedOrEmptyPermitsNothing() {
        KeyIntervals intervals = KeyIntervals.of(List.of(range("z", "a"), range("k", "k")));

        for (String key : List.of("a", "k", "m", "z")) {
            assertFalse(intervals.contains(range(key, "")));
        }
    }
}
