package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod as the scheduler asks about it, read once. It does not change: another version of the pod is another one of these.
 *
 * @param uid what no other pod ever has
 * @param priority how important it is; 0 if it does not say
 * @param requests what has to be free on a node
 * @param usual what it counts for when nodes are compared
 * @param ports of the node that it takes
 * @param spread its own constraints, or else the cluster's defaults
 * @param spreadsLeniently whether nodes without the labels of all constraints are compared by those that they have
 * @param volumes those of its volumes that are more than files of the node or the API
 */
public record PodInfo(
        Pod pod,
        String uid,
        int priority,
        Amounts requests,
        Amounts usual,
        List<HostPort> ports,
        List<AffinityTerm> affinity,
        List<AffinityTerm> antiAffinity,
        List<AffinityTerm> preferredAffinity,
        List<AffinityTerm> preferredAntiAffinity,
        List<SpreadConstraint> spread,
        boolean spreadsLeniently,
        PodVolumeUse volumes) {

    /**
     * Reads a pod that is not spread unless it says how, as one that is on a node already.
     *
     * @throws IllegalArgumentException if something in it means nothing, which an API server would have refused
     */
    public static PodInfo of(Pod pod, ResourceTable table) {
        return of(pod, table, DefaultSpread.NONE, null);
    }

    /**
     * Reads a pod.
     *
     * @param defaults how it is spread if it does not say
     * @param group which pods are counted then, by {@link DefaultSelector}; null for none, then it is not spread
     * @throws IllegalArgumentException if something in it means nothing, which an API server would have refused
     */
    public static PodInfo of(Pod pod, ResourceTable table, DefaultSpread defaults, @Nullable LabelSelector group) {
        PodSpec spec = pod.getSpec();
        boolean isDefault = OrEmpty.of(spec.getTopologySpreadConstraints()).isEmpty();
        Affinity affinity = spec.getAffinity();
        var near = affinity == null ? null : affinity.getPodAffinity();
        var apart = affinity == null ? null : affinity.getPodAntiAffinity();
        return new PodInfo(
                pod,
                pod.getMetadata().getUid(),
                OrEmpty.of(spec.getPriority()),
                table.shared(PodRequests.of(pod, table)),
                table.shared(PodRequests.usual(pod, table)),
                ports(spec),
                required(pod, near == null ? null : near.getRequiredDuringSchedulingIgnoredDuringExecution()),
                required(pod, apart == null ? null : apart.getRequiredDuringSchedulingIgnoredDuringExecution()),
                preferred(pod, near == null ? null : near.getPreferredDuringSchedulingIgnoredDuringExecution()),
                preferred(pod, apart == null ? null : apart.getPreferredDuringSchedulingIgnoredDuringExecution()),
                isDefault ? defaults(pod, defaults, group) : spread(pod, spec.getTopologySpreadConstraints()),
                isDefault && defaults.isLenient(),
                PodVolumeUse.of(pod));
    }

    /**
     * Whether what the node says of two versions of a pod comes to the same for what the pod takes of it: while a container is
     * resized in place, that is more than the pod asks for, until the node tells that it is done.
     */
    public static boolean runsOnTheSame(Pod one, Pod other) {
        return PodRequests.runsOnTheSame(one, other);
    }

    private static List<SpreadConstraint> defaults(Pod pod, DefaultSpread defaults, @Nullable LabelSelector group) {
        if (group == null) {
            return List.of();
        }
        return spread(
                pod,
                defaults.constraints().stream()
                        .map(each -> new TopologySpreadConstraintBuilder(each)
                                .withLabelSelector(group)
                                .build())
                        .toList());
    }

    private static List<HostPort> ports(PodSpec spec) {
        List<HostPort> ports = new ArrayList<>();
        List<Container> containers = new ArrayList<>(OrEmpty.of(spec.getContainers()));
        for (Container container : OrEmpty.of(spec.getInitContainers())) {
            if ("Always".equals(container.getRestartPolicy())) {
                containers.add(container);
            }
        }
        for (Container container : containers) {
            for (ContainerPort port : OrEmpty.of(container.getPorts())) {
                int number = OrEmpty.of(port.getHostPort());
                if (number > 0) {
                    String address = OrEmpty.of(port.getHostIP());
                    String protocol = OrEmpty.of(port.getProtocol());
                    ports.add(new HostPort(
                            address.isEmpty() ? "0.0.0.0" : address, protocol.isEmpty() ? "TCP" : protocol, number));
                }
            }
        }
        return List.copyOf(ports);
    }

    private static List<AffinityTerm> required(Pod pod, @Nullable List<PodAffinityTerm> terms) {
        return OrEmpty.of(terms).stream().map(term -> term(pod, term, 0)).toList();
    }

    private static List<AffinityTerm> preferred(Pod pod, @Nullable List<WeightedPodAffinityTerm> terms) {
        return OrEmpty.of(terms).stream()
                .map(term -> term(pod, term.getPodAffinityTerm(), OrEmpty.of(term.getWeight())))
                .toList();
    }

    private static AffinityTerm term(Pod pod, PodAffinityTerm term, int weight) {
        String own = pod.getMetadata().getNamespace();
        List<String> named = OrEmpty.of(term.getNamespaces());
        Set<String> namespaces =
                named.isEmpty() && term.getNamespaceSelector() == null ? Set.of(own) : Set.copyOf(named);
        LabelSelector selector = withOwnLabels(pod, term.getLabelSelector(), term.getMatchLabelKeys(), "In");
        selector = withOwnLabels(pod, selector, term.getMismatchLabelKeys(), "NotIn");
        return new AffinityTerm(
                PodMatcher.of(namespaces, term.getNamespaceSelector(), selector), term.getTopologyKey(), weight);
    }

    /** A selector that asks as well for the values that the pod itself has of some labels, or for none of them. */
    private static @Nullable LabelSelector withOwnLabels(
            Pod pod, @Nullable LabelSelector selector, @Nullable List<String> keys, String operator) {
        if (selector == null || OrEmpty.of(keys).isEmpty()) {
            return selector;
        }
        Map<String, String> labels = OrEmpty.of(pod.getMetadata().getLabels());
        LabelSelectorBuilder with = new LabelSelectorBuilder(selector);
        for (String key : OrEmpty.of(keys)) {
            String value = labels.get(key);
            if (value != null) {
                with.addToMatchExpressions(new LabelSelectorRequirement(key, operator, List.of(value)));
            }
        }
        return with.build();
    }

    private static List<SpreadConstraint> spread(Pod pod, List<TopologySpreadConstraint> all) {
        Set<String> namespace = Set.of(pod.getMetadata().getNamespace());
        List<SpreadConstraint> constraints = new ArrayList<>();
        for (TopologySpreadConstraint constraint : all) {
            LabelSelector selector =
                    withOwnLabels(pod, constraint.getLabelSelector(), constraint.getMatchLabelKeys(), "In");
            // kube-scheduler counts no pod for a selector that asks nothing, but the new one as if it were selected.
            constraints.add(new SpreadConstraint(
                    PodMatcher.of(namespace, null, asksNothing(selector) ? null : selector)
                            .withoutLeaving(),
                    constraint.getTopologyKey(),
                    Math.max(1, OrEmpty.of(constraint.getMaxSkew())),
                    Math.max(1, OrEmpty.of(constraint.getMinDomains())),
                    "DoNotSchedule".equals(constraint.getWhenUnsatisfiable()),
                    !"Ignore".equals(constraint.getNodeAffinityPolicy()),
                    "Honor".equals(constraint.getNodeTaintsPolicy()),
                    Selectors.of(selector).test(OrEmpty.of(pod.getMetadata().getLabels()))));
        }
        return List.copyOf(constraints);
    }

    private static boolean asksNothing(@Nullable LabelSelector selector) {
        return selector != null
                && OrEmpty.of(selector.getMatchLabels()).isEmpty()
                && OrEmpty.of(selector.getMatchExpressions()).isEmpty();
    }

    /**
     * The same pod, spread as the defaults say if it does not say itself.
     *
     * @param group which pods are counted then; null for none, then it is not spread
     */
    public PodInfo spreadBy(DefaultSpread defaults, @Nullable LabelSelector group) {
        if (!OrEmpty.of(pod.getSpec().getTopologySpreadConstraints()).isEmpty()) {
            return this;
        }
        return new PodInfo(
                pod,
                uid,
                priority,
                requests,
                usual,
                ports,
                affinity,
                antiAffinity,
                preferredAffinity,
                preferredAntiAffinity,
                defaults(pod, defaults, group),
                defaults.isLenient(),
                volumes);
    }

    /** Which scheduler it is for; empty if it does not say. */
    public String schedulerName() {
        return OrEmpty.of(pod.getSpec().getSchedulerName());
    }

    /** Which pod. */
    public Key key() {
        return Key.of(pod);
    }

    /** Its namespace. */
    public String namespace() {
        return pod.getMetadata().getNamespace();
    }

    /** Its labels. */
    public Map<String, String> labels() {
        return OrEmpty.of(pod.getMetadata().getLabels());
    }
}
