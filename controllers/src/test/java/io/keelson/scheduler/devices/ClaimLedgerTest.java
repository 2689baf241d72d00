package io.keelson.scheduler.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResultBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResultBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.keelson.controllers.runtime.Change;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClaimLedgerTest {
    private static final DeviceId DEVICE = new DeviceId("d", "p", "dev");

    private final ClaimLedger ledger = new ClaimLedger();

    private static DeviceRequestAllocationResultBuilder result() {
        return new DeviceRequestAllocationResultBuilder()
                .withDriver("d")
                .withPool("p")
                .withDevice("dev")
                .withRequest("r");
    }

    private static AllocationResult allocation(DeviceRequestAllocationResultBuilder result) {
        return new AllocationResultBuilder()
                .withNewDevices()
                .withResults(result.build())
                .endDevices()
                .build();
    }

    private static ResourceClaim claim(String name, int version, @Nullable AllocationResult allocation) {
        return new ResourceClaimBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName(name)
                .withUid("uid-" + name)
                .withResourceVersion(String.valueOf(version))
                .endMetadata()
                .withNewStatus()
                .withAllocation(allocation)
                .endStatus()
                .build();
    }

    private void told(ResourceClaim claim) {
        boolean _ = ledger.observe(new Change<>(null, claim));
    }

    private boolean isTaken() {
        return ledger.usage().isTaken(DEVICE);
    }

    @Test
    void aDeviceIsInUseFromTheDecisionOnUntilTheClaimLosesIt() {
        ResourceClaim bare = claim("c", 1, null);
        told(bare);
        assertFalse(isTaken());
        ledger.assume(bare, allocation(result()));
        assertTrue(isTaken());
        told(claim("c", 2, null));
        assertTrue(isTaken(), "the finalizer is written first");
        told(claim("c", 3, allocation(result())));
        assertFalse(ledger.isInFlight(bare));
        ledger.settle(bare, "3");
        assertTrue(isTaken());
        told(claim("c", 4, null));
        assertFalse(isTaken());
    }

    @Test
    void whatWasWrittenCountsUntilTheWatchHasToldOfItAndNoLonger() {
        ResourceClaim bare = claim("c", 1, null);
        told(bare);
        ledger.assume(bare, allocation(result()));
        ledger.settle(bare, "5");
        assertTrue(isTaken());
        told(claim("c", 4, null));
        assertTrue(isTaken());
        // Somebody took it away again before the watch told of it.
        told(claim("c", 6, null));
        assertFalse(isTaken());
        assertFalse(ledger.isInFlight(bare));
    }

    @Test
    void whatWasNotWrittenIsFreeAgain() {
        ResourceClaim bare = claim("c", 1, null);
        told(bare);
        ledger.assume(bare, allocation(result()));
        ledger.settle(bare, null);
        assertFalse(isTaken());
        ledger.settle(bare, null);
        assertFalse(isTaken());
    }

    @Test
    void whatIsOlderIsNotBelieved() {
        told(claim("c", 7, allocation(result())));
        assertFalse(ledger.observe(new Change<>(null, claim("c", 3, null))));
        assertTrue(isTaken());
        assertTrue(ledger.observe(new Change<>(claim("c", 7, allocation(result())), null)));
        assertFalse(isTaken());
    }

    @Test
    void whoOnlyLooksAtADeviceDoesNotUseIt() {
        told(claim("c", 1, allocation(result().withAdminAccess(true))));
        assertFalse(isTaken());
    }

    @Test
    void sharesOfADeviceAddUp() {
        told(claim(
                "a", 1, allocation(result().withShareID("1").withConsumedCapacity(Map.of("m", new Quantity("1Ki"))))));
        told(claim(
                "b", 2, allocation(result().withShareID("2").withConsumedCapacity(Map.of("d/m", new Quantity("6"))))));
        assertFalse(isTaken());
        assertTrue(ledger.usage().isShared(DEVICE));
        assertEquals(0, ledger.usage().consumed(DEVICE, "d/m").compareTo(BigDecimal.valueOf(1030)));
        told(claim("a", 3, null));
        assertEquals(0, ledger.usage().consumed(DEVICE, "d/m").compareTo(BigDecimal.valueOf(6)));
        told(claim("b", 4, null));
        assertFalse(ledger.usage().isShared(DEVICE));
    }

    private static ResourceClaim assumed() {
        return new ResourceClaimBuilder(claim("<extended-resources>", 1, null))
                .editMetadata()
                .withUid("extended-resources/pod")
                .endMetadata()
                .build();
    }

    @Test
    void aClaimThatIsMadeForADecisionKeepsItsDevicesWhateverTheWatchHasToldOfItYet() {
        ResourceClaim made = claim("made", 5, allocation(result()));
        ledger.assume(assumed(), allocation(result()));
        ledger.settle(assumed(), made, 0);
        assertTrue(isTaken());
        told(claim("made", 4, null));
        assertTrue(isTaken());
        told(made);
        told(claim("made", 6, null));
        assertFalse(isTaken());
        // The watch may as well be first.
        told(claim("made", 7, allocation(result())));
        ledger.assume(assumed(), allocation(result()));
        ledger.settle(assumed(), claim("made", 7, allocation(result())), 0);
        assertTrue(isTaken());
        assertTrue(ledger.observe(new Change<>(claim("made", 7, allocation(result())), null)));
        assertFalse(isTaken());
    }

    @Test
    void whatWasNotMadeOrNotAllocatedIsFree() {
        ledger.assume(assumed(), allocation(result()));
        ledger.settle(assumed(), null, 0);
        assertFalse(isTaken());
        ledger.assume(assumed(), allocation(result()));
        ledger.settle(assumed(), claim("made", 5, null), 0);
        assertFalse(isTaken());
    }

    @Test
    void aClaimThatTheWatchNeverTellsOfIsGivenUpAtLast() {
        ledger.assume(assumed(), allocation(result()));
        ledger.settle(assumed(), claim("made", 5, allocation(result())), 0);
        ledger.forgetUntold(Duration.ofMinutes(10).toNanos());
        assertTrue(isTaken());
        ledger.forgetUntold(Duration.ofMinutes(11).toNanos());
        assertFalse(isTaken());
        told(claim("told", 5, allocation(result())));
        ledger.forgetUntold(Duration.ofMinutes(30).toNanos());
        assertTrue(isTaken());
    }

    @Test
    void theClaimsThatWereMadeForAPodAreFoundByIt() {
        ResourceClaim made = new ResourceClaimBuilder(claim("made", 5, null))
                .editMetadata()
                .addToAnnotations("resource.kubernetes.io/extended-resource-claim", "true")
                .addNewOwnerReference()
                .withKind("Pod")
                .withName("p")
                .withUid("pod")
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .build();
        told(claim("other", 1, null));
        told(made);
        assertEquals(List.of(made), List.copyOf(ledger.extendedOf("pod")));
        ResourceClaim plain = new ResourceClaimBuilder(made)
                .editMetadata()
                .withResourceVersion("6")
                .withAnnotations(Map.of())
                .endMetadata()
                .build();
        told(plain);
        assertTrue(ledger.extendedOf("pod").isEmpty());
        told(made);
        assertTrue(ledger.extendedOf("pod").isEmpty(), "an older version is not believed");
        told(new ResourceClaimBuilder(made)
                .editMetadata()
                .withResourceVersion("7")
                .endMetadata()
                .build());
        assertEquals(1, ledger.extendedOf("pod").size());
        assertTrue(ledger.observe(new Change<>(made, null)));
        assertTrue(ledger.extendedOf("pod").isEmpty());
    }
}
