package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedTest {
    @Test
    void equalValuesAreHeldOnceAndKindsWithoutNumberAreNotHeld() {
        Shared<Map<String, String>> shared = new Shared<>();
        Map<String, String> first = shared.of(Map.of("app", "web"));
        assertSame(first, shared.of(Map.of("app", "web")));
        for (int i = 0; i < 20_000; i++) {
            assertEquals(Map.of("app", "n" + i), shared.of(Map.of("app", "n" + i)));
        }
        assertSame(first, shared.of(Map.of("app", "web")), "what is held stays");
        assertNotSame(shared.of(Map.of("app", "n19999")), shared.of(Map.of("app", "n19999")), "there was no room");
    }
}
