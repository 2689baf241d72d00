package io.keelson.agent.embedded;

import io.keelson.agent.embedded.images.ImageConfig;
import io.keelson.agent.embedded.images.Images;
import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.mounts.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One image, made of the machine's static busybox; its containers' roots are overlays on it. */
final class FolderImages implements Images, Snapshots {
    static final String ID = "sha256:" + "ab".repeat(32);

    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> APPLETS = List.of(
            "sh",
            "cat",
            "echo",
            "sleep",
            "id",
            "hostname",
            "ps",
            "grep",
            "head",
            "tr",
            "wc",
            "touch",
            "dd",
            "nc",
            "stty",
            "ls",
            "mount",
            "mknod",
            "pwd",
            "kill",
            "yes",
            "unshare",
            "ln",
            "mkdir",
            "stat",
            "chown",
            "readlink");

    private final Path folder;
    private final Map<String, Path> roots = new ConcurrentHashMap<>();

    FolderImages(Path folder) throws IOException {
        this.folder = folder;
        Path bin = folder.resolve("image/bin");
        if (!Files.exists(bin)) {
            Files.createDirectories(bin);
            Files.copy(BUSYBOX, bin.resolve("busybox"));
            for (String applet : APPLETS) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
            Path etc = Files.createDirectories(folder.resolve("image/etc"));
            Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:web:/srv:/bin/sh\n");
            Files.writeString(etc.resolve("group"), "root:x:0:\nweb:x:102:\nextra:x:300:web\n");
        }
    }

    static boolean canBeMade() {
        return Files.isExecutable(BUSYBOX);
    }

    @Override
    public ImageConfig resolve(String reference) throws IOException {
        return new ImageConfig(ID, List.of(), List.of("sh"), List.of("PATH=/bin"), "", "/", Set.of(), "", Map.of());
    }

    @Override
    public Snapshots snapshots() {
        return this;
    }

    @Override
    public synchronized Path prepare(String imageId, String key, Optional<Path> users) throws IOException {
        Path root = folder.resolve("snapshots").resolve(key);
        if (roots.containsKey(key) || MountTable.isMounted(root.resolve("merged"))) {
            return root.resolve("merged");
        }
        for (String part : List.of("upper", "work", "merged")) {
            Files.createDirectories(root.resolve(part));
        }
        if (users.isEmpty()) {
            merge(folder, root.resolve("merged"), key);
        } else {
            Path mapped = Files.createDirectories(folder.resolveSibling("mapped-" + key));
            Libc.mountMapped(folder.toString(), mapped.toString(), users.get().toString());
            Libc.Status owner = Libc.status(Libc.CURRENT_FOLDER, Libc.bytes(mapped.toString()));
            Libc.asOwner(owner.user(), owner.group(), () -> merge(mapped, root.resolve("merged"), key));
            Libc.unmount(mapped.toString(), Libc.MNT_DETACH);
            Files.delete(mapped);
        }
        roots.put(key, root);
        return root.resolve("merged");
    }

    private static void merge(Path from, Path merged, String key) throws IOException {
        Path snapshot = from.resolve("snapshots").resolve(key);
        Libc.mount(
                "overlay",
                merged.toString(),
                "overlay",
                0,
                "lowerdir=" + from.resolve("image") + ",upperdir=" + snapshot.resolve("upper") + ",workdir="
                        + snapshot.resolve("work"));
    }

    @Override
    public Path view(String imageId, String key, Optional<Path> users) throws IOException {
        return prepare(imageId, key, users);
    }

    @Override
    public synchronized void remove(String key) throws IOException {
        Path root = folder.resolve("snapshots").resolve(key);
        while (MountTable.isMounted(root.resolve("merged"))) {
            Libc.unmount(root.resolve("merged").toString(), Libc.MNT_DETACH);
        }
        roots.remove(key);
        Records.delete(root);
    }

    @Override
    public List<Snapshot> list() throws IOException {
        List<Snapshot> found = new ArrayList<>();
        Path snapshots = Files.createDirectories(folder.resolve("snapshots"));
        try (var children = Files.newDirectoryStream(snapshots)) {
            for (Path child : children) {
                found.add(new Snapshot(
                        Objects.requireNonNull(child.getFileName()).toString(),
                        ID,
                        child.resolve("merged"),
                        false,
                        true));
            }
        }
        return found;
    }

    @Override
    public Usage usage(String key) {
        return new Usage(4096, 1);
    }

    @Override
    public void close() {
        roots.clear();
    }
}
