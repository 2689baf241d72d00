package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.kvstore.apply.TestMember;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;

/** A session is a sorted map whose changes can be taken back, whatever lies in the batch and whatever below. */
class BatchSessionTest {
    private static final String[] KEYS = {"", "a", "b", "ba", "bb", "c", "d", "e", "z"};
    private static final Table[] TABLES = {Table.CURRENT, Table.LEASE};

    /** The rows of each table of {@link #TABLES}, by its place there. */
    private record Model(List<NavigableMap<String, String>> tables) {
        Model copy() {
            List<NavigableMap<String, String>> copies = new ArrayList<>();
            tables.forEach(rows -> copies.add(new TreeMap<>(rows)));
            return new Model(copies);
        }

        NavigableMap<String, String> get(int table) {
            return tables.get(table);
        }
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void aSessionIsASortedMapThatCanGoBack(@ForAll long seed) throws IOException {
        Path folder = Files.createTempDirectory("session");
        try (Database database = Database.open(folder, TestMember.CONFIG)) {
            compareWithModel(database, new Random(seed));
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void compareWithModel(Database database, Random random) {
        BatchSession session = database.session();
        long index = 0;
        Model model = new Model(List.of(new TreeMap<>(), new TreeMap<>()));
        Deque<Model> marks = new ArrayDeque<>();
        for (int i = 0; i < 500; i++) {
            int place = random.nextInt(TABLES.length);
            Table table = TABLES[place];
            String key = KEYS[random.nextInt(KEYS.length)];
            switch (random.nextInt(13)) {
                case 0, 1, 2, 3 -> {
                    session.put(table, bytes(key), bytes("v" + i));
                    model.get(place).put(key, "v" + i);
                }
                case 4, 5 -> {
                    session.delete(table, bytes(key));
                    model.get(place).remove(key);
                }
                case 6 -> {
                    session.mark();
                    marks.push(model.copy());
                }
                case 7 -> {
                    if (!marks.isEmpty()) {
                        session.rollback();
                        model = marks.pop();
                    }
                }
                case 8 -> {
                    if (!marks.isEmpty()) {
                        session.keep();
                        marks.pop();
                    }
                }
                case 9 -> {
                    if (marks.isEmpty()) {
                        session.commit(new AppliedState(++index, 1, 0, 0, 1, -1));
                    }
                }
                case 10 -> {
                    List<byte[]> keys = new ArrayList<>();
                    for (int more = random.nextInt(4); more >= 0; more--) {
                        keys.add(bytes(KEYS[random.nextInt(KEYS.length)]));
                    }
                    session.readAhead(keys);
                }
                default -> {
                    String to = KEYS[random.nextInt(KEYS.length)];
                    assertEquals(
                            key.compareTo(to) <= 0
                                    ? List.copyOf(
                                            model.get(place).subMap(key, to).entrySet())
                                    : List.of(),
                            List.copyOf(scan(session, table, key, to).entrySet()));
                }
            }
            String value = model.get(place).get(key);
            assertArrayEquals(value == null ? null : bytes(value), session.get(table, bytes(key)));
        }
        while (!marks.isEmpty()) {
            session.rollback();
            model = marks.pop();
        }
        session.commit(new AppliedState(++index, 1, 0, 0, 1, -1));
        for (int place = 0; place < TABLES.length; place++) {
            Table table = TABLES[place];
            assertEquals(model.get(place), scan(session, table, "", null));
            try (View view = database.view()) {
                assertEquals(index, view.state().index());
                for (String key : KEYS) {
                    String value = model.get(place).get(key);
                    assertArrayEquals(value == null ? null : bytes(value), view.get(table, bytes(key)));
                }
            }
        }
        assertNull(database.failure());
    }

    private static NavigableMap<String, String> scan(
            BatchSession session, Table table, String from, @Nullable String to) {
        NavigableMap<String, String> rows = new TreeMap<>();
        List<String> order = new ArrayList<>();
        session.scan(table, bytes(from), to == null ? null : bytes(to), (key, value) -> {
            rows.put(text(key), text(value));
            order.add(text(key));
            return true;
        });
        assertEquals(List.copyOf(rows.keySet()), order);
        return rows;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
