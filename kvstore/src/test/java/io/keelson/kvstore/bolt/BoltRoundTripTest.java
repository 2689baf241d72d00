package io.keelson.kvstore.bolt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BoltRoundTripTest {
    /** What is written is what is read, for any buckets, entry lengths and page size. */
    @Property(tries = 60)
    void whatIsWrittenIsRead(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 5) int pageSizeShift,
            @ForAll @IntRange(min = 0, max = 60) int buckets,
            @ForAll @IntRange(min = 1, max = 3) int scale)
            throws IOException {
        var random = new Random(seed);
        NavigableMap<byte[], NavigableMap<byte[], byte[]>> content =
                new TreeMap<>(BoltFiles.map().comparator());
        for (int i = 0; i < buckets; i++) {
            int entries = random.nextInt(4) == 0 ? 0 : random.nextInt(scale == 3 ? 400 : 20 * scale);
            content.put(key(random, 40), entries(random, entries));
        }
        List<BoltSource> sources = new ArrayList<>();
        content.forEach((name, entries) -> sources.add(BoltSource.of(name, entries)));
        byte[] image = BoltFiles.image(1024 << pageSizeShift, sources);
        Path file = Files.createTempFile("bolt", ".db");
        try {
            Files.write(file, image);
            try (BoltReader reader = BoltReader.open(file)) {
                assertNull(reader.metaProblem());
                assertEquals(image.length, reader.sizeBytes());
                long[] seen = {0};
                reader.verify(pages -> seen[0] = pages);
                // All but two meta pages and the free list are in a tree.
                assertEquals(image.length / reader.pageSize() - 3, seen[0]);
                var read = BoltFiles.readAll(reader);
                assertEquals(content.size(), read.size());
                for (var bucket : content.entrySet()) {
                    String name = new String(bucket.getKey(), StandardCharsets.ISO_8859_1);
                    assertTrue(BoltFiles.same(bucket.getValue(), read.getOrDefault(name, BoltFiles.map())));
                    BoltBucket found = reader.root().bucket(bucket.getKey());
                    assertTrue(found != null);
                    for (var entry : bucket.getValue().entrySet()) {
                        assertArrayEquals(entry.getValue(), found.get(entry.getKey()));
                    }
                    byte[] probe = key(random, 8);
                    BoltCursor cursor = found.cursor(probe);
                    byte[] ceiling = bucket.getValue().ceilingKey(probe);
                    assertEquals(ceiling != null, cursor.next());
                    if (ceiling != null) {
                        assertArrayEquals(ceiling, cursor.key());
                    }
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    private static NavigableMap<byte[], byte[]> entries(Random random, int count) {
        NavigableMap<byte[], byte[]> entries = BoltFiles.map();
        int keyBytesMax = switch (random.nextInt(6)) {
            case 0 -> 3000;
            case 1 -> 400;
            default -> 20;
        };
        for (int i = 0; i < count; i++) {
            int valueBytesMax = random.nextInt(20) == 0 ? 20_000 : 200;
            byte[] value = new byte[random.nextInt(valueBytesMax)];
            random.nextBytes(value);
            entries.put(key(random, keyBytesMax), value);
        }
        return entries;
    }

    private static byte[] key(Random random, int bytesMax) {
        byte[] key = new byte[1 + random.nextInt(bytesMax)];
        random.nextBytes(key);
        return key;
    }

    /** bbolt panics when it removes entries below a branch with a single child. */
    @Property(tries = 200)
    void everyBranchHasTwoChildrenAndEveryPageIsReachedFromItsParentOnce(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 6000) int entries,
            @ForAll @IntRange(min = 1, max = 700) int keyBytesMax)
            throws IOException {
        var random = new Random(seed);
        long[] pages = {3};
        long[] children = {0};
        var tree = new TreePacker(1024, (branch, items, sizeBytes) -> {
            long page = pages[0]++;
            if (branch) {
                assertTrue(items.size() >= 2, "a branch of " + items.size());
                // Post-order: children come before, in the order of their keys.
                long last = 0;
                for (var item : items) {
                    assertTrue(item.child() > last && item.child() < page);
                    last = item.child();
                    children[0]++;
                }
            } else {
                assertTrue(sizeBytes <= 1024 || items.size() == 1);
            }
            return page;
        });
        for (int i = 0; i < entries; i++) {
            tree.add(new TreePacker.Item(1 + random.nextInt(keyBytesMax), random.nextInt(100), null, null, 0));
        }
        long root = tree.finish();
        assertEquals(pages[0] - 1, root);
        assertEquals(pages[0] - 3 - 1, children[0]);
    }

    @Test
    void aMillionEntriesAreStreamedThroughFourLevels(@TempDir Path folder) throws IOException {
        int count = 1_000_000;
        BoltSource source = new BoltSource() {
            @Override
            public byte[] name() {
                return BoltFiles.bytes("key");
            }

            @Override
            public void lengths(Lengths lengths) throws IOException {
                for (int i = 0; i < count; i++) {
                    lengths.entry(RevisionKey.BYTES, 8);
                }
            }

            @Override
            public void entries(Entries entries) throws IOException {
                for (int i = 0; i < count; i++) {
                    entries.entry(
                            new RevisionKey(i, 0, false).encode(),
                            ByteBuffer.allocate(8).putLong(i).array());
                }
            }
        };
        Path file = folder.resolve("db");
        BoltFiles.write(file, List.of(source));
        try (BoltReader reader = BoltReader.open(file)) {
            reader.verify(pages -> {});
            BoltBucket bucket = reader.root().bucket(BoltFiles.bytes("key"));
            assertTrue(bucket != null);
            BoltCursor cursor = bucket.cursor(new RevisionKey(999_990, 0, false).encode());
            for (long i = 999_990; i < count; i++) {
                assertTrue(cursor.next());
                assertEquals(i, ByteBuffer.wrap(cursor.value()).getLong());
            }
            assertFalse(cursor.next());
            assertFalse(cursor.next());
            assertThrows(IllegalStateException.class, cursor::key);
        }
    }

    @Test
    void aSourceThatChangesBetweenLayoutAndWritingIsFoundOut() throws IOException {
        NavigableMap<byte[], byte[]> entries = BoltFiles.map();
        entries.put(BoltFiles.bytes("a"), new byte[10]);
        List<BoltSource> sources = List.of(BoltSource.of(BoltFiles.bytes("b"), entries));
        BoltLayout layout = BoltLayout.of(sources);
        entries.put(BoltFiles.bytes("c"), new byte[10]);
        assertThrows(
                IllegalStateException.class, () -> BoltWriter.write(layout, sources, OutputStream.nullOutputStream()));
        entries.remove(BoltFiles.bytes("c"));
        entries.put(BoltFiles.bytes("a"), new byte[50_000]);
        assertThrows(
                IllegalStateException.class, () -> BoltWriter.write(layout, sources, OutputStream.nullOutputStream()));
    }

    @Test
    void whatBboltCannotHoldIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> BoltLayout.of(1000, List.of()));
        NavigableMap<byte[], byte[]> emptyKey = BoltFiles.map();
        emptyKey.put(new byte[0], new byte[0]);
        assertThrows(
                IllegalArgumentException.class,
                () -> BoltLayout.of(List.of(BoltSource.of(BoltFiles.bytes("b"), emptyKey))));
        BoltSource source = BoltSource.of(BoltFiles.bytes("b"), BoltFiles.map());
        assertThrows(IllegalArgumentException.class, () -> BoltLayout.of(List.of(source, source)));
    }
}
