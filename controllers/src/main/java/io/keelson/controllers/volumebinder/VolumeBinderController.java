package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code persistentvolume-binder-controller}: keys with a namespace are claims, those without are volumes. */
public final class VolumeBinderController implements Controller {
    private static final String NAME = "persistentvolume-binder-controller";
    private static final int WORKERS = 5;
    private static final String CLAIM_REF = "binder-claim-ref";
    private static final String AVAILABLE = "binder-available";
    private static final String VOLUME_NAME = "binder-volume-name";
    private static final String PENDING = "binder-pending";
    private static final String UNBOUND = "binder-unbound";

    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<PersistentVolume> volumes;
    private final TakenVolumes taken = new TakenVolumes();
    private final Binder binder;
    private final VolumeOperations operations;

    private VolumeBinderController(BinderSettings settings, Context context, Setup setup) {
        operations = new VolumeOperations(setup.metrics(), context.time());
        volumes = setup.watch(PersistentVolume.class, this::ofVolume);
        volumes.index(CLAIM_REF, VolumeBinderController::claimRef);
        volumes.index(AVAILABLE, VolumeBinderController::availableClass);
        claims = setup.watch(PersistentVolumeClaim.class, this::ofClaim);
        VolumeFigures.count(setup.metrics(), volumes, claims);
        claims.index(
                VOLUME_NAME,
                claim -> isUnnamed(claim) ? List.of() : List.of(claim.getSpec().getVolumeName()));
        claims.index(PENDING, claim -> isPending(claim) ? List.of(StorageClasses.of(claim)) : List.of());
        claims.index(UNBOUND, claim -> isUnbound(claim) ? List.of(UNBOUND) : List.of());
        Cache<StorageClass> classes = setup.watch(StorageClass.class, this::ofClass);
        Cache<Pod> pods = setup.read(Pod.class);
        pods.index(PodVolumes.BY_CLAIM, PodVolumes::claims);
        WorkQueue<Key> queue = setup.queue();
        binder = new Binder(
                new Api(context.client(), claims, volumes, classes, pods, taken, queue),
                settings,
                context.events().from("persistentvolume-controller"),
                operations);
        setup.every(
                settings.syncPeriod(),
                () -> claims.indexed(UNBOUND, UNBOUND).forEach(claim -> queue.add(Key.of(claim))));
    }

    /** With the defaults. */
    public static ControllerDescriptor descriptor() {
        return descriptor(BinderSettings.DEFAULT);
    }

    /** With what flags say. */
    public static ControllerDescriptor descriptor(BinderSettings settings) {
        return new ControllerDescriptor(
                NAME, WORKERS, (context, setup) -> new VolumeBinderController(settings, context, setup));
    }

    private static List<String> claimRef(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference == null || reference.getName() == null
                ? List.of()
                : List.of(Key.of(reference.getNamespace(), reference.getName()).toString());
    }

    private static List<String> availableClass(PersistentVolume volume) {
        boolean available = volume.getSpec().getClaimRef() == null
                && volume.getStatus() != null
                && "Available".equals(volume.getStatus().getPhase());
        return available ? List.of(StorageClasses.of(volume)) : List.of();
    }

    private static boolean isUnnamed(PersistentVolumeClaim claim) {
        return OrEmpty.of(claim.getSpec().getVolumeName()).isEmpty();
    }

    private static boolean isUnbound(PersistentVolumeClaim claim) {
        return !OrEmpty.of(claim.getMetadata().getAnnotations()).containsKey(VolumeAnnotations.BIND_COMPLETED);
    }

    private static boolean isPending(PersistentVolumeClaim claim) {
        return isUnbound(claim) && isUnnamed(claim);
    }

    private Collection<Key> ofVolume(Change<PersistentVolume> change) {
        Set<Key> keys = new HashSet<>();
        PersistentVolume volume = change.object();
        if (change.deleted()) {
            taken.gone(volume);
            operations.gone(volume);
        } else {
            taken.shown(volume);
        }
        keys.add(Key.of(volume));
        for (PersistentVolume side : sides(change)) {
            ObjectReference reference = side.getSpec().getClaimRef();
            if (reference != null && reference.getName() != null) {
                keys.add(Key.of(reference.getNamespace(), reference.getName()));
            }
        }
        claims.indexed(VOLUME_NAME, volume.getMetadata().getName()).forEach(claim -> keys.add(Key.of(claim)));
        if (change.now() != null) {
            // It is free for any of these; the first that comes has it, and the others see that.
            for (String storageClass : availableClass(change.now())) {
                claims.indexed(PENDING, storageClass).forEach(claim -> keys.add(Key.of(claim)));
            }
        }
        return keys;
    }

