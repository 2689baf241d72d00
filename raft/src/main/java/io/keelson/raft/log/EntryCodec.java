package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of an entry's record: what flags say is there, in this order, then the data up to the end.
 *
 * <ul>
 *   <li>{@link #HAS_CHECKSUM}: sofa-jraft's own checksum of the entry, 8 bytes
 *   <li>{@link #HAS_MEMBERS}: the {@link ConfigurationPointer} to the configuration before (sequence 8, offset 4, index
 *       8), then for each of the four lists that has a flag: count 2, and per peer host length 2, host, port 4, index 4,
 *       priority 4
 * </ul>
 *
 * <p>A list that is empty is read back as null, as sofa-jraft's own codec does and its replicator expects.
 */
final class EntryCodec {
    static final int HAS_CHECKSUM = 1;
    static final int HAS_MEMBERS = 2;
    private static final int HAS_PEERS = 4;
    private static final int HAS_OLD_PEERS = 8;
    private static final int HAS_LEARNERS = 16;
    private static final int HAS_OLD_LEARNERS = 32;

    private static final byte[] NOTHING = new byte[0];

    private EntryCodec() {}

    /** What goes before the data. */
    record Preamble(int flags, byte[] bytes) {
        static final Preamble EMPTY = new Preamble(0, NOTHING);
    }

    static boolean isConfiguration(LogEntry entry) {
        return entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION;
    }

    static boolean isConfiguration(RecordFormat.Header header) {
        return header.kind() == EntryType.ENTRY_TYPE_CONFIGURATION_VALUE;
    }

    /** @param before the newest configuration entry before this one */
    static Preamble preamble(LogEntry entry, ConfigurationPointer before) {
        int flags = (entry.hasChecksum() ? HAS_CHECKSUM : 0)
                | (isPresent(entry.getPeers()) ? HAS_PEERS : 0)
                | (isPresent(entry.getOldPeers()) ? HAS_OLD_PEERS : 0)
                | (isPresent(entry.getLearners()) ? HAS_LEARNERS : 0)
                | (isPresent(entry.getOldLearners()) ? HAS_OLD_LEARNERS : 0);
        if (isConfiguration(entry) || flags > HAS_CHECKSUM) {
            flags |= HAS_MEMBERS;
        }
        if (flags == 0) {
            return Preamble.EMPTY;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            if ((flags & HAS_CHECKSUM) != 0) {
                out.writeLong(entry.getChecksum());
            }
            if ((flags & HAS_MEMBERS) != 0) {
                out.writeLong(before.sequence());
                out.writeInt(before.offset());
                out.writeLong(before.index());
                writePeers(out, entry.getPeers());
                writePeers(out, entry.getOldPeers());
                writePeers(out, entry.getLearners());
                writePeers(out, entry.getOldLearners());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the members of entry " + entry.getId() + " cannot be encoded", e);
        }
        return new Preamble(flags, bytes.toByteArray());
    }

    private static boolean isPresent(@Nullable List<PeerId> peers) {
        return peers != null && !peers.isEmpty();
    }

    private static void writePeers(DataOutputStream out, @Nullable List<PeerId> peers) throws IOException {
        if (peers == null || peers.isEmpty()) {
            return;
        }
        if (peers.size() > 0xFFFF) {
            throw new IOException(peers.size() + " peers in one entry");
        }
        out.writeShort(peers.size());
        for (PeerId peer : peers) {
            byte[] host = peer.getIp().getBytes(StandardCharsets.UTF_8);
            if (host.length > 0xFFFF) {
                throw new IOException("a host name of " + host.length + " bytes");
            }
            out.writeShort(host.length);
            out.write(host);
            out.writeInt(peer.getPort());
            out.writeInt(peer.getIdx());
            out.writeInt(peer.getPriority());
        }
    }

    /**
     * Reads an entry back.
     *
     * @param body the record's body, which is copied: the entry outlives the buffer it was read into
     * @throws IOException if the body is not one: it was written by other code
     */
    static LogEntry decode(RecordFormat.Header header, long index, ByteBuffer body) throws IOException {
        EntryType type = EntryType.forNumber(header.kind());
        if (type == null) {
            throw new IOException("unknown kind of entry " + header.kind());
        }
        LogEntry entry = new LogEntry(type);
        entry.setId(new LogId(index, header.term()));
        try {
            body.order(ByteOrder.BIG_ENDIAN);
            int flags = header.flags();
            if ((flags & HAS_CHECKSUM) != 0) {
                entry.setChecksum(body.getLong());
            }
            if ((flags & HAS_MEMBERS) != 0) {
                readPointer(body);
                entry.setPeers(readPeers(body, flags & HAS_PEERS));
                entry.setOldPeers(readPeers(body, flags & HAS_OLD_PEERS));
                entry.setLearners(readPeers(body, flags & HAS_LEARNERS));
                entry.setOldLearners(readPeers(body, flags & HAS_OLD_LEARNERS));
            }
        } catch (BufferUnderflowException e) {
            throw new IOException("the entry's members do not fit its size", e);
        }
        if (body.hasRemaining()) {
            byte[] data = new byte[body.remaining()];
            body.get(data);
            entry.setData(ByteBuffer.wrap(data));
        }
        return entry;
    }

    /** The pointer to the configuration before, of a record that has members. */
    static ConfigurationPointer previousConfiguration(RecordFormat.Header header, ByteBuffer body) throws IOException {
        if ((header.flags() & HAS_MEMBERS) == 0) {
            throw new IOException("a configuration entry without members");
        }
        try {
            body.order(ByteOrder.BIG_ENDIAN);
            if ((header.flags() & HAS_CHECKSUM) != 0) {
                body.getLong();
            }
            return readPointer(body);
        } catch (BufferUnderflowException e) {
            throw new IOException("the entry's members do not fit its size", e);
        }
    }

    private static ConfigurationPointer readPointer(ByteBuffer body) {
        long sequence = body.getLong();
        int offset = body.getInt();
        return new ConfigurationPointer(sequence, offset, body.getLong());
    }

    private static @Nullable List<PeerId> readPeers(ByteBuffer body, int present) {
        if (present == 0) {
            return null;
        }
        int count = Short.toUnsignedInt(body.getShort());
        List<PeerId> peers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] host = new byte[Short.toUnsignedInt(body.getShort())];
            body.get(host);
            peers.add(
                    new PeerId(new String(host, StandardCharsets.UTF_8), body.getInt(), body.getInt(), body.getInt()));
        }
        return peers;
    }
}
