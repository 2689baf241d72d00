package io.keelson.agent.embedded.images.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.mounts.MountTable;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Snapshots by overlayfs. Each is a folder with what the container wrote, what overlayfs works in, where it is mounted,
 * and a file that tells the image and layers; a snapshot exists once that folder has its name, and no longer when it
 * has lost it.
 */
final class OverlaySnapshots implements Snapshots {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
    private static final int STRIPES = 64;
    private static final int UNMOUNT_TRIES = 40;
    private static final long UNMOUNT_RETRY_MS = 25;
    private static final int STACKED_MAX = 16;

    private final ImageStore store;
    private final StoreFolders folders;
    private final StoreLock lock;
    private final Layers layers;
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    OverlaySnapshots(ImageStore store, StoreFolders folders, StoreLock lock, Layers layers) {
        this.store = store;
        this.folders = folders;
        this.lock = lock;
        this.layers = layers;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    /** What a snapshot's file says: the layers' keys, the lowest first. */
    private record Description(String imageId, boolean readOnly, List<Digest> layers) {}

    @Override
    public Path prepare(String imageId, String key, Optional<Path> users) throws IOException {
        return mounted(imageId, key, false, users);
    }

    @Override
    public Path view(String imageId, String key, Optional<Path> users) throws IOException {
        return mounted(imageId, key, true, users);
    }

    private Path mounted(String imageId, String key, boolean readOnly, Optional<Path> users) throws IOException {
        Path folder = folder(key);
        ReentrantLock stripe = stripe(key);
        stripe.lock();
        try {
            Optional<Description> present = read(folder);
            if (present.isPresent()) {
                Description description = present.get();
                if (!description.imageId().equals(imageId) || description.readOnly() != readOnly) {
                    throw new ImageProblem(
                            ImageProblem.Kind.CONFLICT,
                            "snapshot " + key + " is there already, of image " + description.imageId()
                                    + (description.readOnly() ? ", to read only" : "") + "; remove it first");
                }
                if (!MountTable.isMounted(root(folder))) {
                    mount(folder, description, users);
                }
                return root(folder);
            }
            Description description = create(store.byId(imageId), folder, readOnly);
            try {
                mount(folder, description, users);
            } catch (IOException e) {
                setAside(folder);
                throw e;
            }
            return root(folder);
        } finally {
            stripe.unlock();
        }
    }

    private Description create(StoredImage image, Path folder, boolean readOnly) throws IOException {
        try (Lease lease = Lease.take(folders, lock)) {
            List<Layers.Unpacked> unpacked = layers.ensure(image, lease);
            Description description = new Description(
                    image.id().toString(),
                    readOnly,
                    unpacked.stream().map(Layers.Unpacked::key).toList());
            Path temporary = lease.temporary();
            for (String each : List.of("upper", "work", "root", "empty")) {
                Files.createDirectories(temporary.resolve(each));
            }
            likeRoot(unpacked, temporary.resolve("upper"));
            WholeFile.writeDurably(temporary.resolve("snapshot.json"), bytes(description));
            // Before the lease ends, so that the layers are kept all the time.
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
            WholeFile.syncName(folder);
            return description;
        }
    }

    /** The merged root is the uppermost folder's, whatever lower ones say: it gets what the image says of its root. */
    private static void likeRoot(List<Layers.Unpacked> layers, Path upper) throws IOException {
        int mode = 0755;
        int user = 0;
        int group = 0;
        for (Layers.Unpacked layer : layers) {
            if (layer.rootTold()) {
                Libc.Status status = Libc.status(
                        Libc.CURRENT_FOLDER, Libc.bytes(layer.files().toString()));
                mode = status.mode() & 07777;
                user = status.user();
                group = status.group();
            }
        }
        byte[] path = Libc.bytes(upper.toString());
        Libc.own(Libc.CURRENT_FOLDER, path, user, group);
        Libc.permit(Libc.CURRENT_FOLDER, path, mode);
    }

    private void mount(Path folder, Description description, Optional<Path> users) throws IOException {
        if (users.isEmpty()) {
            merge(folder, description, path -> path);
            return;
        }
        try (MappedStore mapped = MappedStore.open(folders, folder.getFileName().toString(), users.get())) {
            mapped.asRoot(() -> merge(folder, description, mapped::path));
        }
    }

    /** @param seen where a folder of the store is to be taken from */
    private void merge(Path folder, Description description, UnaryOperator<Path> seen) throws IOException {
        List<Path> lowest = new ArrayList<>();
        for (Digest key : description.layers().reversed()) {
            lowest.add(folders.layer(key).resolve("files"));
        }
        for (Path each : lowest) {
            if (!Files.isDirectory(each)) {
                throw new ImageProblem(
                        ImageProblem.Kind.DAMAGED,
                        "layer " + each + " of image " + description.imageId()
                                + " is gone; remove the container, and make it anew");
            }
        }
        lowest.replaceAll(seen);
        Path upper = seen.apply(folder.resolve("upper"));
        Path empty = seen.apply(folder.resolve("empty"));
        if (description.readOnly()) {
            // On top for the sake of the root's owner and mode; one folder alone overlayfs does not take.
            lowest.addFirst(upper);
            if (lowest.size() == 1) {
                lowest.add(empty);
            }
            OverlayMount.mount(root(folder), lowest, Optional.empty());
        } else {
            if (lowest.isEmpty()) {
                lowest.add(empty);
            }
            Path work = seen.apply(folder.resolve("work"));
            OverlayMount.mount(root(folder), lowest, Optional.of(new OverlayMount.Writable(upper, work)));
        }
    }

    @Override
    public void remove(String key) throws IOException {
        Path folder = folder(key);
        ReentrantLock stripe = stripe(key);
        stripe.lock();
        try {
            if (!Files.exists(folder)) {
                return;
            }
            MappedStore.remove(folders.mapped().resolve(key));
            unmount(root(folder));
            setAside(folder);
        } finally {
            stripe.unlock();
        }
        Trees.empty(folders.trash());
    }

    private void setAside(Path folder) throws IOException {
        try {
            Files.move(folder, folders.trash().resolve(UUID.randomUUID().toString()), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Another process did it.
        }
    }

    /** Off the tree in any case; who still has files of it open keeps them until it closes them. */
    private static void unmount(Path root) throws IOException {
        for (int stacked = 0; stacked < STACKED_MAX && MountTable.isMounted(root); stacked++) {
            boolean done = false;
            for (int i = 0; i < UNMOUNT_TRIES && !done; i++) {
                try {
                    Libc.unmount(root.toString(), Libc.UMOUNT_NOFOLLOW);
                    done = true;
                } catch (Libc.Failure e) {
                    if (e.error() != Libc.EBUSY) {
                        throw e;
                    }
                    try {
                        Thread.sleep(UNMOUNT_RETRY_MS);
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                        break;
                    }
                }
            }
            if (!done) {
                Libc.unmount(root.toString(), Libc.UMOUNT_NOFOLLOW | Libc.MNT_DETACH);
            }
        }
    }

    @Override
    public List<Snapshot> list() throws IOException {
        MountTable mounts = MountTable.read();
        List<Snapshot> found = new ArrayList<>();
        for (Path folder : StoreFolders.in(folders.snapshots())) {
            Optional<Description> description = read(folder);
            if (description.isPresent()) {
                found.add(new Snapshot(
                        folder.getFileName().toString(),
                        description.get().imageId(),
                        root(folder),
                        description.get().readOnly(),
                        mounts.at(root(folder)).isPresent()));
            }
        }
        return found;
    }

    @Override
    public Usage usage(String key) throws IOException {
        Path folder = folder(key);
        if (!Files.exists(folder)) {
            throw new ImageProblem(ImageProblem.Kind.NOT_FOUND, "snapshot " + key + ": not found");
        }
        return Trees.usage(folder.resolve("upper"));
    }

    /** The layers that snapshots stand on. */
    List<Digest> layersInUse() throws IOException {
        List<Digest> used = new ArrayList<>();
        for (Path folder : StoreFolders.in(folders.snapshots())) {
            read(folder).ifPresent(description -> used.addAll(description.layers()));
        }
        return used;
    }

    private static Path root(Path folder) {
        return folder.resolve("root");
    }

    private Path folder(String key) throws ImageProblem {
        if (!KEY.matcher(key).matches()) {
            throw new ImageProblem(
                    ImageProblem.Kind.INVALID,
                    "\"" + key + "\" is no key of a snapshot: letters, digits, '-', '_' and '.', at most 128");
        }
        return folders.snapshots().resolve(key);
    }

    private ReentrantLock stripe(String key) {
        return stripes[Math.floorMod(key.hashCode(), STRIPES)];
    }

    private static Optional<Description> read(Path folder) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(folder.resolve("snapshot.json"));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        ObjectNode node = Json.object(bytes, folder + "/snapshot.json");
        List<Digest> layers = new ArrayList<>();
        for (var each : node.path("layers")) {
            layers.add(Digest.parse(each.asText()));
        }
        return Optional.of(new Description(
                node.path("image").asText(), node.path("readOnly").asBoolean(), layers));
    }

    private static byte[] bytes(Description description) {
        ObjectNode node = Json.object();
        node.put("image", description.imageId());
        node.put("readOnly", description.readOnly());
        ArrayNode list = node.putArray("layers");
        description.layers().forEach(layer -> list.add(layer.toString()));
        return Json.bytes(node);
    }
}
