package io.keelson.apiserver.fairness;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.RequestInfo;

/** Says what a request will cost: a list a seat for every hundred objects it goes through, a write one for every ten watches. */
final class WorkEstimator {
    private static final int SEATS_MAX = 10;
    private static final int OBJECTS_PER_SEAT = 100;
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
            case "list" -> list(request, level);
            case "watch" -> request.query().text("sendInitialEvents").equals("true") ? list(request, level) : Work.ONE;
            case "create", "update", "patch", "delete" -> write(info, level);
            default -> Work.ONE;
        };
    }

    private static int seatsMax(PriorityLevel level) {
        int part = (int) Math.ceil(level.limits().nominal() * LEVEL_PART_MAX);
        return Math.clamp(part, 1, SEATS_MAX);
    }

    private Work list(ApiRequest request, PriorityLevel level) {
        RequestInfo info = request.info();
        if (!info.name().isEmpty()) {
            return Work.ONE;
        }
        long objects = counts.objects(info.groupResource());
        boolean selects = !request.query().text("labelSelector").isEmpty()
                || !request.query().text("fieldSelector").isEmpty();
        if (!selects) {
            // A page is cut out of what is in memory; what does not fit a selector has to be looked at all the same.
            objects = Math.min(objects, limit(request.query().text("limit")));
        }
        long seats = (objects + OBJECTS_PER_SEAT - 1) / OBJECTS_PER_SEAT;
        return seats <= 1 ? Work.ONE : new Work((int) Math.min(seats, seatsMax(level)), 0, 0);
    }

    /** How many objects are asked for; no number that can be read is no limit. */
    private static long limit(String text) {
        try {
            long limit = text.isEmpty() ? 0 : Long.parseLong(text);
            return limit > 0 ? limit : Long.MAX_VALUE;
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private Work write(RequestInfo info, PriorityLevel level) {
        int watches = counts.watches(info.groupResource(), info.namespace(), info.name());
        if (watches < WATCHES_PER_SEAT) {
            return Work.ONE;
        }
        int wanted = (watches + WATCHES_PER_SEAT - 1) / WATCHES_PER_SEAT;
        int seats = Math.min(wanted, seatsMax(level));
        return new Work(1, seats, TELLING_NANOS * wanted / seats);
    }
}
