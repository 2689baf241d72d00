package io.keelson.agent.embedded.images.tar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TarReaderTest {
    private static byte[] content(TarReader reader, TarEntry entry) throws IOException {
        byte[] whole = new byte[(int) entry.size()];
        List<TarEntry.Segment> segments = entry.segments();
        for (TarEntry.Segment segment : segments == null ? List.of(new TarEntry.Segment(0, entry.size())) : segments) {
            int done = 0;
            while (done < segment.length()) {
                done += reader.read(whole, (int) segment.offset() + done, (int) segment.length() - done);
            }
        }
        assertEquals(-1, reader.read(new byte[1], 0, 1));
        return whole;
    }

    /** What GNU tar writes in each of its ways. */
    @ParameterizedTest
    @ValueSource(strings = {"gnu", "pax 0.0", "pax 0.1", "pax 1.0", "ustar", "v7"})
    void whatGnuTarWritesIsRead(String form, @TempDir Path folder) throws Exception {
        boolean sparse = form.startsWith("gnu") || form.startsWith("pax");
        String name = "n".repeat(sparse ? 180 : 90);
        Path file = folder.resolve(name);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            for (int i = 1; i < 8; i++) {
                out.seek(i * 100_000L);
                out.write(("piece " + i).getBytes(StandardCharsets.UTF_8));
            }
            out.setLength(1_000_000);
        }
        Path archive = folder.resolve("a.tar");
        List<String> command = new ArrayList<>(List.of(
                "tar", "-C", folder.toString(), "-cf", archive.toString(), "--format=" + form.replaceFirst(" .*", "")));
        if (sparse) {
            command.add("-S");
        }
        if (form.startsWith("pax")) {
            command.add("--sparse-version=" + form.substring(4));
        }
        command.addAll(List.of("--owner=x:1234567", "--mtime=@1000000000", name));
        if (!sparse) {
            command.set(command.indexOf("--owner=x:1234567"), "--owner=x:12345");
        }
        Process tar = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, tar.waitFor(), said);
        assertTrue(!sparse || Files.size(archive) < 500_000, "GNU tar saw no holes");
        try (InputStream in = Files.newInputStream(archive)) {
            TarReader reader = new TarReader(in);
            TarEntry entry = reader.next();
            assertNotNull(entry);
            assertEquals(name, entry.shownName());
            assertEquals(sparse ? 1234567 : 12345, entry.user());
            assertEquals(1_000_000_000, entry.seconds());
            assertArrayEquals(Files.readAllBytes(file), content(reader, entry));
            assertNull(reader.next());
        }
    }

    private static byte[] archive(TarEntry entry, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(bytes);
        writer.write(entry, new ByteArrayInputStream(content));
        writer.finish();
        return bytes.toByteArray();
    }

    private static TarEntry entry(String name, char type, long size, Map<String, byte[]> attributes) {
        return new TarEntry(
                name.getBytes(StandardCharsets.ISO_8859_1),
                type,
                0644,
                5_000_000_000L,
                0,
                size,
                12,
                0,
                new byte[0],
                0,
                0,
                attributes,
                null);
    }

    @Test
    void bytesStayAsTheyAre() throws IOException {
        byte[] value = {0, (byte) 0xFF, '\n', '=', 1};
        byte[] bytes = archive(entry("caf\u00e9".repeat(60), '0', 3, Map.of("user.x", value)), new byte[] {1, 2, 3});
        TarReader reader = new TarReader(new ByteArrayInputStream(bytes));
        TarEntry read = reader.next();
        assertNotNull(read);
        assertArrayEquals("caf\u00e9".repeat(60).getBytes(StandardCharsets.ISO_8859_1), read.name());
        assertArrayEquals(value, read.attributes().get("user.x"));
        assertEquals(5_000_000_000L, read.user());
        assertArrayEquals(new byte[] {1, 2, 3}, content(reader, read));
    }

    private static void refused(String why, byte[] bytes) {
        IOException problem = assertThrows(IOException.class, () -> {
            TarReader reader = new TarReader(new ByteArrayInputStream(bytes));
            while (reader.next() != null) {
                // On to the end.
            }
        });
        assertTrue(problem.toString().contains(why), problem.toString());
    }

    @Test
    void headersThatAreHostileAreRefused() throws IOException {
        refused("more than 1048576 bytes", archive(entry("x", 'x', 2 << 20, Map.of()), new byte[2 << 20]));
        refused("more than 1048576 bytes", archive(entry("L", 'L', 2 << 20, Map.of()), new byte[2 << 20]));
        for (String record : List.of(
                "99 path=x\n", "3 x\n", "11 path=abc", "0 a=b\n", "9999999999999999999 a=b\n", "x a=b\n", " a=b\n")) {
            byte[] content = record.getBytes(StandardCharsets.UTF_8);
            refused("PAX record", archive(entry("x", 'x', content.length, Map.of()), content));
        }
        byte[] zero = "10 path=a\0\n".getBytes(StandardCharsets.UTF_8);
        zero[0] = '1';
        zero[1] = '1';
        ByteArrayOutputStream named = new ByteArrayOutputStream();
        byte[] first = archive(entry("x", 'x', zero.length, Map.of()), zero);
        named.write(first, 0, first.length - 1024);
        named.writeBytes(archive(entry("f", '0', 0, Map.of()), new byte[0]));
        refused("zero in it", named.toByteArray());
        byte[] good = archive(entry("f", '0', 0, Map.of()), new byte[0]);
        byte[] digits = good.clone();
        digits[101] = '9';
        refused("checksum", digits);
        byte[] middle = new byte[1024 + good.length];
        System.arraycopy(good, 0, middle, 512, good.length);
        refused("zeros stands in the middle", middle);
    }

    @Test
    void noiseIsRefusedOrReadButNeverHangs() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[random.nextInt(4096)];
            random.nextBytes(noise);
            try {
                TarReader reader = new TarReader(new ByteArrayInputStream(noise));
                while (reader.next() != null) {
                    // On to the end.
                }
            } catch (IOException e) {
                assertNotNull(e.getMessage());
            }
        }
    }

    @Test
    void gzipInPiecesAndZstdAreExpanded() throws IOException {
        byte[] one = "one ".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        ByteArrayOutputStream zstd = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            try (OutputStream out = new GZIPOutputStream(gzip)) {
                out.write(one);
            }
            try (OutputStream out = new ZstdOutputStream(zstd)) {
                out.write(one);
            }
        }
        for (byte[] packed : List.of(gzip.toByteArray(), zstd.toByteArray())) {
            // In small pieces, as they come from anywhere but memory.
            InputStream slow = new FilterInputStream(new ByteArrayInputStream(packed)) {
                @Override
                public int read(byte[] buffer, int from, int length) throws IOException {
                    return super.read(buffer, from, Math.min(length, 100));
                }

                @Override
                public int available() {
                    return 0;
                }
            };
            try (InputStream in = Compression.expand(slow)) {
                assertEquals(3 * one.length, in.readAllBytes().length);
            }
        }
    }
}
