package io.keelson.agent.embedded.images.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class ImageStoreTest {
    private TestStore test;
    private ImageStore store;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
        store = test.store();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private static byte[] layer(String content) {
        return new TarLayer().file("f", content).bytes();
    }

    @Test
    void anImageIsFoundByNameIdAndTheBeginningOfItsId() throws IOException {
        StoredImage image = test.add("busybox:1", layer("a"));
        String id = image.id().toString();
        for (String reference : List.of(
                "busybox:1",
                "docker.io/library/busybox:1",
                id,
                image.id().hex(),
                image.id().hex().substring(0, 12),
                "busybox@" + image.manifestDigest(),
                "busybox:1@" + image.manifestDigest())) {
            assertEquals(id, store.resolve(reference).imageId(), reference);
        }
        assertEquals(List.of("/bin/sh"), store.resolve("busybox:1").command());
        for (String reference : List.of("busybox", "other:1", "sha256:" + "0".repeat(64), "0".repeat(64))) {
            ImageProblem problem = assertThrows(ImageProblem.class, () -> store.resolve(reference));
            assertEquals(ImageProblem.Kind.NOT_FOUND, problem.kind(), reference);
        }
        for (String reference : List.of("", "Upper:1", "a b", "../x", "x:" + "t".repeat(129), "sha256:zz", "a//b")) {
            ImageProblem problem = assertThrows(ImageProblem.class, () -> store.resolve(reference));
            assertEquals(ImageProblem.Kind.INVALID, problem.kind(), reference);
        }
    }

    @Test
    void aNameThatMovesOnLeavesTheOldImageWithItsId() throws IOException {
        StoredImage old = test.add("web:latest", layer("1"));
        StoredImage young = test.add("web:latest", layer("2"));
        assertEquals(young.id(), store.get("web").id());
        assertEquals(List.of(), store.get(old.id().toString()).tags());
        assertEquals(List.of("docker.io/library/web:latest"), store.get("web").tags());
        assertEquals(2, store.list().size());
    }

    @Test
    void whatIsBeingAddedIsNoGarbageAndWhatDiedIs() throws IOException {
        byte[] content = layer("x");
        Descriptor part;
        try (ImageAddition addition = store.add()) {
            part = addition.put("application/octet-stream", content);
            store.collect();
            assertTrue(addition.has(part));
        }
        assertEquals(content.length, store.collect());
        // As a process that was killed leaves it: a lease that nobody holds, and a file half written.
        Path root = store.root();
        Files.writeString(root.resolve("leases/dead"), part.digest().hex() + "\n");
        Files.writeString(root.resolve("ingest/dead.1"), "half");
        Files.createDirectories(root.resolve("ingest/dead.2/files/some"));
        Files.writeString(root.resolve("trash/some"), "x");
        ImageStore.open(root).close();
        for (String each : List.of("leases", "ingest", "trash")) {
            assertEquals(List.of(), StoreFolders.in(root.resolve(each)), each);
        }
    }

    @Test
    void anotherProcessKeepsItsLeaseAndTheLock() throws Exception {
        Path root = store.root();
        Path lease = root.resolve("leases/other");
        Digest digest = Digest.of(new byte[] {1});
        Files.writeString(lease, digest.hex() + "\n");
        Files.write(root.resolve("blobs/sha256").resolve(digest.hex()), new byte[] {1});
        Process other = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl,sys;f=open(sys.argv[1],'r+');fcntl.lockf(f,fcntl.LOCK_EX);"
                                + "print('held',flush=True);"
                                + "sys.stdin.read()",
                        lease.toString())
                .start();
        try {
            assertEquals("held", other.inputReader().readLine());
            store.collect();
            assertTrue(Files.exists(root.resolve("blobs/sha256").resolve(digest.hex())));
        } finally {
            other.destroyForcibly();
            assertTrue(other.waitFor(10, TimeUnit.SECONDS));
        }
        store.collect();
        assertFalse(Files.exists(root.resolve("blobs/sha256").resolve(digest.hex())));
        assertFalse(Files.exists(lease));
    }

    @Test
    void aStoreOfAnotherFormIsRefused() throws IOException {
        Path root = Files.createDirectories(test.folder().resolve("newer"));
        Files.writeString(root.resolve("version"), "keelson images 2\n");
        ImageProblem problem = assertThrows(ImageProblem.class, () -> ImageStore.open(root));
        assertTrue(problem.toString().contains("newer Keelson"), problem.toString());
    }

    @Test
    void aFullDiskIsToldBeforeItIsFull() throws IOException {
        try (ImageStore full =
                ImageStore.open(test.folder().resolve("full"), new StoreLimits(1000, 10, Long.MAX_VALUE))) {
            try (ImageAddition addition = full.add()) {
                ImageProblem problem =
                        assertThrows(ImageProblem.class, () -> addition.put("text/plain", new byte[] {1}));
                assertEquals(ImageProblem.Kind.TOO_LARGE, problem.kind());
            }
        }
    }
}
