package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSetTest {
    @Test
    void isWrittenAsTheKernelDoes() {
        assertEquals("0-3,7", CpuSet.of(List.of(7, 3, 1, 0, 2)).toString());
        assertEquals("", CpuSet.NONE.toString());
        assertEquals(List.of(1, 4, 5), CpuSet.parse("4-5,1").numbers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "-", "1-", "-1", "3-1", "1,,2", "1.3", "999999", "65536", "1-2-3", " 1", "\u0661"})
    void whatIsNoListIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> CpuSet.parse(text));
    }

    @Property(tries = 300)
    void behavesAsAnyOtherSet(
            @ForAll Set<@IntRange(max = 70) Integer> one, @ForAll Set<@IntRange(max = 70) Integer> other) {
        CpuSet first = CpuSet.of(one);
        CpuSet second = CpuSet.of(other);
        assertEquals(List.copyOf(new TreeSet<>(one)), first.numbers());
        assertEquals(first, CpuSet.parse(first.toString()));
        Set<Integer> expected = new TreeSet<>(one);
        expected.addAll(other);
        assertEquals(CpuSet.of(expected), first.plus(second));
        expected.removeAll(other);
        assertEquals(CpuSet.of(expected), first.minus(second));
        assertEquals(
                first.size(), first.minus(second).size() + first.common(second).size());
        assertEquals(one.containsAll(other), first.hasAll(second));
        assertTrue(first.plus(second).hasAll(first));
    }
}
