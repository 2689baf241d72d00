package io.keelson.apiserver.fairness;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.QueryValues;
import io.keelson.apiserver.request.RequestInfo;

/**
 * Says what a request will cost: a list a seat for every 100 kB that it holds in memory at a time, a write one for every ten
 * watches.
 */
final class WorkEstimator {
    private static final int LIST_SEATS_MAX = 100;
    private static final int WRITE_SEATS_MAX = 10;
    private static final long BYTES_PER_SEAT = 100_000;

    /** What comes out of the cache is there already, and is encoded in parts as it is sent. */
    private static final long CACHED_BYTES_MAX = 1_000_000;

    private static final int WATCHES_PER_SEAT = 10;
    private static final long TELLING_NANOS = 5_000_000;

    /** A single request takes no more than so much of its level. */
    private static final double LEVEL_PART_MAX = 0.15;

    private final ObjectCounts counts;

    WorkEstimator(ObjectCounts counts) {
        this.counts = counts;
    }

    Work of(ApiRequest request, PriorityLevel level) {
        RequestInfo info = request.info();
        if (!info.resourceRequest()) {
            return Work.ONE;
        }
        return switch (info.verb()) {
            case "list", "watch" -> list(request, level);
            case "create", "update", "patch", "delete" -> write(info, level);
            default -> Work.ONE;
        };
    }

    private static int seatsMax(PriorityLevel level, int max) {
        int part = (int) Math.ceil(level.limits().nominal() * LEVEL_PART_MAX);
        return Math.clamp(part, 1, max);
    }

    private Work list(ApiRequest request, PriorityLevel level) {
        RequestInfo info = request.info();
        Query query = request.query();
        int seatsMax = seatsMax(level, LIST_SEATS_MAX);
        long limit;
        try {
            limit = number(query, "limit");
            var _ = number(query, "timeoutSeconds");
        } catch (ApiException e) {
            // It is not served at all, which is for others to say.
            return new Work(seatsMax, 0, 0);
        }
        boolean watch = info.verb().equals("watch");
        if (watch && !beginsWithObjects(query)) {
            return Work.ONE;
        }
        ObjectCounts.Amount stored = counts.amount(info.groupResource());
        if (stored == null) {
            return Work.ONE;
        }
        boolean cached = watch || isCached(query, limit);
        long objects = limit > 0 ? Math.min(limit, stored.objects()) : stored.objects();
        if (!info.name().isEmpty()) {
            objects = 1;
        } else if (!cached && selects(query)) {
            // Pages of objects are read until enough of them fit: some half of all, as a guess.
            objects = Math.max(objects, stored.objects() / 2);
        }
        long bytes = objects * stored.averageBytes();
        if (cached) {
            bytes = Math.min(bytes, CACHED_BYTES_MAX);
        }
        return new Work(Math.clamp((bytes + BYTES_PER_SEAT - 1) / BYTES_PER_SEAT, 1, seatsMax), 0, 0);
    }

    private static long number(Query query, String name) {
        Long value = QueryValues.optionalLong(query, name);
        return value == null ? 0 : value;
    }

    /** Whether a watch is asked to, or comes from nowhere in particular. */
    private static boolean beginsWithObjects(Query query) {
        String version = query.text("resourceVersion");
        return query.flag("sendInitialEvents") || version.isEmpty() || version.equals("0");
    }

    /** Whether a list is one of the present. That one of the past is in memory, too, is found out only by looking. */
    private static boolean isCached(Query query, long limit) {
        String version = query.text("resourceVersion");
        return switch (query.text("resourceVersionMatch")) {
            case "NotOlderThan" -> true;
            case "" -> {
                boolean page = limit > 0 && !version.isEmpty() && !version.equals("0");
                yield query.text("continue").isEmpty() && !page;
            }
            default -> false;
        };
    }

    private static boolean selects(Query query) {
        return !query.text("labelSelector").isEmpty()
                || !query.text("fieldSelector").isEmpty();
    }

    private Work write(RequestInfo info, PriorityLevel level) {
        int watches = counts.watches(info.groupResource(), info.namespace(), info.name());
        if (watches < WATCHES_PER_SEAT) {
            return Work.ONE;
        }
        int wanted = (watches + WATCHES_PER_SEAT - 1) / WATCHES_PER_SEAT;
        int seats = Math.min(wanted, seatsMax(level, WRITE_SEATS_MAX));
        return new Work(1, seats, TELLING_NANOS * wanted / seats);
    }
}
