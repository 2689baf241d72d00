package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageConfig;
import io.keelson.agent.embedded.images.ImageDescription;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Images;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.embedded.images.Snapshots.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images in a folder on disk. Any number of processes may have the same store open, and any thread may call. What
 * is written here is complete or absent after a crash at any instruction; see the package for how.
 */
public final class ImageStore implements Images {
    private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
    private static final int ID_PREFIX_MIN = 3;
    private static final int DESCRIBED_MAX = 2000;

    private final StoreFolders folders;
    private final StoreLock lock;
    private final Blobs blobs;
    private final Layers layers;
    private final References references;
    private final OverlaySnapshots snapshots;
    private final Garbage garbage;
    private final Map<Digest, Described> described = new ConcurrentHashMap<>();

    private ImageStore(StoreFolders folders, StoreLimits limits) {
        this.folders = folders;
        this.lock = new StoreLock(folders.lock());
        this.blobs = new Blobs(folders, limits);
        this.layers = new Layers(folders, limits, blobs);
        this.references = new References(folders);
        this.snapshots = new OverlaySnapshots(this, folders, lock, layers);
        this.garbage = new Garbage(folders, lock, references, snapshots, this::describe);
    }

    /** What a manifest leads to. */
    record Described(ImageManifest manifest, ImageDescription description, long size) {}

    /**
     * Opens a store, and makes it if there is none. What a process left that died in the middle of something is
     * removed.
     *
     * @param root a folder that is the store's alone
     */
    public static ImageStore open(Path root, StoreLimits limits) throws IOException {
        Files.createDirectories(root);
        StoreFolders folders = new StoreFolders(root.toRealPath());
        folders.create();
        ImageStore store = new ImageStore(folders, limits);
        store.garbage.recover();
        return store;
    }

    /** Opens a store with the limits as they are without a reason for others. */
    public static ImageStore open(Path root) throws IOException {
        return open(root, StoreLimits.DEFAULT);
    }

    /** The folder. */
    public Path root() {
        return folders.root();
    }

    @Override
    public Snapshots snapshots() {
        return snapshots;
    }

    @Override
    public ImageConfig resolve(String reference) throws IOException {
        return get(reference).description().run();
    }

    /**
     * All images, those with names first, by name. One whose parts are damaged is left out, and logged.
     */
    public List<StoredImage> list() throws IOException {
        Map<Digest, List<References.Named>> byId = new LinkedHashMap<>();
        for (References.Named named : references.list()) {
            try {
                Digest id = describe(named.manifest()).manifest().config().digest();
                byId.computeIfAbsent(id, _ -> new ArrayList<>()).add(named);
            } catch (ImageProblem e) {
                LOG.warn("Image {} cannot be used: {}", named.name(), e.getMessage());
            }
        }
        List<StoredImage> images = new ArrayList<>();
        for (Map.Entry<Digest, List<References.Named>> each : byId.entrySet()) {
            images.add(image(each.getKey(), each.getValue()));
        }
        images.sort(Comparator.comparing((StoredImage image) -> image.tags().isEmpty())
                .thenComparing(image ->
                        image.tags().isEmpty() ? image.id().hex() : image.tags().getFirst()));
        return images;
    }

    private StoredImage image(Digest id, List<References.Named> names) throws IOException {
        // One of them: the same image may have been packed twice.
        Digest manifest = names.getFirst().manifest();
        Described parts = describe(manifest);
        List<String> tags = new ArrayList<>();
        List<String> digests = new ArrayList<>();
        for (References.Named named : names) {
            if (named.name().indexOf('@') >= 0) {
                digests.add(named.name());
            } else if (!named.name().equals(id.toString())) {
                tags.add(named.name());
            }
        }
        tags.sort(null);
        digests.sort(null);
        return new StoredImage(
                id,
                manifest,
                parts.manifest(),
                parts.description(),
                List.copyOf(tags),
                List.copyOf(digests),
                parts.size());
    }

    private Described describe(Digest manifestDigest) throws IOException {
        Described known = described.get(manifestDigest);
        if (known != null) {
            return known;
        }
        byte[] bytes = blobs.document(manifestDigest);
        ImageManifest manifest = ImageManifest.parse(bytes, "manifest " + manifestDigest);
        Digest id = manifest.config().digest();
        long size = bytes.length + manifest.config().size();
        for (Descriptor layer : manifest.layers()) {
            size += layer.size();
        }
        Described found = new Described(manifest, ImageDescription.parse(blobs.document(id), id), size);
        if (described.size() >= DESCRIBED_MAX) {
            described.clear();
        }
        described.put(manifestDigest, found);
        return found;
    }

