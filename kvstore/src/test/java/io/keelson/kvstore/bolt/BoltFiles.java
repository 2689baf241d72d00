package io.keelson.kvstore.bolt;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Files for tests, and what is in them. */
final class BoltFiles {
    private BoltFiles() {}

    static NavigableMap<byte[], byte[]> map() {
        return new TreeMap<>(Arrays::compareUnsigned);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] image(int pageSize, List<BoltSource> sources) throws IOException {
        BoltLayout layout = BoltLayout.of(pageSize, sources);
        var out = new ByteArrayOutputStream();
        BoltWriter.write(layout, sources, out);
        if (out.size() != layout.sizeBytes()) {
            throw new AssertionError("laid out " + layout.sizeBytes() + " bytes, wrote " + out.size());
        }
        return out.toByteArray();
    }

    static void write(Path file, List<BoltSource> sources) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            BoltWriter.write(BoltLayout.of(sources), sources, out);
        }
    }

    /** All buckets and entries, in the order they are read. */
    static Map<String, NavigableMap<byte[], byte[]>> readAll(BoltReader reader) throws IOException {
        Map<String, NavigableMap<byte[], byte[]>> buckets = new LinkedHashMap<>();
        BoltCursor names = reader.root().cursor();
        while (names.next()) {
            NavigableMap<byte[], byte[]> entries = map();
            BoltCursor cursor = names.bucket().cursor();
            while (cursor.next()) {
                entries.put(cursor.key(), cursor.value());
            }
            buckets.put(new String(names.key(), StandardCharsets.ISO_8859_1), entries);
        }
        return buckets;
    }

    static boolean same(NavigableMap<byte[], byte[]> a, NavigableMap<byte[], byte[]> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (var entry : a.entrySet()) {
            if (!Arrays.equals(entry.getValue(), b.get(entry.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /** A snapshot that etcdctl 3.5.30 saved from etcd 3.5.30, with leases, authentication and a compaction in it. */
    static byte[] etcdSnapshot() {
        try (InputStream in = BoltFiles.class.getResourceAsStream("etcd-3.5.snapshot.db")) {
            if (in == null) {
                throw new AssertionError("the snapshot is not among the test resources");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
