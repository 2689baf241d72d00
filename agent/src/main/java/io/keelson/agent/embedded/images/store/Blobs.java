package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** The content of images, by digest. */
final class Blobs {
    /** A manifest or configuration that is larger is none: registries themselves allow 4 MiB. */
    static final int DOCUMENT_MAX = 8 << 20;

    private final StoreFolders folders;
    private final StoreLimits limits;

    Blobs(StoreFolders folders, StoreLimits limits) {
        this.folders = folders;
        this.limits = limits;
    }

    Path place(Digest digest) {
        return folders.blob(digest);
    }

    /** Whether a blob is there and as long as it should be. One that is not goes, so that it can come anew. */
    boolean has(Descriptor blob) throws IOException {
        long size = size(blob.digest());
        if (size >= 0 && size != blob.size()) {
            discard(blob.digest());
            return false;
        }
        return size >= 0;
    }

    /** In bytes; -1 if there is no such blob. */
    long size(Digest digest) throws IOException {
        try {
            return Files.size(place(digest));
        } catch (NoSuchFileException e) {
            return -1;
        }
    }

    /**
     * The content of a manifest or a configuration.
     *
     * @throws ImageProblem {@code DAMAGED}, and says which; {@code TOO_LARGE}
     */
    byte[] document(Digest digest) throws IOException {
        byte[] content;
        try (InputStream in = open(digest)) {
            content = in.readNBytes(DOCUMENT_MAX + 1);
        }
        if (content.length > DOCUMENT_MAX) {
            throw new ImageProblem(
                    ImageProblem.Kind.TOO_LARGE, "blob " + digest + " is too large to describe an image");
        }
        Digest found = Digest.of(content);
        if (!found.equals(digest)) {
            throw damaged(digest, "its content has the digest " + found);
        }
        return content;
    }

    /** The content, which the caller checks. */
    InputStream open(Digest digest) throws IOException {
        try {
            return Files.newInputStream(place(digest));
        } catch (NoSuchFileException e) {
            throw damaged(digest, "it is missing");
        }
    }

    /** What is said of a blob that is not what it should be. */
    static ImageProblem damaged(Digest digest, String how) {
        return new ImageProblem(
                ImageProblem.Kind.DAMAGED,
                "blob " + digest + " is damaged: " + how + "; pull or import its image again");
    }

    /** Takes a damaged blob away. */
    void discard(Digest digest) throws IOException {
        try {
            Files.move(
                    place(digest),
                    folders.trash().resolve(UUID.randomUUID().toString()),
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Another did it.
        }
    }

    /**
     * Refuses if the disk is nearly full.
     *
     * @throws ImageProblem {@code TOO_LARGE}
     */
    void requireSpace() throws IOException {
        long free = Files.getFileStore(folders.root()).getUsableSpace();
        if (free < limits.freeBytes()) {
            throw new ImageProblem(
                    ImageProblem.Kind.TOO_LARGE,
                    "no space left for images: " + free / (1 << 20) + " MiB are free on the disk of " + folders.root()
                            + ", and " + limits.freeBytes() / (1 << 20)
                            + " MiB are not touched; remove images that are not used");
        }
    }
}
