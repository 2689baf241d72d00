package io.keelson.agent.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The flags that say what a field of the configuration says as well. */
final class ConfigurationFlags {
    /**
     * A flag.
     *
     * @param field the path of the field
     * @param separator what stands between a name and its value
     */
    private record Flag(String name, String field, char separator, String description) {}

    private static final List<Flag> FLAGS = List.of(
            flag("--address", "address", "The IP address at which the node's server listens; 0.0.0.0 or :: for all."),
            flag("--port", "port", "At which port."),
            flag("--enable-server", "enableServer", "Whether there is that server."),
            flag("--enable-debugging-handlers", "enableDebuggingHandlers", "Whether it shows logs and runs commands."),
            flag("--read-only-port", "readOnlyPort", "A port without authentication; 0 for none."),
            flag("--tls-cert-file", "tlsCertFile", "The certificate to serve with, then those of its authorities."),
            flag("--tls-private-key-file", "tlsPrivateKeyFile", "The key of that certificate."),
            flag("--tls-cipher-suites", "tlsCipherSuites", "Which cipher suites are spoken; without it those of Java."),
            flag("--tls-curve-preferences", "tlsCurvePreferences", "With which curves keys are agreed on."),
            flag("--tls-min-version", "tlsMinVersion", "The oldest version of TLS: VersionTLS12 or VersionTLS13."),
            flag("--rotate-certificates", "rotateCertificates", "Asks for another client certificate in time."),
            flag("--rotate-server-certificates", "serverTLSBootstrap", "Asks for certificates to serve with."),
            flag("--anonymous-auth", "authentication.anonymous.enabled", "Whether who shows nothing is heard."),
            flag("--authentication-token-webhook", "authentication.webhook.enabled", "Asks the API whose a token is."),
            flag(
                    "--authentication-token-webhook-cache-ttl",
                    "authentication.webhook.cacheTTL",
                    "How long it is remembered whose a token is."),
            flag("--authorization-mode", "authorization.mode", "How it is found out who may: Webhook asks the API."),
            flag(
                    "--authorization-webhook-cache-authorized-ttl",
                    "authorization.webhook.cacheAuthorizedTTL",
                    "How long it is remembered that somebody may."),
            flag(
                    "--authorization-webhook-cache-unauthorized-ttl",
                    "authorization.webhook.cacheUnauthorizedTTL",
                    "How long it is remembered that somebody may not."),
            flag(
                    "--client-ca-file",
                    "authentication.x509.clientCAFile",
                    "By which authorities certificates of clients are known."),
            flag("--healthz-bind-address", "healthzBindAddress", "The IP address at which the health is asked for."),
            flag("--healthz-port", "healthzPort", "At which port; 0 for nowhere."),
            flag(
                    "--streaming-connection-idle-timeout",
                    "streamingConnectionIdleTimeout",
                    "How long streams of exec, attach and port-forward may be silent."),
            flag("--contention-profiling", "enableContentionProfiling", "Profiles locks."),
            flag("--pod-manifest-path", "staticPodPath", "A folder, or a file, of static pods."),
            flag("--file-check-frequency", "fileCheckFrequency", "How often these are looked at."),
            flag("--manifest-url", "staticPodURL", "A URL of static pods."),
            flag("--manifest-url-header", "staticPodURLHeader", "Headers with which these are asked for."),
            flag("--http-check-frequency", "httpCheckFrequency", "How often these are looked at."),
            flag("--sync-frequency", "syncFrequency", "After how long a pod is looked at though nothing has changed."),
            flag("--runonce", "runOnce", "Runs static pods, and ends."),
            flag("--cluster-dns", "clusterDNS", "IP addresses of the cluster's name servers."),
            flag("--cluster-domain", "clusterDomain", "What names of Services end with."),
            flag("--resolv-conf", "resolvConf", "The resolver configuration that pods inherit; empty for none."),
            flag("--hairpin-mode", "hairpinMode", "How packets come back to the pod that sent them."),
            flag("--container-log-max-files", "containerLogMaxFiles", "How many files a container's log has at most."),
            flag("--container-log-max-size", "containerLogMaxSize", "How large each may become."),
            flag("--allowed-unsafe-sysctls", "allowedUnsafeSysctls", "Unsafe sysctls that pods may have."),
            flag("--seccomp-default", "seccompDefault", "Whether RuntimeDefault is the profile of all containers."),
            flag("--volume-plugin-dir", "volumePluginDir", "Where plugins for volumes are looked for."),
            flag("--volume-stats-agg-period", "volumeStatsAggPeriod", "How often volumes are measured."),
            flag(
                    "--enable-controller-attach-detach",
                    "enableControllerAttachDetach",
                    "Whether a controller attaches volumes."),
            flag(
                    "--local-storage-capacity-isolation",
                    "localStorageCapacityIsolation",
                    "Whether the disk's space is shared out."),
            flag(
                    "--container-runtime-endpoint",
                    "containerRuntimeEndpoint",
                    "Where the container runtime is: unix:///run/containerd/containerd.sock, or embedded for that in"
                            + " this process. Without it, the first one is taken that answers."),
            flag("--image-service-endpoint", "imageServiceEndpoint", "Where its images are, if elsewhere."),
            flag("--runtime-request-timeout", "runtimeRequestTimeout", "How long it may take for an answer."),
            flag("--registry-qps", "registryPullQPS", "How many pulls of images a second may begin; 0 for any."),
            flag("--registry-burst", "registryBurst", "How many may begin at once."),
            flag("--serialize-image-pulls", "serializeImagePulls", "Whether one image is pulled after the other."),
            flag("--minimum-image-ttl-duration", "imageMinimumGCAge", "How long an image is kept at least."),
            flag(
                    "--image-gc-high-threshold",
                    "imageGCHighThresholdPercent",
                    "How full the disk is, in percent, when images are removed; 100 for never."),
            flag("--image-gc-low-threshold", "imageGCLowThresholdPercent", "How full it may be afterwards."),
            flag("--cgroup-driver", "cgroupDriver", "Who makes cgroups: cgroupfs."),
            flag("--cgroup-root", "cgroupRoot", "The cgroup under which that of all pods is."),
            flag("--cgroups-per-qos", "cgroupsPerQOS", "Whether classes of pods have cgroups of their own."),
            flag("--fail-cgroupv1", "failCgroupV1", "Does not start where cgroups are of version 1."),
            flag("--fail-swap-on", "failSwapOn", "Does not start where memory is swapped."),
            flag("--kubelet-cgroups", "kubeletCgroups", "The cgroup of this process."),
            flag("--system-cgroups", "systemCgroups", "The cgroup of the machine's processes."),
            flag(
                    "--cpu-manager-policy",
                    "cpuManagerPolicy",
                    "none, or static: whole processors for who asks for them."),
            flag("--cpu-manager-policy-options", "cpuManagerPolicyOptions", "Its options: full-pcpus-only=true."),
            flag("--cpu-manager-reconcile-period", "cpuManagerReconcilePeriod", "How often that is compared."),
            flag(
                    "--memory-manager-policy",
                    "memoryManagerPolicy",
                    "None, or Static: memory in certain NUMA nodes for guaranteed pods."),
            flag(
                    "--reserved-memory",
                    "reservedMemory",
                    "What of the memory of NUMA nodes is reserved: 0:memory=1Gi,hugepages-2Mi=4Mi;1:memory=1Gi."),
            flag(
                    "--topology-manager-policy",
                    "topologyManagerPolicy",
                    "Whether processors and memory are to lie close together: none, best-effort, restricted or"
                            + " single-numa-node."),
            flag(
                    "--topology-manager-policy-options",
                    "topologyManagerPolicyOptions",
                    "Its options: prefer-closest-numa-nodes=true, max-allowable-numa-nodes=8."),
            flag("--topology-manager-scope", "topologyManagerScope", "For whom: container or pod."),
            flag("--qos-reserved", "qosReserved", "Which part of requests is reserved by classes of pods."),
            flag("--pod-max-pids", "podPidsLimit", "Processes and threads of a pod at most; -1 for any number."),
            flag("--cpu-cfs-quota", "cpuCFSQuota", "Whether limits of processors are enforced."),
            flag("--cpu-cfs-quota-period", "cpuCFSQuotaPeriod", "Over which time."),
            flag("--system-reserved", "systemReserved", "What is for the machine: cpu=200m,memory=500Mi."),
            flag("--system-reserved-cgroup", "systemReservedCgroup", "The cgroup which that is for."),
            flag("--kube-reserved", "kubeReserved", "What is for the node's own programs: cpu=200m,memory=500Mi."),
            flag("--kube-reserved-cgroup", "kubeReservedCgroup", "The cgroup which that is for."),
            flag("--reserved-cpus", "reservedSystemCPUs", "Processors that no container has alone: 0-1,4."),
            flag("--enforce-node-allocatable", "enforceNodeAllocatable", "What is held to that: pods, or none."),
            less("--eviction-hard", "evictionHard", "Below what pods are ended: memory.available<1Gi."),
            less("--eviction-soft", "evictionSoft", "Below what pods are ended after a while."),
            flag("--eviction-soft-grace-period", "evictionSoftGracePeriod", "After how long: memory.available=90s."),
            flag("--eviction-max-pod-grace-period", "evictionMaxPodGracePeriod", "How many seconds these have then."),
            flag("--eviction-minimum-reclaim", "evictionMinimumReclaim", "What is to be free besides afterwards."),
            flag(
                    "--eviction-pressure-transition-period",
                    "evictionPressureTransitionPeriod",
                    "How long a condition of the node stays after its cause."),
            flag("--kernel-memcg-notification", "kernelMemcgNotification", "Whether the kernel tells of low memory."),
            flag("--max-open-files", "maxOpenFiles", "How many files this process may open."),
            flag("--oom-score-adj", "oomScoreAdj", "How soon the kernel ends it for want of memory, -1000 to 1000."),
            flag("--protect-kernel-defaults", "protectKernelDefaults", "Does not start with other kernel settings."),
            flag("--make-iptables-util-chains", "makeIPTablesUtilChains", "Makes chains of iptables."),
            flag("--register-node", "registerNode", "Whether the node's object is made if there is none."),
            flag("--register-with-taints", "registerWithTaints", "Taints that it is made with."),
            flag("--max-pods", "maxPods", "How many pods the node takes."),
            flag("--pods-per-core", "podsPerCore", "How many for each processor; 0 for any."),
            flag("--pod-cidr", "podCIDR", "From which range pods have addresses if the API does not say it."),
            flag("--node-status-max-images", "nodeStatusMaxImages", "How many images its status names; -1 for all."),
            flag("--node-status-update-frequency", "nodeStatusUpdateFrequency", "How often its status is looked at."),
            flag("--kube-api-qps", "kubeAPIQPS", "How many calls to the API a second."),
            flag("--kube-api-burst", "kubeAPIBurst", "How many at once after a pause."),
            flag("--kube-api-content-type", "contentType", "What is spoken with the API."),
            flag("--event-qps", "eventRecordQPS", "How many events a second."),
            flag("--event-burst", "eventBurst", "How many at once."),
            flag("--feature-gates", "featureGates", "Features that are on or off."));

