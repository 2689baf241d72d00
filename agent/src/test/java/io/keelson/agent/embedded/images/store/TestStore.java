package io.keelson.agent.embedded.images.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A store in a folder of its own; closing it takes away all that it mounted. */
public final class TestStore implements AutoCloseable {
    private final Path folder;
    private final ImageStore store;

    public TestStore(StoreLimits limits) throws IOException {
        folder = Files.createTempDirectory("images");
        store = ImageStore.open(folder.resolve("store"), limits);
    }

    public TestStore() throws IOException {
        this(StoreLimits.DEFAULT);
    }

    public ImageStore store() {
        return store;
    }

    public Path folder() {
        return folder;
    }

    /** Adds an image of layers that are not compressed. */
    public StoredImage add(String name, byte[]... layers) throws IOException {
        return add(name, List.of(layers), List.of(layers));
    }

    /** Adds an image of layers as they are packed, and as they are unpacked. */
    public StoredImage add(String name, List<byte[]> packed, List<byte[]> unpacked) throws IOException {
        try (ImageAddition addition = store.add()) {
            List<Descriptor> parts = new ArrayList<>();
            for (byte[] layer : packed) {
                parts.add(addition.put(MediaType.LAYER, layer));
            }
            Descriptor config = addition.put(MediaType.CONFIG, config(unpacked));
            Descriptor manifest =
                    addition.put(MediaType.MANIFEST, new ImageManifest(MediaType.MANIFEST, config, parts).bytes());
            return addition.finish(manifest.digest(), manifest.digest(), List.of(Reference.parse(name)));
        }
    }

    public static byte[] config(List<byte[]> layers) {
        ObjectNode root = Json.object();
        root.put("architecture", "amd64");
        root.put("os", "linux");
        root.putObject("config").putArray("Cmd").add("/bin/sh");
        ArrayNode differences = root.putObject("rootfs").putArray("diff_ids");
        layers.forEach(layer -> differences.add(Digest.of(layer).toString()));
        return Json.bytes(root);
    }

    @Override
    public void close() throws IOException {
        for (Snapshots.Snapshot snapshot : store.snapshots().list()) {
            store.snapshots().remove(snapshot.key());
        }
        store.close();
        Trees.empty(folder);
        Files.delete(folder);
    }
}
