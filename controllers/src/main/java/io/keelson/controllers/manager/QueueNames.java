package io.keelson.controllers.manager;

import java.util.Map;

/**
 * What kube-controller-manager calls the queue of each controller: the label {@code name} of its metrics {@code workqueue_…}, by
 * which people draw and alert. Where it has several queues and one loop stands here, it is that of the first.
 */
final class QueueNames {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("bootstrap-signer-controller", "bootstrap_signer_queue"),
            Map.entry("certificatesigningrequest-signing-controller", "certificate"),
            Map.entry("clusterrole-aggregation-controller", "ClusterRoleAggregator"),
            Map.entry("cronjob-controller", "cronjob"),
            Map.entry("daemonset-controller", "daemonset"),
            Map.entry("deployment-controller", "deployment"),
            Map.entry("disruption-controller", "disruption"),
            Map.entry("endpoints-controller", "endpoint"),
            Map.entry("endpointslice-controller", "endpoint_slice"),
            Map.entry("endpointslice-mirroring-controller", "endpoint_slice_mirroring"),
            Map.entry("ephemeral-volume-controller", "ephemeral_volume"),
            Map.entry("garbage-collector-controller", "garbage_collector_attempt_to_delete"),
            Map.entry("horizontal-pod-autoscaler-controller", "horizontalpodautoscaler"),
            Map.entry("job-controller", "job"),
            Map.entry("namespace-controller", "namespace"),
            Map.entry("node-lifecycle-controller", "node_lifecycle_controller"),
            Map.entry("persistentvolume-attach-detach-controller", "pvcs"),
            Map.entry("persistentvolume-binder-controller", "claims"),
            Map.entry("persistentvolume-expander-controller", "volume_expand"),
            Map.entry("persistentvolume-protection-controller", "pvprotection"),
            Map.entry("persistentvolumeclaim-protection-controller", "pvcprotection"),
            Map.entry("podgroup-protection-controller", "podgroupprotection"),
            Map.entry("replicaset-controller", "replicaset"),
            Map.entry("replicationcontroller-controller", "replicationmanager"),
            Map.entry("resourceclaim-controller", "resource_claim"),
            Map.entry("resourcequota-controller", "resourcequota_primary"),
            Map.entry("root-ca-certificate-publisher-controller", "root_ca_cert_publisher"),
            Map.entry("serviceaccount-controller", "serviceaccount"),
            Map.entry("serviceaccount-token-controller", "serviceaccount_tokens_service"),
            Map.entry("statefulset-controller", "statefulset"),
            Map.entry("taint-eviction-controller", "noexec_taint_pod"),
            Map.entry("token-cleaner-controller", "token_cleaner"),
            Map.entry("ttl-after-finished-controller", "ttl_jobs_to_delete"),
            Map.entry("ttl-controller", "ttlcontroller"),
            Map.entry("volumeattributesclass-protection-controller", "vacprotection"));

    private QueueNames() {}

    /** The name of a controller's queue; its own if the original has none for it. */
    static String of(String controller) {
        return NAMES.getOrDefault(controller, controller);
    }
}
