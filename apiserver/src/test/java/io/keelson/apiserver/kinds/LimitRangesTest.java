package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitRangesTest {
    private static final Kind RANGES = Kind.of("limitranges");

    private static String range(String limits) {
        return "{metadata: {name: a}, spec: {limits: [" + limits + "]}}";
    }

    @Test
    void areWrittenLikeThis() {
        Strategy strategy = RANGES.resource().strategy();
        assertFalse(strategy.countsGenerations());
        assertTrue(strategy.updatesUnconditionally());
        assertTrue(strategy.createsOnUpdate());
    }

    @Test
    void getANameIfTheyHaveNone() {
        String one = ObjectMeta.name(RANGES.created("{spec: {limits: []}}"));
        assertEquals(36, one.length(), one);
        assertNotEquals(one, ObjectMeta.name(RANGES.created("{spec: {limits: []}}")));
        assertEquals("a", ObjectMeta.name(RANGES.created(range(""))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {type: Container, max: {cpu: 2}} | {"type":"Container","max":{"cpu":"2"},"default":{"cpu":"2"},\
"defaultRequest":{"cpu":"2"}}
            {type: Container, default: {cpu: 2000m}} | {"type":"Container","default":{"cpu":"2"},"defaultRequest":{"cpu":"2"}}
            {type: Container, min: {cpu: 1}} | {"type":"Container","min":{"cpu":"1"},"defaultRequest":{"cpu":"1"}}
            {type: Container, min: {cpu: 1}, max: {cpu: 3}, default: {cpu: 2}} | {"type":"Container","min":{"cpu":"1"},\
"max":{"cpu":"3"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"2"}}
            {type: Container, defaultRequest: {cpu: 1}, max: {memory: 1Gi}} | {"type":"Container","defaultRequest":\
{"cpu":"1","memory":"1Gi"},"max":{"memory":"1Gi"},"default":{"memory":"1Gi"}}
            {type: Container} | {"type":"Container"}
            {type: Pod, max: {cpu: 2}} | {"type":"Pod","max":{"cpu":"2"}}
            {type: PersistentVolumeClaim, max: {storage: 1024Mi}} | {"type":"PersistentVolumeClaim","max":{"storage":"1Gi"}}
            """)
    void containersGetDefaultsOutOfLimits(String limit, String filledIn) {
        assertEquals(Json.parse(filledIn), RANGES.defaulted(range(limit)).at("/spec/limits/0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{type: Pod, max: {cpu: 2, memory: 1Gi, example.com/gpu: 1}, min: {cpu: 1}, maxLimitRequestRatio: {cpu: 2}}",
                "{type: Container, default: {cpu: 2}, defaultRequest: {cpu: 1}, min: {cpu: 500m}, max: {cpu: 2}}",
                "{type: Container, max: {hugepages-2Mi: 4Mi}}",
                "{type: PersistentVolumeClaim, min: {storage: 1Gi}}, {type: Pod, min: {cpu: 0}, max: {cpu: 0}}",
                "{type: example.com/room, max: {storage: 1Gi}}",
            })
    void mayBeSet(String limits) {
        assertEquals(List.of(), RANGES.errorsOf(range(limits)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {} | type: Invalid value: "": name part must be non-empty ; type: Invalid value: "": <name part>
            {type: a b} | type: Invalid value: "a b": <name part>
            {type: Room} | type: Invalid value: "Room": must be a standard limit type or fully qualified
            {type: Pod, default: {cpu: 1}, defaultRequest: {cpu: 1}} | default: Forbidden: may not be specified when `type` \
is 'Pod' ; defaultRequest: Forbidden: may not be specified when `type` is 'Pod'
            {type: Pod, max: {storage: 1Gi}} | max[storage]: Invalid value: "storage": must be a standard resource for \
containers
            {type: Pod, min: {a b: 1}} | min[a b]: Invalid value: "a b": <name part>
            {type: Pod, maxLimitRequestRatio: {room: 2}} | maxLimitRequestRatio[room]: Invalid value: "room": must be a \
standard resource type or fully qualified ; maxLimitRequestRatio[room]: Invalid value: "room": must be a standard resource \
for containers
            {type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {room: 1}} | max[room]: Invalid value: "room": must be a \
standard resource type or fully qualified
            {type: PersistentVolumeClaim, max: {cpu: 1}} | limits: Required value: either minimum or maximum storage value is \
required, but neither was provided
            {type: Pod, min: {cpu: 2}, max: {cpu: 1}} | min[cpu]: Invalid value: "2": min value 2 is greater than max value 1
            {type: Container, min: {cpu: 2}, default: {cpu: 3}, defaultRequest: {cpu: 1}} | defaultRequest[cpu]: Invalid \
value: "1": min value 2 is greater than default request value 1
            {type: Container, max: {cpu: 1}, default: {cpu: 1}, defaultRequest: {cpu: 2}} | defaultRequest[cpu]: Invalid \
value: "2": default request value 2 is greater than max value 1 ; defaultRequest[cpu]: Invalid value: "2": default request \
value 2 is greater than default limit value 1
            {type: Container, default: {cpu: 1}, defaultRequest: {cpu: 2}} | defaultRequest[cpu]: Invalid value: "2": default \
request value 2 is greater than default limit value 1
            {type: Container, min: {cpu: 2}, default: {cpu: 1}, defaultRequest: {cpu: 2}} | defaultRequest[cpu]: Invalid \
value: "2": default request value 2 is greater than default limit value 1 ; default[cpu]: Invalid value: "2": min value 2 is \
greater than default value 1
            {type: Container, default: {cpu: 2}, defaultRequest: {cpu: 1}, max: {cpu: 1}} | default[cpu]: Invalid value: "1": \
default value 2 is greater than max value 1
            {type: Pod, maxLimitRequestRatio: {cpu: 500m}} | maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is \
less than 1
            {type: Pod, min: {cpu: 500m}, max: {cpu: 1}, maxLimitRequestRatio: {cpu: 3}} | maxLimitRequestRatio[cpu]: Invalid \
value: "3": ratio 3 is greater than max/min = 2.000000
            {type: Container, default: {example.com/gpu: 2}, defaultRequest: {example.com/gpu: 1}} | \
defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu
            """)
    void sayWhatIsWrongWithThem(String limit, String errors) {
        String[] expected =
                errors.replace("<name part>", Names.qualifiedName("").getLast()).split(" ; ", -1);
        assertEquals(
                List.of(expected).stream()
                        .map(error -> "spec.limits[0]." + error)
                        .toList(),
                RANGES.errorsOf(range(limit)));
    }

    @Test
    void thereIsOneLimitOfAType() {
        assertEquals(
                List.of("spec.limits[1].type: Duplicate value: \"Pod\""),
                RANGES.errorsOf(range("{type: Pod}, {type: Pod}")));
    }

    @Test
    void mayBecomeOthers() {
        assertEquals(
                List.of(),
                RANGES.errorsOfChange(range("{type: Pod, max: {cpu: 2}}"), range("{type: Container, max: {cpu: 1}}")));
        assertEquals(
                List.of("spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1"),
                RANGES.errorsOfChange(range(""), range("{type: Pod, min: {cpu: 2}, max: {cpu: 1}}")));
    }
}
