package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.runtime.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An API in memory, with what a cache sees of it, which is behind until it is told to catch up, and with a number of writes
 * after which the process crashes.
 */
final class World implements Volumes, Events {
    final Map<String, PersistentVolume> volumes = new HashMap<>();
    final Map<String, PersistentVolumeClaim> claims = new HashMap<>();
    final Map<String, StorageClass> classes = new HashMap<>();
    final List<String> pods = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    final Set<String> asked = new HashSet<>();
    final Map<String, String> taken = new HashMap<>();
    int writesLeft = Integer.MAX_VALUE;
    int writes;
    private final Map<String, PersistentVolume> seenVolumes = new HashMap<>();
    private final Map<String, PersistentVolumeClaim> seenClaims = new HashMap<>();
    private int version;

    /** The process is gone. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Somebody else wrote before. */
    static final class Conflict extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    void put(PersistentVolume volume) {
        volumes.put(volume.getMetadata().getName(), stamped(volume));
        see(volume.getMetadata().getName());
    }

    void put(PersistentVolumeClaim claim) {
        claims.put(key(claim), stamped(claim));
        see(key(claim));
    }

    /** The cache catches up with all objects. */
    void seeAll() {
        Set<String> names = new HashSet<>(volumes.keySet());
        names.addAll(claims.keySet());
        names.addAll(seenVolumes.keySet());
        names.addAll(seenClaims.keySet());
        names.forEach(this::see);
    }

    /** The cache catches up with one object. */
    void see(String name) {
        copy(volumes, seenVolumes, name);
        taken.remove(name);
        copy(claims, seenClaims, name);
    }

    private static <T> void copy(Map<String, T> from, Map<String, T> to, String name) {
        T now = from.get(name);
        if (now == null) {
            to.remove(name);
        } else {
            to.put(name, now);
        }
    }

    static String key(PersistentVolumeClaim claim) {
        return claim.getMetadata().getNamespace() + '/' + claim.getMetadata().getName();
    }

    /** Looks at an object once, as a worker does: a conflict is for the next time. */
    boolean sync(Binder binder, String name) {
        try {
            if (seenVolumes.containsKey(name)) {
                binder.sync(Objects.requireNonNull(seenVolumes.get(name)));
            }
            if (seenClaims.containsKey(name)) {
                binder.sync(Objects.requireNonNull(seenClaims.get(name)));
            }
            return true;
        } catch (Conflict e) {
            return false;
        }
    }

    /** Looks at everything until nothing is written any more. */
    void settle(Binder binder) {
        for (int round = 0; round < 20; round++) {
            seeAll();
            int before = writes;
            List<String> names = new ArrayList<>(volumes.keySet());
            names.addAll(claims.keySet());
            names.forEach(name -> {
                sync(binder, name);
                seeAll();
            });
            if (writes == before) {
                return;
            }
        }
        throw new AssertionError("it never settles");
    }

    private void count() {
        if (writesLeft-- == 0) {
            throw new Crash();
        }
        writes++;
    }

    private PersistentVolume stamped(PersistentVolume volume) {
        return new PersistentVolumeBuilder(volume)
                .editMetadata()
                .withResourceVersion(String.valueOf(++version))
                .endMetadata()
                .build();
    }

    private PersistentVolumeClaim stamped(PersistentVolumeClaim claim) {
        return new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .withResourceVersion(String.valueOf(++version))
                .endMetadata()
                .build();
    }

    private static <T extends HasMetadata> T current(@Nullable T stored, T written) {
        if (stored == null
                || !stored.getMetadata()
                        .getResourceVersion()
                        .equals(written.getMetadata().getResourceVersion())) {
            throw new Conflict();
        }
        return stored;
    }

    @Override
    public PersistentVolume write(PersistentVolume volume) {
        count();
        PersistentVolume stored = current(volumes.get(volume.getMetadata().getName()), volume);
        PersistentVolume now = stamped(new PersistentVolumeBuilder(volume)
                .withStatus(stored.getStatus())
                .build());
        volumes.put(volume.getMetadata().getName(), now);
        return now;
    }

    @Override
    public PersistentVolume writeStatus(PersistentVolume volume) {
        count();
        PersistentVolume stored = current(volumes.get(volume.getMetadata().getName()), volume);
        PersistentVolume now = stamped(new PersistentVolumeBuilder(stored)
                .withStatus(volume.getStatus())
                .build());
        volumes.put(volume.getMetadata().getName(), now);
        return now;
    }

    @Override
    public PersistentVolumeClaim write(PersistentVolumeClaim claim) {
        count();
        PersistentVolumeClaim stored = current(claims.get(key(claim)), claim);
        PersistentVolumeClaim now = stamped(new PersistentVolumeClaimBuilder(claim)
                .withStatus(stored.getStatus())
                .build());
        claims.put(key(claim), now);
        return now;
    }

    @Override
    public PersistentVolumeClaim writeStatus(PersistentVolumeClaim claim) {
        count();
        PersistentVolumeClaim stored = current(claims.get(key(claim)), claim);
        PersistentVolumeClaim now = stamped(new PersistentVolumeClaimBuilder(stored)
                .withStatus(claim.getStatus())
                .build());
        claims.put(key(claim), now);
        return now;
    }

    @Override
    public @Nullable PersistentVolume volume(String name) {
        return seenVolumes.get(name);
    }

    @Override
    public @Nullable PersistentVolume liveVolume(String name) {
        return volumes.get(name);
    }

    @Override
    public List<PersistentVolume> naming(PersistentVolumeClaim claim) {
        return seenVolumes.values().stream()
                .filter(volume -> volume.getSpec().getClaimRef() != null)
                .toList();
    }

    @Override
    public List<PersistentVolume> available(String storageClass, PersistentVolumeClaim claim) {
        return List.copyOf(seenVolumes.values());
    }

    @Override
    public @Nullable PersistentVolumeClaim claim(String namespace, String name) {
        return seenClaims.get(namespace + '/' + name);
    }

    @Override
    public @Nullable PersistentVolumeClaim liveClaim(String namespace, String name) {
        return claims.get(namespace + '/' + name);
    }

    @Override
    public @Nullable StorageClass storageClass(String name) {
        return classes.get(name);
    }

    @Override
    public @Nullable StorageClass defaultClass() {
        return StorageClasses.defaultOf(classes.values());
    }

    @Override
    public List<String> unscheduledPods(PersistentVolumeClaim claim) {
        return pods;
    }

    @Override
    public boolean take(PersistentVolume volume, PersistentVolumeClaim claim) {
        String uid = claim.getMetadata().getUid();
        String known = taken.putIfAbsent(volume.getMetadata().getName(), uid);
        return known == null || known.equals(uid);
    }

    @Override
    public void leave(PersistentVolume volume) {
        taken.remove(volume.getMetadata().getName());
    }

    @Override
    public void ask(String namespace, String name, Duration delay) {
        asked.add(namespace + '/' + name);
    }

    @Override
    public void normal(HasMetadata about, String reason, String message) {
        told.add(about.getMetadata().getName() + " Normal " + reason + ' ' + message);
    }

    @Override
    public void warning(HasMetadata about, String reason, String message) {
        told.add(about.getMetadata().getName() + " Warning " + reason + ' ' + message);
    }

    @Override
    public Events from(String component) {
        return this;
    }
}
