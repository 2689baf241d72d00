package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Sets of fields against plain sets of paths. */
class FieldSetProperties {
    private static final List<PathElement> ELEMENTS = List.of(
            new PathElement.Field("a"),
            new PathElement.Field("."),
            new PathElement.Field("b<&>\"é"),
            new PathElement.Value(Json.parse("1")),
            new PathElement.Value(Json.parse("\"x\"")),
            new PathElement.Index(7),
            new PathElement.Key(List.of(new PathElement.KeyField("name", Json.parse("\"n\"")))),
            new PathElement.Key(List.of(
                    new PathElement.KeyField("protocol", Json.parse("\"TCP\"")),
                    new PathElement.KeyField("port", Json.parse("80")))));

    @Provide
    Arbitrary<Set<List<PathElement>>> paths() {
        return Arbitraries.longs().map(seed -> {
            Random random = new Random(seed);
            Set<List<PathElement>> paths = new HashSet<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                List<PathElement> path = new ArrayList<>();
                for (int depth = 1 + random.nextInt(4); depth > 0; depth--) {
                    path.add(ELEMENTS.get(random.nextInt(ELEMENTS.size())));
                }
                paths.add(path);
            }
            return paths;
        });
    }

    private static FieldSet set(Set<List<PathElement>> paths) {
        FieldSet.Builder builder = new FieldSet.Builder();
        paths.forEach(builder::add);
        return builder.build();
    }

    private static Set<List<PathElement>> paths(FieldSet set) {
        return new HashSet<>(set.paths());
    }

    private static boolean isBelow(List<PathElement> path, Set<List<PathElement>> others) {
        return others.stream()
                .anyMatch(other -> path.size() > other.size()
                        && path.subList(0, other.size()).equals(other));
    }

    @Property
    void operationsAreThoseOfSets(
            @ForAll("paths") Set<List<PathElement>> a, @ForAll("paths") Set<List<PathElement>> b) {
        assertEquals(a, paths(set(a)));
        assertEquals(a.size(), set(a).size());
        Set<List<PathElement>> union = new HashSet<>(a);
        union.addAll(b);
        assertEquals(set(union), set(a).union(set(b)));
        Set<List<PathElement>> both = new HashSet<>(a);
        both.retainAll(b);
        assertEquals(set(both), set(a).intersection(set(b)));
        Set<List<PathElement>> rest = new HashSet<>(a);
        rest.removeAll(b);
        assertEquals(set(rest), set(a).difference(set(b)));
        rest.removeIf(path -> isBelow(path, b));
        assertEquals(set(rest), set(a).recursiveDifference(set(b)));
        Set<List<PathElement>> leaves = new HashSet<>(a);
        leaves.removeIf(path -> a.stream().anyMatch(other -> isBelow(other, Set.of(path))));
        assertEquals(set(leaves), set(a).leaves());
        a.forEach(path -> assertEquals(b.contains(path), set(b).contains(path)));
        assertEquals(
                set(a).intersection(set(b)).hashCode(),
                set(b).intersection(set(a)).hashCode());
    }

    @Property
    void whatIsWrittenIsReadAgain(@ForAll("paths") Set<List<PathElement>> paths) {
        byte[] written = Json.encode(FieldsV1.write(set(paths)));
        assertEquals(set(paths), FieldsV1.read(Json.parse(written)));
        assertEquals(
                Json.text(FieldsV1.write(set(paths))), Json.text(FieldsV1.write(FieldsV1.read(Json.parse(written)))));
    }
}
