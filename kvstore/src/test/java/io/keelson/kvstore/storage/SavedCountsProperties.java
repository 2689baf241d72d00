package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.apply.TestMember;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import org.jspecify.annotations.Nullable;

/** What is known of the number of keys after a start, against a walk over them, however the store came to its end. */
class SavedCountsProperties {
    private static final int SPACE = 20_000;

    private final Path folder = temporaryFolder();

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("saved-counts");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterProperty
    void removeFolder() throws IOException {
        Folders.delete(folder);
    }

    private static String key(int number) {
        return String.format("key/%06d", number);
    }

    private static void change(TestMember member, Random random) {
        List<PutRequest> puts = new ArrayList<>();
        int count = random.nextInt(3_000);
        for (int i = 0; i < count; i++) {
            puts.add(PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key(random.nextInt(SPACE))))
                    .setValue(ByteString.copyFromUtf8("v"))
                    .build());
        }
        if (!puts.isEmpty()) {
            member.apply(puts);
        }
        int from = random.nextInt(SPACE);
        member.delete(key(from), key(from + 1 + random.nextInt(SPACE / 4)));
    }

    private static void check(Tables tables, Random random) {
        for (int i = 0; i < 20; i++) {
            int first = random.nextInt(SPACE);
            byte[] from = key(first).getBytes(StandardCharsets.UTF_8);
            byte @Nullable [] to = random.nextBoolean()
                    ? null
                    : key(first + random.nextInt(SPACE)).getBytes(StandardCharsets.UTF_8);
            assertEquals(walked(tables, from, to), tables.countKeys(from, to));
        }
    }

    private static long walked(Tables tables, byte[] from, byte @Nullable [] to) {
        long keys = 0;
        try (Cursor cursor = tables.cursor(Table.CURRENT, from, to, false)) {
            for (; cursor.valid(); cursor.next()) {
                keys++;
            }
        }
        return keys;
    }

    @Property(tries = 12, shrinking = ShrinkingMode.OFF)
    void countsAreRightAfterACrash(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path now = Files.createTempDirectory(folder, "db");
        for (int life = 0; life < 4; life++) {
            Path crashed = Files.createTempDirectory(folder, "db");
            try (TestMember member = new TestMember(now)) {
                int rounds = 1 + random.nextInt(6);
                for (int round = 0; round < rounds; round++) {
                    change(member, random);
                    switch (random.nextInt(5)) {
                        case 0 -> member.database().saveCounts();
                        case 1 -> member.database().flush();
                        case 2 -> member.compact(member.store().currentRevision());
                        case 3 -> {
                            var counted = member.database().counted(new byte[0], null);
                            assertTrue(counted == null || !counted.isCompletedExceptionally());
                        }
                        default -> {}
                    }
                    try (View view = member.database().view()) {
                        check(view, random);
                    }
                }
                member.copyAsCrashed(crashed);
            }
            now = crashed;
        }
    }

    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void whatWasKnownIsKnownAgainAfterAStart(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        Path path = Files.createTempDirectory(folder, "db");
        try (TestMember member = new TestMember(path)) {
            for (int round = 0; round < 4; round++) {
                change(member, random);
            }
            member.compact(member.store().currentRevision());
            var counted = member.database().counted(new byte[0], null);
            if (counted != null) {
                counted.join();
            }
        }
        try (TestMember member = new TestMember(path)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            boolean known = false;
            // Nobody asks for a count, so nobody walks.
            while (!known && System.nanoTime() < deadline) {
                Thread.sleep(5);
                try (View view = member.database().view()) {
                    KeyCounts counts = view.counts();
                    // A segment that had grown when it was saved may wait to be cut; its number is known all the same.
                    known = counts != null && counts.keysOfSegments(new byte[0], null) >= 0;
                }
            }
            assertTrue(known, "nothing is known of the number of keys after a start");
            try (View view = member.database().view()) {
                check(view, random);
            }
        }
    }

    @Property(tries = 1, shrinking = ShrinkingMode.OFF)
    void whatIsDamagedIsNotUsed(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        Path path = Files.createTempDirectory(folder, "db");
        try (TestMember member = new TestMember(path)) {
            change(member, random);
            try (Maintenance maintenance = member.database().maintenance();
                    View view = member.database().view()) {
                assertNull(SavedCounts.read(view));
                new SavedCounts(view.state().revision(), KeyCounts.EMPTY).write(maintenance);
                assertNotNull(SavedCounts.read(maintenance));
                byte[] part = "counts/\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
                assertNotNull(maintenance.get(Table.META, part));
                maintenance.put(Table.META, part, new byte[] {0, 0, 1, 0, 7});
                maintenance.write();
            }
            Path crashed = Files.createTempDirectory(folder, "db");
            member.database().flush();
            member.copyAsCrashed(crashed);
            try (TestMember again = new TestMember(crashed);
                    View view = again.database().view()) {
                check(view, random);
            }
        }
    }
}
