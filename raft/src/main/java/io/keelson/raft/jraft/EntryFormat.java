package io.keelson.raft.jraft;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a log entry and of a parcel.
 *
 * <pre>
 *   entry    format version (1)  cluster time in ms (8)  number of parcels (4)  parcels
 *   parcel   origin member (8)  sequence (8)  number of commands (4)  commands
 *   command  length (4)  bytes
 * </pre>
 *
 * All numbers are big-endian. An entry without parcels is a mark: it moves cluster time and shows that a term is alive.
 */
final class EntryFormat {
    static final int ENTRY_HEADER_BYTES = 1 + 8 + 4;
    static final int PARCEL_HEADER_BYTES = 8 + 8 + 4;
    static final int COMMAND_HEADER_BYTES = 4;

    private static final byte VERSION = 1;

    private EntryFormat() {}

    /** Takes the pieces of an entry, in order. */
    interface Visitor {
        /** Begins a parcel of so many commands. */
        void parcel(long origin, long sequence, int commands);

        /** A command of that parcel: where it stands in the entry's array. */
        void command(byte[] array, int offset, int length);
    }

    static int parcelBytes(Proposal[] proposals) {
        int bytes = PARCEL_HEADER_BYTES;
        for (Proposal proposal : proposals) {
            bytes += COMMAND_HEADER_BYTES + proposal.command().length;
        }
        return bytes;
    }

    static void writeParcel(ByteBuffer out, long origin, Parcel parcel) {
        out.putLong(origin).putLong(parcel.sequence()).putInt(parcel.proposals().length);
        for (Proposal proposal : parcel.proposals()) {
            out.putInt(proposal.command().length).put(proposal.command());
        }
    }

    static byte[] entry(
            long clusterTimeMs, long origin, @Nullable Parcel own, List<ForwardedParcel> forwarded, int bytes) {
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.put(VERSION).putLong(clusterTimeMs).putInt(forwarded.size() + (own == null ? 0 : 1));
        if (own != null) {
            writeParcel(out, origin, own);
        }
        for (ForwardedParcel parcel : forwarded) {
            out.put(parcel.body().asReadOnlyByteBuffer());
        }
        return out.array();
    }

    /**
     * The cluster time of an entry, of which nothing else is read.
     *
     * @throws IllegalArgumentException if it is not one
     */
    static long clusterTimeMs(ByteBuffer entry) {
        try {
            return head(entry);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a log entry is cut short", e);
        }
    }

    private static long head(ByteBuffer entry) {
        byte version = entry.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("log entry of format " + version + ", this program knows " + VERSION);
        }
        return entry.getLong();
    }

    /**
     * Reads an entry.
     *
     * @return its cluster time
     * @throws IllegalArgumentException if it is not one; then no part of it may be used
     */
    static long read(ByteBuffer entry, Visitor visitor) {
        try {
            long clusterTimeMs = head(entry);
            int parcels = entry.getInt();
            for (int i = 0; i < parcels; i++) {
                readParcel(entry, visitor);
            }
            if (entry.hasRemaining()) {
                throw new IllegalArgumentException(entry.remaining() + " bytes too many in a log entry");
            }
            return clusterTimeMs;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a log entry is cut short", e);
        }
    }

    private static void readParcel(ByteBuffer in, Visitor visitor) {
        long origin = in.getLong();
        long sequence = in.getLong();
        int commands = in.getInt();
        if (commands < 0 || commands > in.remaining() / COMMAND_HEADER_BYTES) {
            throw new IllegalArgumentException("a parcel claims " + commands + " commands");
        }
        visitor.parcel(origin, sequence, commands);
        for (int i = 0; i < commands; i++) {
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new IllegalArgumentException("a command claims " + length + " bytes");
            }
            visitor.command(in.array(), in.arrayOffset() + in.position(), length);
            in.position(in.position() + length);
        }
    }

    /**
     * Checks a parcel that came from another member, so that nothing malformed gets into the log.
     *
     * @return the number of its commands
     * @throws IllegalArgumentException if it is malformed, or not of that member
     */
    static int check(ByteBuffer parcel, long from) {
        try {
            long origin = parcel.getLong();
            if (origin != from) {
                throw new IllegalArgumentException("a parcel names another member as its origin");
            }
            parcel.getLong();
            int commands = parcel.getInt();
            for (int i = 0; i < commands; i++) {
                int length = parcel.getInt();
                if (length < 0 || length > parcel.remaining()) {
                    throw new IllegalArgumentException("a command claims " + length + " bytes");
                }
                parcel.position(parcel.position() + length);
            }
            if (parcel.hasRemaining() || commands <= 0) {
                throw new IllegalArgumentException("a parcel claims " + commands + " commands");
            }
            return commands;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a parcel is cut short", e);
        }
    }
}
