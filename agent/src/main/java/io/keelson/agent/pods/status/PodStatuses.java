package io.keelson.agent.pods.status;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodQuality;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.wire.cri.PodSandboxNetworkStatus;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a pod's status of all that it depends on. */
public final class PodStatuses {
    private PodStatuses() {}

    /** The whole status. */
    public static PodStatus of(StatusView view) {
        Pod pod = view.pod();
        if (view.verdict().filter(Verdict::refused).isPresent()) {
            return refused(view, view.verdict().get());
        }
        ContainerStatuses containers = new ContainerStatuses(view);
        List<ContainerStatus> initial = containers.of(PodContainers.initial(view.allocated()));
        List<ContainerStatus> ordinary = containers.of(PodContainers.ordinary(view.allocated())).stream()
                .sorted(Comparator.comparing(ContainerStatus::getName))
                .toList();
        List<ContainerStatus> ephemeral = containers.of(PodContainers.ephemeral(view.allocated()));
        List<ContainerStatus> counted = new ArrayList<>(initial);
        counted.addAll(ordinary);
        Map<String, ContainerStatus> byName = ContainerStatuses.byName(counted);
        PodStatusBuilder status = new PodStatusBuilder()
                .withInitContainerStatuses(initial)
                .withContainerStatuses(ordinary)
                .withEphemeralContainerStatuses(ephemeral)
                .withQosClass(quality(view))
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .withStartTime(view.startedAt().truncatedTo(ChronoUnit.SECONDS).toString());
        String phase = phase(view, byName, status);
        status.withPhase(phase);
        addAddresses(view, status);
        addWholeResources(view, status);
        status.withConditions(conditions(view, byName, phase));
        keepOthers(pod, status);
        return status.build();
    }

    private static PodStatus refused(StatusView view, Verdict verdict) {
        PodStatus known = view.pod().getStatus();
        PodStatusBuilder status = new PodStatusBuilder()
                .withPhase("Failed")
                .withReason(verdict.reason())
                .withMessage(verdict.message())
                .withQosClass(quality(view))
                .withObservedGeneration(view.pod().getMetadata().getGeneration())
                .withStartTime(view.startedAt().truncatedTo(ChronoUnit.SECONDS).toString())
                .withConditions(known == null ? List.of() : OrEmpty.of(known.getConditions()));
        keepOthers(view.pod(), status);
        return status.build();
    }

    private static String quality(StatusView view) {
        String known = view.previous().getQosClass();
        return known == null || known.isEmpty() ? PodQuality.of(view.pod()) : known;
    }

    private static String phase(StatusView view, Map<String, ContainerStatus> byName, PodStatusBuilder status) {
        PodStatus before = view.previous();
        Optional<Verdict> verdict = view.verdict().filter(found -> view.ended());
        if (verdict.isPresent()) {
            status.withReason(verdict.get().reason()).withMessage(verdict.get().message());
            return "Failed";
        }
        PodCondition initialized = PodConditions.find(OrEmpty.of(before.getConditions()), "Initialized");
        boolean wasInitialized = initialized != null && "True".equals(initialized.getStatus());
        String phase = PodPhase.of(view.allocated(), byName, wasInitialized, view.ending());
        // A pod that has ended stays so, whatever becomes of its containers.
        if (PodPhase.isFinal(before.getPhase())) {
            phase = before.getPhase();
        } else if (PodPhase.isFinal(Pods.phase(view.pod()))) {
            phase = Pods.phase(view.pod());
        } else if (view.ended() && !PodPhase.isFinal(phase)) {
            phase = "Failed";
        } else if (!view.ended() && PodPhase.isFinal(phase)) {
            // As long as something of it may run, nobody is to take it for gone.
            phase = before.getPhase() == null ? "Pending" : before.getPhase();
        }
        if (phase.equals(before.getPhase())) {
            status.withReason(before.getReason()).withMessage(before.getMessage());
        }
        return phase;
    }

    private static void addAddresses(StatusView view, PodStatusBuilder status) {
        List<String> hostIps = view.hostIps();
        if (!hostIps.isEmpty()) {
            status.withHostIP(hostIps.getFirst())
                    .withHostIPs(hostIps.stream().map(HostIP::new).toList());
        }
        List<String> ips = podIps(view);
        if (!ips.isEmpty()) {
            status.withPodIP(ips.getFirst())
                    .withPodIPs(ips.stream().map(PodIP::new).toList());
        }
    }

