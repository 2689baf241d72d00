package io.keelson.apiserver.fairness;

/**
 * How many seats a level has had use for lately: those that were taken, and those that were waited for. Sampled; one thread,
 * but for {@link #peak}.
 */
final class SeatDemand {
    /** How much of the past stays in the smoothed demand from one period of ten seconds to the next: half of it for 5 min. */
    private static final double MEMORY = 0.977;

    private volatile int peak;
    private long samples;
    private double sum;
    private double squares;
    private double smoothed;
    private double average;
    private double deviation;
    private int highest;

    /** What is wanted at the moment. Any thread; a smaller number may win over a larger one at the same time, for once. */
    void peak(int seats) {
        if (seats > peak) {
            peak = seats;
        }
    }

    void sample(int seats) {
        samples++;
        sum += seats;
        squares += (double) seats * seats;
        peak(seats);
    }

    /** Ends a period. */
    void endPeriod() {
        average = samples == 0 ? 0 : sum / samples;
        deviation = samples == 0 ? 0 : Math.sqrt(Math.max(0, squares / samples - average * average));
        double envelope = average + deviation;
        // Up at once, down slowly.
        smoothed = Math.max(envelope, MEMORY * smoothed + (1 - MEMORY) * envelope);
        highest = peak;
        peak = 0;
        samples = 0;
        sum = 0;
        squares = 0;
    }

    /** The most that was wanted in the last period. */
    int highest() {
        return highest;
    }

    /** What was wanted on average in the last period. */
    double average() {
        return average;
    }

    /** By how much that varied. */
    double deviation() {
        return deviation;
    }

    /** What is wanted usually, over many periods. */
    double smoothed() {
        return smoothed;
    }
}
