package io.keelson.agent.embedded.images.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.ImageAddition;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.tar.TarEntry;
import io.keelson.agent.embedded.images.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes an image of one layer from files in memory. Equal files and settings make an equal image, to the byte, whenever
 * and wherever. Everything in it is root's. One thread.
 */
public final class ImageBuilder {
    private static final String EPOCH = "1970-01-01T00:00:00Z";

    private final SortedMap<String, Entry> entries = new TreeMap<>();
    private final SortedMap<String, String> labels = new TreeMap<>();
    private final SortedSet<String> ports = new TreeSet<>();
    private Platform platform = Platform.ofThisMachine();
    private List<String> entrypoint = List.of();
    private List<String> command = List.of();
    private List<String> environment = List.of();
    private String user = "";
    private String workingFolder = "";

    private record Entry(char type, int mode, byte[] content, String target) {}

    /** Adds a file, and the folders on its way. */
    public ImageBuilder file(String path, byte[] content, int mode) {
        return put(path, new Entry(TarEntry.FILE, mode, content.clone(), ""));
    }

    /** Adds a folder. */
    public ImageBuilder folder(String path, int mode) {
        return put(path, new Entry(TarEntry.FOLDER, mode, new byte[0], ""));
    }

    /** Adds a symbolic link. */
    public ImageBuilder link(String path, String target) {
        return put(path, new Entry(TarEntry.SYMBOLIC_LINK, 0777, new byte[0], target));
    }

    private ImageBuilder put(String path, Entry entry) {
        String plain = path.startsWith("/") ? path.substring(1) : path;
        for (int slash = plain.indexOf('/'); slash > 0; slash = plain.indexOf('/', slash + 1)) {
            entries.putIfAbsent(plain.substring(0, slash), new Entry(TarEntry.FOLDER, 0755, new byte[0], ""));
        }
        entries.put(plain, entry);
        return this;
    }

    /** The program and its first arguments. */
    public ImageBuilder entrypoint(List<String> value) {
        entrypoint = List.copyOf(value);
        return this;
    }

    /** What comes after the entrypoint. */
    public ImageBuilder command(List<String> value) {
        command = List.copyOf(value);
        return this;
    }

    /** {@code NAME=value} each. */
    public ImageBuilder environment(List<String> value) {
        environment = List.copyOf(value);
        return this;
    }

    /** {@code user[:group]}. */
    public ImageBuilder user(String value) {
        user = value;
        return this;
    }

    /** Where the program starts. */
    public ImageBuilder workingFolder(String value) {
        workingFolder = value;
        return this;
    }

    /** A port that it listens on, as {@code 80/tcp}. */
    public ImageBuilder port(String value) {
        ports.add(value);
        return this;
    }

    /** A label. */
    public ImageBuilder label(String name, String value) {
        labels.put(name, value);
        return this;
    }

    /**
     * Puts the image into a store. If it is there already, only its name is new.
     *
     * @param name with a tag
     */
    public StoredImage write(ImageStore store, String name) throws IOException {
        byte[] layer = layer();
        try (ImageAddition addition = store.add()) {
            Descriptor part = addition.put(MediaType.LAYER, layer);
            Descriptor config = addition.put(MediaType.CONFIG, config(Digest.of(layer)));
            byte[] manifest = new ImageManifest(MediaType.MANIFEST, config, List.of(part)).bytes();
            Descriptor written = addition.put(MediaType.MANIFEST, manifest);
            return addition.finish(written.digest(), written.digest(), List.of(Reference.parse(name)));
        }
    }

    private byte[] layer() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(bytes);
        for (Map.Entry<String, Entry> each : entries.entrySet()) {
            Entry entry = each.getValue();
            String name = each.getKey() + (entry.type() == TarEntry.FOLDER ? "/" : "");
            tar.write(
                    new TarEntry(
                            name.getBytes(StandardCharsets.UTF_8),
                            entry.type(),
                            entry.mode(),
                            0,
                            0,
                            entry.content().length,
                            0,
                            0,
                            entry.target().getBytes(StandardCharsets.UTF_8),
                            0,
                            0,
                            Map.of(),
                            null),
                    new ByteArrayInputStream(entry.content()));
        }
        tar.finish();
        return bytes.toByteArray();
    }

    private byte[] config(Digest difference) {
        ObjectNode root = Json.object();
        root.put("created", EPOCH);
        root.put("architecture", platform.architecture());
        root.put("os", platform.os());
        if (!platform.variant().isEmpty()) {
            root.put("variant", platform.variant());
        }
        ObjectNode config = root.putObject("config");
        putList(config, "Entrypoint", entrypoint);
        putList(config, "Cmd", command);
        putList(config, "Env", environment);
        putText(config, "User", user);
        putText(config, "WorkingDir", workingFolder);
        if (!ports.isEmpty()) {
            ObjectNode exposed = config.putObject("ExposedPorts");
            ports.forEach(exposed::putObject);
        }
        if (!labels.isEmpty()) {
            ObjectNode node = config.putObject("Labels");
            labels.forEach(node::put);
        }
        ObjectNode files = root.putObject("rootfs");
        files.put("type", "layers");
        files.putArray("diff_ids").add(difference.toString());
        ObjectNode step = root.putArray("history").addObject();
        step.put("created", EPOCH);
        step.put("created_by", "keelson");
        return Json.bytes(root);
    }

    private static void putList(ObjectNode node, String name, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode list = node.putArray(name);
            values.forEach(list::add);
        }
    }

    private static void putText(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }
}
