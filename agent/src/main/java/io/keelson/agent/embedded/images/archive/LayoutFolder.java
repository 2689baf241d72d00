package io.keelson.agent.embedded.images.archive;

import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.store.BlobWriter;
import io.keelson.agent.embedded.images.store.ImageAddition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** An image layout in a folder. Links in it are not followed. */
final class LayoutFolder implements ImageSource {
    private final Path folder;
    private final ImageAddition addition;

    LayoutFolder(Path folder, ImageAddition addition) {
        this.folder = folder;
        this.addition = addition;
    }

    @Override
    public Optional<byte[]> document(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(LayoutArchive.DOCUMENT_MAX + 1);
            if (content.length > LayoutArchive.DOCUMENT_MAX) {
                throw new ImageProblem(ImageProblem.Kind.TOO_LARGE, file + " is too large to describe images");
            }
            return Optional.of(content);
        }
    }

    @Override
    public boolean blob(Digest digest) throws IOException {
        Path file = folder.resolve("blobs/sha256").resolve(digest.hex());
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file);
                BlobWriter out = addition.write(digest)) {
            copy(in, out);
            out.commit(digest);
        }
        return true;
    }

    @Override
    public Optional<Part> file(String name) throws IOException {
        Path file = folder.resolve(name).normalize();
        if (!file.startsWith(folder) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Digest digest;
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(6);
        }
        long size;
        try (InputStream in = Files.newInputStream(file);
                BlobWriter out = addition.write()) {
            copy(in, out);
            size = out.size();
            digest = out.digest();
            addition.keep(digest);
            out.commit(digest);
        }
        return Optional.of(new Part(digest, size, head));
    }

    private static void copy(InputStream in, BlobWriter out) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            out.write(buffer, 0, read);
        }
    }
}
