package io.keelson.controllers.localpath;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.StorageClasses;
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
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code local-path-provisioner}: keys with a namespace are claims, those without are volumes, and one without a name is the
 * storage class.
 */
public final class LocalPathController implements Controller {
    private static final String NAME = "local-path-provisioner";
    private static final int WORKERS = 5;
    private static final Key STORAGE_CLASS = new Key("", "");
    private static final String ASKING = "local-path-asking";
    private static final String ON_NODE = "local-path-node";

    private final KubernetesClient client;
    private final Events events;
    private final LocalPathSettings settings;
    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<PersistentVolume> volumes;
    private final Cache<StorageClass> classes;
    private final Cache<Node> nodes;

    private LocalPathController(LocalPathSettings settings, Context context, Setup setup) {
        this.settings = settings;
        client = context.client();
        events = context.events().from(LocalPathVolume.PROVISIONER);
        claims = setup.watch(PersistentVolumeClaim.class, LocalPathController::ofClaim);
        claims.index(ASKING, claim -> Provisioning.isAsked(claim) ? List.of(StorageClasses.of(claim)) : List.of());
        volumes = setup.watch(PersistentVolume.class, LocalPathController::ofVolume);
        volumes.index(ON_NODE, volume -> LocalPathVolume.isOurs(volume) ? List.of(node(volume)) : List.of());
        classes = setup.watch(
                StorageClass.class,
                change -> keys(
                        claims.indexed(ASKING, change.object().getMetadata().getName()).stream()));
        nodes = setup.watch(Node.class, this::ofNode);
        if (settings.storageClass()) {
            // Once for each start: a class that somebody deletes while we run is not wanted.
            setup.queue().add(STORAGE_CLASS);
        }
    }

    /** With the defaults. */
    public static ControllerDescriptor descriptor() {
        return descriptor(LocalPathSettings.DEFAULT);
    }

    /** With what flags say. */
    public static ControllerDescriptor descriptor(LocalPathSettings settings) {
        return new ControllerDescriptor(
                NAME, WORKERS, (context, setup) -> new LocalPathController(settings, context, setup));
    }

    private static String node(PersistentVolume volume) {
        return OrEmpty.of(OrEmpty.of(volume.getMetadata().getAnnotations()).get(LocalPathVolume.NODE));
    }

    private static List<Key> keys(Stream<? extends HasMetadata> objects) {
        return objects.map(Key::of).toList();
    }

    private static Collection<Key> ofClaim(Change<PersistentVolumeClaim> change) {
        PersistentVolumeClaim claim = change.now();
        return claim != null && Provisioning.isAsked(claim) ? List.of(Key.of(claim)) : List.of();
    }

    private static Collection<Key> ofVolume(Change<PersistentVolume> change) {
        PersistentVolume volume = change.now();
        return volume != null && LocalPathVolume.isOurs(volume) ? List.of(Key.of(volume)) : List.of();
    }

    private Collection<Key> ofNode(Change<Node> change) {
        String name = change.object().getMetadata().getName();
        return change.deleted() ? keys(volumes.indexed(ON_NODE, name).stream()) : List.of();
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.equals(STORAGE_CLASS)) {
            makeStorageClass();
        } else if (key.namespace().isEmpty()) {
            PersistentVolume volume = volumes.get(key);
            if (volume != null && LocalPathVolume.isOurs(volume)) {
                reclaim(volume);
            }
        } else {
            PersistentVolumeClaim claim = claims.get(key);
            if (claim != null) {
                provision(claim);
            }
        }
        return Outcome.done();
    }

    private void makeStorageClass() {
        if (StorageClasses.defaultOf(classes.all()) == null && classes.get("", LocalPathVolume.CLASS) == null) {
            create(LocalPathVolume.storageClass());
        }
    }

    private void provision(PersistentVolumeClaim claim) {
        if (volumes.get("", LocalPathVolume.name(claim)) != null) {
            return;
        }
        StorageClass storageClass = classes.get("", StorageClasses.of(claim));
        switch (Provisioning.decide(claim, storageClass, this::node, settings.directory())) {
            case Provisioning.Nothing _ -> {
                // Somebody else's, or too early.
            }
            case Provisioning.Refuse refuse -> tellFailure(claim, refuse.reason());
            case Provisioning.Reschedule reschedule -> {
                tellFailure(claim, reschedule.reason());
                client.resource(new PersistentVolumeClaimBuilder(claim)
                                .editMetadata()
                                .removeFromAnnotations(VolumeAnnotations.SELECTED_NODE)
                                .endMetadata()
                                .build())
                        .update();
            }
            case Provisioning.Make make -> {
                events.normal(
                        claim,
                        "Provisioning",
                        "External provisioner is provisioning volume for claim \"" + Key.of(claim) + '"');
                try {
                    create(make.volume());
                } catch (KubernetesClientException e) {
                    tellFailure(claim, Refusals.message(e));
                    throw e;
                }
                events.normal(
                        claim,
                        "ProvisioningSucceeded",
                        "Successfully provisioned volume "
                                + make.volume().getMetadata().getName());
            }
        }
    }

    private void tellFailure(PersistentVolumeClaim claim, String reason) {
        events.warning(
                claim,
                "ProvisioningFailed",
                "failed to provision volume with StorageClass \"" + StorageClasses.of(claim) + "\": " + reason);
    }

    private void create(HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            // It is there: made by an earlier run that the cache has not seen.
        }
    }

    private @Nullable Node node(String name) {
        if (name.isEmpty()) {
            return null;
        }
        Node seen = nodes.get("", name);
        return seen != null ? seen : client.nodes().withName(name).get();
    }

    private void reclaim(PersistentVolume seen) {
        if (seen.isMarkedForDeletion()) {
            if (seen.hasFinalizer(LocalPathVolume.FINALIZER) && node(node(seen)) == null) {
                client.resource(new PersistentVolumeBuilder(seen)
                                .editMetadata()
                                .removeFromFinalizers(LocalPathVolume.FINALIZER)
                                .endMetadata()
                                .build())
                        .update();
            }
            return;
        }
        if (!isToBeDeleted(seen)) {
            return;
        }
        // Data goes with it: what is done is decided by what is there now.
        PersistentVolume live = client.resource(seen).get();
        if (live != null
                && live.getMetadata().getUid().equals(seen.getMetadata().getUid())
                && isToBeDeleted(live)
                && !isClaimed(live)) {
            Deletion.of(client, live);
        }
    }

    private static boolean isToBeDeleted(PersistentVolume volume) {
        return !volume.isMarkedForDeletion()
                && volume.getStatus() != null
                && "Released".equals(volume.getStatus().getPhase())
                && "Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy());
    }

    /** Whether the very claim is there that a volume names, and has no other volume. */
    private boolean isClaimed(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        if (reference == null || reference.getNamespace() == null || reference.getName() == null) {
            return false;
        }
        PersistentVolumeClaim claim = client.persistentVolumeClaims()
                .inNamespace(reference.getNamespace())
                .withName(reference.getName())
                .get();
        if (claim == null || !claim.getMetadata().getUid().equals(reference.getUid())) {
            return false;
        }
        String name = OrEmpty.of(claim.getSpec().getVolumeName());
        return name.isEmpty() || name.equals(volume.getMetadata().getName());
    }
}
