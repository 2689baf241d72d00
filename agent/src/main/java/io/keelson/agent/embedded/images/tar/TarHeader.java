package io.keelson.agent.embedded.images.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One block of 512 bytes at the beginning of an entry, and the fields in it. */
final class TarHeader {
    static final int BLOCK = 512;
    private static final int SUM_AT = 148;
    private static final int SUM_LENGTH = 8;
    private static final int SPARSE_NUMBER = 12;

    private final byte[] block;

    TarHeader(byte[] block) {
        this.block = block;
    }

    /** What it should sum up to, it does. Some old programs summed bytes with their signs. */
    boolean sumIsRight() throws IOException {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean inSum = i >= SUM_AT && i < SUM_AT + SUM_LENGTH;
            unsigned += inSum ? ' ' : block[i] & 0xFF;
            signed += inSum ? ' ' : block[i];
        }
        long told = number(SUM_AT, SUM_LENGTH, "checksum");
        return told == unsigned || told == signed;
    }

    char type() {
        return block[156] == 0 ? TarEntry.FILE : (char) (block[156] & 0xFF);
    }

    /** With the prefix that POSIX's form has. GNU's has other things there. */
    byte[] name() {
        byte[] name = text(0, 100);
        boolean posix = block[257] == 'u' && block[262] == 0;
        byte[] prefix = posix ? text(345, 155) : new byte[0];
        if (prefix.length == 0) {
            return name;
        }
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] linkName() {
        return text(157, 100);
    }

    int mode() throws IOException {
        return (int) (number(100, 8, "mode") & 07777);
    }

    long user() throws IOException {
        return number(108, 8, "user");
    }

    long group() throws IOException {
        return number(116, 8, "group");
    }

    long size() throws IOException {
        long size = number(124, 12, "size");
        if (size < 0) {
            throw new IOException("the size of an entry is negative");
        }
        return size;
    }

    long seconds() throws IOException {
        return number(136, 12, "time");
    }

    long major() throws IOException {
        return number(329, 8, "device");
    }

    long minor() throws IOException {
        return number(337, 8, "device");
    }

    /** Of GNU's sparse file: how long it really is. */
    long realSize() throws IOException {
        return number(483, SPARSE_NUMBER, "real size");
    }

    /** Of GNU's sparse file: whether a block with more of the map follows. */
    boolean mapGoesOn() {
        return block[482] != 0;
    }

    /** The number that starts at a place. */
    long sparseNumber(int at) throws IOException {
        return number(at, SPARSE_NUMBER, "place in a sparse file");
    }

    private byte[] text(int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, from, end);
    }

    /** Octal digits between blanks; or, with the first bit set, the number itself. */
    private long number(int from, int length, String what) throws IOException {
        if ((block[from] & 0x80) != 0) {
            boolean negative = (block[from] & 0x40) != 0;
            long value = negative ? -1 : 0;
            for (int i = from; i < from + length; i++) {
                int bits = i == from ? (negative ? block[i] | 0x80 : block[i] & 0x7F) & 0xFF : block[i] & 0xFF;
                if (value >>> 55 != (negative ? 0x1FF : 0)) {
                    throw new IOException("the " + what + " of an entry is too large a number");
                }
                value = value << 8 | bits;
            }
            return value;
        }
        String digits = new String(text(from, length), StandardCharsets.ISO_8859_1).trim();
        if (digits.isEmpty()) {
            return 0;
        }
        if (!digits.chars().allMatch(c -> c >= '0' && c <= '7')) {
            throw new IOException("the " + what + " of an entry is no octal number");
        }
        return Long.parseLong(digits, 8);
    }
}
