package io.keelson.benchmarks.load;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The keys of a workload: {@code /registry/bench/NAME/00000000} and so on, as long as those of a Kubernetes object.
 *
 * @param prefix of all keys
 * @param size how many there are
 */
record KeySpace(String prefix, int size) {
    static KeySpace named(String name, int size) {
        return new KeySpace("/registry/bench/" + name + "/", size);
    }

    ByteString key(int index) {
        return ByteString.copyFrom(prefix + String.format("%08d", index), StandardCharsets.US_ASCII);
    }

    ByteString randomKey() {
        return key(ThreadLocalRandom.current().nextInt(size));
    }

    ByteString start() {
        return ByteString.copyFrom(prefix, StandardCharsets.US_ASCII);
    }

    /** The end of the range of all keys with the prefix. */
    ByteString end() {
        byte[] end = prefix.getBytes(StandardCharsets.US_ASCII);
        end[end.length - 1]++;
        return ByteString.copyFrom(end);
    }

    /** A value that does not compress, so that no store gains by compressing it. */
    static ByteString randomValue(int bytes) {
        byte[] value = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(value);
        return ByteString.copyFrom(value);
    }
}
