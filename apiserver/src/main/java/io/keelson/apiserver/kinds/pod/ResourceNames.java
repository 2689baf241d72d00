package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.Names;
import java.util.Set;

/** What names of resources mean: {@code cpu}, {@code hugepages-2Mi}, {@code example.com/gpu}. */
public final class ResourceNames {
    public static final String HUGE_PAGES = "hugepages-";

    /** In front of the name of a class of devices, which can be asked for as an extended resource without a name of its own. */
    public static final String OF_DEVICE_CLASS = "deviceclass.resource.kubernetes.io/";

    private static final Set<String> OF_CONTAINERS = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> COUNTED = Set.of(
            "pods",
            "resourcequotas",
            "services",
            "replicationcontrollers",
            "secrets",
            "configmaps",
            "persistentvolumeclaims",
            "services.nodeports",
            "services.loadbalancers");
    private static final Set<String> IN_QUOTAS = Set.of(
            "cpu",
            "memory",
            "ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.storage",
            "requests.ephemeral-storage",
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage");

    private ResourceNames() {}

    /** Whether the name is one of Kubernetes itself, and no one's own. */
    public static boolean isNative(String name) {
        return name.indexOf('/') < 0 || name.contains("kubernetes.io/");
    }

    public static boolean isHugePages(String name) {
        return name.startsWith(HUGE_PAGES);
    }

    /** Whether it is somebody's own resource, which is handed out in whole pieces. */
    public static boolean isExtended(String name) {
        return !isNative(name)
                && !name.startsWith("requests.")
                && Names.qualifiedName("requests." + name).isEmpty();
    }

    /** Whether it stands for devices of a class, by the name of the class. */
    public static boolean isOfDeviceClass(String name) {
        return name.startsWith(OF_DEVICE_CLASS);
    }

    public static boolean isWhole(String name) {
        return COUNTED.contains(name) || isExtended(name);
    }

    /** Whether a container may use more than it requests. */
    public static boolean mayBeOvercommitted(String name) {
        return isNative(name) && !isHugePages(name);
    }

    public static boolean isStandardForContainers(String name) {
        return OF_CONTAINERS.contains(name) || isHugePages(name);
    }

    public static boolean isStandardForQuotas(String name) {
        return IN_QUOTAS.contains(name)
                || COUNTED.contains(name)
                || isHugePages(name)
                || name.startsWith("requests." + HUGE_PAGES);
    }

    public static boolean isStandard(String name) {
        return name.equals("storage") || isStandardForQuotas(name);
    }

    /** Whether a pod as a whole can request it. */
    public static boolean isOfPods(String name) {
        return name.equals("cpu") || name.equals("memory") || isHugePages(name);
    }
}
