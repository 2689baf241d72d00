package io.keelson.apiserver.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.object.GoText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** The tree against the JDK's, through random histories; trees that others were made of stay as they were. */
final class KeyTreeProperties {
    private record Item(String key, int value) implements Keyed {}

    private static final class Model {
        final NavigableMap<String, Item> items = new TreeMap<>(GoText::compare);

        List<Item> all() {
            return List.copyOf(items.values());
        }
    }

    private static <E extends Keyed> List<E> list(Iterator<E> iterator) {
        List<E> list = new ArrayList<>();
        iterator.forEachRemaining(list::add);
        return list;
    }

    @Property(tries = 60)
    void itIsWhatAMapIsAndOldRootsStayAsTheyWere(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5000) int keys,
            @ForAll @IntRange(max = 100) int removes) {
        Random random = new Random(seed);
        Model model = new Model();
        KeyTree<Item> tree = KeyTree.empty();
        KeyTree<Item> kept = tree;
        List<Item> keptItems = List.of();
        for (int step = 0; step < 3000; step++) {
            String key = "k" + random.nextInt(keys);
            if (random.nextInt(100) < removes) {
                tree = tree.without(key);
                model.items.remove(key);
            } else {
                Item item = new Item(key, step);
                tree = tree.with(item);
                model.items.put(key, item);
            }
            if (step == 1500) {
                kept = tree;
                keptItems = model.all();
            }
        }
        tree.verify();
        kept.verify();
        assertEquals(model.all(), list(tree.iterator()));
        assertEquals(keptItems, list(kept.iterator()));
        for (int i = 0; i < 50; i++) {
            check(tree, model, "k" + random.nextInt(keys), random.nextBoolean() ? "" : "k" + random.nextInt(keys));
        }
    }

    private static void check(KeyTree<Item> tree, Model model, String from, String end) {
        assertEquals(model.items.size(), tree.size());
        @Nullable Item expected = model.items.get(from);
        assertEquals(expected, tree.get(from));
        assertEquals(model.items.headMap(from).size(), tree.rank(from));
        NavigableMap<String, Item> range = end.isEmpty()
                ? model.items.tailMap(from, true)
                : GoText.compare(from, end) > 0 ? new TreeMap<>() : model.items.subMap(from, true, end, false);
        assertEquals(List.copyOf(range.values()), list(tree.range(from, end)));
    }

    @Property(tries = 40)
    void aTreeMadeAtOnceIsTheSameAndShrinksToNothing(@ForAll @IntRange(max = 20_000) int size, @ForAll long seed) {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            items.add(new Item("k%06d".formatted(i), i));
        }
        KeyTree<Item> tree = KeyTree.ofSorted(items);
        tree.verify();
        assertEquals(items, list(tree.iterator()));
        List<Item> rest = new ArrayList<>(items);
        Random random = new Random(seed);
        Collections.shuffle(rest, random);
        for (int i = 0; i < rest.size(); i++) {
            tree = tree.without(rest.get(i).key());
            if (random.nextInt(500) == 0) {
                tree.verify();
                assertEquals(size - i - 1, tree.size());
            }
        }
        assertEquals(0, tree.size());
        assertEquals(List.of(), list(tree.iterator()));
    }

    @Property
    void keysAreOrderedAsTheirBytes(@ForAll String left, @ForAll String right) {
        byte[] a = wellFormed(left).getBytes(StandardCharsets.UTF_8);
        byte[] b = wellFormed(right).getBytes(StandardCharsets.UTF_8);
        assertEquals(
                Integer.signum(Arrays.compareUnsigned(a, b)),
                Integer.signum(GoText.compare(wellFormed(left), wellFormed(right))));
    }

    private static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
