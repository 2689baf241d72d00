package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what nobody needs. Under the lock, names lead to manifests, and these to blobs and layers; snapshots to layers;
 * leases to what is being added. All else is moved aside, and deleted when the lock is given back.
 */
final class Garbage {
    private static final Logger LOG = LoggerFactory.getLogger(Garbage.class);

    private final StoreFolders folders;
    private final StoreLock lock;
    private final References references;
    private final OverlaySnapshots snapshots;
    private final Described described;

    /** What a manifest leads to. */
    interface Described {
        ImageStore.Described of(Digest manifest) throws IOException;
    }

    Garbage(
            StoreFolders folders,
            StoreLock lock,
            References references,
            OverlaySnapshots snapshots,
            Described described) {
        this.folders = folders;
        this.lock = lock;
        this.references = references;
        this.snapshots = snapshots;
        this.described = described;
    }

    /** Removes what dead processes left unfinished. */
    void recover() throws IOException {
        try (StoreLock.Held _ = lock.hold()) {
            sweepUnfinished(Lease.living(folders));
        }
        Trees.empty(folders.trash());
    }

    /** Removes all that is not needed; the bytes that it took. */
    long collect() throws IOException {
        List<Path> aside = new ArrayList<>();
        try (StoreLock.Held _ = lock.hold()) {
            Lease.Living living = Lease.living(folders);
            sweepUnfinished(living);
            Set<String> needed = new HashSet<>(living.kept());
            for (References.Named named : references.list()) {
                mark(named, needed);
            }
            Set<String> layers = new HashSet<>(needed);
            snapshots.layersInUse().forEach(layer -> layers.add(layer.hex()));
            sweep(folders.blobs(), needed, aside);
            sweep(folders.layers(), layers, aside);
        }
        long freed = 0;
        for (Path each : aside) {
            freed += size(each);
        }
        Trees.empty(folders.trash());
        return freed;
    }

    private void mark(References.Named named, Set<String> needed) throws IOException {
        needed.add(named.target().hex());
        needed.add(named.manifest().hex());
        try {
            ImageStore.Described image = described.of(named.manifest());
            needed.add(image.manifest().config().digest().hex());
            image.manifest().layers().forEach(layer -> needed.add(layer.digest().hex()));
            image.description().differences().forEach(each -> needed.add(each.hex()));
            image.description().chain().forEach(each -> needed.add(each.hex()));
        } catch (ImageProblem e) {
            // Its layers go; it cannot be used without the part that is damaged, and comes whole with the next pull.
            LOG.warn("Image {} cannot be used: {}", named.name(), e.getMessage());
        }
    }

    private void sweep(Path folder, Set<String> needed, List<Path> aside) throws IOException {
        for (Path each : StoreFolders.in(folder)) {
            if (!needed.contains(each.getFileName().toString())) {
                aside.add(moveAside(each));
            }
        }
    }

    private static long size(Path aside) throws IOException {
        try {
            return Files.isDirectory(aside) ? Trees.usage(aside).bytes() : Files.size(aside);
        } catch (NoSuchFileException | Libc.Failure e) {
            // Another already deletes it.
            return 0;
        }
    }

    private void sweepUnfinished(Lease.Living living) throws IOException {
        for (Path each : StoreFolders.in(folders.ingest())) {
            if (!living.owns(each)) {
                var _ = moveAside(each);
            }
        }
    }

    private Path moveAside(Path file) throws IOException {
        Path aside = folders.trash().resolve(UUID.randomUUID().toString());
        try {
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Gone already.
        }
        return aside;
    }
}
