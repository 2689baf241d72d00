package io.keelson.kvstore.bolt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The numbers of the file format. Offsets are from the start of a page unless said otherwise. */
final class BoltFormat {
    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    /** Page number (8), flags (2), number of entries (2), number of pages that follow and belong to it (4). */
    static final int PAGE_HEADER_BYTES = 16;

    static final int FLAGS_AT = 8;
    static final int COUNT_AT = 10;
    static final int OVERFLOW_AT = 12;

    /** Leaf: flags, distance to the key, key length, value length. Branch: distance, key length, child page (8). */
    static final int ELEMENT_BYTES = 16;

    static final int FLAG_BRANCH = 0x01;
    static final int FLAG_LEAF = 0x02;
    static final int FLAG_META = 0x04;
    static final int FLAG_FREELIST = 0x10;

    /** In a leaf element: the value is a bucket. */
    static final int ELEMENT_BUCKET = 0x01;

    /** A bucket's value begins with its root page (8), 0 if inline, and its sequence number (8). */
    static final int BUCKET_HEADER_BYTES = 16;

    static final int MAGIC = 0xED0CDAED;
    static final int VERSION = 2;

    static final int MAGIC_AT = 16;
    static final int VERSION_AT = 20;
    static final int PAGE_SIZE_AT = 24;
    static final int META_FLAGS_AT = 28;
    static final int ROOT_AT = 32;
    static final int SEQUENCE_AT = 40;
    static final int FREELIST_AT = 48;
    static final int HIGH_WATER_AT = 56;
    static final int TRANSACTION_AT = 64;
    static final int CHECKSUM_AT = 72;
    static final int META_END = 80;

    /** In place of the free list's page: there is none, what no tree reaches is free. etcd writes its files so. */
    static final long NO_FREELIST = -1L;

    /** The first page that is not a meta page. */
    static final long PAGE_MIN = 2;

    static final int PAGE_SIZE_MIN = 1024;
    static final int PAGE_SIZE_MAX = 1 << 25;
    static final int PAGE_SIZE_DEFAULT = 4096;

    static final int KEY_BYTES_MAX = 32768;

    /** A page cannot count more entries; bbolt refuses to write 65,535 of them. */
    static final int ELEMENTS_MAX = 0xFFFE;

    /** bbolt cuts a branch at the page size; two keys of the largest size are the most that it can hold beyond. */
    static final int BRANCH_BYTES_MAX = PAGE_SIZE_MAX;

    /** The largest leaf that is read, with all its overflow: far above what fits into an etcd request. */
    static final int LEAF_BYTES_MAX = 128 << 20;

    /** The deepest tree that is read. With two children per branch the largest possible file needs less. */
    static final int DEPTH_MAX = 40;

    private BoltFormat() {}

    /** FNV-1a, 64 bits, of the meta fields, which is what protects a meta page. */
    static long metaChecksum(byte[] page) {
        long hash = 0xcbf29ce484222325L;
        for (int i = MAGIC_AT; i < CHECKSUM_AT; i++) {
            hash ^= page[i] & 0xff;
            hash *= 0x100000001b3L;
        }
        return hash;
    }

    static boolean validPageSize(int pageSize) {
        return pageSize >= PAGE_SIZE_MIN && pageSize <= PAGE_SIZE_MAX && Integer.bitCount(pageSize) == 1;
    }
}
