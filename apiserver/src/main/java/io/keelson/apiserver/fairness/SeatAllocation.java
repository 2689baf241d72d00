package io.keelson.apiserver.fairness;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Divides all seats up anew, by what levels have had use for. A level keeps what it had use for, up to its share; what is
 * left goes to levels in relation to what they usually want, each within what it may lend and borrow.
 */
final class SeatAllocation {
    /** So that a level that wants nothing still has a part in what is left. */
    private static final double TARGET_MIN = 0.001;

    private static final int BISECTIONS = 64;

    private SeatAllocation() {}

    /**
     * A level and its use for seats.
     *
     * @param highest the most it had use for at any time in the last period
     * @param smoothed what it usually has use for
     */
    record Level(String name, boolean exempt, SeatLimits limits, int highest, double smoothed) {
        /** What it is to have, if there is enough. */
        double target() {
            return Math.max(TARGET_MIN, exempt ? needed() : Math.max(needed(), smoothed));
        }

        /** What nobody may take from it for now. */
        int needed() {
            return exempt
                    ? Math.max(limits.min(), highest)
                    : Math.max(limits.min(), Math.min(limits.nominal(), highest));
        }
    }

    /**
     * What came of it.
     *
     * @param seats by the names of levels
     * @param fairFraction of their targets that all levels get that can use it; 0 if there was not enough for that
     */
    record Division(Map<String, Integer> seats, double fairFraction) {}

    /** Exempt levels get what they had use for: nobody can hold them to anything else. */
    static Division of(List<Level> levels) {
        double fraction = 0;
        Map<String, Integer> seats = new HashMap<>();
        List<Level> limited = new ArrayList<>();
        int left = 0;
        int minima = 0;
        int needed = 0;
        for (Level level : levels) {
            left += level.limits().nominal();
            if (level.exempt()) {
                seats.put(level.name(), level.needed());
                left -= level.needed();
            } else {
                limited.add(level);
                minima += level.limits().min();
                needed += level.needed();
            }
        }
        if (left <= minima) {
            limited.forEach(level -> seats.put(level.name(), level.limits().min()));
        } else if (left <= needed) {
            double part = (double) (left - minima) / (needed - minima);
            for (Level level : limited) {
                int min = level.limits().min();
                seats.put(level.name(), min + (int) Math.round((level.needed() - min) * part));
            }
        } else {
            double factor = factor(limited, left);
            limited.forEach(level -> seats.put(level.name(), (int) Math.round(fair(level, factor))));
            fraction = factor;
        }
        return new Division(seats, fraction);
    }

    /** What all levels' usual use has to be multiplied with so that it is just what there is. */
    private static double factor(List<Level> levels, int seats) {
        double high = 1;
        for (Level level : levels) {
            high = Math.max(high, level.limits().max() / level.target());
        }
        double low = 0;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            double sum =
                    levels.stream().mapToDouble(level -> fair(level, middle)).sum();
            if (sum > seats) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return low;
    }

    private static double fair(Level level, double factor) {
        int max = Math.max(level.needed(), level.limits().max());
        return Math.clamp(factor * level.target(), level.needed(), max);
    }
}
