package io.keelson.agent.embedded.images.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.embedded.images.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class SnapshotsTest {
    private TestStore test;
    private Snapshots snapshots;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
        snapshots = test.store().snapshots();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        assertFalse(mounts.contains(test.folder().toString()), mounts);
    }

    private Path prepare(StoredImage image, String key) throws IOException {
        return snapshots.prepare(image.id().toString(), key);
    }

    @Test
    void aContainerSeesAllLayersAndWritesToNone() throws IOException {
        StoredImage image = test.add(
                "two:1",
                new TarLayer()
                        .file("etc/name", "below")
                        .file("etc/other", "below")
                        .bytes(),
                new TarLayer().file("etc/name", "above").bytes());
        Path one = prepare(image, "one");
        Path two = prepare(image, "two");
        assertEquals("above", Files.readString(one.resolve("etc/name")));
        assertEquals("below", Files.readString(one.resolve("etc/other")));
        Files.writeString(one.resolve("etc/other"), "mine");
        assertEquals("below", Files.readString(two.resolve("etc/other")));
        assertTrue(snapshots.usage("one").bytes() >= 4);
        assertEquals(3, snapshots.usage("one").inodes());
    }

    @Test
    void whatALayerDeletesIsGoneAndWhatItHidesIsEmpty() throws IOException {
        StoredImage image = test.add(
                "deleted:1",
                new TarLayer()
                        .file("a/gone", "x")
                        .file("a/stays", "x")
                        .file("b/hidden", "x")
                        .file("c/old", "x")
                        .bytes(),
                new TarLayer()
                        .file("a/.wh.gone", "")
                        .file("b/new", "y")
                        .file("b/.wh..wh..opq", "")
                        .file("c/new", "y")
                        .file(".wh.c", "")
                        .bytes());
        Path root = prepare(image, "k");
        assertEquals(List.of("stays"), names(root.resolve("a")));
        assertEquals(List.of("new"), names(root.resolve("b")));
        assertEquals(List.of("new"), names(root.resolve("c")));
        // A deletion in the layer is one in the merged folder only.
        assertTrue(Files.exists(prepare(test.add("below:1", layerA()), "b").resolve("a/gone")));
    }

    private static byte[] layerA() {
        return new TarLayer().file("a/gone", "x").bytes();
    }

    @Test
    void ownersModesAttributesTimesAndLinksAreThoseOfTheLayer() throws IOException {
        byte[] capability = {1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        StoredImage image = test.add(
                "meta:1",
                new TarLayer()
                        .entry("./", TarEntry.FOLDER, 0711, 7, "", "", Map.of())
                        .entry("bin/su", TarEntry.FILE, 04755, 3, "program", "", Map.of())
                        .entry(
                                "bin/ping",
                                TarEntry.FILE,
                                0755,
                                0,
                                "program",
                                "",
                                Map.of("security.capability", capability, "trusted.overlay.redirect", new byte[] {'/'}))
                        .entry("pipe", TarEntry.PIPE, 0600, 5, "", "", Map.of())
                        .link("sh", "/bin/../bin/su")
                        .hardLink("bin/again", "bin/su")
                        .entry("caf\u00e9", TarEntry.FILE, 0600, 0, "", "", Map.of())
                        .bytes());
        Path root = prepare(image, "k");
        Libc.Status su = status(root.resolve("bin/su"));
        assertEquals(Libc.S_IFREG | 04755, su.mode());
        assertEquals(3, su.user());
        assertEquals(2, su.links());
        assertEquals(1_000_000_000, su.seconds());
        assertEquals(su.inode(), status(root.resolve("bin/again")).inode());
        assertEquals(Libc.S_IFIFO | 0600, status(root.resolve("pipe")).mode());
        assertEquals(
                "/bin/../bin/su", Files.readSymbolicLink(root.resolve("sh")).toString());
        byte[] ping = Libc.bytes(root.resolve("bin/ping").toString());
        assertArrayEquals(capability, Libc.attribute(ping, Libc.bytes("security.capability")));
        assertFalse(new String(Libc.attributes(ping), StandardCharsets.UTF_8).contains("redirect"));
        assertEquals(Libc.S_IFDIR | 0711, status(root).mode());
        assertEquals(7, status(root).user());
        Libc.Status named = Libc.status(Libc.CURRENT_FOLDER, Libc.bytes(root + "/caf\u00e9"));
        assertTrue(named.is(Libc.S_IFREG));
    }

    @Test
    void aLayerMayHideAllBelow() throws IOException {
        StoredImage image = test.add(
                "fresh:1",
                new TarLayer().file("a/below", "x").bytes(),
                new TarLayer().file(".wh..wh..opq", "").file("new", "y").bytes(),
                new TarLayer().file("a/above", "z").bytes());
        Path root = prepare(image, "k");
        assertEquals(List.of("a", "new"), names(root));
        assertEquals(List.of("above"), names(root.resolve("a")));
    }

    @Test
    void aFolderThatALayerOnlyPassesThroughStaysAsItWas() throws IOException {
        StoredImage image = test.add(
                "tmp:1",
                new TarLayer().folder("tmp/", 01777).bytes(),
                new TarLayer().file("tmp/file", "x").bytes());
        assertEquals(
                Libc.S_IFDIR | 01777, status(prepare(image, "k").resolve("tmp")).mode());
    }

    @Test
    void aLayerIsUnpackedOnceForAllImagesThatHaveIt() throws IOException {
        byte[] shared = new TarLayer().folder("d/", 0755).file("d/f", "x").bytes();
        test.add("a:1", shared);
        test.add("b:1", new TarLayer().file("below", "x").bytes(), shared);
        assertEquals(2, StoreFolders.in(test.store().root().resolve("layers")).size());
    }

    @Test
    void askedAgainGivesTheSameAndAnotherImageIsAConflict() throws IOException {
        StoredImage image = test.add("a:1", new TarLayer().file("a", "x").bytes());
        StoredImage other = test.add("b:1", new TarLayer().file("b", "x").bytes());
        Path root = prepare(image, "k");
        Files.writeString(root.resolve("mine"), "x");
        assertEquals(root, prepare(image, "k"));
        // As after a restart of the machine.
        Libc.unmount(root.toString(), 0);
        assertFalse(snapshots.list().getFirst().mounted());
        assertEquals("x", Files.readString(prepare(image, "k").resolve("mine")));
        ImageProblem problem = assertThrows(ImageProblem.class, () -> prepare(other, "k"));
        assertEquals(ImageProblem.Kind.CONFLICT, problem.kind());
        assertThrows(ImageProblem.class, () -> prepare(image, "../k"));
    }

    @Test
    void aViewIsReadOnly() throws IOException {
        StoredImage image = test.add("a:1", new TarLayer().file("a", "x").bytes());
        Path root = snapshots.view(image.id().toString(), "v", Optional.empty());
        assertEquals("x", Files.readString(root.resolve("a")));
        IOException refused = assertThrows(IOException.class, () -> Files.writeString(root.resolve("a"), "y"));
        assertTrue(refused.toString().contains("Read-only"), refused.toString());
        Path empty = snapshots.view(test.add("scratch:1").id().toString(), "e", Optional.empty());
        assertEquals(List.of(), names(empty));
        assertEquals(List.of(), names(prepare(test.add("scratch:1"), "w")));
    }

    private static Object owner(Path file) throws IOException {
        return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void filesAreThoseOfTheUsersOfANamespaceAndTheLayersAreSharedAllTheSame() throws Exception {
        int first = 196_608;
        Process process = new ProcessBuilder("unshare", "--user", "sleep", "1000").start();
        try {
            Path about = Path.of("/proc/" + process.pid());
            Path users = about.resolve("ns/user");
            while (Files.readSymbolicLink(users).equals(Files.readSymbolicLink(Path.of("/proc/self/ns/user")))) {
                Thread.sleep(5);
            }
            for (String map : List.of("uid_map", "gid_map")) {
                Files.writeString(about.resolve(map), "0 " + first + " 65536\n", StandardOpenOption.WRITE);
            }
            StoredImage image = test.add("a:1", new TarLayer().file("a", "x").bytes());
            Path mine = snapshots.prepare(image.id().toString(), "mine", Optional.of(users));
            Path view = snapshots.view(image.id().toString(), "view", Optional.of(users));
            assertEquals(first, owner(mine));
            assertEquals(first, owner(mine.resolve("a")));
            assertEquals(first, owner(view.resolve("a")));
            assertEquals(0, owner(prepare(image, "other").resolve("a")));
            Libc.asOwner(first, first, () -> {
                Files.writeString(mine.resolve("a"), "y");
                Files.createDirectory(mine.resolve("new"));
            });
            Path store = test.folder().resolve("store");
            assertEquals(0, owner(store.resolve("snapshots/mine/upper/a")));
            assertEquals(0, owner(store.resolve("snapshots/mine/upper/new")));
            assertEquals(List.of(), names(store.resolve("mapped")));
            for (String key : List.of("mine", "view", "other")) {
                snapshots.remove(key);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aHundredAndFiftyLayersAreMergedAndTooManyRefused() throws IOException {
        List<byte[]> layers = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            layers.add(new TarLayer().file("f" + i, "x").bytes());
        }
        StoredImage image = test.add("deep:1", layers.toArray(byte[][]::new));
        assertEquals(150, names(prepare(image, "k")).size());
        // The way of older kernels.
        List<Path> folders = StoreFolders.in(test.store().root().resolve("layers")).stream()
                .map(layer -> layer.resolve("files"))
                .toList();
        Path target = Files.createDirectory(test.folder().resolve("target"));
        OverlayMount.atOnce(target, folders, Optional.empty());
        try {
            assertEquals(150, names(target).size());
        } finally {
            Libc.unmount(target.toString(), 0);
        }
        List<Path> many = new ArrayList<>(folders);
        many.addAll(folders);
        many.addAll(folders);
        ImageProblem page = assertThrows(ImageProblem.class, () -> OverlayMount.atOnce(target, many, Optional.empty()));
        assertTrue(page.toString().contains("450 layers"), page.toString());
        many.addAll(folders);
        ImageProblem kernel =
                assertThrows(ImageProblem.class, () -> OverlayMount.mount(target, many, Optional.empty()));
        assertEquals(ImageProblem.Kind.UNSUPPORTED, kernel.kind());
    }

    @Test
    void whatAContainerWroteIsRemovedHoweverDeep() throws IOException {
        StoredImage image = test.add("a:1", new TarLayer().file("a", "x").bytes());
        Path root = prepare(image, "k");
        byte[] name = Libc.bytes("n".repeat(200));
        int folder = Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(root.toString()), Libc.O_RDONLY, 0);
        for (int i = 0; i < 60; i++) {
            Libc.makeFolder(folder, name, 0700);
            int next = Libc.openAt(folder, name, Libc.O_RDONLY, 0);
            Libc.close(folder);
            folder = next;
        }
        Libc.makeNode(folder, new byte[] {(byte) 0xFF, (byte) 0xFE}, Libc.S_IFREG | 0600, 0);
        Libc.close(folder);
        assertEquals(62, snapshots.usage("k").inodes());
        snapshots.remove("k");
        snapshots.remove("k");
        assertEquals(List.of(), names(test.store().root().resolve("trash")));
        assertEquals(List.of(), snapshots.list());
    }

    @Test
    void containersKeepTheirLayersWhenTheImageIsRemoved() throws IOException {
        StoredImage image = test.add("a:1", new TarLayer().file("a", "x").bytes());
        Path root = prepare(image, "k");
        test.store().remove(image);
        assertEquals("x", Files.readString(root.resolve("a")));
        assertEquals(1, names(test.store().root().resolve("layers")).size());
        assertEquals(0, names(test.store().root().resolve("blobs/sha256")).size());
        snapshots.remove("k");
        assertTrue(test.store().collect() > 0);
        assertEquals(0, names(test.store().root().resolve("layers")).size());
    }

    private static Libc.Status status(Path file) throws IOException {
        return Libc.status(Libc.CURRENT_FOLDER, Libc.bytes(file.toString()));
    }

    private static List<String> names(Path folder) throws IOException {
        return StoreFolders.in(folder).stream()
                .filter(each -> Files.exists(each, LinkOption.NOFOLLOW_LINKS))
                .map(each -> each.getFileName().toString())
                .toList();
    }
}
