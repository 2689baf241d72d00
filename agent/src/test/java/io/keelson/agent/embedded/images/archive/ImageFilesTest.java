package io.keelson.agent.embedded.images.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TarLayer;
import io.keelson.agent.embedded.images.store.TestStore;
import io.keelson.agent.embedded.images.tar.TarEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class ImageFilesTest {
    private static final byte[] LAYER = new TarLayer().file("etc/name", "x").bytes();
    private static final byte[] CONFIG = TestStore.config(List.of(LAYER));

    private TestStore test;
    private ImageImport taking;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
        taking = new ImageImport(test.store(), new Platform("linux", "amd64", ""));
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private static TarLayer with(TarLayer archive, String name, byte[] content) {
        return archive.write(
                new TarEntry(
                        name.getBytes(StandardCharsets.UTF_8),
                        TarEntry.FILE,
                        0644,
                        0,
                        0,
                        content.length,
                        0,
                        0,
                        new byte[0],
                        0,
                        0,
                        Map.of(),
                        null),
                content);
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(test.folder().resolve(name), content);
    }

    private void check(String name, List<StoredImage> images) throws IOException {
        assertEquals(1, images.size());
        assertEquals(List.of("docker.io/library/" + name), images.getFirst().tags());
        Path root = test.store().snapshots().prepare(images.getFirst().id().toString(), "k" + name.hashCode());
        assertEquals("x", Files.readString(root.resolve("etc/name")));
    }

    @Test
    void whatOldDockersSavedIsTaken() throws IOException {
        TarLayer archive = new TarLayer().folder("abc/", 0755).file("abc/VERSION", "1.0");
        archive.link("abc/layer.tar", "../def/layer.tar");
        with(archive, "def/layer.tar", LAYER);
        with(archive, "config.json", CONFIG);
        String index = "[{\"Config\":\"config.json\",\"RepoTags\":[\"old:1\"],\"Layers\":[\"abc/layer.tar\"]}]";
        archive.file("manifest.json", index).file("repositories", "{}");
        check("old:1", taking.take(file("old.tar", archive.bytes()), Optional.empty()));
    }

    @Test
    void whatIsExportedIsTakenFromAFileAFolderAndPacked() throws Exception {
        StoredImage image = test.add("new:1", LAYER);
        Path exported = test.folder().resolve("new.tar");
        try (OutputStream out = Files.newOutputStream(exported)) {
            new ImageExport(test.store()).write(List.of(image), out);
        }
        byte[] bytes = Files.readAllBytes(exported);
        Path unpacked = Files.createDirectory(test.folder().resolve("layout"));
        assertEquals(
                0,
                new ProcessBuilder("tar", "-C", unpacked.toString(), "-xf", exported.toString())
                        .start()
                        .waitFor());
        Path gzip = test.folder().resolve("new.tar.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
            out.write(bytes);
        }
        Path zstd = test.folder().resolve("new.tar.zst");
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zstd))) {
            out.write(bytes);
        }
        for (Path file : List.of(exported, unpacked, gzip, zstd)) {
            test.store().remove(image);
            List<StoredImage> taken = taking.take(file, Optional.empty());
            assertEquals(image.id(), taken.getFirst().id());
            assertEquals(image.tags(), taken.getFirst().tags());
            taken = taking.take(file, Optional.of("given:2"));
            assertTrue(taken.getFirst().tags().contains("docker.io/library/given:2"));
        }
        check(
                "new:1",
                List.of(test.add("new:1", LAYER)).stream()
                        .map(each -> new StoredImage(
                                each.id(),
                                each.manifestDigest(),
                                each.manifest(),
                                each.description(),
                                List.of("docker.io/library/new:1"),
                                each.digests(),
                                each.size()))
                        .toList());
    }

    private void refused(String why, TarLayer archive) throws IOException {
        Path file = file("refused.tar", archive.bytes());
        ImageProblem problem = assertThrows(ImageProblem.class, () -> taking.take(file, Optional.empty()));
        assertTrue(problem.toString().contains(why), problem.toString());
        assertEquals(List.of(), test.store().list());
    }

    @Test
    void filesThatAreNoImagesAreRefused() throws IOException {
        refused("neither index.json nor manifest.json", new TarLayer().file("x", "x"));
        refused("Docker older than 1.10", new TarLayer().file("repositories", "{}"));
        refused("is not JSON", new TarLayer().file("index.json", "no"));
        refused("no list of manifests", new TarLayer().file("index.json", "{}"));
        refused("lists no image", new TarLayer().file("index.json", "{\"manifests\":[]}"));
        refused(
                "\"../../etc/passwd\", which",
                new TarLayer().file("manifest.json", "[{\"Config\":\"../../etc/passwd\",\"Layers\":[]}]"));
        refused(
                "which manifest.json names, is missing",
                new TarLayer()
                        .link("a", "b")
                        .link("b", "a")
                        .file("manifest.json", "[{\"Config\":\"a\",\"Layers\":[]}]"));
        refused("has the digest", new TarLayer().file("blobs/sha256/" + "0".repeat(64), "x"));
        refused(
                "is missing",
                new TarLayer()
                        .file(
                                "index.json",
                                "{\"manifests\":[{\"mediaType\":\"x\",\"size\":3,\"digest\":\"sha256:" + "0".repeat(64)
                                        + "\"}]}"));
        refused("a digest or a size", new TarLayer().file("index.json", "{\"manifests\":[{\"size\":-3}]}"));
        ImageProblem none =
                assertThrows(ImageProblem.class, () -> taking.take(test.folder().resolve("none"), Optional.empty()));
        assertEquals(ImageProblem.Kind.NOT_FOUND, none.kind());
    }

    @Test
    void anImageIsBuiltTheSameWheneverItIsBuilt() throws IOException {
        ImageBuilder builder = new ImageBuilder()
                .file("srv/www/index.html", "hello".getBytes(StandardCharsets.UTF_8), 0644)
                .file("bin/web", "#!".getBytes(StandardCharsets.UTF_8), 0755)
                .link("bin/sh", "web")
                .folder("tmp", 01777)
                .entrypoint(List.of("/bin/web"))
                .environment(List.of("PATH=/bin"))
                .workingFolder("/srv")
                .user("1000:1000")
                .port("80/tcp")
                .label("version", "1");
        StoredImage image = builder.write(test.store(), "keelson/web:1");
        assertEquals(image, builder.write(test.store(), "keelson/web:1"));
        var config = test.store().resolve("keelson/web:1");
        assertEquals(List.of("/bin/web"), config.entrypoint());
        assertEquals("1000:1000", config.user());
        assertEquals("/srv", config.workingFolder());
        Path root = test.store().snapshots().prepare(config.imageId(), "k");
        assertEquals("hello", Files.readString(root.resolve("srv/www/index.html")));
        assertTrue(Files.isExecutable(root.resolve("bin/sh")));
    }
}
