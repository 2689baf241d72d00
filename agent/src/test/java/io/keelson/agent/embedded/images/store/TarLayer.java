package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.tar.TarEntry;
import io.keelson.agent.embedded.images.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes a layer's archive, an entry after the other. */
public final class TarLayer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(bytes);

    public TarLayer file(String name, String content, int mode) {
        return entry(name, TarEntry.FILE, mode, 0, content, "", Map.of());
    }

    public TarLayer file(String name, String content) {
        return file(name, content, 0644);
    }

    public TarLayer folder(String name, int mode) {
        return entry(name, TarEntry.FOLDER, mode, 0, "", "", Map.of());
    }

    public TarLayer link(String name, String target) {
        return entry(name, TarEntry.SYMBOLIC_LINK, 0777, 0, "", target, Map.of());
    }

    public TarLayer hardLink(String name, String target) {
        return entry(name, TarEntry.HARD_LINK, 0644, 0, "", target, Map.of());
    }

    public TarLayer entry(
            String name, char type, int mode, int owner, String content, String link, Map<String, byte[]> attributes) {
        byte[] data = content.getBytes(StandardCharsets.UTF_8);
        return write(
                new TarEntry(
                        name.getBytes(StandardCharsets.UTF_8),
                        type,
                        mode,
                        owner,
                        owner,
                        data.length,
                        1_000_000_000,
                        0,
                        link.getBytes(StandardCharsets.UTF_8),
                        0,
                        0,
                        attributes,
                        null),
                data);
    }

    public TarLayer write(TarEntry entry, byte[] content) {
        try {
            tar.write(entry, new ByteArrayInputStream(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** What is said of a program of root's. */
    public static TarEntry program(String name, long size) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return new TarEntry(bytes, TarEntry.FILE, 0755, 0, 0, size, 0, 0, new byte[0], 0, 0, Map.of(), null);
    }

    public byte[] bytes() {
        try {
            tar.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
