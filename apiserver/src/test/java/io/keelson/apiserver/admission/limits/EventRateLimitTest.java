package io.keelson.apiserver.admission.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.object.Json;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventRateLimitTest {
    private long now;

    private static JsonNode configuration(String limits) {
        return Json.parse("{\"apiVersion\":\"eventratelimit.admission.k8s.io/v1alpha1\",\"kind\":\"Configuration\","
                + "\"limits\":[" + limits.replace('\'', '"') + "]}");
    }

    private EventRateLimit plugin(String limits) {
        return new EventRateLimit(configuration(limits), () -> now);
    }

    private static TestWrite event(String object) {
        return TestWrite.create(
                "events",
                "{metadata: {name: e}, source: {component: s}, involvedObject: {kind: Pod, name: " + object + "}}");
    }

    @Test
    void soManyAtOnceAndSoManyEachSecond() throws Exception {
        EventRateLimit plugin = plugin("{'type':'Namespace','qps':2,'burst':3}");
        for (int i = 0; i < 3; i++) {
            event("a").through(plugin);
        }
        assertEquals(
                "Too many requests: limit reached on type Namespace for key default",
                event("a").refusedBy(plugin));
        now += TimeUnit.SECONDS.toNanos(1);
        event("a").through(plugin);
        event("a").through(plugin);
        event("a").refusedBy(plugin);
        TestWrite.create("configmaps", "{metadata: {name: c}}").through(plugin);
        TestWrite.dryCreate("events", "{metadata: {name: e}}").through(plugin);
    }

    @Test
    void eachObjectHasItsOwnBucketAsLongAsThereAreFew() throws Exception {
        EventRateLimit plugin = plugin("{'type':'SourceAndObject','qps':1,'burst':1,'cacheSize':2}");
        event("a").through(plugin);
        event("b").through(plugin);
        assertEquals(
                "Too many requests: limit reached on type SourceAndObject for key sPoda",
                event("a").refusedBy(plugin));
        event("c").through(plugin);
        // Forgotten for the third one.
        event("b").through(plugin);
    }

    @Test
    void aConfigurationIsNeededAndChecked() {
        assertThrows(IllegalArgumentException.class, () -> new EventRateLimit(null));
        assertEquals(
                "limits[0].type: Unsupported value: \"Pod\": supported values: \"Namespace\", \"Server\","
                        + " \"SourceAndObject\", \"User\", limits[0].qps: Invalid value: 0: must be positive,"
                        + " limits[0].burst: Invalid value: -1: must be positive",
                assertThrows(IllegalArgumentException.class, () -> plugin("{'type':'Pod','burst':-1}"))
                        .getMessage());
        assertEquals(
                "limits: Invalid value: []: must not be empty",
                assertThrows(IllegalArgumentException.class, () -> plugin("")).getMessage());
    }
}
