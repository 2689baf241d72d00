package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the pods that a rule is for.
 *
 * @param choice which pods those are
 * @param runningAfter how long it takes from when a pod is on its node until its containers run
 * @param readyAfter how long from then until they are ready
 * @param exit when they exit, counted from when they run; null for never
 * @param stopAfter how long they take to stop when the pod is deleted; never longer than its grace period
 * @param jitter by which part, 0 to 1, each of these is longer or shorter
 * @param usage what one uses while it runs, by resource
 */
record PodRule(
        Choice choice,
        Duration runningAfter,
        Duration readyAfter,
        @Nullable Exit exit,
        Duration stopAfter,
        double jitter,
        Map<String, UsageCurve> usage) {
    /** When containers exit, and with which code. */
    record Exit(Duration after, int code) {}

    /**
     * Which pods; all parts must be true, and an empty list is true of all.
     *
     * @param images patterns with {@code *}; one container's image at least fits one of them
     * @param owners kinds of the controller, {@code Job} for example
     */
    record Choice(
            List<String> namespaces, Predicate<Map<String, String>> labels, List<Pattern> images, List<String> owners) {
        boolean matches(Pod pod) {
            return (namespaces.isEmpty()
                            || namespaces.contains(pod.getMetadata().getNamespace()))
                    && labels.test(OrEmpty.of(pod.getMetadata().getLabels()))
                    && (images.isEmpty() || hasImage(pod))
                    && (owners.isEmpty() || owners.contains(owner(pod)));
        }

        private boolean hasImage(Pod pod) {
            for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
                String image = OrEmpty.of(container.getImage());
                if (images.stream().anyMatch(pattern -> pattern.matcher(image).matches())) {
                    return true;
                }
            }
            return false;
        }

        private static String owner(Pod pod) {
            OwnerReference controller = Owners.controllerOf(pod);
            return controller == null ? "" : OrEmpty.of(controller.getKind());
        }
    }
}
