package io.keelson.controllers.job;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Numbers from 0 on, as {@code status.completedIndexes} writes them: {@code 1,3-5,7} for 1, 3, 4, 5 and 7. Two numbers
 * that follow each other are written one by one, three and more as a range.
 *
 * @param ranges in ascending order, with a gap between each two
 */
record IndexRanges(List<Range> ranges) {
    static final IndexRanges NONE = new IndexRanges(List.of());

    /** From one number to another, both included. */
    record Range(int first, int last) {
        int size() {
            return last - first + 1;
        }
    }

    /** These numbers and those of others. */
    IndexRanges with(IndexRanges others) {
        List<Range> all = new ArrayList<>(ranges);
        all.addAll(others.ranges);
        all.sort(Comparator.comparingInt(Range::first));
        List<Range> merged = new ArrayList<>();
        for (Range range : all) {
            if (merged.isEmpty() || merged.getLast().last() < range.first() - 1) {
                merged.add(range);
            } else {
                Range before = merged.removeLast();
                merged.add(new Range(before.first(), Math.max(before.last(), range.last())));
            }
        }
        return new IndexRanges(List.copyOf(merged));
    }

    /**
     * Reads what a status says. What is no range, and what is not below the limit, is left out: a Job may have been
     * given fewer completions since it was written.
     */
    static IndexRanges parse(String text, int limit) {
        List<Range> ranges = new ArrayList<>();
        int next = 0;
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = number(dash < 0 ? part : part.substring(0, dash));
            int last = Math.min(dash < 0 ? first : number(part.substring(dash + 1)), limit - 1);
            if (first < next || last < first) {
                continue;
            }
            append(ranges, new Range(first, last));
            next = last + 1;
        }
        return new IndexRanges(List.copyOf(ranges));
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            // Not written by a controller of Jobs, so it says nothing.
            return -1;
        }
    }

    private static void append(List<Range> ranges, Range range) {
        if (!ranges.isEmpty() && ranges.getLast().last() == range.first() - 1) {
            ranges.set(ranges.size() - 1, new Range(ranges.getLast().first(), range.last()));
        } else {
            ranges.add(range);
        }
    }

    /** These numbers and some more. */
    IndexRanges with(Collection<Integer> numbers) {
        return numbers.isEmpty()
                ? this
                : with(new IndexRanges(numbers.stream()
                        .map(number -> new Range(number, number))
                        .toList()));
    }

    /** Whether a number is one of these. */
    boolean has(int number) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = ranges.get(middle);
            if (number < range.first()) {
                high = middle - 1;
            } else if (number > range.last()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /** How many these are. */
    int total() {
        return ranges.stream().mapToInt(Range::size).sum();
    }

    /** How many of these are among others too. */
    int common(IndexRanges others) {
        int common = 0;
        int at = 0;
        for (Range range : ranges) {
            while (at < others.ranges.size() && others.ranges.get(at).last() < range.first()) {
                at++;
            }
            for (int i = at; i < others.ranges.size() && others.ranges.get(i).first() <= range.last(); i++) {
                Range other = others.ranges.get(i);
                common += Math.min(range.last(), other.last()) - Math.max(range.first(), other.first()) + 1;
            }
        }
        return common;
    }

    /** The lowest numbers below a limit that are not among these, at most so many. */
    List<Integer> firstMissing(int count, int limit) {
        List<Integer> missing = new ArrayList<>();
        int number = 0;
        for (Range range : ranges) {
            while (number < range.first() && number < limit && missing.size() < count) {
                missing.add(number++);
            }
            number = range.last() + 1;
        }
        while (number < limit && missing.size() < count) {
            missing.add(number++);
        }
        return missing;
    }

    /** As a status has it; empty for none. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Range range : ranges) {
            if (!text.isEmpty()) {
                text.append(',');
            }
            text.append(range.first());
            if (range.last() > range.first()) {
                text.append(range.size() == 2 ? ',' : '-').append(range.last());
            }
        }
        return text.toString();
    }
}
