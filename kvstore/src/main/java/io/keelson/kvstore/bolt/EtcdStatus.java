package io.keelson.kvstore.bolt;

import org.jspecify.annotations.Nullable;

/**
 * What {@code snapshot status} tells about a file; the same numbers as etcdutl's for the same file.
 *
 * @param hash CRC-32C over names of buckets, keys and values
 * @param revision main revision of the last version
 * @param totalKeys entries in all buckets
 * @param totalSizeBytes size up to the last page in use
 * @param version format version, none before etcd 3.6
 */
public record EtcdStatus(
        int hash,
        long revision,
        long totalKeys,
        long totalSizeBytes,
        @Nullable String version) {}
