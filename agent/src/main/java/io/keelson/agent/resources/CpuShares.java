package io.keelson.agent.resources;

/** How processors are told to the kernel: a share while they are wanted by others, and a quota in any case. */
final class CpuShares {
    /** The least and the most that the kernel takes. */
    static final long SHARES_MIN = 2;

    static final long SHARES_MAX = 262_144;
    private static final long SHARES_PER_PROCESSOR = 1024;
    /** A process that may run for less than a millisecond at a time gets nowhere. */
    private static final long QUOTA_MICROS_MIN = 1000;

    private static final long WEIGHT_MAX = 10_000;

    private CpuShares() {}

    /** The share for thousandths of a processor. */
    static long shares(long milli) {
        if (milli <= 0) {
            return SHARES_MIN;
        }
        // What is more than the kernel takes is so long before the product would overflow.
        return milli > SHARES_MAX * 1000
                ? SHARES_MAX
                : Math.clamp(milli * SHARES_PER_PROCESSOR / 1000, SHARES_MIN, SHARES_MAX);
    }

    /**
     * For how long so many thousandths of a processor may run in each period.
     *
     * @return microseconds; 0 for no limit
     */
    static long quota(long milli, long periodMicros) {
        if (milli <= 0) {
            return 0;
        }
        return milli > Long.MAX_VALUE / periodMicros
                ? Long.MAX_VALUE / 1000
                : Math.max(QUOTA_MICROS_MIN, milli * periodMicros / 1000);
    }

    /**
     * A share as version 2 of cgroups has it, 1 to 10,000. The curve goes through both ends of both scales, and takes
     * the share of one processor, 1024, to the usual weight, 100: as runc 1.3 and crun 1.23 do.
     */
    static long weight(long shares) {
        if (shares <= SHARES_MIN) {
            return 1;
        }
        if (shares >= SHARES_MAX) {
            return WEIGHT_MAX;
        }
        double log = Math.log((double) shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
        return (long) Math.ceil(Math.pow(10, exponent) - 1e-9);
    }

    /** The least share that has this weight. */
    static long ofWeight(long weight) {
        long low = SHARES_MIN;
        long high = SHARES_MAX;
        while (low < high) {
            long middle = (low + high) / 2;
            if (weight(middle) >= weight) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
