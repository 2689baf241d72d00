package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.volumebinder.VolumeMatch;
import io.keelson.scheduler.decision.ReservationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod's claims, for which volumes were written or asked for, have them; or why they never will. What is seen from
 * before the write says nothing.
 */
final class BindingProgress {
    private final Key pod;
    private final String podUid;
    private final String node;
    private final List<Matched> matched = new ArrayList<>();
    private final List<PersistentVolumeClaim> asked = new ArrayList<>();

    private record Matched(PersistentVolume volume, PersistentVolumeClaim claim) {}

    BindingProgress(Key pod, String podUid, String node) {
        this.pod = pod;
        this.podUid = podUid;
        this.node = node;
    }

    /** A volume was written to name a claim. */
    void matched(PersistentVolume written, PersistentVolumeClaim claim) {
        matched.add(new Matched(written, claim));
    }

    /** A claim was written to name the node. */
    void asked(PersistentVolumeClaim written) {
        asked.add(written);
    }

    /** The claims that are waited for. */
    List<Key> claims() {
        List<Key> keys = new ArrayList<>();
        matched.forEach(each -> keys.add(Key.of(each.claim())));
        asked.forEach(each -> keys.add(Key.of(each)));
        return keys;
    }

    /** Whether all are bound; fails if one will not be. */
    boolean isComplete(LiveStorage live) throws ReservationException {
        Pod current = live.pod(pod);
        if (current == null || !podUid.equals(current.getMetadata().getUid())) {
            throw new ReservationException("pod does not exist any more: pod \"" + pod.name() + "\" not found");
        }
        Node place = live.node(node);
        if (place == null) {
            throw new ReservationException("failed to get node \"" + node + "\": node \"" + node + "\" not found");
        }
        boolean complete = true;
        for (Matched each : matched) {
            complete &= isBound(each, place, live);
        }
        for (PersistentVolumeClaim each : asked) {
            complete &= isMade(each, place, live);
        }
        return complete;
    }

    private boolean isBound(Matched each, Node place, LiveStorage live) throws ReservationException {
        String name = each.volume().getMetadata().getName();
        PersistentVolume volume = live.volume(name);
        if (volume == null) {
            throw new ReservationException("failed to check binding: persistentvolume \"" + name + "\" not found");
        }
        PersistentVolumeClaim claim = same(each.claim(), live.claim(Key.of(each.claim())));
        if (claim == null) {
            throw new ReservationException("failed to check binding: "
                    + PodClaims.notFound(each.claim().getMetadata().getName()));
        }
        if (ResourceVersions.isOlder(volume, each.volume())) {
            return false;
        }
        checkPlace(volume, place);
        if (volume.getSpec().getClaimRef() == null
                || OrEmpty.of(volume.getSpec().getClaimRef().getUid()).isEmpty()) {
            throw new ReservationException("ClaimRef got reset for pv \"" + name + '"');
        }
        return PodClaims.isBound(claim);
    }

    private boolean isMade(PersistentVolumeClaim written, Node place, LiveStorage live) throws ReservationException {
        String name = written.getMetadata().getName();
        PersistentVolumeClaim claim = same(written, live.claim(Key.of(written)));
        if (claim == null) {
            throw new ReservationException("failed to check provisioning pvc: " + PodClaims.notFound(name));
        }
        if (ResourceVersions.isOlder(claim, written)) {
            return false;
        }
        if (OrEmpty.of(claim.getMetadata().getAnnotations()).isEmpty()) {
            throw new ReservationException("selectedNode annotation reset for PVC \"" + name + '"');
        }
        if (!PodClaims.selectedNode(claim).equals(node)) {
            // A provisioner that fails takes the node away, so that another one is tried.
            throw new ReservationException("provisioning failed for PVC \"" + name + '"');
        }
        if (StorageState.volumeName(claim).isEmpty()) {
            return false;
        }
        PersistentVolume volume = live.volume(StorageState.volumeName(claim));
        if (volume == null) {
            // The watch of volumes may be behind that of claims.
            return false;
        }
        checkPlace(volume, place);
        return PodClaims.isBound(claim);
    }

    /** The claim that is there, if it is the very same. */
    private static @Nullable PersistentVolumeClaim same(
            PersistentVolumeClaim wanted, @Nullable PersistentVolumeClaim found) {
        return found != null
                        && Objects.equals(
                                found.getMetadata().getUid(),
                                wanted.getMetadata().getUid())
                ? found
                : null;
    }

    private void checkPlace(PersistentVolume volume, Node place) throws ReservationException {
        if (!VolumeMatch.isReachable(volume, place)) {
            throw new ReservationException("pv \"" + volume.getMetadata().getName()
                    + "\" node affinity doesn't match node \"" + node + "\": no matching NodeSelectorTerms");
        }
    }
}
