package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import org.jspecify.annotations.Nullable;

/** The number of keys in a range, against a sorted map, while keys come and go and older states are still read. */
class KeyCountProperties {
    private static final byte[] VALUE = {1};

    private final Path folder = temporaryFolder();
    private long index;

    /** A state that is read after later batches, and what it holds. */
    private record Old(View view, NavigableMap<byte[], Boolean> keys) {}

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("key-counts");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterProperty
    void removeFolder() throws IOException {
        Folders.delete(folder);
    }

    @Property(tries = 15, shrinking = ShrinkingMode.OFF)
    void countsAreThoseOfTheStateThatIsRead(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path path = Files.createTempDirectory(folder, "db");
        try (Database database = Database.open(path, StorageConfig.defaults())) {
            TreeMap<byte[], Boolean> model = new TreeMap<>(Arrays::compareUnsigned);
            Deque<Old> old = new ArrayDeque<>();
            int space = 1 << (6 + random.nextInt(12));
            for (int batch = 0; batch < 60; batch++) {
                change(database, random, space, model);
                if (random.nextInt(3) == 0) {
                    count(database, random, space);
                }
                for (int i = 0; i < 6; i++) {
                    try (View view = database.view()) {
                        check(view, model, random, space);
                    }
                }
                if (random.nextInt(4) == 0) {
                    TreeMap<byte[], Boolean> copy = new TreeMap<>(Arrays::compareUnsigned);
                    copy.putAll(model);
                    old.add(new Old(database.view(), copy));
                }
                for (Old one : old) {
                    check(one.view, one.keys, random, space);
                }
                if (old.size() > 4) {
                    old.remove().view.close();
                }
            }
            old.forEach(one -> one.view.close());
        }
    }

