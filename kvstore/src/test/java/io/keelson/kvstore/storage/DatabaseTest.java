package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.kvstore.apply.TestMember;
import io.keelson.raft.Await;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    private static final int VALUE_BYTES = 4096;

    @TempDir
    Path temp;

    private static Database open(Path folder) throws IOException {
        return Database.open(folder, TestMember.CONFIG);
    }

    /** Writes one row as batch {@code index}; the value follows from the index. */
    private static void write(Database database, long index) {
        database.session().put(Table.CURRENT, key(index), value(index));
        database.session().commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
    }

    private static byte[] key(long index) {
        return ByteBuffer.allocate(Long.BYTES).putLong(index).array();
    }

    private static byte[] value(long index) {
        byte[] value = new byte[VALUE_BYTES];
        new Random(index).nextBytes(value);
        return value;
    }

    private static byte @Nullable [] read(Database database, long index) {
        try (View view = database.view()) {
            return view.get(Table.CURRENT, key(index));
        }
    }

    private static Path flipped(Path folder, int atPercent) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.filter(file -> file.toString().endsWith(".sst")).toList();
        }
        Path largest = files.getFirst();
        for (Path file : files) {
            largest = Files.size(file) > Files.size(largest) ? file : largest;
        }
        try (RandomAccessFile file = new RandomAccessFile(largest.toFile(), "rw")) {
            long at = file.length() * atPercent / 100;
            file.seek(at);
            int old = file.read();
            file.seek(at);
            file.write(old ^ 0x10);
        }
        return largest;
    }

    @Test
    void aFlippedBitIsFoundAndNamedAndTakesTheDatabaseOutOfService() throws IOException {
        Path folder = temp.resolve("data");
        try (Database database = open(folder)) {
            for (int i = 1; i <= 100; i++) {
                write(database, i);
            }
            database.flush();
        }
        Path damaged = flipped(folder, 50);
        try (Database database = open(folder)) {
            StorageException failure = assertThrows(StorageException.class, () -> {
                for (int i = 1; i <= 100; i++) {
                    assertArrayEquals(value(i), read(database, i));
                }
            });
            assertEquals(StorageException.Kind.CORRUPT, failure.kind());
            assertTrue(
                    String.valueOf(failure.getMessage())
                            .contains(damaged.getFileName().toString()),
                    failure.getMessage());
            assertNotNull(database.failure());
            assertThrows(StorageException.class, database::view);
            assertThrows(StorageException.class, () -> write(database, 101));
        }
    }

    @Test
    void aDamagedSnapshotIsRefusedAndTheOldStateStays() throws IOException {
        Path snapshot = temp.resolve("snapshot");
        try (Database database = open(temp.resolve("one"))) {
            for (int i = 1; i <= 100; i++) {
                write(database, i);
            }
            database.saveSnapshot(snapshot);
        }
        Path damaged = flipped(snapshot, 50);
        try (Database database = open(temp.resolve("two"))) {
            write(database, 1);
            IOException failure = assertThrows(IOException.class, () -> database.restore(snapshot));
            assertTrue(
                    String.valueOf(failure.getMessage())
                            .contains(damaged.getFileName().toString()),
                    failure.getMessage());
            assertArrayEquals(value(1), read(database, 1));
            write(database, 2);
            assertNull(database.failure());
        }
    }

    @Test
    void whatIsNotInForceIsRemovedSoonAfterTheStart() throws IOException {
        Path folder = temp.resolve("data");
        Path snapshot = temp.resolve("snapshot");
        try (Database database = open(folder)) {
            write(database, 1);
            database.saveSnapshot(snapshot);
        }
        // As a crash leaves it after the new database was written and before it was put in force.
        DataFolder.adopt(snapshot.resolve("db"), folder.resolve("db-2"));
        Files.writeString(folder.resolve("ACTIVE.new"), "db-2\n");
        try (Database database = open(folder)) {
            Await.until("the other database is gone", () -> Files.notExists(folder.resolve("db-2")));
            assertArrayEquals(value(1), read(database, 1));
            database.restore(snapshot);
            assertTrue(Files.exists(folder.resolve("db-2")));
            Await.until("the replaced database is gone", () -> Files.notExists(folder.resolve("db-1")));
        }
        try (Database database = open(folder)) {
            assertArrayEquals(value(1), read(database, 1));
        }
    }

    @Test
    void aDatabaseInForceThatIsMissingIsAnErrorAndNotAnEmptyStore() throws IOException {
        Path folder = temp.resolve("data");
        open(folder).close();
        for (String damaged : new String[] {"db-7\n", "", "dc-1\n", "db-\u00b1\n"}) {
            Files.writeString(folder.resolve("ACTIVE"), damaged);
            assertEquals(
                    StorageException.Kind.CORRUPT,
                    assertThrows(StorageException.class, () -> open(folder)).kind());
            assertTrue(Files.exists(folder.resolve("db-1")), "what is there must not be removed on such a word");
        }
        Files.writeString(folder.resolve("ACTIVE"), "db-1\n");
        open(folder).close();
    }

    @Test
    void aClosedDatabaseServesTheReadersItHasAndNoOthers() throws IOException, InterruptedException {
        Database database = open(temp.resolve("data"));
        write(database, 1);
        View view = database.view();
        Thread closer = Thread.ofPlatform().start(database::close);
        try {
            closer.join(200);
            assertArrayEquals(value(1), view.get(Table.CURRENT, key(1)));
            assertThrows(StorageException.class, database::view);
        } finally {
            view.close();
        }
        closer.join(10_000);
        assertFalse(closer.isAlive());
    }

    @Test
    void aFullDiskStopsWritesAndKeepsAStateThatOnceWas() throws Exception {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()), "mounting needs root");
        try {
            long last = 0;
            try (Database database = open(disk.resolve("data"))) {
                StorageException failure = null;
                for (long i = 1; i < 100_000 && failure == null; i++) {
                    try {
                        write(database, i);
                        last = i;
                    } catch (StorageException e) {
                        failure = e;
                    }
                }
                assertNotNull(failure);
                assertEquals(StorageException.Kind.NO_SPACE, failure.kind(), failure.getMessage());
                assertThrows(StorageException.class, database::view);
            }
            assertTrue(run("mount", "-o", "remount,size=256m", disk.toString()));
            try (Database database = open(disk.resolve("data"))) {
                long applied = database.published().index();
                assertTrue(applied <= last, applied + " of " + last);
                for (long i = 1; i <= applied; i++) {
                    assertArrayEquals(value(i), read(database, i));
                }
                assertNull(read(database, applied + 1));
                write(database, applied + 1);
                database.flush();
            }
        } finally {
            run("umount", disk.toString());
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    @Test
    void aBatchOfAnySizeIsWrittenAsAWhole() throws IOException {
        try (Database database = open(temp.resolve("data"))) {
            long index = 0;
            for (int rows : new int[] {1, 100, 1000, 5000}) {
                index++;
                BatchSession session = database.session();
                for (long row = 0; row < rows; row++) {
                    session.put(Table.CURRENT, key(row), value(row + rows));
                    session.put(Table.HISTORY, key(row), new byte[0]);
                }
                session.delete(Table.CURRENT, key(0));
                assertTrue(session.sizeBytes() > (long) rows * VALUE_BYTES);
                session.commit(new AppliedState(index, 1, 0, 0, index + 1, -1));
                assertEquals(0, session.sizeBytes());
                assertEquals(index, database.published().index());
                assertNull(read(database, 0));
                for (long row = 1; row < rows; row++) {
                    assertArrayEquals(value(row + rows), read(database, row));
                }
                try (View view = database.view()) {
                    assertEquals(rows - 1, view.countKeys(new byte[0], null));
                    assertNotNull(view.get(Table.HISTORY, key(rows - 1)));
                }
            }
        }
    }
}