    private ConfigurationFlags() {}

    private static Flag flag(String name, String field, String description) {
        return new Flag(name, field, '=', description);
    }

    private static Flag less(String name, String field, String description) {
        return new Flag(name, field, '<', description);
    }

    private static Field fieldOf(Flag flag) {
        Field field = ConfigurationFields.at(flag.field());
        if (field == null) {
            throw new IllegalStateException(flag.name() + " has no field");
        }
        return field;
    }

    /** Adds them to a command. */
    static void addTo(CommandSpec command) {
        for (Flag flag : FLAGS) {
            Field field = fieldOf(flag);
            boolean isSwitch = field.kind() == FieldKind.BOOL;
            // Of one that is there twice the last counts, as with the original.
            OptionSpec.Builder option = OptionSpec.builder(flag.name())
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .arity(isSwitch ? "0..1" : "1")
                    .paramLabel(field.kind().label().replace('=', flag.separator()))
                    .description(flag.description() + preset(field));
            command.addOption((isSwitch ? option.fallbackValue("true") : option).build());
        }
    }

    private static String preset(Field field) {
        if (field.preset() == null) {
            return "";
        }
        String text = field.preset().isArray()
                ? field.preset().path(0).asText()
                : field.preset().asText();
        return " Default: " + text;
    }

    /**
     * Writes those that are given over what a file says.
     *
     * @throws IllegalArgumentException if one has no value that makes sense; its text names it
     */
    static void write(CommandSpec command, ObjectNode tree) {
        for (Flag flag : FLAGS) {
            OptionSpec option = command.findOption(flag.name());
            if (option == null || !(option.getValue() instanceof List<?> given) || given.isEmpty()) {
                continue;
            }
            List<String> texts =
                    given.stream().map(each -> OrEmpty.of((String) each)).toList();
            Field field = fieldOf(flag);
            try {
                var value = field.kind().value(texts, flag.separator());
                if (field.kind() == FieldKind.SWITCHES) {
                    // Features that the flag does not name stay what the file says.
                    tree.withObjectProperty(field.path()).setAll((ObjectNode) value);
                } else {
                    KubeletConfiguration.put(tree, field.path(), value);
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "invalid argument \"" + texts.getLast() + "\" for \"" + flag.name() + "\" flag: "
                                + e.getMessage(),
                        e);
            }
        }
    }
}
