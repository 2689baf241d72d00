package io.keelson.agent.embedded.images.bundled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.embedded.images.archive.ImageBuilder;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class BundledImagesTest {
    private TestStore test;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private StoredImage image(String name) throws IOException {
        return test.store().get(name);
    }

    @Test
    void imagesAreMadeOnceAndAreTheSameWhereverTheyAreMade() throws IOException {
        assertEquals(BundledImages.NAMES, BundledImages.addTo(test.store()).made());
        StoredImage one = image("keelson/web:1");
        assertNotEquals(one.id(), image("keelson/web:2").id());
        assertEquals(List.of("docker.io/keelson/web:1"), one.tags());
        assertEquals("65532:65532", one.description().run().user());
        assertEquals(List.of("/web"), one.description().run().entrypoint());
        assertEquals(List.of(), BundledImages.addTo(test.store()).made());
        TestStore other = new TestStore();
        try {
            var _ = BundledImages.addTo(other.store());
            assertEquals(
                    one.manifestDigest(), other.store().get("keelson/web:1").manifestDigest());
        } finally {
            other.close();
        }
    }

    @Test
    void itTakesNoTimeWhenTheyAreThere() throws IOException {
        var _ = BundledImages.addTo(test.store());
        long before = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertEquals(List.of(), BundledImages.addTo(test.store()).made());
        }
        assertTrue(System.nanoTime() - before < 20 * 100_000_000L, "it takes more than 100 ms");
    }

    @Test
    void shellIsThereIfTheMachineHasAStaticBusybox() throws IOException {
        assumeTrue(Busybox.find(Busybox.usualPlaces()).isPresent(), "busybox-static is missing");
        assertTrue(BundledImages.addTo(test.store()).advice().isEmpty());
        Path root = test.store().snapshots().prepare(image("keelson/web:1").id().toString(), "shell");
        assertEquals(Path.of("busybox"), Files.readSymbolicLink(root.resolve("bin/sh")));
        assertTrue(Files.isExecutable(root.resolve("bin/busybox")) && Files.isExecutable(root.resolve("web")));
        for (String applet : List.of("ls", "cat", "ps", "wget", "vi", "nslookup", "[")) {
            assertTrue(Files.isSymbolicLink(root.resolve("bin").resolve(applet)), applet);
        }
    }

    @Test
    void withoutBusyboxItIsSaidAndItComesWhenBusyboxIsThere() throws IOException {
        BundledImages.Outcome without = BundledImages.addTo(test.store(), List.of(test.folder()));
        assertFalse(without.hasShell());
        assertTrue(without.advice().orElseThrow().contains("apt-get install busybox-static"));
        StoredImage plain = image("keelson/web:1");
        Path root = test.store().snapshots().prepare(plain.id().toString(), "plain");
        assertTrue(Files.isExecutable(root.resolve("web")));
        assertFalse(Files.exists(root.resolve("bin")));
        assumeTrue(Busybox.find(Busybox.usualPlaces()).isPresent(), "busybox-static is missing");
        assertEquals(BundledImages.NAMES, BundledImages.addTo(test.store()).made());
        assertNotEquals(plain.id(), image("keelson/web:1").id());
        assertEquals(plain.id(), image(plain.id().toString()).id());
    }

    @Test
    void imageOfTheSameNameThatIsNotOursIsLeftAlone() throws IOException {
        StoredImage theirs = new ImageBuilder().folder("x", 0755).write(test.store(), "keelson/web:1");
        assertEquals(
                List.of("docker.io/keelson/web:2"),
                BundledImages.addTo(test.store()).made());
        assertEquals(theirs.id(), image("keelson/web:1").id());
    }

    @Test
    void whatIsNoStaticProgramIsNotTakenForOne() throws IOException {
        byte[] program = Files.readAllBytes(Path.of("/proc/self/exe"));
        assertFalse(Busybox.isStatic(program), "Java needs libraries");
        assertFalse(Busybox.isStatic("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII)));
        Path script = Files.writeString(test.folder().resolve("busybox"), "#!/bin/sh\n");
        assertTrue(script.toFile().setExecutable(true));
        assertTrue(Busybox.find(List.of(script)).isEmpty());
        byte[] head = Arrays.copyOf(program, 4096);
        Random random = new Random(7);
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = Arrays.copyOf(head, random.nextInt(head.length));
            for (int j = 0; j < 8 && damaged.length > 6; j++) {
                damaged[random.nextInt(6, Math.min(damaged.length, 64))] = (byte) random.nextInt();
            }
            boolean _ = Busybox.isStatic(damaged);
        }
        ByteBuffer far = ByteBuffer.wrap(Arrays.copyOf(program, 128)).order(ByteOrder.LITTLE_ENDIAN);
        far.putLong(32, Long.MAX_VALUE - 3);
        assertFalse(Busybox.isStatic(far.array()));
    }
}
