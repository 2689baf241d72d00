package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the binder sees and writes. What is seen may be behind what is there, unless it is called live; a write succeeds only
 * on the version that was seen, and returns what is there after it.
 */
interface Volumes {
    /** A volume; null if it is not there. */
    @Nullable
    PersistentVolume volume(String name);

    /** A volume as it is now; null if it is not there. */
    @Nullable
    PersistentVolume liveVolume(String name);

    /** The volumes whose {@code claimRef} has the name of a claim, be it this claim or a former one. */
    List<PersistentVolume> naming(PersistentVolumeClaim claim);

    /** The volumes of a class that are Available, name no claim, and are not {@linkplain #take taken} for another claim. */
    List<PersistentVolume> available(String storageClass, PersistentVolumeClaim claim);

    /** A claim; null if it is not there. */
    @Nullable
    PersistentVolumeClaim claim(String namespace, String name);

    /** A claim as it is now; null if it is not there. */
    @Nullable
    PersistentVolumeClaim liveClaim(String namespace, String name);

    /** A class; null if it is not there. */
    @Nullable
    StorageClass storageClass(String name);

    /** The default class; null if there is none. */
    @Nullable
    StorageClass defaultClass();

    /** The names of the pods that use a claim and are on no node yet. */
    List<String> unscheduledPods(PersistentVolumeClaim claim);

    /**
     * Takes a volume for a claim, until a cache shows what was written or {@link #leave} is called: claims that are looked
     * at in the meantime do not see it as available, and need not fail to write it.
     *
     * @return false if it is another claim's already
     */
    boolean take(PersistentVolume volume, PersistentVolumeClaim claim);

    /** Gives back a volume that was taken and could not be written. */
    void leave(PersistentVolume volume);

    /** Wants a claim looked at, after a delay. */
    void ask(String namespace, String name, Duration delay);

    /** Writes a volume without its status. */
    PersistentVolume write(PersistentVolume volume);

    /** Writes a volume's status. */
    PersistentVolume writeStatus(PersistentVolume volume);

    /** Writes a claim without its status. */
    PersistentVolumeClaim write(PersistentVolumeClaim claim);

    /** Writes a claim's status. */
    PersistentVolumeClaim writeStatus(PersistentVolumeClaim claim);
}