    private Collection<Key> ofClaim(Change<PersistentVolumeClaim> change) {
        Set<Key> keys = new HashSet<>();
        Key own = Key.of(change.object());
        if (change.deleted()) {
            operations.gone(change.object());
        }
        keys.add(own);
        for (PersistentVolumeClaim side : sides(change)) {
            if (!isUnnamed(side)) {
                keys.add(Key.of("", side.getSpec().getVolumeName()));
            }
        }
        volumes.indexed(CLAIM_REF, own.toString()).forEach(volume -> keys.add(Key.of(volume)));
        return keys;
    }

    private Collection<Key> ofClass(Change<StorageClass> change) {
        Set<Key> keys = new HashSet<>();
        StorageClass storageClass = change.object();
        claims.indexed(PENDING, storageClass.getMetadata().getName()).forEach(claim -> keys.add(Key.of(claim)));
        if (StorageClasses.isDefault(storageClass)) {
            claims.indexed(PENDING, "").forEach(claim -> keys.add(Key.of(claim)));
        }
        return keys;
    }

    private static <T extends HasMetadata> List<T> sides(Change<T> change) {
        List<T> sides = new ArrayList<>();
        if (change.before() != null) {
            sides.add(change.before());
        }
        if (change.now() != null) {
            sides.add(change.now());
        }
        return sides;
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.namespace().isEmpty()) {
            PersistentVolume volume = volumes.get(key);
            if (volume != null) {
                binder.sync(volume);
            }
        } else {
            PersistentVolumeClaim claim = claims.get(key);
            if (claim != null) {
                binder.sync(claim);
            }
        }
        return Outcome.done();
    }

    /** The API, seen through caches. */
    private record Api(
            KubernetesClient client,
            Cache<PersistentVolumeClaim> claims,
            Cache<PersistentVolume> volumes,
            Cache<StorageClass> classes,
            Cache<Pod> pods,
            TakenVolumes taken,
            WorkQueue<Key> queue)
            implements Volumes {
        @Override
        public @Nullable PersistentVolume volume(String name) {
            return volumes.get("", name);
        }

        @Override
        public @Nullable PersistentVolume liveVolume(String name) {
            return client.persistentVolumes().withName(name).get();
        }

        @Override
        public List<PersistentVolume> naming(PersistentVolumeClaim claim) {
            return volumes.indexed(CLAIM_REF, Key.of(claim).toString());
        }

        @Override
        public List<PersistentVolume> available(String storageClass, PersistentVolumeClaim claim) {
            return volumes.indexed(AVAILABLE, storageClass).stream()
                    .filter(volume -> !taken.isTaken(volume, claim))
                    .toList();
        }

        @Override
        public boolean take(PersistentVolume volume, PersistentVolumeClaim claim) {
            if (!taken.take(volume, claim)) {
                return false;
            }
            PersistentVolume seen = volumes.get(Key.of(volume));
            if (seen != null) {
                // It may have been shown between the choice and now.
                taken.shown(seen);
            }
            return true;
        }

        @Override
        public void leave(PersistentVolume volume) {
            taken.leave(volume);
        }

        @Override
        public @Nullable PersistentVolumeClaim claim(String namespace, String name) {
            return claims.get(namespace, name);
        }

        @Override
        public @Nullable PersistentVolumeClaim liveClaim(String namespace, String name) {
            return client.persistentVolumeClaims()
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
        }

        @Override
        public @Nullable StorageClass storageClass(String name) {
            return classes.get("", name);
        }

        @Override
        public @Nullable StorageClass defaultClass() {
            return StorageClasses.defaultOf(classes.all());
        }

        @Override
        public List<String> unscheduledPods(PersistentVolumeClaim claim) {
            return pods.indexed(PodVolumes.BY_CLAIM, Key.of(claim).toString()).stream()
                    .filter(pod -> Pods.node(pod).isEmpty())
                    .map(pod -> pod.getMetadata().getName())
                    .toList();
        }

        @Override
        public void ask(String namespace, String name, Duration delay) {
            queue.addAfter(Key.of(namespace, name), delay);
        }

        @Override
        public PersistentVolume write(PersistentVolume volume) {
            return client.resource(volume).update();
        }

        @Override
        public PersistentVolume writeStatus(PersistentVolume volume) {
            return client.resource(volume).updateStatus();
        }

        @Override
        public PersistentVolumeClaim write(PersistentVolumeClaim claim) {
            return client.resource(claim).update();
        }

        @Override
        public PersistentVolumeClaim writeStatus(PersistentVolumeClaim claim) {
            return client.resource(claim).updateStatus();
        }
    }
}
