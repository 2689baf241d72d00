package io.keelson.apiserver.fairness;

/**
 * What a request costs.
 *
 * @param seats while it is being answered
 * @param finalSeats afterwards, while watches are told what it changed
 * @param finalNanos how long that is
 */
record Work(int seats, int finalSeats, long finalNanos) {
    static final Work ONE = new Work(1, 0, 0);

    /** What it takes from beginning to end. */
    int reserved() {
        return Math.max(seats, finalSeats);
    }

    /** Seats times seconds. */
    double seatSeconds(double seconds) {
        return seats * seconds + finalSeats * (finalNanos / 1e9);
    }
}
