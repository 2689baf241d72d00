package io.keelson.kvstore.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.mvcc.KeyRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class RangeIndexProperties {
    private record Entry(KeyRange range, Integer value) {}

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void findsExactlyTheRangesThatContainAKey(@ForAll long seed) {
        Random random = new Random(seed);
        RangeIndex<Integer> index = new RangeIndex<>();
        List<Entry> model = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            if (!model.isEmpty() && random.nextInt(5) < 2) {
                Entry gone = model.remove(random.nextInt(model.size()));
                index.remove(gone.range, gone.value);
            } else {
                Entry added = new Entry(range(random), i);
                model.add(added);
                index.add(added.range, added.value);
            }
            byte[] key = key(random);
            List<Integer> found = new ArrayList<>();
            index.find(key, found::add);
            found.sort(null);
            assertEquals(
                    model.stream()
                            .filter(entry -> entry.range.contains(key))
                            .map(Entry::value)
                            .sorted()
                            .toList(),
                    found);
            KeyRange exact = range(random);
            assertEquals(
                    model.stream()
                            .filter(entry -> entry.range.equals(exact))
                            .map(Entry::value)
                            .sorted()
                            .toList(),
                    index.at(exact).stream().sorted().toList());
        }
        model.forEach(entry -> index.remove(entry.range, entry.value));
        assertTrue(index.isEmpty());
    }

    private static KeyRange range(Random random) {
        byte[] from = key(random);
        return switch (random.nextInt(4)) {
            case 0 -> KeyRange.of(from, new byte[0]);
            case 1 -> KeyRange.of(from, new byte[1]);
            default ->
                KeyRange.of(from, (new String(from, StandardCharsets.UTF_8) + "b").getBytes(StandardCharsets.UTF_8));
        };
    }

    private static byte[] key(Random random) {
        byte[] key = new byte[1 + random.nextInt(3)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) ('a' + random.nextInt(4));
        }
        return key;
    }
}
