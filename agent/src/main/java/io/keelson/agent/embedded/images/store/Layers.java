package io.keelson.agent.embedded.images.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The unpacked layers. One that stands alone is known by the digest of its archive, and shared by all images that have
 * it; one that depends on those below, since it deletes something of theirs or puts files into folders of theirs, by
 * the digest of the chain.
 */
final class Layers {
    private static final int STRIPES = 64;

    private final StoreFolders folders;
    private final StoreLimits limits;
    private final Blobs blobs;
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    Layers(StoreFolders folders, StoreLimits limits, Blobs blobs) {
        this.folders = folders;
        this.limits = limits;
        this.blobs = blobs;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    /** A layer that is here: see {@link LayerUnpacker.Result}. */
    record Unpacked(
            Digest key, Path files, long bytes, long inodes, boolean standsAlone, boolean rootTold, boolean hidesAll) {}

    /**
     * The layers to mount for an image, the lowest first: all, but those that a higher one hides. What is not there is
     * unpacked.
     *
     * @param lease keeps them
     * @throws ImageProblem {@code DAMAGED}, {@code TOO_LARGE}
     */
    List<Unpacked> ensure(StoredImage image, Lease lease) throws IOException {
        List<Digest> differences = image.description().differences();
        List<Descriptor> parts = image.manifest().layers();
        if (differences.size() != parts.size()) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    "image " + image.id() + " has " + parts.size() + " layers, but tells of " + differences.size());
        }
        List<Digest> chain = image.description().chain();
        lease.keep(differences);
        lease.keep(chain);
        List<Unpacked> layers = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Optional<Unpacked> found = find(differences.get(i), chain.get(i));
            if (found.isEmpty()) {
                ReentrantLock stripe = stripes[Math.floorMod(differences.get(i).hashCode(), STRIPES)];
                stripe.lock();
                try {
                    found = find(differences.get(i), chain.get(i));
                    if (found.isEmpty()) {
                        found = Optional.of(
                                unpack(parts.get(i), differences.get(i), chain.get(i), List.copyOf(layers), lease));
                    }
                } finally {
                    stripe.unlock();
                }
            }
            if (found.get().hidesAll()) {
                layers.clear();
            }
            layers.add(found.get());
        }
        return layers;
    }

    private Optional<Unpacked> find(Digest difference, Digest chain) throws IOException {
        Optional<Unpacked> shared = read(difference);
        if (shared.isPresent() && (shared.get().standsAlone() || difference.equals(chain))) {
            return shared;
        }
        return difference.equals(chain) ? Optional.empty() : read(chain);
    }

    /** What is known of a layer, if it is there. */
    Optional<Unpacked> read(Digest key) throws IOException {
        Path folder = folders.layer(key);
        try {
            ObjectNode node =
                    Json.object(Files.readAllBytes(folder.resolve("layer.json")), "layer.json of layer " + key);
            return Optional.of(new Unpacked(
                    key,
                    folder.resolve("files"),
                    node.path("bytes").asLong(),
                    node.path("inodes").asLong(),
                    node.path("standsAlone").asBoolean(),
                    node.path("rootTold").asBoolean(),
                    node.path("hidesAll").asBoolean()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Unpacked unpack(Descriptor part, Digest difference, Digest chain, List<Unpacked> below, Lease lease)
            throws IOException {
        Path temporary = lease.temporary();
        Path files = temporary.resolve("files");
        Path replaced = temporary.resolve("replaced");
        Files.createDirectories(files);
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(replaced);
        try {
            LayerUnpacker.Result result = unpack(part, difference, below, files, replaced);
            Digest key = result.standsAlone() ? difference : chain;
            Path place = folders.layer(key);
            moveAway(replaced);
            WholeFile.writeDurably(temporary.resolve("layer.json"), description(result));
            if (Files.exists(place) && read(key).isEmpty()) {
                moveAway(place);
            }
            try {
                Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
            } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
                // Another process was faster, with the same.
                moveAway(temporary);
            }
            WholeFile.syncName(place);
            return read(key).orElseThrow(() -> new IOException("layer " + key + " went while it was unpacked"));
        } catch (IOException | RuntimeException e) {
            moveAway(temporary);
            // It may be what fills the disk.
            Trees.empty(folders.trash());
            throw e;
        }
    }

    private LayerUnpacker.Result unpack(
            Descriptor part, Digest difference, List<Unpacked> below, Path files, Path replaced) throws IOException {
        try (CheckedLayer layer = new CheckedLayer(blobs, part, difference, limits);
                LowerLayers lowers =
                        new LowerLayers(below.stream().map(Unpacked::files).toList());
                LayerFolder folder = new LayerFolder(files, replaced, lowers);
                FileContent content = new FileContent(blobs)) {
            LayerUnpacker.Result result;
            try {
                result = new LayerUnpacker(folder, lowers, limits, content).unpack(layer.content());
                layer.finish();
            } catch (java.io.InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                throw layer.explain(e);
            }
            folder.sync(files);
            return result;
        }
    }

    private static byte[] description(LayerUnpacker.Result result) {
        ObjectNode node = Json.object();
        node.put("bytes", result.bytes());
        node.put("inodes", result.inodes());
        node.put("standsAlone", result.standsAlone());
        node.put("rootTold", result.rootTold());
        node.put("hidesAll", result.hidesAll());
        return Json.bytes(node);
    }

    private void moveAway(Path folder) throws IOException {
        try {
            Files.move(folder, folders.trash().resolve(UUID.randomUUID().toString()), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // It has become what it should.
        }
    }
}
