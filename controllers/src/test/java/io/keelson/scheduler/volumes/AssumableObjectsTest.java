package io.keelson.scheduler.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AssumableObjectsTest {
    private static final Key KEY = new Key("", "it");

    private final List<String> changes = new ArrayList<>();
    private final AssumableObjects<ConfigMap> objects =
            new AssumableObjects<>((before, now) -> changes.add(content(before) + " " + content(now)));

    private static String content(@Nullable ConfigMap object) {
        return object == null ? "none" : String.valueOf(object.getData().get("content"));
    }

    private static ConfigMap object(String uid, String version, String content) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("it")
                .withUid(uid)
                .withResourceVersion(version)
                .endMetadata()
                .withData(Map.of("content", content))
                .build();
    }

    private boolean tell(ConfigMap object) {
        return objects.tell(new Change<>(null, object));
    }

    private String now() {
        return content(objects.get(KEY));
    }

    @Test
    void whatIsToldLateOrTwiceChangesNothing() {
        assertTrue(tell(object("1", "9", "a")));
        assertTrue(tell(object("1", "10", "b")));
        assertFalse(tell(object("1", "10", "b")));
        assertFalse(tell(object("1", "9", "a")));
        assertEquals(List.of("none a", "a b"), changes);
        assertEquals("b", now());
    }

    @Test
    void whatIsAssumedLastsUntilTheApiTellsSomethingNewer() {
        tell(object("1", "5", "free"));
        objects.assume(object("1", "5", "taken"), "holder");
        assertEquals("taken", now());
        assertFalse(tell(object("1", "4", "former")));
        assertEquals("taken", now());
        assertEquals("free", content(objects.told(KEY)));
        assertTrue(tell(object("1", "6", "written")));
        assertEquals("written", now());
        assertFalse(objects.leave(KEY, "holder"));
        assertEquals("written", now());
    }

    @Test
    void whatTwoAssumeLastsUntilBothLeave() {
        tell(object("1", "5", "free"));
        objects.assume(object("1", "5", "taken"), "one");
        objects.assume(Objects.requireNonNull(objects.get(KEY)), "other");
        assertFalse(objects.leave(KEY, "one"));
        assertFalse(objects.leave(KEY, "one"));
        assertFalse(objects.leave(KEY, "a stranger"));
        assertEquals("taken", now());
        assertTrue(objects.leave(KEY, "other"));
        assertEquals("free", now());
        assertEquals(List.of("none free", "free taken", "taken free"), changes);
    }

    @Test
    void whatIsGoneIsGoneThoughItWasAssumedAndAFormerOneOfTheNameIsNotIt() {
        tell(object("1", "5", "first"));
        objects.assume(object("1", "5", "taken"), "holder");
        assertTrue(objects.tell(new Change<>(object("1", "5", "first"), null)));
        assertNull(objects.get(KEY));
        tell(object("2", "8", "second"));
        assertFalse(objects.tell(new Change<>(object("1", "5", "first"), null)));
        assertEquals("second", now());
    }

    @Test
    void versionsThatAreNoNumbersAreBelievedAsTheyCome() {
        assertTrue(tell(object("1", "x", "a")));
        assertFalse(tell(object("1", "x", "a")));
        assertTrue(tell(object("1", "-3", "b")));
        assertTrue(tell(object("1", "99999999999999999999999", "c")));
        assertFalse(tell(object("1", "100", "d")));
        assertEquals("c", now());
    }
}
