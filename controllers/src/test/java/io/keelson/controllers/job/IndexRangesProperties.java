package io.keelson.controllers.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class IndexRangesProperties {
    private static Set<Integer> numbers(IndexRanges ranges) {
        Set<Integer> numbers = new TreeSet<>();
        for (IndexRanges.Range range : ranges.ranges()) {
            IntStream.rangeClosed(range.first(), range.last()).forEach(numbers::add);
        }
        return numbers;
    }

    @Property(tries = 300, seed = "1")
    void textAndNumbersAreTheSame(
            @ForAll @Size(max = 40) Set<@IntRange(max = 60) Integer> numbers, @ForAll @IntRange(max = 70) int limit) {
        IndexRanges ranges = IndexRanges.NONE.with(numbers);
        assertEquals(new TreeSet<>(numbers), numbers(ranges));
        assertEquals(numbers.size(), ranges.total());
        IndexRanges read = IndexRanges.parse(ranges.toString(), limit);
        Set<Integer> below = new TreeSet<>(numbers);
        below.removeIf(number -> number >= limit);
        assertEquals(below, numbers(read));
        for (int i = 0; i < 70; i++) {
            assertEquals(numbers.contains(i), ranges.has(i), "has " + i);
        }
    }

    @Property(tries = 300, seed = "2")
    void twoSetsAreJoinedAndCompared(
            @ForAll @Size(max = 30) Set<@IntRange(max = 50) Integer> one,
            @ForAll @Size(max = 30) Set<@IntRange(max = 50) Integer> other) {
        IndexRanges ranges = IndexRanges.NONE.with(one);
        Set<Integer> both = new TreeSet<>(one);
        both.addAll(other);
        assertEquals(both, numbers(ranges.with(other)));
        Set<Integer> common = new HashSet<>(one);
        common.retainAll(other);
        assertEquals(common.size(), ranges.common(IndexRanges.NONE.with(other)));
    }

    @Property(tries = 300, seed = "3")
    void theLowestMissingOnesAreFound(
            @ForAll @Size(max = 30) Set<@IntRange(max = 40) Integer> numbers,
            @ForAll @IntRange(max = 45) int limit,
            @ForAll @IntRange(max = 20) int count) {
        List<Integer> missing = IntStream.range(0, limit)
                .boxed()
                .filter(number -> !numbers.contains(number))
                .limit(count)
                .toList();
        assertEquals(missing, IndexRanges.NONE.with(numbers).firstMissing(count, limit));
    }

    @Example
    void twoThatFollowEachOtherAreWrittenOneByOne() {
        assertEquals("1,3-5,7", IndexRanges.NONE.with(List.of(7, 5, 4, 3, 1)).toString());
        assertEquals("0,1,8,9", IndexRanges.NONE.with(List.of(0, 1, 8, 9)).toString());
        assertEquals("", IndexRanges.NONE.toString());
    }

    @Example
    void whatIsNoRangeSaysNothing() {
        assertEquals("2", IndexRanges.parse("x,2,5-,-7,9-3,4294967296", 100).toString());
        assertEquals("0-99", IndexRanges.parse("0-2147483647", 100).toString());
        assertEquals("", IndexRanges.parse("", 100).toString());
        assertEquals("", IndexRanges.parse("0-5", 0).toString());
    }
}
