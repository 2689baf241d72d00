package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Keys of {@link io.keelson.kvstore.storage.Table#HISTORY}: the user key, escaped, then a terminator, then the revision.
 *
 * <p>A zero byte of the user key becomes {@code 00 FF}, the terminator is {@code 00 00}: so escaped keys sort as user keys
 * do, and none is a prefix of another. The revision is stored inverted (main 8 bytes, sub 4 bytes, each {@code ~}), so
 * that the versions of a key lie newest first, and one forward seek finds the newest at or before a revision.
 */
final class HistoryKey {
    static final int REVISION_BYTES = Long.BYTES + Integer.BYTES;
    private static final int TERMINATOR_BYTES = 2;

    private HistoryKey() {}

    static byte[] of(byte[] key, long main, int sub) {
        byte[] bytes = escaped(key, REVISION_BYTES);
        ByteBuffer.wrap(bytes, bytes.length - REVISION_BYTES, REVISION_BYTES)
                .putLong(~main)
                .putInt(~sub);
        return bytes;
    }

    /** Where the versions of {@code key} at or before {@code main} begin, newest first. */
    static byte[] atOrBefore(byte[] key, long main) {
        return of(key, main, Integer.MAX_VALUE);
    }

    /** Before all versions of {@code key} and of keys after it. */
    static byte[] first(byte[] key) {
        return escaped(key, 0);
    }

    /** After all versions of {@code key}, and before those of every key after it. */
    static byte[] after(byte[] key) {
        byte[] bytes = escaped(key, 0);
        bytes[bytes.length - 1] = 1;
        return bytes;
    }

    /** Whether {@code historyKey} belongs to the user key whose {@link #first} is {@code prefix}. */
    static boolean isOf(byte[] historyKey, byte[] prefix) {
        return historyKey.length == prefix.length + REVISION_BYTES
                && Arrays.equals(historyKey, 0, prefix.length, prefix, 0, prefix.length);
    }

    static long main(byte[] historyKey) {
        return ~ByteBuffer.wrap(historyKey).getLong(historyKey.length - REVISION_BYTES);
    }

    static int sub(byte[] historyKey) {
        return ~ByteBuffer.wrap(historyKey).getInt(historyKey.length - Integer.BYTES);
    }

    /** The user key. */
    static byte[] userKey(byte[] historyKey) {
        int end = historyKey.length - REVISION_BYTES - TERMINATOR_BYTES;
        if (end < 0) {
            throw new StorageException(StorageException.Kind.CORRUPT, "a key of the table history is cut short");
        }
        int zeros = 0;
        for (int i = 0; i < end; i++) {
            if (historyKey[i] == 0) {
                zeros++;
            }
        }
        if (zeros == 0) {
            return Arrays.copyOf(historyKey, end);
        }
        byte[] key = new byte[end - zeros];
        int at = 0;
        for (int i = 0; i < end; i++) {
            key[at++] = historyKey[i];
            if (historyKey[i] == 0) {
                i++;
            }
        }
        return key;
    }

    private static byte[] escaped(byte[] key, int room) {
        int zeros = 0;
        for (byte b : key) {
            if (b == 0) {
                zeros++;
            }
        }
        byte[] bytes = new byte[key.length + zeros + TERMINATOR_BYTES + room];
        if (zeros == 0) {
            System.arraycopy(key, 0, bytes, 0, key.length);
            return bytes;
        }
        int at = 0;
        for (byte b : key) {
            bytes[at++] = b;
            if (b == 0) {
                bytes[at++] = (byte) 0xff;
            }
        }
        return bytes;
    }
}
