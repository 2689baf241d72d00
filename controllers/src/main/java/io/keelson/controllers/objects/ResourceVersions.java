package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The order of the versions of objects of a kind. Since Kubernetes 1.35 they are promised to be decimal numbers, without
 * leading zeros, that grow. Any other version is opaque: it is the same as itself, and neither before nor after another.
 * So who asks whether a version is older is told yes only if it surely is.
 */
public final class ResourceVersions {
    private ResourceVersions() {}

    /** Whether one version of an object is before another; false if that cannot be told. */
    public static boolean isOlder(HasMetadata one, HasMetadata other) {
        return isOlder(of(one), of(other));
    }

    /** Whether one version is before another; false if that cannot be told. */
    public static boolean isOlder(@Nullable String one, @Nullable String other) {
        if (one == null || other == null || !isNumber(one) || !isNumber(other)) {
            return false;
        }
        // They may be too long for a long.
        return one.length() == other.length() ? one.compareTo(other) < 0 : one.length() < other.length();
    }

    /** Whether both are one version; false if one has none. */
    public static boolean isSame(HasMetadata one, HasMetadata other) {
        return !of(one).isEmpty() && of(one).equals(of(other));
    }

    /** An object's version; empty if it has none. */
    public static String of(HasMetadata object) {
        return OrEmpty.of(object.getMetadata().getResourceVersion());
    }

    private static boolean isNumber(String version) {
        return !version.isEmpty()
                && version.charAt(0) != '0'
                && version.chars().allMatch(each -> each >= '0' && each <= '9');
    }
}
