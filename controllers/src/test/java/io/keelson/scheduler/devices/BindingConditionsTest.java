package io.keelson.scheduler.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BindingConditionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:30Z");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static BindingConditions.Look look(@Nullable String allocated) {
        ResourceClaim claim = new ResourceClaimBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("c")
                .endMetadata()
                .withNewStatus()
                .withNewAllocation()
                .withAllocationTimestamp(allocated)
                .withNewDevices()
                .addNewResult()
                .withDriver("d")
                .withPool("p")
                .withDevice("gpu")
                .withBindingConditions("attached")
                .endResult()
                .endDevices()
                .endAllocation()
                .endStatus()
                .build();
        return BindingConditions.look(claim, NOW, LIMIT);
    }

    @Test
    void devicesAreWaitedForUntilTheLimitIsOverThatTheProfileSets() {
        assertInstanceOf(BindingConditions.Look.Waiting.class, look("2026-01-01T00:00:00Z"));
        assertEquals(
                new BindingConditions.Look.Failed("claim ns/c binding timeout"),
                look("2025-12-31T23:59:59.999999999Z"));
    }

    @Test
    void aTimeThatMakesNoSenseEndsNoWait() {
        assertInstanceOf(BindingConditions.Look.Waiting.class, look(null));
        assertInstanceOf(BindingConditions.Look.Waiting.class, look("yesterday"));
        assertInstanceOf(BindingConditions.Look.Waiting.class, look("+1000000000-12-31T23:59:59.999999999Z"));
        assertEquals(
                new BindingConditions.Look.Failed("claim ns/c binding timeout"), look("-1000000000-01-01T00:00:00Z"));
    }
}
