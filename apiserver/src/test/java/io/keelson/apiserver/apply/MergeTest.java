package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.BuiltInSchemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order of merged lists. */
class MergeTest {
    private static final MergeType POD = MergeType.ofKind(BuiltInSchemas.get("io.k8s.api.core.v1.Pod"));

    private static TypedObject pod(List<String> finalizers) {
        ObjectNode object = Json.object();
        ArrayNode list = object.putObject("metadata").putArray("finalizers");
        finalizers.forEach(list::add);
        return TypedObject.of(object, POD, "v1", TypedObject.Duplicates.TOLERATED);
    }

    private static List<String> merged(List<String> live, List<String> applied) {
        List<String> merged = new ArrayList<>();
        Merge.of(pod(live), pod(applied)).at("/metadata/finalizers").forEach(value -> merged.add(value.asText()));
        return merged;
    }

    private static List<String> letters(String text) {
        return text.chars().mapToObj(letter -> String.valueOf((char) letter)).collect(Collectors.toList());
    }

    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource({
        "abc,abc,abc",
        "abc,b,abc",
        "abc,cba,cba",
        "abcd,dxb,acdxb",
        "ab,ax,abx",
        "ab,xa,xab",
        "ac,abc,abc",
        "abc,xcy,abxcy",
        "aab,a,ab",
        "aab,b,aab",
        "aab,c,aabc",
    })
    void followsTheAppliedOrder(String live, String applied, String expected) {
        assertEquals(letters(expected), merged(letters(live), letters(applied)));
    }

    @Provide
    Arbitrary<List<String>> lists() {
        return Arbitraries.of("a", "b", "c", "d", "e", "f", "g")
                .list()
                .uniqueElements()
                .ofMinSize(1);
    }

    @Property
    void keepsTheAppliedOrderAndEverything(@ForAll("lists") List<String> live, @ForAll("lists") List<String> applied) {
        List<String> merged = merged(live, applied);
        assertEquals(applied, merged.stream().filter(applied::contains).toList());
        List<String> others =
                live.stream().filter(value -> !applied.contains(value)).toList();
        assertEquals(others, merged.stream().filter(others::contains).toList());
        assertEquals(Set.copyOf(merged).size(), merged.size());
    }
}
