package io.keelson.agent.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class DeviceChoiceProperties {
    @Provide
    Arbitrary<Set<String>> ids() {
        return Arbitraries.integers()
                .between(0, 12)
                .map(number -> "d" + number)
                .set()
                .ofMaxSize(10);
    }

    @Property(tries = 300, seed = "7")
    void asManyAreChosenAsAreNeededAndOnlyOfThoseThatCanBeHad(
            @ForAll("ids") Set<String> reusable,
            @ForAll("ids") Set<String> preferred,
            @ForAll("ids") Set<String> free,
            @ForAll @IntRange(max = 12) int needed) {
        Set<String> begun = DeviceChoice.begun(needed, reusable);
        Set<String> chosen = DeviceChoice.completed(begun, needed, preferred, free);
        Set<String> possible = new HashSet<>(free);
        possible.addAll(begun);
        assertTrue(reusable.containsAll(begun));
        assertTrue(possible.containsAll(chosen));
        assertEquals(Math.min(needed, possible.size()), chosen.size());
        Set<String> wished = new HashSet<>(preferred);
        wished.retainAll(free);
        wished.removeAll(begun);
        Set<String> got = new HashSet<>(chosen);
        got.retainAll(wished);
        assertEquals(Math.min(wished.size(), needed - begun.size()), got.size(), "what is preferred comes first");
    }
}
