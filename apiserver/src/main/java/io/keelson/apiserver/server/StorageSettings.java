package io.keelson.apiserver.server;

import io.keelson.apiserver.request.MediaType;
import java.time.Duration;
import java.util.List;

/**
 * How objects are put into the store.
 *
 * @param storedAs the form in which they are written: JSON, or protobuf for kinds that have such a form
 * @param leaseReuse for how long at most a lease of the store is given to more objects that are to go by themselves, which
 *     live longer by up to this
 * @param overrides which resources are in other stores
 * @param deletionWorkers how many objects of a collection are deleted at a time; less than 1 counts as 1
 */
public record StorageSettings(
        MediaType storedAs, Duration leaseReuse, List<StoreOverride> overrides, int deletionWorkers) {
    public static final StorageSettings DEFAULT =
            new StorageSettings(MediaType.JSON, Duration.ofMinutes(1), List.of(), 1);

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public StorageSettings {
        overrides = List.copyOf(overrides);
        if (leaseReuse.isNegative()) {
            throw new IllegalArgumentException("--lease-reuse-duration-seconds can not be negative value");
        }
    }
}
