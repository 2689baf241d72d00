package io.keelson.kvstore.bolt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BoltDamageTest {
    private static final int PAGE = 1024;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("db");
    }

    /** Some levels, an overflow page, an empty bucket. */
    private static byte[] small() throws IOException {
        NavigableMap<byte[], byte[]> many = BoltFiles.map();
        for (int i = 0; i < 50; i++) {
            many.put(BoltFiles.bytes("a-key-of-some-length-%04d".formatted(i)), BoltFiles.bytes("value " + i));
        }
        many.put(BoltFiles.bytes("big"), new byte[3000]);
        return BoltFiles.image(
                PAGE,
                List.of(
                        BoltSource.of(BoltFiles.bytes("empty"), BoltFiles.map()),
                        BoltSource.of(BoltFiles.bytes("many"), many)));
    }

    private BoltFormatException damaged(byte[] image) throws IOException {
        Files.write(file, image);
        return assertThrows(BoltFormatException.class, () -> {
            try (BoltReader reader = BoltReader.open(file)) {
                reader.verify(pages -> {});
            }
        });
    }

    private void assertDamaged(byte[] image, long page, String problem) throws IOException {
        BoltFormatException e = damaged(image);
        assertEquals(page, e.page(), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains(problem), e.getMessage());
    }

    private static ByteBuffer edit(byte[] image, long page) {
        return ByteBuffer.wrap(image, Math.toIntExact(page * PAGE), image.length - Math.toIntExact(page * PAGE))
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long rootOf(byte[] image) {
        return edit(image, 0).getLong(BoltFormat.ROOT_AT);
    }

    /** The root of bucket {@code many}, a branch: the page before the tree of buckets. */
    private static long branchOf(byte[] image) {
        long branch = rootOf(image) - 1;
        assertEquals(BoltFormat.FLAG_BRANCH, edit(image, branch).getShort(BoltFormat.FLAGS_AT));
        return branch;
    }

    /** Whatever byte is changed: either an error that names a page, or the same buckets and keys as before. */
    @Test
    void aFlippedByteIsFoundOrChangesNoKeyOrder() throws IOException {
        for (byte[] image : List.of(small(), nested())) {
            Files.write(file, image);
            int checked = 0;
            for (int at = 0; at < image.length; at++) {
                for (int mask : at % 7 == 0 ? new int[] {0x01, 0x80, 0xff} : new int[] {1 << (at % 8)}) {
                    poke(at, image[at] ^ mask);
                    checked += readAfterFlip(at) ? 1 : 0;
                }
                poke(at, image[at]);
            }
            assertTrue(checked > 0);
        }
    }

    private void poke(long at, int value) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(at);
            raw.write(value);
        }
    }

    /** Returns whether the damage was seen. */
    private boolean readAfterFlip(long at) throws IOException {
        try (BoltReader reader = BoltReader.open(file)) {
            reader.verify(pages -> {});
            // What passes the check can be read.
            BoltFiles.readAll(reader);
            return false;
        } catch (BoltFormatException e) {
            assertTrue(
                    e.page() != BoltFormatException.WHOLE_FILE
                            || String.valueOf(e.getMessage()).contains("meta page"),
                    at + ": " + e.getMessage());
            return true;
        }
    }

    /** Every bit of page headers, of element tables and of branch keys carries structure, and none of it may change. */
    @Test
    void everyFlippedBitOfStructureIsFound() throws IOException {
        byte[] image = small();
        Files.write(file, image);
        List<String> unseen = new ArrayList<>();
        for (long page = 2; page < image.length / PAGE; page++) {
            ByteBuffer header = edit(image, page);
            if (header.getLong(0) != page) {
                // Overflow: no header.
                continue;
            }
            int count = header.getShort(BoltFormat.COUNT_AT);
            int end = 16 + count * 16;
            for (int bit = 0; bit < end * 8; bit++) {
                long at = page * PAGE + bit / 8;
                poke(at, image[Math.toIntExact(at)] ^ (1 << (bit % 8)));
                if (!readAfterFlip(at)) {
                    unseen.add("page " + page + " byte " + bit / 8 + " bit " + bit % 8);
                }
                poke(at, image[Math.toIntExact(at)]);
            }
        }
        // Where the last key of a page ends, how long its value is, and that a root is empty, contradicts nothing else.
        List<String> unexplained =
                unseen.stream().filter(text -> !explained(image, text)).toList();
        assertEquals(List.of(), unexplained);
    }

    private static boolean explained(byte[] image, String text) {
        String[] words = text.split(" ", -1);
        long page = Long.parseLong(words[1]);
        int at = Integer.parseInt(words[3]);
        ByteBuffer header = edit(image, page);
        int count = Short.toUnsignedInt(header.getShort(BoltFormat.COUNT_AT));
        boolean leaf = header.getShort(BoltFormat.FLAGS_AT) == BoltFormat.FLAG_LEAF;
        int last = 16 + (count - 1) * 16;
        boolean emptyRoot = page == rootOf(image) && count == 2 && at == BoltFormat.COUNT_AT;
        return emptyRoot || (leaf ? at >= last + 8 : at >= last + 4 && at < last + 8);
    }

    @Test
    void aWrongMetaPageIsReportedAndTheOtherUsed() throws IOException {
        byte[] image = small();
        image[BoltFormat.ROOT_AT] ^= 1;
        Files.write(file, image);
        try (BoltReader reader = BoltReader.open(file)) {
            String problem = reader.metaProblem();
            assertNotNull(problem);
            assertTrue(problem.startsWith("page 0 (offset 0): checksum"), problem);
            reader.verify(pages -> {});
        }
        image[PAGE + BoltFormat.MAGIC_AT] ^= 1;
        assertDamaged(image, 0, "checksum");
    }

    @Test
    void aFileCutShortIsRefused() throws IOException {
        byte[] image = small();
        for (int length = 0; length < image.length; length += 100) {
            Files.write(file, Arrays.copyOf(image, length));
            var e = assertThrows(BoltFormatException.class, () -> BoltReader.open(file));
            assertTrue(
                    String.valueOf(e.getMessage()).contains(length < PAGE ? "not a bbolt file" : "cut short"),
                    e.getMessage());
        }
    }

    @Test
    void whatIsNotABboltFileIsRefused() throws IOException {
        byte[] text = BoltFiles.bytes("# not a database\n".repeat(1000));
        assertDamaged(text, 0, "the page calls itself");
        assertDamaged(new byte[100_000], 0, "is not a meta page");
    }

    @Test
    void aPageThatNamesAnotherIsRefused() throws IOException {
        byte[] image = small();
        edit(image, 5).putLong(0, 6);
        assertDamaged(image, 5, "the page calls itself 6");
    }

    @Test
    void aWrongTypeIsRefused() throws IOException {
        byte[] image = small();
        edit(image, 5).putShort(BoltFormat.FLAGS_AT, (short) BoltFormat.FLAG_META);
        assertDamaged(image, 5, "expected a branch or a leaf, found a meta page");
    }

    @Test
    void aCountBeyondThePageIsRefused() throws IOException {
        byte[] image = small();
        edit(image, 5).putShort(BoltFormat.COUNT_AT, (short) 0xFFFF);
        assertDamaged(image, 5, "counts 65535 entries");
    }

    @Test
    void anEntryBeyondThePageIsRefused() throws IOException {
        byte[] image = small();
        edit(image, 5).putInt(16 + 12, Integer.MAX_VALUE);
        assertDamaged(image, 5, "entry 0 ends at byte");
    }

    @Test
    void keysOutOfOrderInAPageAreRefused() throws IOException {
        byte[] image = small();
        ByteBuffer page = edit(image, 5);
        page.put(16 + page.getInt(16 + 4), (byte) 0xff);
        assertDamaged(image, 5, "keys out of order: entry 0 is ff");
    }

    @Test
    void keysOutOfOrderBetweenPagesAreRefused() throws IOException {
        byte[] image = small();
        long branch = branchOf(image);
        ByteBuffer page = edit(image, branch);
        long first = page.getLong(16 + 8);
        long second = page.getLong(32 + 8);
        page.putLong(16 + 8, second);
        page.putLong(32 + 8, first);
        assertDamaged(image, second, "keys out of order: the last key");
    }

    @Test
    void aPageUsedTwiceIsRefused() throws IOException {
        byte[] image = small();
        ByteBuffer root = edit(image, rootOf(image));
        // Bucket "empty" gets the root of bucket "many".
        int value = 16 + root.getInt(16 + 4) + root.getInt(16 + 8);
        root.putLong(value, branchOf(image));
        BoltFormatException e = damaged(image);
        assertTrue(String.valueOf(e.getMessage()).contains("used twice"), e.getMessage());
        assertEquals(branchOf(image), e.page());
    }

    @Test
    void aCycleIsRefusedByTheCheckAndEndsForACursor() throws IOException {
        byte[] image = small();
        long branch = branchOf(image);
        edit(image, branch).putLong(16 + 8, branch);
        assertDamaged(image, branch, "used twice");
        try (BoltReader reader = BoltReader.open(file)) {
            var e = assertThrows(BoltFormatException.class, () -> BoltFiles.readAll(reader));
            assertTrue(String.valueOf(e.getMessage()).startsWith("page " + branch), e.getMessage());
        }
    }

    @Test
    void aPageBeyondTheHighWaterMarkIsRefused() throws IOException {
        byte[] image = small();
        long branch = branchOf(image);
        edit(image, branch).putLong(16 + 8, image.length / PAGE);
        assertDamaged(image, branch, "entry 0 leads to page " + image.length / PAGE);
    }

    @Test
    void overflowBeyondTheHighWaterMarkIsRefused() throws IOException {
        byte[] image = small();
        edit(image, 5).putInt(BoltFormat.OVERFLOW_AT, -1);
        assertDamaged(image, 5, "goes on over 4294967295 more pages");
    }

    @Test
    void aHugeSparseLeafIsRefusedWithoutReadingIt() throws IOException {
        byte[] image = small();
        long pages = 1L << 22;
        edit(image, 5).putInt(BoltFormat.OVERFLOW_AT, 1 << 21);
        for (int number = 0; number < 2; number++) {
            ByteBuffer meta = edit(image, number);
            meta.putLong(BoltFormat.HIGH_WATER_AT, pages);
            byte[] copy = Arrays.copyOfRange(image, number * PAGE, (number + 1) * PAGE);
            meta.putLong(BoltFormat.CHECKSUM_AT, BoltFormat.metaChecksum(copy));
        }
        Files.write(file, image);
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(pages * PAGE);
        }
        try (BoltReader reader = BoltReader.open(file)) {
            var e = assertThrows(BoltFormatException.class, () -> reader.verify(seen -> {}));
            assertTrue(String.valueOf(e.getMessage()).contains("are read"), e.getMessage());
            assertEquals(5, e.page());
        }
    }

    @Test
    void aFreeListThatContradictsTheTreesIsRefused() throws IOException {
        byte[] image = small();
        ByteBuffer list = edit(image, BoltLayout.FREELIST_PAGE);
        list.putShort(BoltFormat.COUNT_AT, (short) 1).putLong(16, 5);
        assertDamaged(image, 5, "in use and listed as free");
        list.putLong(16, 1L << 40);
        assertDamaged(image, BoltLayout.FREELIST_PAGE, "lists page 1099511627776");
        list.putShort(BoltFormat.COUNT_AT, (short) 5000);
        assertDamaged(image, BoltLayout.FREELIST_PAGE, "counts 5000 free pages");
    }

    /** A bucket with an inline bucket and one with a tree, built byte by byte. */
    private static byte[] nested() throws IOException {
        NavigableMap<byte[], byte[]> tree = BoltFiles.map();
        tree.put(BoltFiles.bytes("deep"), BoltFiles.bytes("value"));
        NavigableMap<byte[], byte[]> parent = BoltFiles.map();
        parent.put(BoltFiles.bytes("inline"), inline("ik", "iv", 0));
        byte[] header = new byte[16];
        header[0] = 3;
        header[8] = 77;
        parent.put(BoltFiles.bytes("tree"), header);
        parent.put(BoltFiles.bytes("value"), BoltFiles.bytes("plain"));
        byte[] image = BoltFiles.image(
                PAGE,
                List.of(
                        BoltSource.of(BoltFiles.bytes("child"), tree),
                        BoltSource.of(BoltFiles.bytes("parent"), parent)));
        // The tree of bucket "child" is moved below "parent": the root keeps the entry of "parent" only.
        edit(image, rootOf(image))
                .putShort(BoltFormat.COUNT_AT, (short) 1)
                .putInt(16, BoltFormat.ELEMENT_BUCKET)
                .putInt(20, 16)
                .putInt(24, "parent".length())
                .putInt(28, 16)
                .put(32, BoltFiles.bytes("parent"))
                .putLong(38, 4)
                .putLong(46, 0);
        ByteBuffer leaf = edit(image, 4);
        leaf.putInt(16, BoltFormat.ELEMENT_BUCKET).putInt(32, BoltFormat.ELEMENT_BUCKET);
        return image;
    }

    private static byte[] inline(String key, String value, int elementFlags) {
        byte[] page = new byte[16 + 16 + 16 + key.length() + value.length()];
        ByteBuffer buffer = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(8, 5)
                .putShort(16 + 8, (short) BoltFormat.FLAG_LEAF)
                .putShort(16 + 10, (short) 1)
                .putInt(32, elementFlags)
                .putInt(36, 16)
                .putInt(40, key.length())
                .putInt(44, value.length())
                .put(48, BoltFiles.bytes(key))
                .put(48 + key.length(), BoltFiles.bytes(value));
        return page;
    }

    @Test
    void nestedAndInlineBucketsAreRead() throws IOException {
        Files.write(file, nested());
        try (BoltReader reader = BoltReader.open(file)) {
            reader.verify(pages -> {});
            BoltBucket parent = reader.root().bucket(BoltFiles.bytes("parent"));
            assertNotNull(parent);
            BoltBucket inline = parent.bucket(BoltFiles.bytes("inline"));
            assertNotNull(inline);
            assertEquals(5, inline.sequence());
            assertEquals("iv", text(inline.get(BoltFiles.bytes("ik"))));
            BoltBucket tree = parent.bucket(BoltFiles.bytes("tree"));
            assertNotNull(tree);
            assertEquals(77, tree.sequence());
            assertEquals("value", text(tree.get(BoltFiles.bytes("deep"))));
            assertEquals("plain", text(parent.get(BoltFiles.bytes("value"))));
            assertEquals(null, parent.get(BoltFiles.bytes("tree")));
            assertEquals(null, parent.bucket(BoltFiles.bytes("value")));
        }
    }

    @Test
    void aPlainValueAmongTheBucketsIsRefused() throws IOException {
        byte[] image = small();
        edit(image, rootOf(image)).putInt(16, 0);
        assertDamaged(image, rootOf(image), "is not a bucket");
    }

    private static String text(byte @Nullable [] value) {
        assertNotNull(value);
        return new String(value, StandardCharsets.UTF_8);
    }

    @Test
    void aBucketInsideAnInlineBucketIsRefused() throws IOException {
        byte[] image = nested();
        ByteBuffer leaf = edit(image, 4);
        int value = 16 + leaf.getInt(16 + 4) + leaf.getInt(16 + 8);
        leaf.putInt(value + 32, BoltFormat.ELEMENT_BUCKET);
        assertDamaged(image, 4, "a bucket inside an inline bucket");
    }

    /** Buckets in buckets, a page each, end with the file; a bucket that holds itself is a page used twice. */
    @Test
    void bucketsNestedThousandsDeepAreWalkedWithoutRecursion() throws IOException {
        int depth = 20_000;
        byte[] image = new byte[(depth + 3) * PAGE];
        for (int i = 0; i <= depth; i++) {
            long page = 2L + i;
            ByteBuffer leaf = edit(image, page);
            leaf.putLong(0, page).putShort(BoltFormat.FLAGS_AT, (short) BoltFormat.FLAG_LEAF);
            if (i < depth) {
                leaf.putShort(BoltFormat.COUNT_AT, (short) 1)
                        .putInt(16, BoltFormat.ELEMENT_BUCKET)
                        .putInt(20, 16)
                        .putInt(24, 1)
                        .putInt(28, 16)
                        .put(32, (byte) 'b')
                        .putLong(33, page + 1);
            }
        }
        for (int number = 0; number < 2; number++) {
            byte[] meta = new BoltMeta(PAGE, 2, BoltFormat.NO_FREELIST, depth + 3, number).encode(number);
            System.arraycopy(meta, 0, image, number * PAGE, PAGE);
        }
        Files.write(file, image);
        try (BoltReader reader = BoltReader.open(file)) {
            reader.verify(pages -> {});
        }
        edit(image, depth + 1).putLong(33, 2);
        assertDamaged(image, 2, "used twice, the second time by page " + (depth + 1));
    }

    @Test
    void aTreeDeeperThanAnyRealOneIsRefused() throws IOException {
        int depth = 1000;
        byte[] image = new byte[(depth + 3) * PAGE];
        for (int i = 0; i <= depth; i++) {
            edit(image, 2 + i)
                    .putLong(0, 2 + i)
                    .putShort(BoltFormat.FLAGS_AT, (short) BoltFormat.FLAG_BRANCH)
                    .putShort(BoltFormat.COUNT_AT, (short) 1)
                    .putInt(16, 16)
                    .putInt(20, 1)
                    .putLong(24, 3 + i)
                    .put(32, (byte) 'k');
        }
        for (int number = 0; number < 2; number++) {
            byte[] meta = new BoltMeta(PAGE, 2, BoltFormat.NO_FREELIST, depth + 3, number).encode(number);
            System.arraycopy(meta, 0, image, number * PAGE, PAGE);
        }
        BoltFormatException e = damaged(image);
        assertTrue(String.valueOf(e.getMessage()).contains("deeper than"), e.getMessage());
        try (BoltReader reader = BoltReader.open(file)) {
            var fromCursor = assertThrows(
                    BoltFormatException.class, () -> reader.root().cursor().next());
            assertTrue(String.valueOf(fromCursor.getMessage()).contains("deeper than"), fromCursor.getMessage());
        }
    }
}
