package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.testing.ManualTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnWritesTest {
    private static final Key KEY = new Key("shop", "web");

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final OwnWrites writes = new OwnWrites(time);

    private static ConfigMap object(String uid, String version) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withUid(uid)
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }

    @Test
    void aPictureIsOldUntilItShowsTheLastWrite() {
        assertTrue(writes.seen(KEY, List.of()));
        writes.changed(KEY, object("a", "99"));
        writes.changed(KEY, object("a", "100"));
        assertFalse(writes.seen(KEY, List.of(object("a", "99"))));
        assertTrue(writes.seen(new Key("shop", "other"), List.of(object("a", "99"))));
        assertTrue(writes.seen(KEY, List.of(object("a", "100"))));
        assertTrue(writes.seen(KEY, List.of(object("a", "99"))), "what was seen once is forgotten");
    }

    @Test
    void whatIsGoneIsNotWaitedForButWhatWasJustMadeIs() {
        writes.changed(KEY, object("gone", "5"));
        assertTrue(writes.seen(KEY, List.of()));
        writes.created(KEY, object("made", "5"));
        writes.changed(KEY, object("made", "6"));
        assertFalse(writes.seen(KEY, List.of()));
        assertFalse(writes.seen(KEY, List.of(object("made", "5"))));
        assertTrue(writes.seen(KEY, List.of(object("made", "7"))));
    }

    @Test
    void whatNeverComesIsGivenUp() {
        writes.created(KEY, object("made", "5"));
        time.advance(OwnWrites.GIVEN_UP.minusMillis(1));
        assertFalse(writes.seen(KEY, List.of()));
        time.advance(OwnWrites.GIVEN_UP);
        assertTrue(writes.seen(KEY, List.of()));
        writes.created(KEY, object("made", "5"));
        writes.forget(KEY);
        assertTrue(writes.seen(KEY, List.of()));
    }

    @Test
    void aVersionThatIsNoNumberCountsAsSeen() {
        writes.changed(KEY, object("a", "v2"));
        assertTrue(writes.seen(KEY, List.of(object("a", "v1"))));
    }
}