    private static void count(Database database, Random random, int space) {
        byte[] from = random.nextInt(4) == 0 ? new byte[0] : key(random, space);
        byte[] to = random.nextInt(4) == 0 ? null : key(random, space);
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return;
        }
        CompletableFuture<Void> counted = database.counted(from, to);
        if (counted != null) {
            counted.join();
            assertNull(database.counted(from, to));
        }
    }

    private void change(Database database, Random random, int space, NavigableMap<byte[], Boolean> model) {
        BatchSession session = database.session();
        int writes = 1 << random.nextInt(12);
        boolean shrink = random.nextInt(3) == 0;
        for (int i = 0; i < writes; i++) {
            byte[] key = key(random, space);
            boolean delete = random.nextInt(10) < (shrink ? 9 : 3);
            boolean takenBack = random.nextInt(8) == 0;
            session.mark();
            if (delete) {
                session.delete(Table.CURRENT, key);
            } else if (random.nextBoolean()) {
                session.put(Table.CURRENT, key, VALUE);
            } else {
                session.putNewest(key, VALUE, session.get(Table.CURRENT, key) == null);
            }
            if (takenBack) {
                session.rollback();
                continue;
            }
            session.keep();
            if (delete) {
                model.remove(key);
            } else {
                model.put(key, true);
            }
            if (random.nextInt(64) == 0) {
                check(session, model, random, space);
            }
        }
        index++;
        session.commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
    }

    private static void check(Tables tables, NavigableMap<byte[], Boolean> model, Random random, int space) {
        byte[] from = random.nextInt(4) == 0 ? new byte[0] : key(random, space);
        byte[] to = random.nextInt(4) == 0 ? null : key(random, space);
        assertEquals(inModel(model, from, to), tables.countKeys(from, to));
    }

    private static long inModel(NavigableMap<byte[], Boolean> model, byte[] from, byte @Nullable [] to) {
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return 0;
        }
        return to == null
                ? model.tailMap(from, true).size()
                : model.subMap(from, true, to, false).size();
    }

    private static byte[] key(Random random, int space) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(random.nextInt(space)).array();
    }

    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void readersThatCountBesideAWriterSeeWholeBatches(@ForAll long seed) throws Exception {
        Path path = Files.createTempDirectory(folder, "db");
        Random random = new Random(seed);
        // Each batch creates or deletes a hundred keys at once, all over the place, so every count is a multiple of
        // 100.
        try (Database database = Database.open(path, StorageConfig.defaults());
                ExecutorService readers = Executors.newFixedThreadPool(2)) {
            AtomicBoolean done = new AtomicBoolean();
            AtomicLong counted = new AtomicLong();
            Runnable reader = () -> {
                while (!done.get()) {
                    try (View view = database.view()) {
                        assertEquals(0, view.countKeys(new byte[0], null) % 100);
                        counted.incrementAndGet();
                    }
                }
            };
            Future<?> one = readers.submit(reader);
            Future<?> other = readers.submit(reader);
            try {
                boolean[] present = new boolean[200];
                for (int batch = 0; batch < 600 || counted.get() < 100; batch++) {
                    int group = random.nextInt(present.length);
                    for (int i = 0; i < 100; i++) {
                        byte[] key = ByteBuffer.allocate(2 * Integer.BYTES)
                                .putInt(i)
                                .putInt(group)
                                .array();
                        if (present[group]) {
                            database.session().delete(Table.CURRENT, key);
                        } else {
                            database.session().put(Table.CURRENT, key, VALUE);
                        }
                    }
                    present[group] = !present[group];
                    index++;
                    database.session().commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
                    assertTrue(!one.isDone() && !other.isDone(), "a reader has failed");
                }
            } finally {
                done.set(true);
            }
            one.get(10, TimeUnit.SECONDS);
            other.get(10, TimeUnit.SECONDS);
        }
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void whatWasCountedOnceIsNotWalkedAgain(@ForAll long seed) throws IOException {
        Path path = Files.createTempDirectory(folder, "db");
        try (Database database = Database.open(path, StorageConfig.defaults())) {
            Random random = new Random(seed);
            for (int i = 0; i < 20_000; i++) {
                database.session().put(Table.CURRENT, key(random, 1 << 30), VALUE);
            }
            index++;
            database.session().commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
            long keys;
            try (View view = database.view()) {
                keys = view.countKeys(new byte[0], null);
                assertEquals(keys, view.countKeys(new byte[0], null));
            }
            assertEquals(keys, database.counts(keys).keysOfSegments(new byte[0], null));
        }
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void whatIsFilledFromNothingIsCountedOnTheWay(@ForAll long seed) throws IOException {
        Path path = Files.createTempDirectory(folder, "db");
        Random random = new Random(seed);
        try (Database database = Database.open(path, StorageConfig.defaults())) {
            for (int batch = 0; batch < 300; batch++) {
                for (int i = 0; i < 100; i++) {
                    database.session().put(Table.CURRENT, key(random, 1 << 30), VALUE);
                }
                index++;
                database.session().commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
            }
            // Nobody asks: it is told to cut what has grown whenever so many have come.
            await(() -> {
                try (View view = database.view()) {
                    return Objects.requireNonNull(view.counts()).segments() > 28_000 / KeyCounts.SEGMENT_KEYS_MAX;
                }
            });
            CompletableFuture<Void> rest = database.counted(new byte[0], null);
            if (rest != null) {
                rest.join();
            }
            try (View view = database.view()) {
                KeyCounts counts = Objects.requireNonNull(view.counts());
                assertEquals(counts.changes(), counts.keysOfSegments(new byte[0], null));
                assertNull(counts.unsettled(new byte[0], null));
            }
        }
        // Where no history tells what came since, it is counted again.
        try (Database database = Database.open(path, StorageConfig.defaults())) {
            byte[] from = key(random, 1 << 29);
            CompletableFuture<Void> some = Objects.requireNonNull(database.counted(from, null));
            CompletableFuture<Void> all = Objects.requireNonNull(database.counted(new byte[0], null));
            some.join();
            assertNull(database.counted(from, null));
            all.join();
            assertNull(database.counted(new byte[0], null));
        }
    }

    @Example
    void longKeysThatComeAndGoAreNotKeptForLong() throws IOException {
        Path path = Files.createTempDirectory(folder, "db");
        try (Database database = Database.open(path, StorageConfig.defaults())) {
            long before = usedBytes();
            for (int batch = 0; batch < 100; batch++) {
                for (int i = 0; i < 4; i++) {
                    byte[] key = new byte[1 << 20];
                    key[0] = (byte) i;
                    if (batch % 2 == 0) {
                        database.session().put(Table.CURRENT, key, VALUE);
                    } else {
                        database.session().delete(Table.CURRENT, key);
                    }
                }
                index++;
                database.session().commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
            }
            long more = usedBytes() - before;
            assertTrue(more < 64 << 20, more + " bytes more");
            try (View view = database.view()) {
                assertEquals(0, view.countKeys(new byte[0], null));
            }
        }
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it takes too long");
            Thread.onSpinWait();
        }
    }
}
