package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a snapshot consists of: the index, term and configuration it is for, the cluster time in milliseconds that no entry
 * in it is after, and its files.
 *
 * <p>Format: magic (4 bytes), cluster time (8), length and bytes of jraft's description, number of files (4), for each the
 * length of its name (4), the name in UTF-8 and its size (8), CRC-32C of all that (4). Those of before cluster time was in
 * them have another magic and none; it counts as 0.
 */
record SnapshotManifest(SnapshotMeta meta, long clusterTimeMs, List<Part> parts) {
    private static final int MAGIC = 0x4b53_4e32;
    private static final int MAGIC_WITHOUT_TIME = 0x4b53_4e31;
    private static final int CRC_BYTES = 4;

    /** A file: its name relative to the snapshot's folder, with {@code /}, and its size in bytes. */
    record Part(String name, long size) {}

    long index() {
        return meta.getLastIncludedIndex();
    }

    byte[] encode() {
        byte[] description = meta.toByteArray();
        List<byte[]> names = parts.stream()
                .map(part -> part.name().getBytes(StandardCharsets.UTF_8))
                .toList();
        int bytes = 4 + 8 + 4 + description.length + 4 + CRC_BYTES;
        for (byte[] name : names) {
            bytes += 4 + name.length + 8;
        }
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putInt(MAGIC)
                .putLong(clusterTimeMs)
                .putInt(description.length)
                .put(description)
                .putInt(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            out.putInt(names.get(i).length)
                    .put(names.get(i))
                    .putLong(parts.get(i).size());
        }
        out.putInt(crc(out.array()));
        return out.array();
    }

    /**
     * Reads it back.
     *
     * @param where named in the message of what is thrown
     * @throws IOException if it is damaged
     */
    static SnapshotManifest decode(String where, byte[] bytes) throws IOException {
        if (bytes.length < CRC_BYTES
                || ByteBuffer.wrap(bytes, bytes.length - CRC_BYTES, CRC_BYTES).getInt() != crc(bytes)) {
            throw new IOException(where + ": the list of the snapshot's files is damaged");
        }
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes, 0, bytes.length - CRC_BYTES);
            int magic = in.getInt();
            if (magic != MAGIC && magic != MAGIC_WITHOUT_TIME) {
                throw new IOException(where + ": not a list of a snapshot's files");
            }
            long clusterTimeMs = magic == MAGIC ? in.getLong() : 0;
            SnapshotMeta meta = SnapshotMeta.parseFrom(take(in));
            int count = in.getInt();
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = new String(take(in), StandardCharsets.UTF_8);
                parts.add(new Part(name, in.getLong()));
            }
            return new SnapshotManifest(meta, clusterTimeMs, parts);
        } catch (BufferUnderflowException | InvalidProtocolBufferException e) {
            throw new IOException(where + ": the list of the snapshot's files cannot be read", e);
        }
    }

    private static byte[] take(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CRC_BYTES);
        return (int) crc.getValue();
    }
}
