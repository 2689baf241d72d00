package io.keelson.apiserver.debug;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Answers {@code /debug/store}: the members of each store that objects are in, who leads them, and how far each is. Whoever
 * comes within a second of another one is told the same, so that many who look cost a store no more than one.
 */
public final class StoreHandler implements Handler {
    /** Where it is. */
    public static final String PATH = "/debug/store";

    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final List<StoreMembers> stores;
    private final LongSupplier nanoTime;

    /** Held while stores are asked, which takes bounded time: whoever waits for it wants just what is being asked for. */
    private final ReentrantLock lock = new ReentrantLock();

    private byte[] told = {};
    private long toldAt;

    public StoreHandler(List<StoreMembers> stores, LongSupplier nanoTime) {
        this.stores = List.copyOf(stores);
        this.nanoTime = nanoTime;
    }

    @Override
    public ApiResponse handle(ApiRequest request) throws InterruptedException {
        if (!request.info().path().equals(PATH)) {
            throw ApiException.noSuchResource();
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            throw ApiException.of(
                    Reason.METHOD_NOT_ALLOWED, "the server does not allow this method on the requested resource");
        }
        return ApiResponse.of(200, "application/json", look());
    }

    private byte[] look() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (told.length == 0 || nanoTime.getAsLong() - toldAt >= FRESH_NANOS) {
                ObjectNode all = Json.object();
                ArrayNode list = all.putArray("stores");
                for (StoreMembers store : stores) {
                    list.add(store.look());
                }
                told = Json.encode(all);
                toldAt = nanoTime.getAsLong();
            }
            return told;
        } finally {
            lock.unlock();
        }
    }
}