    private static List<String> podIps(StatusView view) {
        if (PodTraits.isOnHostNetwork(view.pod())) {
            List<String> before = ips(view.previous());
            return before.size() >= view.hostIps().size() ? before : view.hostIps();
        }
        List<String> now = sandboxIps(view.runtime().readySandbox().orElse(null));
        // An address is not taken back before there is another one: endpoints of what ended just now still name it.
        return now.isEmpty() ? ips(view.previous()) : now;
    }

    private static List<String> ips(PodStatus status) {
        List<String> all =
                OrEmpty.of(status.getPodIPs()).stream().map(PodIP::getIp).toList();
        String first = OrEmpty.of(status.getPodIP());
        return all.isEmpty() && !first.isEmpty() ? List.of(first) : all;
    }

    /** The addresses that a sandbox has in its own network; none before it is there. */
    public static List<String> sandboxIps(@Nullable PodSandboxStatus sandbox) {
        if (sandbox == null || sandbox.getNetwork().getIp().isEmpty()) {
            return List.of();
        }
        PodSandboxNetworkStatus network = sandbox.getNetwork();
        List<String> all = new ArrayList<>();
        all.add(network.getIp());
        network.getAdditionalIpsList().forEach(more -> all.add(more.getIp()));
        return List.copyOf(all);
    }

    private static void addWholeResources(StatusView view, PodStatusBuilder status) {
        ResourceRequirements whole = view.allocated().getSpec().getResources();
        if (whole == null) {
            return;
        }
        Map<String, Quantity> requests = OrEmpty.of(whole.getRequests());
        if (!requests.isEmpty()) {
            status.withAllocatedResources(requests);
        }
        ResourceRequirements has = view.runtime()
                .readySandbox()
                .map(sandbox -> view.actuated().get(sandbox.getId()))
                .orElse(whole);
        if (!OrEmpty.of(has.getRequests()).isEmpty()
                || !OrEmpty.of(has.getLimits()).isEmpty()) {
            status.withNewResources()
                    .withRequests(has.getRequests())
                    .withLimits(has.getLimits())
                    .endResources();
        }
    }

    private static List<PodCondition> conditions(StatusView view, Map<String, ContainerStatus> byName, String phase) {
        Pod pod = view.pod();
        PodConditions own = new PodConditions(pod, view.previous(), byName, phase, view.now());
        List<PodCondition> others = new ArrayList<>();
        if (pod.getStatus() != null) {
            for (PodCondition condition : OrEmpty.of(pod.getStatus().getConditions())) {
                if (!PodConditions.OWN.contains(condition.getType())) {
                    others.add(condition);
                }
            }
        }
        disruption(view, own).ifPresent(disruption -> {
            others.removeIf(condition -> disruption.getType().equals(condition.getType()));
            others.add(disruption);
        });
        List<PodCondition> all = new ArrayList<>(others);
        view.passing().forEach(condition -> all.add(own.timed(condition)));
        boolean hasSandbox = view.runtime().readySandbox().isPresent()
                && (PodTraits.isOnHostNetwork(pod)
                        || !sandboxIps(view.runtime().readySandbox().get()).isEmpty());
        PodCondition containersReady = own.containersReady();
        all.add(own.condition("PodReadyToStartContainers", hasSandbox, null, null));
        all.add(own.initialized());
        all.add(own.ready(containersReady, others));
        all.add(containersReady);
        all.add(own.condition("PodScheduled", true, null, null));
        return all;
    }

    private static Optional<PodCondition> disruption(StatusView view, PodConditions own) {
        PodCondition before = PodConditions.find(OrEmpty.of(view.previous().getConditions()), PodConditions.DISRUPTION);
        Optional<Verdict> verdict =
                view.verdict().filter(found -> !found.disruption().isEmpty());
        if (verdict.isEmpty()) {
            return Optional.ofNullable(before).filter(condition -> "True".equals(condition.getStatus()));
        }
        return Optional.of(own.timed(new PodConditionBuilder()
                .withType(PodConditions.DISRUPTION)
                .withStatus("True")
                .withReason("TerminationByKubelet")
                .withMessage(verdict.get().disruption())
                .withObservedGeneration(view.pod().getMetadata().getGeneration())
                .build()));
    }

    /** What others write into the status stays. */
    private static void keepOthers(Pod pod, PodStatusBuilder status) {
        PodStatus inApi = pod.getStatus();
        if (inApi != null) {
            status.withNominatedNodeName(inApi.getNominatedNodeName())
                    .withResourceClaimStatuses(inApi.getResourceClaimStatuses())
                    .withExtendedResourceClaimStatus(inApi.getExtendedResourceClaimStatus());
        }
    }
}
