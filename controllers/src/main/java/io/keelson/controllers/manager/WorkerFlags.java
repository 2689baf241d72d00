package io.keelson.controllers.manager;

import io.keelson.controllers.runtime.ControllerDescriptor;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** How many objects each controller works on at a time. */
final class WorkerFlags {
    @Option(
            names = "--concurrent-cron-job-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the cronjob-controller works on at a time. Default: 5")
    private int cronJob;

    @Option(
            names = "--concurrent-daemonset-syncs",
            defaultValue = "2",
            paramLabel = "N",
            description = "How many objects the daemonset-controller works on at a time. Default: 2")
    private int daemonset;

    @Option(
            names = "--concurrent-deployment-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the deployment-controller works on at a time. Default: 5")
    private int deployment;

    @Option(
            names = "--concurrent-device-taint-eviction-syncs",
            defaultValue = "8",
            paramLabel = "N",
            description = "How many objects the device-taint-eviction-controller works on at a time. Default: 8")
    private int deviceTaintEviction;

    @Option(
            names = "--concurrent-endpoint-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the endpoints-controller works on at a time. Default: 5")
    private int endpoint;

    @Option(
            names = "--concurrent-ephemeralvolume-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the ephemeral-volume-controller works on at a time. Default: 5")
    private int ephemeralvolume;

    @Option(
            names = "--concurrent-gc-syncs",
            defaultValue = "20",
            paramLabel = "N",
            description = "How many objects the garbage-collector-controller works on at a time. Default: 20")
    private int gc;

    @Option(
            names = "--concurrent-horizontal-pod-autoscaler-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the horizontal-pod-autoscaler-controller works on at a time. Default: 5")
    private int horizontalPodAutoscaler;

    @Option(
            names = "--concurrent-job-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the job-controller works on at a time. Default: 5")
    private int job;

    @Option(
            names = "--concurrent-namespace-syncs",
            defaultValue = "10",
            paramLabel = "N",
            description = "How many objects the namespace-controller works on at a time. Default: 10")
    private int namespace;

    @Option(
            names = "--concurrent-rc-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the replicationcontroller-controller works on at a time. Default: 5")
    private int rc;

    @Option(
            names = "--concurrent-replicaset-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the replicaset-controller works on at a time. Default: 5")
    private int replicaset;

    @Option(
            names = "--concurrent-resource-claim-syncs",
            defaultValue = "50",
            paramLabel = "N",
            description = "How many objects the resourceclaim-controller works on at a time. Default: 50")
    private int resourceClaim;

    @Option(
            names = "--concurrent-resource-quota-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the resourcequota-controller works on at a time. Default: 5")
    private int resourceQuota;

    @Option(
            names = "--concurrent-service-endpoint-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the endpointslice-controller works on at a time. Default: 5")
    private int serviceEndpoint;

    @Option(
            names = "--concurrent-serviceaccount-token-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the serviceaccount-token-controller works on at a time. Default: 5")
    private int serviceaccountToken;

    @Option(
            names = "--concurrent-statefulset-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the statefulset-controller works on at a time. Default: 5")
    private int statefulset;

    @Option(
            names = "--concurrent-ttl-after-finished-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the ttl-after-finished-controller works on at a time. Default: 5")
    private int ttlAfterFinished;

    @Option(
            names = "--concurrent-validating-admission-policy-status-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description =
                    "How many objects the validatingadmissionpolicy-status-controller works on at a time. Default: 5")
    private int validatingAdmissionPolicyStatus;

    @Option(
            names = "--mirroring-concurrent-service-endpoint-syncs",
            defaultValue = "5",
            paramLabel = "N",
            description = "How many objects the endpointslice-mirroring-controller works on at a time. Default: 5")
    private int mirroring;

    /**
     * Controllers with as many workers as the flags say; those without a flag keep theirs.
     *
     * @throws IllegalArgumentException if a number is less than one
     */
    List<ControllerDescriptor> apply(List<ControllerDescriptor> controllers) {
        Map<String, Integer> workers = Map.ofEntries(
                Map.entry("cronjob-controller", cronJob),
                Map.entry("daemonset-controller", daemonset),
                Map.entry("deployment-controller", deployment),
                Map.entry("device-taint-eviction-controller", deviceTaintEviction),
                Map.entry("endpoints-controller", endpoint),
                Map.entry("ephemeral-volume-controller", ephemeralvolume),
                Map.entry("garbage-collector-controller", gc),
                Map.entry("horizontal-pod-autoscaler-controller", horizontalPodAutoscaler),
                Map.entry("job-controller", job),
                Map.entry("namespace-controller", namespace),
                Map.entry("replicationcontroller-controller", rc),
                Map.entry("replicaset-controller", replicaset),
                Map.entry("resourceclaim-controller", resourceClaim),
                Map.entry("resourcequota-controller", resourceQuota),
                Map.entry("endpointslice-controller", serviceEndpoint),
                Map.entry("serviceaccount-token-controller", serviceaccountToken),
                Map.entry("statefulset-controller", statefulset),
                Map.entry("ttl-after-finished-controller", ttlAfterFinished),
                Map.entry("validatingadmissionpolicy-status-controller", validatingAdmissionPolicyStatus),
                Map.entry("endpointslice-mirroring-controller", mirroring));
        return controllers.stream()
                .map(controller ->
                        controller.withWorkers(workers.getOrDefault(controller.name(), controller.workers())))
                .toList();
    }
}
