package io.keelson.controllers.volumeexpand;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.localpath.LocalPathVolume;
import io.keelson.controllers.objects.InTreeMigration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.util.Collection;
import java.util.List;

/** {@code persistentvolume-expander-controller}: keys are claims. */
public final class VolumeExpandController implements Controller {
    private static final String NAME = "persistentvolume-expander-controller";
    private static final int WORKERS = 5;

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<PersistentVolume> volumes;

    private VolumeExpandController(Context context, Setup setup) {
        client = context.client();
        events = context.events().from("volume_expand");
        time = context.time();
        claims = setup.watch(PersistentVolumeClaim.class, VolumeExpandController::ofClaim);
        volumes = setup.watch(PersistentVolume.class, this::ofVolume);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, VolumeExpandController::new);
    }

    /** A claim that waits for others is told of once each time that it wants more, not each time that it changes. */
    private static Collection<Key> ofClaim(Change<PersistentVolumeClaim> change) {
        PersistentVolumeClaim before = change.before();
        PersistentVolumeClaim now = change.now();
        if (now == null || !Expansion.isWanted(now)) {
            return List.of();
        }
        boolean more = before == null
                || !Expansion.isWanted(before)
                || StorageSizes.requested(now).compareTo(StorageSizes.requested(before)) != 0;
        return more ? List.of(Key.of(now)) : List.of();
    }

    /** The claim of a volume that the cache had not seen bound when the claim wanted more. */
    private Collection<Key> ofVolume(Change<PersistentVolume> change) {
        PersistentVolume before = change.before();
        PersistentVolume now = change.now();
        if (now == null || now.getSpec().getClaimRef() == null) {
            return List.of();
        }
        ObjectReference reference = now.getSpec().getClaimRef();
        boolean same = before != null && reference.equals(before.getSpec().getClaimRef());
        if (same || reference.getName() == null) {
            return List.of();
        }
        PersistentVolumeClaim claim = claims.get(Key.of(reference.getNamespace(), reference.getName()));
        return claim != null && Expansion.isWanted(claim) ? List.of(Key.of(claim)) : List.of();
    }

    @Override
    public Outcome reconcile(Key key) {
        PersistentVolumeClaim claim = claims.get(key);
        if (claim == null || !Expansion.isWanted(claim)) {
            return Outcome.done();
        }
        PersistentVolume volume = volumes.get("", claim.getSpec().getVolumeName());
        if (volume == null || !Expansion.isBoundTo(volume, claim)) {
            return Outcome.done();
        }
        String provisioner = OrEmpty.of(volume.getMetadata().getAnnotations()).get(VolumeAnnotations.PROVISIONED_BY);
        String driver = InTreeMigration.driver(provisioner);
        if (LocalPathVolume.isOurs(volume)) {
            expand(claim, volume);
        } else if (driver != null) {
            events.normal(
                    claim,
                    "ExternalExpanding",
                    "CSI migration enabled for " + provisioner + "; waiting for external resizer to expand the pvc");
            written(claim, Expansion.resizedBy(claim, driver));
        } else {
            events.normal(claim, "ExternalExpanding", "waiting for an external controller to expand this PVC");
        }
        return Outcome.done();
    }

    private void expand(PersistentVolumeClaim seen, PersistentVolume volume) {
        PersistentVolumeClaim claim = written(seen, Expansion.resizedBy(seen, LocalPathVolume.PROVISIONER));
        PersistentVolumeClaim begun = Expansion.begun(claim, time.instant());
        if (!begun.equals(claim)) {
            begun = client.resource(begun).updateStatus();
        }
        PersistentVolume enlarged = Expansion.enlarged(volume, begun);
        if (!enlarged.equals(volume)) {
            enlarged = client.resource(enlarged).update();
        }
        client.resource(Expansion.finished(begun, enlarged)).updateStatus();
        events.normal(begun, "VolumeResizeSuccessful", "ExpandVolume succeeded for volume " + Key.of(begun));
    }

    private PersistentVolumeClaim written(PersistentVolumeClaim before, PersistentVolumeClaim now) {
        // By way of the status, the only part of a claim that the role of this controller may write.
        return now.equals(before) ? before : client.resource(now).updateStatus();
    }
}
