package io.keelson.controllers.volumeprotection;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import org.jspecify.annotations.Nullable;

/** {@code persistentvolume-protection-controller}: a volume that is to be deleted stays while it is bound. */
public final class VolumeProtectionController implements Controller {
    /** Holds back the deletion of a volume. */
    public static final String FINALIZER = "kubernetes.io/pv-protection";

    private static final String NAME = "persistentvolume-protection-controller";
    private static final int WORKERS = 5;

    private final KubernetesClient client;
    private final Cache<PersistentVolume> volumes;

    private VolumeProtectionController(Context context, Setup setup) {
        client = context.client();
        volumes = setup.watch(PersistentVolume.class);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, VolumeProtectionController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        PersistentVolume volume = volumes.get(key);
        PersistentVolume wanted = volume == null ? null : wanted(volume);
        if (wanted != null) {
            try {
                client.resource(wanted).update();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
            }
        }
        return Outcome.done();
    }

    /** The volume with the finalizer that it lacks, or without the one that it does not need any more; null if it is right. */
    static @Nullable PersistentVolume wanted(PersistentVolume volume) {
        boolean held = volume.hasFinalizer(FINALIZER);
        if (!volume.isMarkedForDeletion()) {
            return held
                    ? null
                    : new PersistentVolumeBuilder(volume)
                            .editMetadata()
                            .addToFinalizers(FINALIZER)
                            .endMetadata()
                            .build();
        }
        boolean bound =
                volume.getStatus() != null && "Bound".equals(volume.getStatus().getPhase());
        return held && !bound
                ? new PersistentVolumeBuilder(volume)
                        .editMetadata()
                        .removeFromFinalizers(FINALIZER)
                        .endMetadata()
                        .build()
                : null;
    }
}
