package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowSortTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static byte[] value(int number) {
        byte[] value = new byte[number % 50];
        Arrays.fill(value, (byte) number);
        return value;
    }

    private RowSort shuffled(int rows, long memoryBytes) throws IOException {
        List<Integer> numbers = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
        Collections.shuffle(numbers, new Random(rows));
        RowSort sort = new RowSort(folder, memoryBytes);
        for (int number : numbers) {
            sort.add(key(number), value(number));
        }
        return sort;
    }

    private static void assertSorted(RowSort sort, int rows) throws IOException {
        int[] next = {0};
        sort.each((key, value) -> {
            assertEquals(next[0], ByteBuffer.wrap(key).getInt());
            assertTrue(Arrays.equals(value(next[0]), value));
            next[0]++;
        });
        assertEquals(rows, next[0]);
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    void rowsComeOutInOrderWhetherTheyFitInMemoryOrNot() throws IOException {
        for (int rows : new int[] {0, 1, 100, 5_000}) {
            for (long memoryBytes : new long[] {1, 1_000, 100_000, 10_000_000}) {
                try (RowSort sort = shuffled(rows, memoryBytes)) {
                    assertSorted(sort, rows);
                    assertEquals(rows, sort.count());
                }
                assertEquals(0, files(), "files are removed");
            }
        }
    }

    @Test
    void manyRunsAreMergedOnTheWaySoThatFewAreOpen() throws IOException {
        try (RowSort sort = shuffled(10_000, 1)) {
            assertTrue(files() < 3 * 64, () -> "runs of one row each, merged by 64");
            assertSorted(sort, 10_000);
        }
    }

    @Test
    void aRunThatIsDamagedIsFound() throws IOException {
        try (RowSort sort = shuffled(1_000, 10_000)) {
            Path run;
            try (Stream<Path> all = Files.list(folder)) {
                run = all.min(Path::compareTo).orElseThrow();
            }
            byte[] bytes = Files.readAllBytes(run);
            bytes[bytes.length - 1] ^= 1;
            Files.write(run, bytes);
            IOException found = assertThrows(IOException.class, () -> sort.each((key, value) -> {}));
            assertTrue(String.valueOf(found.getMessage()).contains(run.toString()), found::toString);
        }
    }
}
