package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where things are in a store.
 *
 * @param root absolute, without links in it
 */
record StoreFolders(Path root) {
    private static final String VERSION = "keelson images 1\n";

    Path blobs() {
        return root.resolve("blobs/sha256");
    }

    Path blob(Digest digest) {
        return blobs().resolve(digest.hex());
    }

    Path layers() {
        return root.resolve("layers");
    }

    Path layer(Digest key) {
        return layers().resolve(key.hex());
    }

    Path references() {
        return root.resolve("references");
    }

    Path snapshots() {
        return root.resolve("snapshots");
    }

    /** What {@link MappedStore} mounts; each folder in it is empty otherwise. */
    Path mapped() {
        return root.resolve("mapped");
    }

    Path leases() {
        return root.resolve("leases");
    }

    Path ingest() {
        return root.resolve("ingest");
    }

    Path trash() {
        return root.resolve("trash");
    }

    Path lock() {
        return root.resolve("lock");
    }

    /** Makes what is missing. Nobody but root gets in: programs in images may have rights that are meant for inside. */
    void create() throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        for (Path each : List.of(blobs(), layers(), references(), snapshots(), mapped(), leases(), ingest(), trash())) {
            Files.createDirectories(each);
        }
        Path version = root.resolve("version");
        try {
            String found = Files.readString(version);
            if (!found.equals(VERSION)) {
                throw new ImageProblem(
                        ImageProblem.Kind.UNSUPPORTED,
                        root + " holds images in a form that is not known here (" + found.strip()
                                + "): a newer Keelson made it, use that one, or another folder");
            }
        } catch (NoSuchFileException e) {
            WholeFile.writeDurably(version, ingest().resolve("version"), VERSION.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** What is in one of these folders, all names of ours; nothing if the folder is gone. */
    static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = new ArrayList<>();
            files.sorted().forEach(found::add);
            return found;
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
