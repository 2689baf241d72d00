package io.keelson.controllers.volumeprotection;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.controllers.objects.Owners;
import org.junit.jupiter.api.Test;

class ClaimUseTest {
    private static PodBuilder pod(String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("p")
                .withUid("uid-p")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewVolume()
                .withName("named")
                .withNewPersistentVolumeClaim("c", false)
                .endVolume()
                .addNewVolume()
                .withName("own")
                .withNewEphemeral()
                .endEphemeral()
                .endVolume()
                .addNewVolume()
                .withName("other")
                .endVolume()
                .endSpec();
    }

    private static PersistentVolumeClaim claim(String name) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName(name)
                .endMetadata()
                .build();
    }

    private static PersistentVolumeClaim ownedBy(Pod pod) {
        return new PersistentVolumeClaimBuilder(claim("p-own"))
                .editMetadata()
                .withOwnerReferences(Owners.controllerReference(pod))
                .endMetadata()
                .build();
    }

    @Test
    void aPodOnANodeUsesTheClaimsThatItNames() {
        assertTrue(ClaimUse.uses(pod("n").build(), claim("c")));
        assertFalse(ClaimUse.uses(pod("n").build(), claim("d")));
        assertFalse(ClaimUse.uses(pod("").build(), claim("c")));
    }

    @Test
    void aPodThatHasEndedStillUsesItsClaim() {
        assertTrue(ClaimUse.uses(
                pod("n").withNewStatus().withPhase("Succeeded").endStatus().build(), claim("c")));
    }

    @Test
    void anEphemeralClaimIsUsedByItsOwnerOnly() {
        Pod pod = pod("n").build();
        assertTrue(ClaimUse.uses(pod, ownedBy(pod)));
        assertFalse(ClaimUse.uses(pod, claim("p-own")));
    }

    @Test
    void aPodThatItsNodeIsDoneWithLetsItsEphemeralClaimGoFirst() {
        Pod done = pod("n").editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .withDeletionGracePeriodSeconds(0L)
                .endMetadata()
                .build();
        assertFalse(ClaimUse.uses(done, ownedBy(done)));
        assertTrue(ClaimUse.uses(done, claim("c")));
    }
}
