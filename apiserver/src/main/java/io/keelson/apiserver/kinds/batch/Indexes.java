package io.keelson.apiserver.kinds.batch;

import io.keelson.apiserver.object.MalformedException;

/** Numbers of a job's pods as text: {@code 1,3-5,7}. */
final class Indexes {
    private Indexes() {}

    /**
     * How many there are.
     *
     * @param completions how many there may be at most, counted from 0
     * @throws MalformedException if the text is none, or not in order
     */
    static long count(String text, long completions) {
        if (text.isEmpty()) {
            return 0;
        }
        long total = 0;
        long last = -1;
        for (String interval : text.split(",", -1)) {
            String[] limits = interval.split("-", -1);
            if (limits.length > 2) {
                throw new MalformedException("the fragment \"" + interval
                        + "\" violates the requirement that an index interval can have at most two parts separated by"
                        + " '-'");
            }
            long first = index(limits[0], completions);
            long end = limits.length == 1 ? first : index(limits[1], completions);
            if (limits.length == 2 && first >= end) {
                throw order(first, end);
            }
            if (last >= first) {
                throw order(last, first);
            }
            total += end - first + 1;
            last = end;
        }
        return total;
    }

    private static long index(String text, long completions) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new MalformedException("cannot convert string to integer for index: \"" + text + "\"");
        }
        long index = Long.parseLong(text);
        if (index >= completions) {
            throw new MalformedException("too large index: \"" + text + "\"");
        }
        return index;
    }

    private static MalformedException order(long previous, long current) {
        return new MalformedException("non-increasing order, previous: " + previous + ", current: " + current);
    }
}
