package io.keelson.controllers.resourceclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimTemplate;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimTemplateBuilder;
import io.keelson.controllers.objects.PodClaims;
import org.junit.jupiter.api.Test;

class ReservationTest {
    private static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName(name)
                .withUid("uid-" + name)
                .endMetadata()
                .build();
    }

    private static ResourceClaim allocated(String... pods) {
        ResourceClaim claim = new ResourceClaimBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("c")
                .withFinalizers(Reservation.FINALIZER, "other")
                .endMetadata()
                .withNewStatus()
                .withNewAllocation()
                .endAllocation()
                .endStatus()
                .build();
        for (String pod : pods) {
            claim = Reservation.reserved(claim, pod(pod));
        }
        return claim;
    }

    private static ResourceClaim going(ResourceClaim claim) {
        return new ResourceClaimBuilder(claim)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
    }

    @Test
    void aClaimIsReservedForAPodOnceAndOnlyIfItIsAllocated() {
        ResourceClaim claim = allocated("p");
        assertEquals("uid-p", Reservation.of(claim).getFirst().getUid());
        assertSame(claim, Reservation.reserved(claim, pod("p")));
        assertEquals(2, Reservation.of(Reservation.reserved(claim, pod("q"))).size());
        ResourceClaim bare = new ResourceClaimBuilder()
                .withNewMetadata()
                .withName("c")
                .endMetadata()
                .build();
        assertSame(bare, Reservation.reserved(bare, pod("p")));
    }

    @Test
    void noMoreThan256PodsShareAClaim() {
        ResourceClaim claim = allocated();
        for (int i = 0; i < 300; i++) {
            claim = Reservation.reserved(claim, pod("p" + i));
        }
        assertEquals(256, Reservation.of(claim).size());
    }

    @Test
    void withTheLastReservationTheAllocationGoes() {
        ResourceClaim two = allocated("p", "q");
        ResourceClaim one =
                Reservation.ended(two, consumer -> consumer.getName().equals("q"));
        assertEquals(1, Reservation.of(one).size());
        assertTrue(Reservation.isAllocated(one));
        assertSame(one, Reservation.unprotected(one, true));
        ResourceClaim none = Reservation.ended(one, consumer -> false);
        assertFalse(Reservation.isAllocated(none));
        ResourceClaim free = Reservation.unprotected(none, true);
        assertEquals(1, free.getMetadata().getFinalizers().size());
        assertEquals("other", free.getMetadata().getFinalizers().getFirst());
    }

    @Test
    void aClaimThatNobodyReservedYetKeepsItsAllocationUntilItGoes() {
        ResourceClaim claim = allocated();
        assertSame(claim, Reservation.ended(claim, consumer -> true));
        assertSame(claim, Reservation.unprotected(claim, false));
        ResourceClaim gone = Reservation.ended(going(claim), consumer -> true);
        assertFalse(Reservation.isAllocated(gone));
        assertFalse(Reservation.unprotected(gone, false).hasFinalizer(Reservation.FINALIZER));
    }

    @Test
    void aFinalizerThatTheSchedulerHasJustSetStays() {
        ResourceClaim claim = new ResourceClaimBuilder(allocated())
                .editStatus()
                .withAllocation(null)
                .endStatus()
                .build();
        assertSame(claim, Reservation.unprotected(claim, false));
    }

    private static ResourceClaimTemplate template() {
        return new ResourceClaimTemplateBuilder()
                .withNewSpec()
                .withNewMetadata()
                .addToLabels("a", "b")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .endSpec()
                .build();
    }

    @Test
    void aGeneratedNameIsTheSameForTheSamePodAndNoLongerThan63() {
        ResourceClaim claim = GeneratedClaim.of(pod("p"), "gpu", template(), 0);
        assertEquals(claim, GeneratedClaim.of(pod("p"), "gpu", template(), 0));
        assertTrue(claim.getMetadata().getName().startsWith("p-gpu-"));
        assertEquals("p-gpu-", claim.getMetadata().getGenerateName());
        assertEquals("b", claim.getMetadata().getLabels().get("a"));
        assertNotEquals(
                claim.getMetadata().getName(),
                GeneratedClaim.of(pod("p"), "gpu", template(), 1).getMetadata().getName());
        assertTrue(GeneratedClaim.isFor(claim, pod("p"), "gpu"));
        assertFalse(GeneratedClaim.isFor(claim, pod("p"), "other"));
        assertFalse(GeneratedClaim.isFor(claim, pod("q"), "gpu"));
        assertFalse(GeneratedClaim.isFor(going(claim), pod("p"), "gpu"));
        assertEquals(
                "ResourceClaim ns/" + claim.getMetadata().getName()
                        + " was not created for Pod ns/q (Pod is not owner)",
                PodClaims.conflict(pod("q"), claim));
        assertNull(PodClaims.conflict(pod("p"), claim));
        assertEquals(
                63,
                GeneratedClaim.of(pod("x".repeat(200)), "gpu", template(), 0)
                        .getMetadata()
                        .getName()
                        .length());
    }
}
