package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Which storage class a claim or a volume is of, and which one is the default. */
public final class StorageClasses {
    /** Marks a class as the one for claims that name none. */
    public static final String IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

    private static final String IS_DEFAULT_BETA = "storageclass.beta.kubernetes.io/is-default-class";
    private static final String CLASS_BETA = "volume.beta.kubernetes.io/storage-class";

    private StorageClasses() {}

    /** The name of a claim's class, by the annotation of former times or its field; empty if it has none. */
    public static String of(PersistentVolumeClaim claim) {
        String annotated = annotation(claim, CLASS_BETA);
        return annotated != null ? annotated : OrEmpty.of(claim.getSpec().getStorageClassName());
    }

    /** Whether a claim leaves the class open; one that says the empty class does not. */
    public static boolean isOpen(PersistentVolumeClaim claim) {
        return claim.getSpec().getStorageClassName() == null && annotation(claim, CLASS_BETA) == null;
    }

    /** The name of a volume's class, by the annotation of former times or its field; empty if it has none. */
    public static String of(PersistentVolume volume) {
        String annotated = annotation(volume, CLASS_BETA);
        return annotated != null ? annotated : OrEmpty.of(volume.getSpec().getStorageClassName());
    }

    /** Whether a class is marked as the default. */
    public static boolean isDefault(StorageClass storageClass) {
        return "true".equals(annotation(storageClass, IS_DEFAULT))
                || "true".equals(annotation(storageClass, IS_DEFAULT_BETA));
    }

    /** The default: of several that are marked the newest, of those made in one second the first by name; null if none is. */
    public static @Nullable StorageClass defaultOf(Collection<StorageClass> classes) {
        return classes.stream()
                .filter(StorageClasses::isDefault)
                .min(Comparator.comparing(
                                (StorageClass one) ->
                                        OrEmpty.of(one.getMetadata().getCreationTimestamp()),
                                Comparator.reverseOrder())
                        .thenComparing(one -> one.getMetadata().getName()))
                .orElse(null);
    }

    /** Whether volumes of a class are bound only when a pod wants them; not of a class that is not there. */
    public static boolean waitsForConsumer(@Nullable StorageClass storageClass) {
        return storageClass != null && "WaitForFirstConsumer".equals(storageClass.getVolumeBindingMode());
    }

    private static @Nullable String annotation(HasMetadata object, String name) {
        return OrEmpty.of(object.getMetadata().getAnnotations()).get(name);
    }
}
