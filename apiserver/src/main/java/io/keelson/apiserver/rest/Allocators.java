package io.keelson.apiserver.rest;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.resource.Allocator;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Reservation;
import io.keelson.apiserver.resource.Resource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who gives out what the objects of a resource hold besides themselves; nobody for most. */
final class Allocators {
    private final Map<GroupResource, Allocator> byResource = new ConcurrentHashMap<>();

    /** Something done to the store. */
    @FunctionalInterface
    interface StoreWrite<T> {
        T run() throws InterruptedException;
    }

    void put(GroupResource resource, Allocator allocator) {
        byResource.put(resource, allocator);
    }

    Allocator of(Resource resource) {
        return byResource.getOrDefault(resource.name(), Allocator.NONE);
    }

    /** Writes; if nobody knows what became of it, what was taken for it stays taken. */
    static <T> T write(Reservation reservation, StoreWrite<T> write) throws InterruptedException {
        try {
            return write.run();
        } catch (ApiException e) {
            if (e.reason() == Reason.TIMEOUT) {
                reservation.keep();
            }
            throw e;
        } catch (InterruptedException e) {
            reservation.keep();
            throw e;
        }
    }
}
