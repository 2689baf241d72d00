package io.keelson.controllers.selinuxwarning;

import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.FCVolumeSource;
import io.fabric8.kubernetes.api.model.ISCSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code selinux-warning-controller}. A key is a pod. It looks at volumes of claims, as volumes that stand in a pod itself are
 * that pod's alone: those of CSI drivers, of iSCSI and of fibre channel, which are the ones that SELinux can label by mounting.
 */
public final class SelinuxWarningController implements Controller {
    private static final String NAME = "selinux-warning-controller";
    private static final int WORKERS = 1;
    private static final String BY_DRIVER = "csi-driver";

    private final Events events;
    private final Cache<Pod> pods;
    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<PersistentVolume> volumes;
    private final Cache<CSIDriver> drivers;
    private final VolumeUses uses = new VolumeUses();

    /** A volume as the cluster knows it, and whether it can be labelled by mounting it. */
    private record Known(String name, boolean mounts) {}

    private SelinuxWarningController(Context context, Setup setup) {
        events = context.events().from("selinux_warning");
        pods = setup.watch(Pod.class, SelinuxWarningController::ofPod);
        pods.index(PodVolumes.BY_CLAIM, PodVolumes::claims);
        claims = setup.watch(PersistentVolumeClaim.class, this::ofClaim);
        volumes = setup.watch(PersistentVolume.class, this::ofVolume);
        volumes.index(BY_DRIVER, volume -> List.of(driver(volume)));
        drivers = setup.watch(CSIDriver.class, this::ofDriver);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, SelinuxWarningController::new);
    }

    /** Of what concerns us nothing changes in a pod but that it ends. */
    private static Collection<Key> ofPod(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        boolean same = before != null
                && now != null
                && before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Pods.isTerminal(before) == Pods.isTerminal(now);
        return same || PodVolumes.claims(change.object()).isEmpty() ? List.of() : List.of(Key.of(change.object()));
    }

    private Collection<Key> ofClaim(Change<PersistentVolumeClaim> change) {
        String before = change.before() == null ? "" : volumeName(change.before());
        String now = change.now() == null ? "" : volumeName(change.now());
        return before.equals(now) ? List.of() : users(Key.of(change.object())).toList();
    }

    private static String volumeName(PersistentVolumeClaim claim) {
        return claim.getSpec() == null ? "" : OrEmpty.of(claim.getSpec().getVolumeName());
    }

    private Collection<Key> ofVolume(Change<PersistentVolume> change) {
        String before = change.before() == null ? "" : claimUid(change.before());
        PersistentVolume now = change.now();
        return now == null || before.equals(claimUid(now))
                ? List.of()
                : users(now).toList();
    }

    private static String claimUid(PersistentVolume volume) {
        ObjectReference claim =
                volume.getSpec() == null ? null : volume.getSpec().getClaimRef();
        return claim == null ? "" : OrEmpty.of(claim.getUid());
    }

    private Collection<Key> ofDriver(Change<CSIDriver> change) {
        boolean before = change.before() != null && mounts(change.before());
        boolean now = change.now() != null && mounts(change.now());
        return before == now
                ? List.of()
                : volumes.indexed(BY_DRIVER, change.object().getMetadata().getName()).stream()
                        .flatMap(this::users)
                        .distinct()
                        .toList();
    }

    private static boolean mounts(CSIDriver driver) {
        return driver.getSpec() != null && OrEmpty.of(driver.getSpec().getSeLinuxMount());
    }

    private Stream<Key> users(PersistentVolume volume) {
        ObjectReference claim =
                volume.getSpec() == null ? null : volume.getSpec().getClaimRef();
        return claim == null || claim.getName() == null
                ? Stream.of()
                : users(Key.of(claim.getNamespace(), claim.getName()));
    }

    private Stream<Key> users(Key claim) {
        return pods.indexed(PodVolumes.BY_CLAIM, claim.toString()).stream().map(Key::of);
    }

    private static String driver(PersistentVolume volume) {
        CSIPersistentVolumeSource csi =
                volume.getSpec() == null ? null : volume.getSpec().getCsi();
        return csi == null ? "" : OrEmpty.of(csi.getDriver());
    }

    @Override
    public Outcome reconcile(Key key) {
        Pod pod = pods.get(key);
        if (pod == null || Pods.isTerminal(pod)) {
            uses.remove(key);
            return Outcome.done();
        }
        for (VolumeUses.Conflict conflict : uses.put(key, usesOf(pod))) {
            Pod concerned = pods.get(conflict.pod());
            if (concerned != null) {
                events.normal(concerned, conflict.reason(), conflict.message());
            }
        }
        return Outcome.done();
    }

    private Map<String, VolumeUses.Use> usesOf(Pod pod) {
        Map<String, Set<Label>> labels = MountedVolumes.labels(pod);
        Map<String, VolumeUses.Use> found = new HashMap<>();
        for (Volume volume : PodVolumes.of(pod)) {
            Set<Label> each = labels.getOrDefault(OrEmpty.of(volume.getName()), Set.of());
            Known known = each.isEmpty() ? null : known(pod, volume);
            if (known == null) {
                continue;
            }
            if (each.size() > 1) {
                events.warning(
                        pod,
                        "MultipleSELinuxLabels",
                        "Volume \"" + volume.getName()
                                + "\" is mounted twice with different SELinux labels inside this pod");
                continue;
            }
            found.put(known.name(), MountedVolumes.use(pod, each.iterator().next(), known.mounts()));
        }
        return found;
    }

    /** Null if the volume is not bound yet, or of a kind that SELinux does not label by mounting. */
    private @Nullable Known known(Pod pod, Volume volume) {
        String name = PodVolumes.claim(pod, volume);
        PersistentVolumeClaim claim =
                name == null ? null : claims.get(OrEmpty.of(pod.getMetadata().getNamespace()), name);
        if (claim == null || (volume.getEphemeral() != null && PodVolumes.conflict(pod, claim) != null)) {
            return null;
        }
        PersistentVolume found = volumes.get("", volumeName(claim));
        if (found == null || !OrEmpty.of(claim.getMetadata().getUid()).equals(claimUid(found))) {
            return null;
        }
        return known(found.getSpec());
    }

    private @Nullable Known known(PersistentVolumeSpec spec) {
        CSIPersistentVolumeSource csi = spec.getCsi();
        ISCSIPersistentVolumeSource iscsi = spec.getIscsi();
        FCVolumeSource channel = spec.getFc();
        if (csi != null) {
            CSIDriver driver = drivers.get("", OrEmpty.of(csi.getDriver()));
            return new Known(
                    "kubernetes.io/csi/" + csi.getDriver() + '^' + csi.getVolumeHandle(),
                    driver != null && mounts(driver));
        }
        if (iscsi != null) {
            return new Known(
                    "kubernetes.io/iscsi/" + iscsi.getTargetPortal() + ':' + iscsi.getIqn() + ':' + iscsi.getLun(),
                    true);
        }
        return channel == null
                ? null
                : new Known(
                        "kubernetes.io/fc/"
                                + (OrEmpty.of(channel.getTargetWWNs()).isEmpty()
                                        ? channel.getWwids()
                                        : channel.getTargetWWNs() + ":" + channel.getLun()),
                        true);
    }
}
