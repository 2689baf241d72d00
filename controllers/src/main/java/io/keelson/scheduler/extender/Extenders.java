package io.keelson.scheduler.extender;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All extenders of a scheduler, in the order of its configuration. Any thread; what asks waits. */
public final class Extenders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Extenders.class);

    private final List<HttpExtender> extenders;
    private final Prioritizing prioritizing;

    /**
     * What all of them say of a pod.
     *
     * @param kept the names of the nodes that can take it
     * @param failed why others cannot, by name
     * @param unresolvable the same of those that could not if other pods were not there either
     * @param scores what nodes are worth besides, by name
     */
    public record Answer(
            List<String> kept,
            Map<String, String> failed,
            Map<String, String> unresolvable,
            Map<String, Long> scores) {}

    /**
     * None is spoken to yet.
     *
     * @throws IllegalArgumentException if the TLS material of one cannot be read
     */
    public Extenders(List<Extender> settings) {
        this(settings, Prioritizing.UNTOLD);
    }

    /**
     * The same, of which somebody counts what is under way.
     *
     * @throws IllegalArgumentException if the TLS material of one cannot be read
     */
    public Extenders(List<Extender> settings, Prioritizing prioritizing) {
        this.prioritizing = prioritizing;
        extenders = settings.stream().map(HttpExtender::new).toList();
    }

    /** Whether one has a say in where a pod goes. */
    public boolean decideOn(Pod pod) {
        return extenders.stream().anyMatch(each -> (each.filters() || each.prioritizes()) && each.isInterestedIn(pod));
    }

    /** The one that binds a pod; null if the scheduler does. */
    public @Nullable HttpExtender binderOf(Pod pod) {
        return extenders.stream()
                .filter(each -> each.binds() && each.isInterestedIn(pod))
                .findFirst()
                .orElse(null);
    }

    /** Whether one has a say in whom to evict for a pod. */
    public boolean preemptFor(Pod pod) {
        return extenders.stream().anyMatch(each -> each.preempts() && each.isInterestedIn(pod));
    }

    /**
     * Which of some nodes can take a pod, each extender being asked about those that the ones before it kept, and what these
     * are worth. Who gives no scores gives none; that is no error.
     *
     * @throws ExtenderException if one that is not ignorable does not say
     */
    public Answer ask(Pod pod, List<Node> nodes) throws ExtenderException, InterruptedException {
        Map<String, Node> byName = new LinkedHashMap<>();
        nodes.forEach(node -> byName.put(node.getMetadata().getName(), node));
        Map<String, String> failed = new LinkedHashMap<>();
        Map<String, String> unresolvable = new LinkedHashMap<>();
        for (HttpExtender each : extenders) {
            if (byName.isEmpty()) {
                break;
            }
            if (each.filters() && each.isInterestedIn(pod)) {
                filter(each, pod, byName, failed, unresolvable);
            }
        }
        Map<String, Long> scores = new HashMap<>();
        if (byName.size() > 1) {
            for (HttpExtender each : extenders) {
                if (each.prioritizes() && each.isInterestedIn(pod)) {
                    prioritize(each, pod, List.copyOf(byName.values()), scores);
                }
            }
        }
        return new Answer(List.copyOf(byName.keySet()), failed, unresolvable, scores);
    }

    private static void filter(
            HttpExtender extender,
            Pod pod,
            Map<String, Node> nodes,
            Map<String, String> failed,
            Map<String, String> unresolvable)
            throws ExtenderException, InterruptedException {
        try {
            HttpExtender.Filtered filtered = extender.filter(pod, List.copyOf(nodes.values()));
            nodes.keySet().retainAll(filtered.kept());
            failed.putAll(filtered.failed());
            unresolvable.putAll(filtered.unresolvable());
        } catch (ExtenderException e) {
            if (!extender.ignorable()) {
                throw e;
            }
            LOG.info("extender {} is left out, as it may be: {}", extender.name(), e.getMessage());
        }
    }

    private void prioritize(HttpExtender extender, Pod pod, List<Node> nodes, Map<String, Long> scores)
            throws InterruptedException {
        prioritizing.begins();
        try {
            extender.prioritize(pod, nodes).forEach((node, score) -> scores.merge(node, score, Long::sum));
        } catch (ExtenderException e) {
            LOG.info("extender {} gives no scores: {}", extender.name(), e.getMessage());
        } finally {
            prioritizing.ended();
        }
    }

    /**
     * Which of some nodes all agree with, and the uids of who has to go there.
     *
     * @throws ExtenderException if one that is not ignorable does not say
     */
    public Map<String, Set<String>> preempt(Pod pod, List<Offer> offers)
            throws ExtenderException, InterruptedException {
        Map<String, Set<String>> agreed = new LinkedHashMap<>();
        for (Offer offer : offers) {
            Set<String> uids = new HashSet<>();
            offer.victims().forEach(victim -> uids.add(victim.uid()));
            agreed.put(offer.node(), uids);
        }
        List<Offer> left = new ArrayList<>(offers);
        for (HttpExtender each : extenders) {
            if (left.isEmpty()) {
                break;
            }
            if (each.preempts() && each.isInterestedIn(pod)) {
                try {
                    Map<String, Set<String>> answer = each.preempt(pod, left);
                    agreed.keySet().retainAll(answer.keySet());
                    agreed.putAll(answer);
                } catch (ExtenderException e) {
                    if (!each.ignorable()) {
                        throw e;
                    }
                    LOG.info("extender {} is left out, as it may be: {}", each.name(), e.getMessage());
                }
                left.removeIf(offer -> !agreed.containsKey(offer.node()));
            }
        }
        return agreed;
    }

    @Override
    public void close() {
        extenders.forEach(HttpExtender::close);
    }
}
