package io.keelson.apiserver.protobuf;

import io.keelson.apiserver.object.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads protobuf's wire format out of an array without copying it. Never reads beyond its end, whatever lengths the
 * bytes claim; errors have the texts of the original's parser.
 */
final class WireReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int DELIMITED = 2;
    static final int GROUP = 3;
    static final int GROUP_END = 4;
    static final int FIXED32 = 5;

    private static final int GROUPS_MAX = 100;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int number;
    private int wireType;

    WireReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    WireReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    /**
     * Goes to the next field.
     *
     * @return whether there is one
     */
    boolean next() {
        if (at == end) {
            return false;
        }
        long tag = varint();
        number = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (wireType == GROUP_END) {
            throw new MalformedException("proto: wiretype end group for non-group");
        }
        if (number <= 0) {
            throw new MalformedException("proto: illegal tag " + number + " (wire type " + wireType + ")");
        }
        return true;
    }

    int number() {
        return number;
    }

    int wireType() {
        return wireType;
    }

    /** Refuses the field that {@link #next} found if it is not of this wire type. */
    void require(int expected, String name) {
        if (wireType != expected) {
            throw new MalformedException("proto: wrong wireType = " + wireType + " for field " + name);
        }
    }

    boolean hasMore() {
        return at < end;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) {
                throw endedEarly();
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedException("proto: integer overflow");
    }

    double fixed64() {
        take(Long.BYTES);
        long value = 0;
        for (int i = 1; i <= Long.BYTES; i++) {
            value = value << Byte.SIZE | (bytes[at - i] & 0xff);
        }
        return Double.longBitsToDouble(value);
    }

    /** What the delimited value at hand consists of. */
    WireReader delimited() {
        int length = length();
        take(length);
        return new WireReader(bytes, at - length, at);
    }

    /** The delimited value at hand; ill-formed UTF-8 is repaired. */
    String text() {
        int length = length();
        take(length);
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        int length = length();
        take(length);
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /** All that has not been read. */
    byte[] rest() {
        byte[] rest = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return rest;
    }

    private int length() {
        long length = varint();
        if (length < 0) {
            throw new MalformedException("proto: negative length found during unmarshaling");
        }
        if (length > end - at) {
            throw endedEarly();
        }
        return (int) length;
    }

    private void take(int count) {
        if (count > end - at) {
            throw endedEarly();
        }
        at += count;
    }

    /** Passes over the value at hand. */
    void skip() {
        skip(wireType);
    }

    private void skip(int type) {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> take(Long.BYTES);
            case DELIMITED -> take(length());
            case GROUP -> skipGroup();
            case FIXED32 -> take(Integer.BYTES);
            default -> throw new MalformedException("proto: illegal wireType " + type);
        }
    }

    private void skipGroup() {
        int open = 1;
        while (open > 0) {
            int type = (int) (varint() & 7);
            if (type == GROUP) {
                open++;
            } else if (type == GROUP_END) {
                open--;
            } else {
                skip(type);
            }
            if (open > GROUPS_MAX) {
                throw new MalformedException("proto: groups are nested too deeply");
            }
        }
    }

    private static MalformedException endedEarly() {
        return new MalformedException("unexpected EOF");
    }
}
