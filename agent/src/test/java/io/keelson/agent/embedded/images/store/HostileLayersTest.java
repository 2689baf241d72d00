package io.keelson.agent.embedded.images.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class HostileLayersTest {
    private TestStore test;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore(new StoreLimits(100_000, 50, 0));
    }

    @AfterEach
    void close() throws IOException {
        // Whatever was tried, nothing came out of the store, and nothing half done stays in it.
        assertEquals(List.of(test.store().root()), StoreFolders.in(test.folder()));
        assertEquals(List.of(), StoreFolders.in(test.store().root().resolve("ingest")));
        test.close();
    }

    private void refused(ImageProblem.Kind kind, String why, byte[]... layers) {
        ImageProblem problem = assertThrows(ImageProblem.class, () -> test.add("hostile:1", layers));
        assertTrue(problem.toString().contains(why), problem.toString());
        assertEquals(kind, problem.kind());
    }

    @Test
    void pathsThatLeadOutOfTheImageAreRefused() {
        for (String name : List.of("../out", "/../out", "a/../../out", "..", "a/..")) {
            refused(
                    ImageProblem.Kind.DAMAGED,
                    "\"..\"",
                    new TarLayer().file(name, "x").bytes());
        }
        refused(
                ImageProblem.Kind.DAMAGED,
                "\"..\"",
                new TarLayer().file("../.wh.out", "").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "no file",
                new TarLayer().file("a/.wh...", "").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "no file",
                new TarLayer().file("a/.wh.", "").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "longer than 255",
                new TarLayer().file("n".repeat(256), "").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "longer than 4095",
                new TarLayer().file("n/".repeat(2100), "").bytes());
    }

    @Test
    void linksLeadNowhereElse() throws IOException {
        String out = test.folder().toString();
        refused(
                ImageProblem.Kind.DAMAGED,
                "link to nothing in the image",
                new TarLayer().link("l", out).file("l/out", "x").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "no file of the same layer",
                new TarLayer().hardLink("passwd", "/etc/passwd").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "no file of the same layer",
                new TarLayer().link("l", "/etc").hardLink("passwd", "l/passwd").bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "image's root",
                new TarLayer().hardLink("r", "/").bytes());
        StoredImage image = test.add(
                "inside:1",
                new TarLayer()
                        .link("up", "../../../../../..")
                        .file("up/inside", "x")
                        .link("file", out + "/out")
                        .file("file", "replaces the link")
                        .bytes());
        Path root = test.store().snapshots().prepare(image.id().toString(), "k");
        assertEquals("x", Files.readString(root.resolve("inside")));
        assertEquals("replaces the link", Files.readString(root.resolve("file")));
    }

    @Test
    void whatIsTooMuchIsRefusedBeforeTheDiskIsFull() {
        refused(
                ImageProblem.Kind.TOO_LARGE,
                "100000 bytes",
                new TarLayer().file("f", "x".repeat(100_001)).bytes());
        TarLayer many = new TarLayer();
        for (int i = 0; i < 51; i++) {
            many.file("f" + i, "");
        }
        refused(ImageProblem.Kind.TOO_LARGE, "more than 50 files", many.bytes());
        refused(
                ImageProblem.Kind.TOO_LARGE,
                "more than 50 files",
                new TarLayer().file("d/".repeat(60) + "f", "").file("g", "").bytes());
    }

    @Test
    void entriesThatNoImageShouldHaveAreRefused() {
        refused(
                ImageProblem.Kind.DAMAGED,
                "type 'V'",
                new TarLayer().entry("v", 'V', 0, 0, "", "", Map.of()).bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "link to nothing",
                new TarLayer().link("l", "").bytes());
        byte[] nothing = new byte[0];
        byte[] name = "f".getBytes(StandardCharsets.UTF_8);
        refused(
                ImageProblem.Kind.DAMAGED,
                "no number of a user",
                new TarLayer()
                        .write(
                                new TarEntry(name, '0', 0, 0xFFFFFFFFL, 0, 0, 0, 0, nothing, 0, 0, Map.of(), null),
                                nothing)
                        .bytes());
        refused(
                ImageProblem.Kind.DAMAGED,
                "is a file",
                new TarLayer().file("f", "x").file("f/g", "x").bytes());
    }

    @Test
    void archivesThatAreDamagedAreRefused() {
        byte[] good = new TarLayer().file("f", "x".repeat(3000)).bytes();
        refused(ImageProblem.Kind.DAMAGED, "ends in the middle", Arrays.copyOf(good, 1500));
        byte[] flipped = good.clone();
        flipped[0] ^= 1;
        refused(ImageProblem.Kind.DAMAGED, "checksum", flipped);
        ImageProblem other =
                assertThrows(ImageProblem.class, () -> test.add("other:1", List.of(good), List.of(new byte[] {1})));
        assertTrue(other.toString().contains("wrong diff id"), other.toString());
        byte[] gzip = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3};
        assertThrows(ImageProblem.class, () -> test.add("gzip:1", List.of(gzip), List.of(good)));
        byte[] xz = {(byte) 0xFD, '7', 'z', 'X', 'Z', 0};
        ImageProblem unsupported = assertThrows(ImageProblem.class, () -> test.add("xz:1", List.of(xz), List.of(good)));
        assertTrue(unsupported.toString().contains("gzip and zstd are"), unsupported.toString());
    }

    @Test
    void aBlobDamagedOnTheDiskIsNamedAndComesAnew() throws IOException {
        byte[] layer = new TarLayer().file("f", "x".repeat(3000)).bytes();
        StoredImage image = test.add("a:1", layer);
        Path blob = test.store()
                .root()
                .resolve("blobs/sha256")
                .resolve(image.manifest().layers().getFirst().digest().hex());
        for (Path unpacked : StoreFolders.in(test.store().root().resolve("layers"))) {
            Files.move(unpacked, test.store().root().resolve("trash/x"));
        }
        byte[] bytes = Files.readAllBytes(blob);
        bytes[700] ^= 1;
        Files.write(blob, bytes);
        ImageProblem problem = assertThrows(
                ImageProblem.class,
                () -> test.store().snapshots().prepare(image.id().toString(), "k"));
        assertTrue(problem.toString().contains(blob.getFileName().toString()), problem.toString());
        assertTrue(problem.toString().contains("is damaged"), problem.toString());
        assertFalse(Files.exists(blob));
        test.add("a:1", layer);
        Path root = test.store().snapshots().prepare(image.id().toString(), "k");
        assertEquals(3000, Files.size(root.resolve("f")));
        // One that was cut short is seen before it is used.
        Files.write(blob, Arrays.copyOf(bytes, 10));
        test.add("a:1", layer);
        assertEquals(layer.length, Files.size(blob));
        Path config =
                test.store().root().resolve("blobs/sha256").resolve(image.id().hex());
        Files.write(config, new byte[] {'{', '}'});
        try (ImageStore again = ImageStore.open(test.store().root())) {
            assertEquals(List.of(), again.list());
            ImageProblem named = assertThrows(ImageProblem.class, () -> again.resolve("a:1"));
            assertTrue(named.toString().contains(image.id().toString()), named.toString());
        }
    }
}
