package io.keelson.controllers.churn;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What looks at workloads says in a cluster at rest what there is: endpoints, budgets, quotas, autoscalers, volumes, nodes. */
final class ServiceInvariants {
    private final KubernetesClient client;
    private final List<Pod> pods;
    private final List<EndpointSlice> slices;
    private final List<String> problems = new ArrayList<>();

    private ServiceInvariants(KubernetesClient client) {
        this.client = client;
        pods = client.pods().inAnyNamespace().list().getItems();
        slices =
                client.discovery().v1().endpointSlices().inAnyNamespace().list().getItems();
    }

    /** What is wrong. */
    static List<String> problems(KubernetesClient client) {
        ServiceInvariants invariants = new ServiceInvariants(client);
        client.services().inAnyNamespace().list().getItems().forEach(invariants::check);
        client.policy()
                .v1()
                .podDisruptionBudget()
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(invariants::check);
        client.resourceQuotas().inAnyNamespace().list().getItems().forEach(invariants::check);
        client.autoscaling()
                .v2()
                .horizontalPodAutoscalers()
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(invariants::check);
        client.persistentVolumes().list().getItems().forEach(invariants::check);
        client.nodes().list().getItems().forEach(invariants::check);
        return invariants.problems;
    }

    private List<Pod> chosen(String namespace, Map<String, String> selector) {
        return pods.stream()
                .filter(pod -> pod.getMetadata().getNamespace().equals(namespace)
                        && OrEmpty.of(pod.getMetadata().getLabels()).entrySet().containsAll(selector.entrySet()))
                .toList();
    }

    private void expect(String what, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            problems.add(what + " must be " + wanted + ", is " + found);
        }
    }

    private void check(Service service) {
        Map<String, String> selector = OrEmpty.of(service.getSpec().getSelector());
        if (selector.isEmpty()) {
            return;
        }
        String namespace = service.getMetadata().getNamespace();
        String name = service.getMetadata().getName();
        Set<String> wanted = new TreeSet<>();
        for (Pod pod : chosen(namespace, selector)) {
            if (Pods.isReady(pod)) {
                wanted.add(pod.getStatus().getPodIP());
            }
        }
        Set<String> sliced = new TreeSet<>();
        for (EndpointSlice slice : slices) {
            if (namespace.equals(slice.getMetadata().getNamespace())
                    && name.equals(OrEmpty.of(slice.getMetadata().getLabels()).get("kubernetes.io/service-name"))) {
                OrEmpty.of(slice.getEndpoints()).stream()
                        .filter(endpoint -> OrEmpty.of(endpoint.getConditions().getReady()))
                        .forEach(endpoint -> sliced.addAll(endpoint.getAddresses()));
            }
        }
        expect("slices of " + Invariants.named(service), wanted, sliced);
        Endpoints endpoints =
                client.endpoints().inNamespace(namespace).withName(name).get();
        Set<String> listed = new TreeSet<>();
        if (endpoints != null) {
            OrEmpty.of(endpoints.getSubsets())
                    .forEach(subset -> OrEmpty.of(subset.getAddresses()).stream()
                            .map(EndpointAddress::getIp)
                            .forEach(listed::add));
        }
        expect("endpoints of " + Invariants.named(service), wanted, listed);
    }

    private void check(PodDisruptionBudget budget) {
        List<Pod> chosen = chosen(
                budget.getMetadata().getNamespace(),
                budget.getSpec().getSelector().getMatchLabels());
        String name = Invariants.named(budget);
        expect(name + " expected", chosen.size(), budget.getStatus().getExpectedPods());
        expect(
                name + " healthy",
                (int) chosen.stream().filter(Pods::isReady).count(),
                budget.getStatus().getCurrentHealthy());
        expect(
                name + " observed",
                budget.getMetadata().getGeneration(),
                budget.getStatus().getObservedGeneration());
    }

    private void check(ResourceQuota quota) {
        String namespace = quota.getMetadata().getNamespace();
        String name = Invariants.named(quota);
        Map<String, Quantity> used = quota.getStatus().getUsed();
        expect(name + " hard", quota.getSpec().getHard(), quota.getStatus().getHard());
        long active = chosen(namespace, Map.of()).stream()
                .filter(pod -> !Pods.isTerminal(pod))
                .count();
        int replicaSets = client.apps()
                .replicaSets()
                .inNamespace(namespace)
                .list()
                .getItems()
                .size();
        int services =
                client.services().inNamespace(namespace).list().getItems().size();
        expect(name + " pods", String.valueOf(active), String.valueOf(used.get("pods")));
        expect(name + " ReplicaSets", String.valueOf(replicaSets), String.valueOf(used.get("count/replicasets.apps")));
        expect(name + " services", String.valueOf(services), String.valueOf(used.get("services")));
    }

    private void check(HorizontalPodAutoscaler autoscaler) {
        var target = client.apps()
                .deployments()
                .inNamespace(autoscaler.getMetadata().getNamespace())
                .withName(autoscaler.getSpec().getScaleTargetRef().getName())
                .get();
        if (target == null || target.getSpec().getReplicas() == 0) {
            return;
        }
        int replicas = target.getSpec().getReplicas();
        if (replicas < autoscaler.getSpec().getMinReplicas()
                || replicas > autoscaler.getSpec().getMaxReplicas()) {
            problems.add(Invariants.named(autoscaler) + " leaves its target at " + replicas);
        }
    }

    private void check(PersistentVolume volume) {
        var reference = volume.getSpec().getClaimRef();
        PersistentVolumeClaim claim = reference == null
                ? null
                : client.persistentVolumeClaims()
                        .inNamespace(reference.getNamespace())
                        .withName(reference.getName())
                        .get();
        if (claim == null || !claim.getMetadata().getUid().equals(reference.getUid())) {
            problems.add(Invariants.named(volume) + " is nobody's: " + reference);
        }
    }

    private void check(Node node) {
        boolean ready = node.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
        if (!ready || !OrEmpty.of(node.getSpec().getTaints()).isEmpty()) {
            problems.add(Invariants.named(node) + " is not well: "
                    + node.getSpec().getTaints() + ' ' + node.getStatus().getConditions());
        }
    }
}
