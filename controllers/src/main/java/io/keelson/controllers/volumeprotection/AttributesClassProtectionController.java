package io.keelson.controllers.volumeprotection;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code volumeattributesclass-protection-controller}: a class of attributes that is to be deleted stays while a volume has it,
 * or a claim has it, had it last, or is being brought to it.
 *
 * <p>As with the original, users are looked for in caches only. A claim that was made just before its class was deleted may
 * come too late; whoever is to give its volume these attributes then finds that there are none.
 */
public final class AttributesClassProtectionController implements Controller {
    /** Holds back the deletion of a class. */
    public static final String FINALIZER = "kubernetes.io/vac-protection";

    private static final String NAME = "volumeattributesclass-protection-controller";
    private static final int WORKERS = 1;
    private static final String BY_CLASS = "attributes-classes";

    private final KubernetesClient client;
    private final Cache<VolumeAttributesClass> classes;
    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<PersistentVolume> volumes;

    private AttributesClassProtectionController(Context context, Setup setup) {
        client = context.client();
        classes = setup.watch(VolumeAttributesClass.class);
        claims = setup.watch(PersistentVolumeClaim.class, AttributesClassProtectionController::leftByClaim);
        claims.index(BY_CLASS, AttributesClassProtectionController::classes);
        volumes = setup.watch(PersistentVolume.class, AttributesClassProtectionController::leftByVolume);
        volumes.index(BY_CLASS, AttributesClassProtectionController::classes);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, AttributesClassProtectionController::new);
    }

    /** The classes that a claim needs. */
    static Set<String> classes(PersistentVolumeClaim claim) {
        Set<String> names = new TreeSet<>();
        if (claim.getSpec() != null) {
            names.add(OrEmpty.of(claim.getSpec().getVolumeAttributesClassName()));
        }
        if (claim.getStatus() != null) {
            names.add(OrEmpty.of(claim.getStatus().getCurrentVolumeAttributesClassName()));
            if (claim.getStatus().getModifyVolumeStatus() != null) {
                names.add(OrEmpty.of(claim.getStatus().getModifyVolumeStatus().getTargetVolumeAttributesClassName()));
            }
        }
        names.remove("");
        return names;
    }

    /** The class that a volume needs, if it has one. */
    static Set<String> classes(PersistentVolume volume) {
        String name =
                volume.getSpec() == null ? "" : OrEmpty.of(volume.getSpec().getVolumeAttributesClassName());
        return name.isEmpty() ? Set.of() : Set.of(name);
    }

    private static Collection<Key> leftByClaim(Change<PersistentVolumeClaim> change) {
        PersistentVolumeClaim before = change.before();
        PersistentVolumeClaim now = change.now();
        return left(before == null ? Set.of() : classes(before), now == null ? Set.of() : classes(now));
    }

    private static Collection<Key> leftByVolume(Change<PersistentVolume> change) {
        PersistentVolume before = change.before();
        PersistentVolume now = change.now();
        return left(before == null ? Set.of() : classes(before), now == null ? Set.of() : classes(now));
    }

    private static List<Key> left(Set<String> before, Set<String> now) {
        return before.stream()
                .filter(name -> !now.contains(name))
                .map(name -> new Key("", name))
                .toList();
    }

    @Override
    public Outcome reconcile(Key key) {
        VolumeAttributesClass found = classes.get(key);
        VolumeAttributesClass wanted = found == null
                ? null
                : wanted(
                        found,
                        !volumes.indexed(BY_CLASS, key.name()).isEmpty()
                                || !claims.indexed(BY_CLASS, key.name()).isEmpty());
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

    /** A class with the finalizer that it lacks, or without the one that it does not need any more; null if it is right. */
    static @Nullable VolumeAttributesClass wanted(VolumeAttributesClass found, boolean used) {
        boolean held = found.hasFinalizer(FINALIZER);
        if (!found.isMarkedForDeletion() && !held) {
            return new VolumeAttributesClassBuilder(found)
                    .editMetadata()
                    .addToFinalizers(FINALIZER)
                    .endMetadata()
                    .build();
        }
        return found.isMarkedForDeletion() && held && !used
                ? new VolumeAttributesClassBuilder(found)
                        .editMetadata()
                        .removeFromFinalizers(FINALIZER)
                        .endMetadata()
                        .build()
                : null;
    }
}
