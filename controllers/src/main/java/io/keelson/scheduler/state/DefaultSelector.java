package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which pods belong together with one that does not say so itself: those that all the Services select which select it, and
 * that its controller selects.
 */
public final class DefaultSelector {
    private DefaultSelector() {}

    /**
     * The selector for a pod.
     *
     * @param services of its namespace; those that do not select the pod do not matter
     * @param controller its ReplicaSet, StatefulSet or ReplicationController; any other kind does not matter
     * @return null if nothing selects the pod
     */
    public static @Nullable LabelSelector of(Pod pod, Collection<Service> services, @Nullable HasMetadata controller) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Service service : services) {
            Map<String, String> selector = service.getSpec() == null
                    ? Map.of()
                    : OrEmpty.of(service.getSpec().getSelector());
            if (!selector.isEmpty()
                    && OrEmpty.of(pod.getMetadata().getLabels()).entrySet().containsAll(selector.entrySet())) {
                labels.putAll(selector);
            }
        }
        LabelSelectorBuilder all = new LabelSelectorBuilder();
        LabelSelector own = selector(controller);
        if (own != null) {
            labels.putAll(OrEmpty.of(own.getMatchLabels()));
            all.addAllToMatchExpressions(OrEmpty.of(own.getMatchExpressions()));
        }
        LabelSelector selector = all.addToMatchLabels(labels).build();
        return labels.isEmpty() && selector.getMatchExpressions().isEmpty() ? null : selector;
    }

    private static @Nullable LabelSelector selector(@Nullable HasMetadata controller) {
        return switch (controller) {
            case ReplicaSet set when set.getSpec() != null -> set.getSpec().getSelector();
            case StatefulSet set when set.getSpec() != null -> set.getSpec().getSelector();
            case ReplicationController set
            when set.getSpec() != null ->
                new LabelSelectorBuilder()
                        .withMatchLabels(OrEmpty.of(set.getSpec().getSelector()))
                        .build();
            case null, default -> null;
        };
    }
}