    /**
     * The image of a name, an id, or the beginning of an id.
     *
     * @throws ImageProblem {@code INVALID}: several ids begin so, or it is no reference; {@code DAMAGED}
     */
    public Optional<StoredImage> find(String reference) throws IOException {
        if (reference.startsWith("sha256:")) {
            return find(Digest.parse(reference));
        }
        Optional<StoredImage> byPrefix = Optional.empty();
        boolean perhapsId = reference.length() >= ID_PREFIX_MIN && Digest.isHex(reference);
        boolean wholeId = perhapsId && reference.length() == 64;
        if (!wholeId) {
            Optional<References.Named> named = named(Reference.parse(reference));
            if (named.isPresent()) {
                return find(describe(named.get().manifest()).manifest().config().digest());
            }
        }
        if (perhapsId && reference.length() <= 64) {
            for (StoredImage image : list()) {
                if (image.id().hex().startsWith(reference)) {
                    if (byPrefix.isPresent()) {
                        throw new ImageProblem(
                                ImageProblem.Kind.INVALID, "several images have an id that begins with " + reference);
                    }
                    byPrefix = Optional.of(image);
                }
            }
        }
        return byPrefix;
    }

    private Optional<References.Named> named(Reference reference) throws IOException {
        if (reference.digest().isEmpty()) {
            return references.find(reference.toString());
        }
        Digest digest = reference.digest().get();
        Optional<References.Named> exact = references.find(reference.at(digest).toString());
        if (exact.isPresent()) {
            return exact;
        }
        // One that was imported has no name with a digest, but may be it all the same.
        for (References.Named each : references.list()) {
            boolean same = each.target().equals(digest) || each.manifest().equals(digest);
            if (same && each.name().startsWith(reference.repository() + ":")) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private Optional<StoredImage> find(Digest id) throws IOException {
        return list().stream().filter(image -> image.id().equals(id)).findFirst();
    }

    /**
     * As {@link #find(String)}.
     *
     * @throws ImageProblem {@code NOT_FOUND}, too
     */
    public StoredImage get(String reference) throws IOException {
        return find(reference)
                .orElseThrow(
                        () -> new ImageProblem(ImageProblem.Kind.NOT_FOUND, "image \"" + reference + "\": not found"));
    }

    StoredImage byId(String id) throws IOException {
        return find(Digest.parse(id))
                .orElseThrow(() -> new ImageProblem(ImageProblem.Kind.NOT_FOUND, "image " + id + ": not found"));
    }

    /** Begins to add an image. */
    public ImageAddition add() throws IOException {
        return new ImageAddition(this, blobs, Lease.take(folders, lock));
    }

    /** Gives an image its names, which other images lose, after all its layers are unpacked. */
    StoredImage name(Digest target, Digest manifest, List<Reference> names, Lease lease) throws IOException {
        Described parts = describe(manifest);
        Digest id = parts.manifest().config().digest();
        StoredImage image = new StoredImage(
                id, manifest, parts.manifest(), parts.description(), List.of(), List.of(), parts.size());
        layers.ensure(image, lease);
        try (StoreLock.Held _ = lock.hold()) {
            // An image can always be found, and removed, by its id, even when another takes its name.
            references.put(new References.Named(id.toString(), target, manifest));
            for (Reference name : names) {
                references.put(new References.Named(name.toString(), target, manifest));
            }
        }
        return byId(id.toString());
    }

    /** Removes an image with all its names, and what no other needs. Containers of it stay. */
    public void remove(StoredImage image) throws IOException {
        try (StoreLock.Held _ = lock.hold()) {
            for (References.Named named : references.list()) {
                if (isOf(named, image)) {
                    references.remove(named.name());
                }
            }
        }
        collect();
    }

    private boolean isOf(References.Named named, StoredImage image) throws IOException {
        try {
            return describe(named.manifest()).manifest().config().digest().equals(image.id());
        } catch (ImageProblem e) {
            return false;
        }
    }

    /** Removes one name of an image; the image itself stays, with its id. */
    public void removeName(String name) throws IOException {
        try (StoreLock.Held _ = lock.hold()) {
            references.remove(name);
        }
    }

    /**
     * Removes what no image, snapshot or addition needs.
     *
     * @return how many bytes of blobs and layers
     */
    public long collect() throws IOException {
        return garbage.collect();
    }

    /** The content of a blob, unchecked. */
    public InputStream blob(Digest digest) throws IOException {
        return blobs.open(digest);
    }

    /** What images take on the disk, packed and unpacked. */
    public Usage usage() throws IOException {
        long bytes = 0;
        long inodes = 0;
        for (Path blob : StoreFolders.in(folders.blobs())) {
            try {
                bytes += Files.size(blob);
                inodes++;
            } catch (NoSuchFileException e) {
                // Collected meanwhile.
            }
        }
        for (Path layer : StoreFolders.in(folders.layers())) {
            Optional<Layers.Unpacked> unpacked =
                    layers.read(new Digest(layer.getFileName().toString()));
            if (unpacked.isPresent()) {
                bytes += unpacked.get().bytes();
                inodes += unpacked.get().inodes();
            }
        }
        return new Usage(bytes, inodes);
    }

    /** Nothing stays open; mounts stay. */
    @Override
    public void close() {
        described.clear();
    }
}
