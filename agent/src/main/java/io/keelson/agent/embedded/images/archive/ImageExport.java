package io.keelson.agent.embedded.images.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.tar.TarEntry;
import io.keelson.agent.embedded.images.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes images as an archive in OCI's layout. */
public final class ImageExport {
    private final ImageStore store;

    /** Writes from a store. */
    public ImageExport(ImageStore store) {
        this.store = store;
    }

    /** Writes images, each with its tags; the stream stays open. */
    public void write(List<StoredImage> images, OutputStream out) throws IOException {
        TarWriter tar = new TarWriter(out);
        document(tar, "oci-layout", Json.bytes(Json.object().put("imageLayoutVersion", "1.0.0")));
        ObjectNode index = Json.object();
        index.put("schemaVersion", 2);
        index.put("mediaType", MediaType.INDEX);
        var manifests = index.putArray("manifests");
        Set<Digest> written = new HashSet<>();
        for (StoredImage image : images) {
            byte[] manifest = manifest(image);
            for (String tag : image.tags().isEmpty() ? List.of("") : image.tags()) {
                ObjectNode node = manifests.addObject();
                node.put("mediaType", image.manifest().mediaType());
                node.put("digest", image.manifestDigest().toString());
                node.put("size", manifest.length);
                if (!tag.isEmpty()) {
                    ObjectNode annotations = node.putObject("annotations");
                    annotations.put("io.containerd.image.name", tag);
                    annotations.put("org.opencontainers.image.ref.name", tag.substring(tag.lastIndexOf(':') + 1));
                }
            }
            if (written.add(image.manifestDigest())) {
                document(tar, "blobs/sha256/" + image.manifestDigest().hex(), manifest);
            }
            List<Descriptor> parts = new ArrayList<>(image.manifest().layers());
            parts.add(image.manifest().config());
            for (Descriptor part : parts) {
                if (written.add(part.digest())) {
                    try (InputStream in = store.blob(part.digest())) {
                        tar.write(entry("blobs/sha256/" + part.digest().hex(), part.size()), in);
                    }
                }
            }
        }
        document(tar, "index.json", Json.bytes(index));
        tar.finish();
    }

    private byte[] manifest(StoredImage image) throws IOException {
        try (InputStream in = store.blob(image.manifestDigest())) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            in.transferTo(bytes);
            return bytes.toByteArray();
        }
    }

    private static void document(TarWriter tar, String name, byte[] content) throws IOException {
        tar.write(entry(name, content.length), new ByteArrayInputStream(content));
    }

    private static TarEntry entry(String name, long size) {
        return new TarEntry(
                name.getBytes(StandardCharsets.UTF_8),
                TarEntry.FILE,
                0644,
                0,
                0,
                size,
                0,
                0,
                new byte[0],
                0,
                0,
                Map.of(),
                null);
    }
}
