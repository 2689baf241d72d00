package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.object.LabelSelector.Operator;
import io.keelson.apiserver.object.LabelSelector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Selectors against a model: a requirement is a set of values, and whether it is meant or not. */
class LabelSelectorProperties {
    private static final List<String> KEYS = List.of("a", "b", "in", "x.io/c");
    private static final List<String> VALUES = List.of("", "1", "2", "in", "notin", "z-1");

    /** @param missing whether an object without the key is chosen */
    record Condition(String text, String key, Set<String> values, boolean meant, boolean missing) {
        boolean holds(Map<String, String> labels) {
            String value = labels.get(key);
            return value == null ? missing : values.contains(value) == meant;
        }
    }

    @Provide
    Arbitrary<List<Condition>> conditions() {
        Arbitrary<String> keys = Arbitraries.of(KEYS);
        Arbitrary<Set<String>> sets = Arbitraries.of(VALUES).set().ofMinSize(1).ofMaxSize(4);
        Set<String> all = Set.copyOf(VALUES);
        return Arbitraries.oneOf(
                        Combinators.combine(keys, sets)
                                .as((key, set) -> new Condition(
                                        key + " in (" + String.join(" , ", set) + ")", key, set, true, false)),
                        Combinators.combine(keys, sets)
                                .as((key, set) -> new Condition(
                                        key + " notin (" + String.join(",", set) + ")", key, set, false, true)),
                        Combinators.combine(keys, Arbitraries.of(VALUES))
                                .as((key, value) -> new Condition(key + "=" + value, key, Set.of(value), true, false)),
                        Combinators.combine(keys, Arbitraries.of(VALUES))
                                .as((key, value) ->
                                        new Condition(key + " != " + value, key, Set.of(value), false, true)),
                        keys.map(key -> new Condition(key, key, all, true, false)),
                        keys.map(key -> new Condition("!" + key, key, all, false, true)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<Map<String, String>> labels() {
        return Arbitraries.maps(Arbitraries.of(KEYS), Arbitraries.of(VALUES));
    }

    @Property
    void choosesWhatAllConditionsChoose(
            @ForAll("conditions") List<Condition> conditions, @ForAll("labels") Map<String, String> labels) {
        String text = conditions.stream().map(Condition::text).collect(Collectors.joining(","));
        boolean expected = conditions.stream().allMatch(condition -> condition.holds(labels));
        LabelSelector selector = LabelSelector.parse(text);
        assertEquals(expected, selector.matches(labels), text);
        assertEquals(selector, LabelSelector.parse(selector.toString()));
    }

    @Property
    void nothingButARefusalComesOfNoise(@ForAll("noise") String text) {
        try {
            LabelSelector selector = LabelSelector.parse(text);
            assertEquals(selector, LabelSelector.parse(selector.toString()), text);
            for (Requirement requirement : selector.requirements()) {
                assertEquals(
                        requirement.values().isEmpty(),
                        requirement.operator() == Operator.EXISTS || requirement.operator() == Operator.DOES_NOT_EXIST);
            }
        } catch (MalformedException refused) {
            assertEquals(false, refused.message().isEmpty());
        }
    }

    @Provide
    Arbitrary<String> noise() {
        return Arbitraries.of(
                        "a", "b", "in", "notin", "=", "==", "!", "!=", ",", "(", ")", " ", ">", "<", "1", "/", "\0")
                .list()
                .ofMaxSize(10)
                .map(parts -> String.join("", parts));
    }
}
