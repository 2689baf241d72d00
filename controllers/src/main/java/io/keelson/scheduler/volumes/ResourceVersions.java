package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.objects.OrEmpty;

/** The order of an object's versions. Since Kubernetes 1.35 they are promised to be whole numbers that grow. */
final class ResourceVersions {
    private ResourceVersions() {}

    /** Whether one version of an object is before another; false if that cannot be told. */
    static boolean isOlder(HasMetadata one, HasMetadata other) {
        String first = version(one);
        String second = version(other);
        if (!isNumber(first) || !isNumber(second)) {
            return false;
        }
        // Without leading zeros, and too long perhaps for a long.
        return first.length() == second.length() ? first.compareTo(second) < 0 : first.length() < second.length();
    }

    /** Whether both are one version. */
    static boolean isSame(HasMetadata one, HasMetadata other) {
        return !version(one).isEmpty() && version(one).equals(version(other));
    }

    private static String version(HasMetadata object) {
        return OrEmpty.of(object.getMetadata().getResourceVersion());
    }

    private static boolean isNumber(String version) {
        return !version.isEmpty() && version.chars().allMatch(each -> each >= '0' && each <= '9');
    }
}
