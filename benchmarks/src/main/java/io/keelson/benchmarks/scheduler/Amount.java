package io.keelson.benchmarks.scheduler;

import java.util.Map;

/**
 * How many: a number, or the name of a parameter that each workload sets; times another one perhaps.
 *
 * @param number counts if there is no parameter
 * @param param without the {@code $}; empty for none
 * @param multiplier a parameter to multiply by; empty for none
 */
record Amount(long number, String param, String multiplier) {
    /** More objects than any cluster has; what is more is a mistake. */
    static final long MOST = 2_000_000;

    static Amount of(long number) {
        return new Amount(number, "", "");
    }

    static Amount param(String name) {
        return new Amount(0, name, "");
    }

    /**
     * The number.
     *
     * @throws IllegalArgumentException if a parameter is not set, or it is negative or more than {@link #MOST}
     */
    int in(Map<String, Long> params) {
        long one = param.isEmpty() ? number : value(params, param);
        long all = multiplier.isEmpty() ? one : product(one, value(params, multiplier));
        if (all < 0 || all > MOST) {
            throw new IllegalArgumentException("there can be from 0 to " + MOST + " of something, not " + all
                    + (param.isEmpty() ? "" : " ($" + param + ")"));
        }
        return (int) all;
    }

    private static long product(long one, long other) {
        return one > MOST || other > MOST ? MOST + 1 : one * other;
    }

    private static long value(Map<String, Long> params, String name) {
        Long value = params.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the workload sets no param " + name + ", but " + params.keySet());
        }
        return value;
    }
}
