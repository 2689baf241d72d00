package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.keelson.agent.volumes.ClaimedVolumes.Claimed;
import io.keelson.agent.volumes.csi.CsiDriver;
import io.keelson.agent.wire.csi.CapacityRange;
import io.keelson.agent.wire.csi.NodeExpandVolumeRequest;
import io.keelson.agent.wire.csi.NodeServiceCapability;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is left to do on the node when a persistent volume has become larger: its plugin makes what the pod sees of it
 * larger, too, while the pod uses it, and then the claim says that it has what it asked for. A volume that cannot grow
 * is used as it was. What fails is tried again with the next look at the pod's volumes, unless the plugin says that it
 * never will; then the claim says so, until it asks for something else.
 */
final class CsiExpansion {
    private static final Logger LOG = LoggerFactory.getLogger(CsiExpansion.class);
    private static final String INFEASIBLE = "NodeResizeInfeasible";
    private static final String ERROR = "NodeResizeError";
    private static final Set<String> OVER =
            Set.of("Resizing", "FileSystemResizePending", "ControllerResizeError", ERROR);
    /** With these a plugin says that asking again is of no use. */
    private static final Set<Status.Code> NEVER =
            Set.of(Status.Code.INVALID_ARGUMENT, Status.Code.OUT_OF_RANGE, Status.Code.NOT_FOUND);

    private final KubernetesClient client;
    private final CsiParameters parameters;
    private final Events events;
    private final Time time;

    CsiExpansion(KubernetesClient client, CsiParameters parameters, Events events, Time time) {
        this.client = client;
        this.parameters = parameters;
        this.events = events;
        this.time = time;
    }

    /** Whether a volume holds more than its claim says that it has. */
    static boolean isDue(Claimed claimed) {
        PersistentVolumeClaim claim = claimed.claim();
        return StorageSizes.granted(claim).signum() > 0
                && StorageSizes.of(claimed.volume()).compareTo(StorageSizes.granted(claim)) > 0
                && !INFEASIBLE.equals(OrEmpty.of(claim.getStatus().getAllocatedResourceStatuses())
                        .get(StorageSizes.STORAGE));
    }

    /**
     * Has a volume made larger that is published, and is due.
     *
     * @param where the volume, its places and what it is used as
     */
    void expand(Pod pod, Claimed claimed, CsiDriver driver, NodeExpandVolumeRequest.Builder where)
            throws InterruptedException {
        PersistentVolume volume = claimed.volume();
        String name = volume.getMetadata().getName();
        try {
            if (!driver.can(NodeServiceCapability.RPC.Type.EXPAND_VOLUME)) {
                return;
            }
            long bytes = StorageSizes.of(volume).longValue();
            driver.expand(where.setCapacityRange(CapacityRange.newBuilder().setRequiredBytes(bytes))
                    .putAllSecrets(parameters.secret(volume.getSpec().getCsi().getNodeExpandSecretRef()))
                    .build());
        } catch (VolumeException e) {
            events.warning(
                    pod,
                    "VolumeResizeFailed",
                    "NodeExpandVolume.NodeExpandVolume failed for volume \"" + name
                            + "\" : Expander.NodeExpand failed to expand the volume : " + e.message());
            boolean isNever = e.getCause() instanceof StatusException refusal
                    && NEVER.contains(refusal.getStatus().getCode());
            write(claimed.claim(), claim -> failed(claim, isNever, "failed to expand pvc with " + e.message()));
            return;
        }
        String message = "MountVolume.NodeExpandVolume succeeded for volume \"" + name + "\" " + parameters.node();
        events.normal(pod, "FileSystemResizeSuccessful", message);
        events.normal(claimed.claim(), "FileSystemResizeSuccessful", message);
        write(claimed.claim(), claim -> finished(claim, volume));
    }

    private void write(PersistentVolumeClaim claim, UnaryOperator<PersistentVolumeClaim> change) {
        PersistentVolumeClaim changed = change.apply(claim);
        if (changed.getStatus().equals(claim.getStatus())) {
            return;
        }
        try {
            // Of the version that was read: who has written meanwhile knows more, and is read the next time.
            var _ = client.resource(changed).updateStatus();
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "what has become of the size of claim {}/{} is not told yet: {}",
                    claim.getMetadata().getNamespace(),
                    claim.getMetadata().getName(),
                    Refusals.message(e));
        }
    }

    private static PersistentVolumeClaim finished(PersistentVolumeClaim claim, PersistentVolume volume) {
        Map<String, String> open = new HashMap<>(OrEmpty.of(claim.getStatus().getAllocatedResourceStatuses()));
        open.remove(StorageSizes.STORAGE);
        return new PersistentVolumeClaimBuilder(claim)
                .editStatus()
                .addToCapacity(
                        StorageSizes.STORAGE, volume.getSpec().getCapacity().get(StorageSizes.STORAGE))
                .withConditions(OrEmpty.of(claim.getStatus().getConditions()).stream()
                        .filter(condition -> !OVER.contains(condition.getType()))
                        .toList())
                .withAllocatedResourceStatuses(open.isEmpty() ? null : open)
                .endStatus()
                .build();
    }

    private PersistentVolumeClaim failed(PersistentVolumeClaim claim, boolean isNever, String message) {
        List<PersistentVolumeClaimCondition> conditions =
                new ArrayList<>(OrEmpty.of(claim.getStatus().getConditions()));
        boolean isTold = conditions.stream()
                .anyMatch(condition -> ERROR.equals(condition.getType()) && message.equals(condition.getMessage()));
        if (!isTold) {
            conditions.removeIf(condition -> ERROR.equals(condition.getType()));
            conditions.add(new PersistentVolumeClaimConditionBuilder()
                    .withType(ERROR)
                    .withStatus("True")
                    .withLastTransitionTime(
                            time.instant().truncatedTo(ChronoUnit.SECONDS).toString())
                    .withMessage(message)
                    .build());
        }
        PersistentVolumeClaimBuilder changed = new PersistentVolumeClaimBuilder(claim);
        changed.editStatus().withConditions(conditions).endStatus();
        if (isNever) {
            changed.editStatus()
                    .addToAllocatedResourceStatuses(StorageSizes.STORAGE, INFEASIBLE)
                    .endStatus();
        }
        return changed.build();
    }
}
