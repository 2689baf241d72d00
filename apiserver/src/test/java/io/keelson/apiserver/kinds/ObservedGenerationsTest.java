package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.pod.ObservedGenerations;
import org.junit.jupiter.api.Test;

class ObservedGenerationsTest {
    private static final String TOLD = "{observedGeneration: 3, conditions: [{type: Ready, observedGeneration: 3},"
            + " {type: Ready, observedGeneration: 2}, {type: Initialized, observedGeneration: 1}]}";

    private static ObjectNode kept(String status, String before) {
        ObjectNode now = Kind.read(status);
        ObservedGenerations.keep(now, Kind.read(before));
        return now;
    }

    @Test
    void whatIsLeftOutStaysAsItWas() {
        ObjectNode status = kept("{conditions: [{type: Ready}, {type: Ready}, {type: Ready}, {type: Other}]}", TOLD);
        assertEquals(3, status.path("observedGeneration").asLong());
        JsonNode conditions = status.path("conditions");
        assertEquals(3, conditions.path(0).path("observedGeneration").asLong());
        assertEquals(2, conditions.path(1).path("observedGeneration").asLong());
        assertEquals(false, conditions.path(2).has("observedGeneration"));
        assertEquals(false, conditions.path(3).has("observedGeneration"));
    }

    @Test
    void whatIsToldCounts() {
        String told = "{observedGeneration: 4, conditions: [{type: Ready, observedGeneration: 4}]}";
        assertEquals(Kind.read(told), kept(told, TOLD));
    }

    @Test
    void aStatusThatWasNeverToldOfGenerationsSaysNothingOfThem() {
        String status = "{conditions: [{type: Ready}]}";
        assertEquals(Kind.read(status), kept(status, status));
    }

    @Test
    void podsAreAskedSo() {
        String pod = "{metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}";
        ObjectNode changed = Kind.of("pods").statusChanged(pod, now -> {}, object -> {});
        assertEquals(false, changed.path("status").has("observedGeneration"));
        ObjectNode kept = Kind.of("pods")
                .statusChanged(
                        pod,
                        old -> old.withObject("/status").put("observedGeneration", 2),
                        now -> now.withObject("/status").remove("observedGeneration"));
        assertEquals(2, kept.path("status").path("observedGeneration").asLong());
    }
}
