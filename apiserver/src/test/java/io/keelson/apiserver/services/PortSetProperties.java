package io.keelson.apiserver.services;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ports against a set of numbers, and their bytes against a large number. */
final class PortSetProperties {
    @Property(tries = 500)
    void isASetOfPortsWithTheBytesOfALargeNumber(
            @ForAll @IntRange(min = 1, max = 300) int size,
            @ForAll @Size(max = 400) List<@IntRange(max = 320) Integer> steps,
            @ForAll long seed) {
        PortRange range = new PortRange(30_000, size);
        PortSet ports = new PortSet(range);
        TreeSet<Integer> model = new TreeSet<>();
        Random random = new Random(seed);
        for (int step : steps) {
            int port = 30_000 + step;
            switch (random.nextInt(3)) {
                case 0 -> assertEquals(range.contains(port) && model.add(port), ports.take(port));
                case 1 -> {
                    ports.giveBack(port);
                    model.remove(port);
                }
                default -> {
                    boolean upperFree = model.tailSet(30_000 + range.chosen()).size() < size - range.chosen();
                    int any = ports.takeAny(random);
                    assertEquals(model.size() == size, any == 0);
                    if (any != 0) {
                        assertTrue(range.contains(any) && model.add(any));
                        assertEquals(upperFree, any >= 30_000 + range.chosen());
                    }
                }
            }
        }
        assertEquals(List.copyOf(model), ports.ports().boxed().toList());
        BigInteger number = BigInteger.ZERO;
        for (int port : model) {
            number = number.setBit(port - 30_000);
        }
        byte[] bytes = ports.bytes();
        assertEquals(number, new BigInteger(1, bytes));
        assertTrue(bytes.length == 0 || bytes[0] != 0, "no leading zeros");
        assertArrayEquals(bytes, PortSet.of(range, bytes).bytes());
        assertEquals(model.size(), PortSet.of(range, bytes).count());
    }

    @ParameterizedTest
    @CsvSource({
        "30000-32767, 30000, 2768, 30000-32767, 86",
        "80, 80, 1, 80-80, 0",
        "100+10, 100, 11, 100-110, 0",
        "65000+1000, 65000, 536, 65000-65535, 16",
        "1-16, 1, 16, 1-16, 0",
        "1-17, 1, 17, 1-17, 16",
        "1-60000, 1, 60000, 1-60000, 128",
    })
    void readsRanges(String text, int first, int size, String shown, int chosen) {
        PortRange range = PortRange.parse(text);
        assertEquals(new PortRange(first, size), range);
        assertEquals(shown, range.toString());
        assertEquals(chosen, range.chosen());
    }

    @Test
    void isNoRange() {
        for (String text : List.of("", "a", "10-5", "1-70000", "-5", "1-", "1--2", "99999")) {
            assertThrows(IllegalArgumentException.class, () -> PortRange.parse(text), text);
        }
    }

    @Test
    void forgetsPortsBeyondTheRange() {
        PortSet ports = PortSet.of(new PortRange(1, 3), new byte[] {(byte) 0xff, (byte) 0xff});
        assertEquals(List.of(1, 2, 3), ports.ports().boxed().toList());
    }
}
