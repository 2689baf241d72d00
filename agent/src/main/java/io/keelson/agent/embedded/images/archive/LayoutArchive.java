package io.keelson.agent.embedded.images.archive;

import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.store.BlobWriter;
import io.keelson.agent.embedded.images.store.ImageAddition;
import io.keelson.agent.embedded.images.tar.TarEntry;
import io.keelson.agent.embedded.images.tar.TarReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Images in an archive, which is read once: whatever file is in it goes into the store, as a part that some image may
 * turn out to have; small documents are kept in memory. What no image has becomes garbage.
 */
final class LayoutArchive implements ImageSource {
    /** As large as a document may be that describes images. */
    static final int DOCUMENT_MAX = 8 << 20;

    private static final int FILES_MAX = 100_000;
    private static final int LINKS_MAX = 40;
    private static final int HEAD = 6;
    private static final Set<String> DOCUMENTS = Set.of("index.json", "oci-layout", "manifest.json", "repositories");
    private static final String BLOBS = "blobs/sha256/";

    private final ImageAddition addition;
    private final Map<String, byte[]> documents = new HashMap<>();
    private final Map<String, Part> parts = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Set<Digest> present = new HashSet<>();

    /** Reads an archive that is not compressed. */
    LayoutArchive(InputStream in, ImageAddition addition) throws IOException {
        this.addition = addition;
        TarReader reader = new TarReader(in);
        int files = 0;
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (++files > FILES_MAX) {
                throw new ImageProblem(
                        ImageProblem.Kind.TOO_LARGE, "the archive has more than " + FILES_MAX + " files");
            }
            take(entry, reader);
        }
    }

    private void take(TarEntry entry, TarReader reader) throws IOException {
        String name = plain(new String(entry.name(), StandardCharsets.UTF_8));
        switch (entry.type()) {
            case TarEntry.FILE -> {
                if (entry.segments() != null) {
                    throw new ImageProblem(ImageProblem.Kind.DAMAGED, entry.shownName() + " is a sparse file");
                }
                if (DOCUMENTS.contains(name)) {
                    documents.put(name, document(entry, reader));
                } else {
                    part(name, reader);
                }
            }
            case TarEntry.SYMBOLIC_LINK -> {
                int slash = name.lastIndexOf('/');
                String target = new String(entry.linkName(), StandardCharsets.UTF_8);
                links.put(name, plain(target.startsWith("/") ? target : name.substring(0, slash + 1) + target));
            }
            case TarEntry.HARD_LINK -> links.put(name, plain(new String(entry.linkName(), StandardCharsets.UTF_8)));
            default -> {
                // Folders; whatever else is there cannot be part of an image.
            }
        }
    }

    private static byte[] document(TarEntry entry, TarReader reader) throws IOException {
        if (entry.size() > DOCUMENT_MAX) {
            throw new ImageProblem(ImageProblem.Kind.TOO_LARGE, entry.shownName() + " is too large to describe images");
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        for (int read = reader.read(buffer, 0, buffer.length);
                read >= 0;
                read = reader.read(buffer, 0, buffer.length)) {
            content.write(buffer, 0, read);
        }
        return content.toByteArray();
    }

    private void part(String name, TarReader reader) throws IOException {
        String hex = name.startsWith(BLOBS) ? name.substring(BLOBS.length()) : "";
        try (BlobWriter out = addition.write()) {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            byte[] buffer = new byte[64 * 1024];
            for (int read = reader.read(buffer, 0, buffer.length);
                    read >= 0;
                    read = reader.read(buffer, 0, buffer.length)) {
                out.write(buffer, 0, read);
                head.write(buffer, 0, Math.clamp(HEAD - head.size(), 0, read));
            }
            Digest digest = out.digest();
            if (!hex.isEmpty() && !digest.hex().equals(hex)) {
                throw new ImageProblem(
                        ImageProblem.Kind.DAMAGED,
                        name + " in the archive is damaged: its content has the digest " + digest);
            }
            addition.keep(digest);
            long size = out.size();
            out.commit(digest);
            parts.put(name, new Part(digest, size, head.toByteArray()));
            present.add(digest);
        }
    }

    /** Without a beginning slash, and without dots: only a name to be looked up, never a place on a disk. */
    private static String plain(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/", -1)) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", List.copyOf(parts));
    }

    @Override
    public Optional<byte[]> document(String name) {
        return Optional.ofNullable(documents.get(name));
    }

    @Override
    public boolean blob(Digest digest) {
        return present.contains(digest);
    }

    @Override
    public Optional<Part> file(String name) {
        String at = plain(name);
        for (int followed = 0; followed < LINKS_MAX && links.containsKey(at); followed++) {
            at = links.getOrDefault(at, "");
        }
        return Optional.ofNullable(parts.get(at));
    }
}
