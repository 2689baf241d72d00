package io.keelson.controllers.manager;

import java.util.Map;
import java.util.Optional;

/**
 * As which service account of {@code kube-system} a controller calls the API when each has its own. Their roles, {@code
 * system:controller:} and the account's name, every API server makes for itself; the names are older than those of the
 * controllers, and some controllers share one.
 */
final class ControllerAccounts {
    /** Where all of them are. */
    static final String NAMESPACE = "kube-system";

    private static final String NODES = "node-controller";
    private static final String CERTIFICATES = "certificate-controller";

    private static final Map<String, String> ACCOUNTS = Map.ofEntries(
            Map.entry("bootstrap-signer-controller", "bootstrap-signer"),
            Map.entry("certificatesigningrequest-approving-controller", CERTIFICATES),
            Map.entry("certificatesigningrequest-cleaner-controller", CERTIFICATES),
            Map.entry("certificatesigningrequest-signing-controller", CERTIFICATES),
            Map.entry("clusterrole-aggregation-controller", "clusterrole-aggregation-controller"),
            Map.entry("cronjob-controller", "cronjob-controller"),
            Map.entry("daemonset-controller", "daemon-set-controller"),
            Map.entry("deployment-controller", "deployment-controller"),
            Map.entry("device-taint-eviction-controller", "device-taint-eviction-controller"),
            Map.entry("disruption-controller", "disruption-controller"),
            Map.entry("endpoints-controller", "endpoint-controller"),
            Map.entry("endpointslice-controller", "endpointslice-controller"),
            Map.entry("endpointslice-mirroring-controller", "endpointslicemirroring-controller"),
            Map.entry("ephemeral-volume-controller", "ephemeral-volume-controller"),
            Map.entry("garbage-collector-controller", "generic-garbage-collector"),
            Map.entry("horizontal-pod-autoscaler-controller", "horizontal-pod-autoscaler"),
            Map.entry("job-controller", "job-controller"),
            Map.entry(
                    "kube-apiserver-serving-clustertrustbundle-publisher-controller",
                    "kube-apiserver-serving-clustertrustbundle-publisher"),
            Map.entry("legacy-serviceaccount-token-cleaner-controller", "legacy-service-account-token-cleaner"),
            Map.entry("local-path-provisioner", "local-path-provisioner"),
            Map.entry("namespace-controller", "namespace-controller"),
            Map.entry("node-ipam-controller", NODES),
            Map.entry("node-lifecycle-controller", NODES),
            Map.entry("persistentvolume-attach-detach-controller", "attachdetach-controller"),
            Map.entry("persistentvolume-binder-controller", "persistent-volume-binder"),
            Map.entry("persistentvolume-expander-controller", "expand-controller"),
            Map.entry("persistentvolume-protection-controller", "pv-protection-controller"),
            Map.entry("persistentvolumeclaim-protection-controller", "pvc-protection-controller"),
            Map.entry("pod-garbage-collector-controller", "pod-garbage-collector"),
            Map.entry("podcertificaterequest-cleaner-controller", "podcertificaterequestcleaner"),
            Map.entry("podgroup-protection-controller", "podgroup-protection-controller"),
            Map.entry("replicaset-controller", "replicaset-controller"),
            Map.entry("replicationcontroller-controller", "replication-controller"),
            Map.entry("resourceclaim-controller", "resource-claim-controller"),
            Map.entry("resourcequota-controller", "resourcequota-controller"),
            Map.entry("root-ca-certificate-publisher-controller", "root-ca-cert-publisher"),
            Map.entry("selinux-warning-controller", "selinux-warning-controller"),
            Map.entry("service-cidr-controller", "service-cidrs-controller"),
            Map.entry("serviceaccount-controller", "service-account-controller"),
            Map.entry("statefulset-controller", "statefulset-controller"),
            Map.entry("storage-version-migrator-controller", "storage-version-migrator-controller"),
            Map.entry("taint-eviction-controller", NODES),
            Map.entry("token-cleaner-controller", "token-cleaner"),
            Map.entry("ttl-after-finished-controller", "ttl-after-finished-controller"),
            Map.entry("ttl-controller", "ttl-controller"),
            Map.entry("validatingadmissionpolicy-status-controller", "validatingadmissionpolicy-status-controller"),
            Map.entry("volumeattributesclass-protection-controller", "volumeattributesclass-protection-controller"));

    private ControllerAccounts() {}

    /**
     * The name of a controller's account.
     *
     * @param controller its name, as in {@code --controllers}
     * @return empty for one that calls as its process does: the one that makes tokens cannot need one first
     */
    static Optional<String> of(String controller) {
        return Optional.ofNullable(ACCOUNTS.get(controller));
    }
}
