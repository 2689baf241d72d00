package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be read off a pod, with what is meant where a field is missing. */
public final class PodTraits {
    /** Says where a pod comes from: {@code file}, or {@code api} if it is not there. */
    public static final String SOURCE = "kubernetes.io/config.source";

    /** The hash of a static pod's manifest, which is its uid as well. */
    public static final String HASH = "kubernetes.io/config.hash";

    /** On the object in the API that stands for a static pod: the hash of the pod that it shows. */
    public static final String MIRROR = "kubernetes.io/config.mirror";

    /** When the agent saw a pod first. */
    public static final String SEEN = "kubernetes.io/config.seen";

    private static final long GRACE_SECONDS = 30;
    private static final int SYSTEM_PRIORITY = 2_000_000_000;

    private PodTraits() {}

    /** How messages name a pod: {@code NAME_NAMESPACE(UID)}. */
    public static String text(Pod pod) {
        return pod.getMetadata().getName()
                + '_'
                + pod.getMetadata().getNamespace()
                + '('
                + pod.getMetadata().getUid()
                + ')';
    }

    /** An annotation; empty if it is not there. */
    public static String annotation(Pod pod, String name) {
        Map<String, String> annotations = OrEmpty.of(pod.getMetadata().getAnnotations());
        return OrEmpty.of(annotations.get(name));
    }

    /** Whether it comes from a folder of this machine. */
    public static boolean isStatic(Pod pod) {
        String source = annotation(pod, SOURCE);
        return !source.isEmpty() && !source.equals("api") && !isMirror(pod);
    }

    /** Whether it only shows a static pod in the API. */
    public static boolean isMirror(Pod pod) {
        return OrEmpty.of(pod.getMetadata().getAnnotations()).containsKey(MIRROR);
    }

    /** Whether the node, or the cluster, cannot do without it: a static pod, or one of a priority of the system. */
    public static boolean isCritical(Pod pod) {
        Integer priority = pod.getSpec().getPriority();
        return isStatic(pod) || isMirror(pod) || (priority != null && priority >= SYSTEM_PRIORITY);
    }

    /** Whether it uses the node's own network. */
    public static boolean isOnHostNetwork(Pod pod) {
        return OrEmpty.of(pod.getSpec().getHostNetwork());
    }

    /** Whether its users are not the node's. */
    public static boolean hasOwnUsers(Pod pod) {
        return Boolean.FALSE.equals(pod.getSpec().getHostUsers());
    }

    /** {@code Always}, {@code OnFailure} or {@code Never}. */
    public static String restartPolicy(Pod pod) {
        String policy = pod.getSpec().getRestartPolicy();
        return policy == null || policy.isEmpty() ? "Always" : policy;
    }

    /** How long its processes have to end: as its deletion says, or else as it says itself. */
    public static long graceSeconds(Pod pod) {
        Long byDeletion = pod.getMetadata().getDeletionGracePeriodSeconds();
        if (byDeletion != null) {
            return byDeletion;
        }
        PodSpec spec = pod.getSpec();
        Long own = spec == null ? null : spec.getTerminationGracePeriodSeconds();
        return own == null ? GRACE_SECONDS : own;
    }

    /** Where a container writes why it ended. */
    public static String terminationMessagePath(Container container) {
        String path = container.getTerminationMessagePath();
        return path == null || path.isEmpty() ? "/dev/termination-log" : path;
    }

    /** {@code File} or {@code FallbackToLogsOnError}. */
    public static String terminationMessagePolicy(Container container) {
        String policy = container.getTerminationMessagePolicy();
        return policy == null || policy.isEmpty() ? "File" : policy;
    }

    /** A text that is not empty; null otherwise. */
    public static @Nullable String nullIfEmpty(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
