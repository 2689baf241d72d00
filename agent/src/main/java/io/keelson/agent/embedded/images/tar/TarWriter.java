package io.keelson.agent.embedded.images.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an archive in POSIX's form. Equal calls give equal bytes: nothing is written that was not asked for. One
 * thread.
 */
public final class TarWriter {
    private static final int NAME_MAX = 100;
    private static final long OCTAL_7_MAX = 07777777L;
    private static final long OCTAL_11_MAX = 077777777777L;

    private final OutputStream out;

    /** Writes to a stream, which stays open. */
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Writes an entry, and its content.
     *
     * @param content as many bytes as the entry's size says; more are not read
     */
    public void write(TarEntry entry, InputStream content) throws IOException {
        header(entry);
        long left = entry.size();
        byte[] buffer = new byte[64 * 1024];
        while (left > 0) {
            int read = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new IOException(entry.shownName() + " is " + left + " bytes shorter than it was");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
        pad(entry.size());
    }

    /** Writes the end. */
    public void finish() throws IOException {
        out.write(new byte[2 * TarHeader.BLOCK]);
    }

    private void header(TarEntry entry) throws IOException {
        Map<String, byte[]> records = new TreeMap<>();
        entry.attributes().forEach((name, value) -> records.put("SCHILY.xattr." + name, value));
        putIf(records, "path", entry.name(), entry.name().length > NAME_MAX);
        putIf(records, "linkpath", entry.linkName(), entry.linkName().length > NAME_MAX);
        putIf(records, "size", decimal(entry.size()), entry.size() > OCTAL_11_MAX);
        putIf(records, "uid", decimal(entry.user()), entry.user() > OCTAL_7_MAX);
        putIf(records, "gid", decimal(entry.group()), entry.group() > OCTAL_7_MAX);
        if (!records.isEmpty()) {
            byte[] extra = records(records);
            byte[] name = "PaxHeaders".getBytes(StandardCharsets.US_ASCII);
            out.write(block(name, 'x', 0644, 0, 0, extra.length, 0, new byte[0], 0, 0));
            out.write(extra);
            pad(extra.length);
        }
        out.write(block(
                entry.name(),
                entry.type(),
                entry.mode(),
                entry.user(),
                entry.group(),
                entry.size(),
                entry.seconds(),
                entry.linkName(),
                entry.major(),
                entry.minor()));
    }

    private static void putIf(Map<String, byte[]> records, String key, byte[] value, boolean needed) {
        if (needed) {
            records.put(key, value);
        }
    }

    private static byte[] decimal(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    /** A record's length counts its own digits. */
    private static byte[] records(Map<String, byte[]> records) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        records.forEach((name, value) -> {
            byte[] key = name.getBytes(StandardCharsets.UTF_8);
            int rest = key.length + value.length + 3;
            int length = rest + Integer.toString(rest).length();
            length = rest + Integer.toString(length).length();
            bytes.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(key);
            bytes.write('=');
            bytes.writeBytes(value);
            bytes.write('\n');
        });
        return bytes.toByteArray();
    }

    private static byte[] block(
            byte[] name,
            char type,
            int mode,
            long user,
            long group,
            long size,
            long seconds,
            byte[] linkName,
            long major,
            long minor) {
        byte[] block = new byte[TarHeader.BLOCK];
        System.arraycopy(name, 0, block, 0, Math.min(name.length, NAME_MAX));
        octal(block, 100, 7, mode);
        octal(block, 108, 7, user > OCTAL_7_MAX ? 0 : user);
        octal(block, 116, 7, group > OCTAL_7_MAX ? 0 : group);
        octal(block, 124, 11, size > OCTAL_11_MAX ? 0 : size);
        octal(block, 136, 11, Math.clamp(seconds, 0, OCTAL_11_MAX));
        block[156] = (byte) type;
        System.arraycopy(linkName, 0, block, 157, Math.min(linkName.length, NAME_MAX));
        byte[] magic = "ustar\00000".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, block, 257, magic.length);
        octal(block, 329, 7, major);
        octal(block, 337, 7, minor);
        for (int i = 148; i < 156; i++) {
            block[i] = ' ';
        }
        long sum = 0;
        for (byte b : block) {
            sum += b & 0xFF;
        }
        octal(block, 148, 6, sum);
        block[154] = 0;
        return block;
    }

    private static void octal(byte[] block, int at, int digits, long number) {
        for (int i = digits - 1; i >= 0; i--) {
            block[at + i] = (byte) ('0' + (number & 7));
            number >>>= 3;
        }
    }

    private void pad(long size) throws IOException {
        out.write(new byte[(int) (-size & (TarHeader.BLOCK - 1))]);
    }
}
