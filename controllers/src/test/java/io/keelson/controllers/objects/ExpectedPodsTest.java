package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.testing.ManualTime;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExpectedPodsTest {
    private static final Key KEY = new Key("default", "web");

    private final Expectations expectations = new Expectations(new ManualTime(Instant.EPOCH));

    private static Pod pod(String uid, @Nullable String deleted) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web-0")
                .withNamespace("default")
                .withUid(uid)
                .withDeletionTimestamp(deleted)
                .endMetadata()
                .build();
    }

    private void seen(@Nullable Pod before, @Nullable Pod now) {
        ExpectedPods.seen(expectations, new Change<>(before, now), pod -> KEY);
    }

    @Test
    void aNewPodIsWhatWasCreated() {
        expectations.create(KEY, 1);
        seen(pod("a", null), pod("a", null));
        assertFalse(expectations.met(KEY));
        seen(null, pod("b", null));
        assertTrue(expectations.met(KEY));
    }

    @Test
    void aPodThatLeavesIsWhatWasDeleted() {
        expectations.delete(KEY, List.of("a"));
        seen(pod("a", null), pod("a", null));
        assertFalse(expectations.met(KEY));
        seen(pod("a", null), pod("a", "2026-01-01T00:00:00Z"));
        assertTrue(expectations.met(KEY));
        expectations.delete(KEY, List.of("a"));
        seen(pod("a", null), null);
        assertTrue(expectations.met(KEY));
    }

    @Test
    void aPodInThePlaceOfAnotherIsBoth() {
        expectations.delete(KEY, List.of("a"));
        expectations.create(KEY, 1);
        seen(pod("a", null), pod("b", null));
        assertTrue(expectations.met(KEY));
    }

    @Test
    void nothingIsExpectedOfAnOwnerThatAnotherHasTheNameOf() {
        Key name = new Key("default", "web-0");
        expectations.create(name, 1);
        ExpectedPods.ownerSeen(expectations, new Change<>(pod("a", null), pod("a", null)));
        assertFalse(expectations.met(name));
        ExpectedPods.ownerSeen(expectations, new Change<>(pod("a", null), pod("b", null)));
        assertTrue(expectations.met(name));
        expectations.create(name, 1);
        ExpectedPods.ownerSeen(expectations, new Change<>(pod("b", null), null));
        assertTrue(expectations.met(name));
    }

    @Test
    void podsOfOthersDoNotCount() {
        expectations.create(KEY, 1);
        ExpectedPods.seen(expectations, new Change<>(null, pod("a", null)), pod -> null);
        assertFalse(expectations.met(KEY));
    }
}
