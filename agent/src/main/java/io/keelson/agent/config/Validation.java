package io.keelson.agent.config;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.agent.image.CredentialPolicy;
import io.keelson.agent.pods.launch.AllowedSysctls;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Says what of a configuration makes no sense, in the words of the original where it has some. */
final class Validation {
    private static final int PORT_MAX = 65_535;
    private static final long IDS_STEP = 65_536;
    private static final long IDS_MAX = (1L << 32) - IDS_STEP;
    private static final Duration RESTART_MAX = Duration.ofMinutes(5);
    private static final Set<String> RESERVABLE = Set.of("cpu", "memory", "ephemeral-storage", "pid");
    private static final Set<String> SIGNALS = Set.of(
            "memory.available",
            "nodefs.available",
            "nodefs.inodesFree",
            "imagefs.available",
            "imagefs.inodesFree",
            "containerfs.available",
            "containerfs.inodesFree",
            "allocatableMemory.available",
            "pid.available");

    private final List<String> problems = new ArrayList<>();

    private Validation() {}

    /** @throws IllegalArgumentException with all that makes no sense */
    static void check(KubeletConfiguration configuration) {
        Validation validation = new Validation();
        validation.server(configuration);
        validation.pods(configuration);
        validation.images(configuration);
        validation.resources(configuration);
        PlacementValidation.check(configuration, validation.problems);
        validation.eviction(configuration);
        validation.node(configuration);
        if (!validation.problems.isEmpty()) {
            throw new IllegalArgumentException("invalid configuration: " + String.join(", ", validation.problems));
        }
    }

    private void server(KubeletConfiguration configuration) {
        within("port (--port)", configuration.port(), 1, PORT_MAX);
        within("healthzPort (--healthz-port)", configuration.healthzPort(), 0, PORT_MAX);
        address("address (--address)", configuration.address());
        address("healthzBindAddress (--healthz-bind-address)", configuration.healthzBindAddress());
        if (configuration.tlsCertFile().isPresent()
                != configuration.tlsPrivateKeyFile().isPresent()) {
            problems.add("tlsCertFile (--tls-cert-file) and tlsPrivateKeyFile (--tls-private-key-file) must be"
                    + " given together");
        }
        if (configuration.serverTlsBootstrap() && configuration.tlsCertFile().isPresent()) {
            problems.add("serverTLSBootstrap (--rotate-server-certificates) asks for a certificate, and tlsCertFile"
                    + " (--tls-cert-file) names one: only one of them can be");
        }
        notNegative("streamingConnectionIdleTimeout", configuration.streamingConnectionIdleTimeout());
        notNegative("authentication.webhook.cacheTTL", configuration.tokenKept());
        notNegative("authorization.webhook.cacheAuthorizedTTL", configuration.allowedKept());
        notNegative("authorization.webhook.cacheUnauthorizedTTL", configuration.refusedKept());
        String version = configuration.minTlsVersion();
        if (version.equals("VersionTLS10") || version.equals("VersionTLS11")) {
            problems.add("tlsMinVersion (--tls-min-version) " + version + " is not safe, and not to be had any more");
        } else if (!Set.of("", "VersionTLS12", "VersionTLS13").contains(version)) {
            problems.add("tlsMinVersion (--tls-min-version): unknown tls version \"" + version + '"');
        }
    }

    private void pods(KubeletConfiguration configuration) {
        positive("syncFrequency (--sync-frequency)", configuration.syncFrequency());
        positive("fileCheckFrequency (--file-check-frequency)", configuration.fileCheckFrequency());
        for (String server : configuration.clusterDns()) {
            address("clusterDNS (--cluster-dns)", server);
        }
        quantity("containerLogMaxSize", configuration.containerLogMaxSize());
        if (configuration.containerLogMaxFiles() <= 1) {
            problems.add("containerLogMaxFiles (--container-log-max-files) must be greater than 1, but is "
                    + configuration.containerLogMaxFiles());
        }
        if (configuration.containerLogMonitorInterval().compareTo(Duration.ofSeconds(3)) < 0) {
            problems.add("containerLogMonitorInterval must be a positive time duration greater than or equal to 3s");
        }
        configuration.maxContainerRestartPeriod().ifPresent(period -> {
            if (period.compareTo(Duration.ofSeconds(1)) < 0 || period.compareTo(RESTART_MAX) > 0) {
                problems.add("crashLoopBackOff.maxContainerRestartPeriod " + GoDuration.text(period)
                        + " must be set between 1s and 300s");
            }
        });
        if (configuration.idsPerPod() < IDS_STEP
                || configuration.idsPerPod() % IDS_STEP != 0
                || configuration.idsPerPod() > IDS_MAX) {
            problems.add("userNamespaces.idsPerPod must be a multiple of 65536, and at most " + IDS_MAX + ", but is "
                    + configuration.idsPerPod());
        }
        positive("runtimeRequestTimeout (--runtime-request-timeout)", configuration.runtimeRequestTimeout());
        try {
            var _ = new AllowedSysctls(configuration.allowedUnsafeSysctls());
        } catch (IllegalArgumentException e) {
            problems.add("allowedUnsafeSysctls (--allowed-unsafe-sysctls): " + e.getMessage());
        }
    }

    private void images(KubeletConfiguration configuration) {
        notNegative("registryPullQPS (--registry-qps)", configuration.registryPullQps());
        notNegative("registryBurst (--registry-burst)", configuration.registryBurst());
        configuration.maxParallelImagePulls().ifPresent(most -> {
            if (most < 1) {
                problems.add("maxParallelImagePulls " + most + " must be a positive number");
            } else if (most > 1 && configuration.serializeImagePulls()) {
                problems.add("maxParallelImagePulls cannot be larger than 1 unless serializeImagePulls"
                        + " (--serialize-image-pulls) is set to false");
            }
        });
        try {
            var _ = new CredentialPolicy(
                    CredentialPolicy.Kind.of(configuration.imagePullCredentialsVerificationPolicy()),
                    configuration.preloadedImagesVerificationAllowlist());
        } catch (IllegalArgumentException e) {
            problems.add("imagePullCredentialsVerificationPolicy: " + e.getMessage());
        }
        int high = configuration.imageGcHighThresholdPercent();
        int low = configuration.imageGcLowThresholdPercent();
        within("imageGCHighThresholdPercent (--image-gc-high-threshold)", high, 0, 100);
        within("imageGCLowThresholdPercent (--image-gc-low-threshold)", low, 0, 100);
        if (low >= high) {
            problems.add("imageGCLowThresholdPercent (--image-gc-low-threshold) " + low
                    + " must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) " + high);
        }
        Duration oldest = configuration.imageMaximumGcAge();
        notNegative("imageMinimumGCAge (--minimum-image-ttl-duration)", configuration.imageMinimumGcAge());
        notNegative("imageMaximumGCAge", oldest);
        if (!oldest.isZero() && oldest.compareTo(configuration.imageMinimumGcAge()) <= 0) {
            problems.add("imageMaximumGCAge " + GoDuration.text(oldest) + " must be greater than imageMinimumGCAge "
                    + GoDuration.text(configuration.imageMinimumGcAge()));
        }
    }

    private void resources(KubeletConfiguration configuration) {
        String root = configuration.cgroupRoot();
        if (!root.startsWith("/") || List.of(root.split("/", -1)).contains("..")) {
            problems.add("cgroupRoot (--cgroup-root) \"" + root + "\" must be an absolute path");
        }
        if (!Set.of("none", "static").contains(configuration.cpuManagerPolicy())) {
            problems.add("cpuManagerPolicy (--cpu-manager-policy): unknown policy: \""
                    + configuration.cpuManagerPolicy() + '"');
        }
        configuration.cpuManagerPolicyOptions().forEach((option, value) -> {
            if (!option.equals("full-pcpus-only")) {
                problems.add("cpuManagerPolicyOptions: " + option + " cannot be had, only full-pcpus-only");
            } else if (!Set.of("true", "false").contains(value)) {
                problems.add("cpuManagerPolicyOptions: bad value for option \"" + option + "\": " + value);
            }
        });
        if (configuration.podPidsLimit() < -1) {
            problems.add("podPidsLimit (--pod-max-pids) " + configuration.podPidsLimit() + " must be -1 or greater");
        }
        Duration period = configuration.cpuCfsQuotaPeriod();
        if (period.compareTo(Duration.ofMillis(1)) < 0 || period.compareTo(Duration.ofSeconds(1)) > 0) {
            problems.add("cpuCFSQuotaPeriod (--cpu-cfs-quota-period) " + GoDuration.text(period)
                    + " must be between 1ms and 1sec, inclusive");
        }
        double factor = configuration.memoryThrottlingFactor();
        if (factor <= 0 || factor > 1) {
            problems.add("memoryThrottlingFactor " + factor + " must be greater than 0 and less than or equal to 1.0");
        }
        reserved("systemReserved (--system-reserved)", configuration.systemReserved());
        reserved("kubeReserved (--kube-reserved)", configuration.kubeReserved());
        try {
            var _ = configuration.reservedSystemCpus();
        } catch (IllegalArgumentException e) {
            problems.add("unable to parse reservedSystemCPUs (--reserved-cpus), error: " + e.getMessage());
        }
        within("oomScoreAdj (--oom-score-adj)", configuration.oomScoreAdj(), -1000, 1000);
    }

    private void reserved(String field, Map<String, Quantity> reserved) {
        reserved.forEach((resource, quantity) -> {
            if (!RESERVABLE.contains(resource)) {
                problems.add(field + ": cannot reserve \"" + resource
                        + "\" resource; only cpu, memory, ephemeral-storage and pid can be");
            } else {
                quantity(field + ": " + resource, quantity.toString());
            }
        });
    }

    private void eviction(KubeletConfiguration configuration) {
        thresholds("evictionHard (--eviction-hard)", configuration.evictionHard());
        thresholds("evictionSoft (--eviction-soft)", configuration.evictionSoft());
        thresholds("evictionMinimumReclaim (--eviction-minimum-reclaim)", configuration.evictionMinimumReclaim());
        try {
            Map<String, Duration> periods = configuration.evictionSoftGracePeriod();
            periods.forEach((signal, period) -> {
                signal("evictionSoftGracePeriod (--eviction-soft-grace-period)", signal);
                if (period.isNegative()) {
                    problems.add("invalid eviction grace period specified: " + GoDuration.text(period)
                            + ", must be a positive value");
                }
            });
            configuration.evictionSoft().keySet().stream()
                    .filter(signal -> !periods.containsKey(signal))
                    .forEach(signal -> problems.add("grace period must be specified for the soft eviction threshold "
                            + signal + " (evictionSoftGracePeriod)"));
        } catch (IllegalArgumentException e) {
            problems.add("evictionSoftGracePeriod (--eviction-soft-grace-period): " + e.getMessage());
        }
        notNegative("evictionPressureTransitionPeriod", configuration.evictionPressureTransitionPeriod());
    }

    private void thresholds(String field, Map<String, String> thresholds) {
        thresholds.forEach((signal, value) -> {
            signal(field, signal);
            if (!value.endsWith("%")) {
                quantity(field + ": " + signal, value);
                return;
            }
            try {
                BigDecimal percent = new BigDecimal(value.substring(0, value.length() - 1));
                if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
                    problems.add(
                            field + ": eviction percentage threshold " + signal + " must be from 0% to 100%: " + value);
                }
            } catch (NumberFormatException e) {
                problems.add(field + ": " + signal + ": \"" + value + "\" is no percentage");
            }
        });
    }

    private void signal(String field, String signal) {
        if (!SIGNALS.contains(signal)) {
            problems.add(field + ": unsupported eviction signal " + signal);
        }
    }

    private void node(KubeletConfiguration configuration) {
        notNegative("maxPods (--max-pods)", configuration.maxPods(0));
        notNegative("podsPerCore (--pods-per-core)", configuration.podsPerCore());
        if (configuration.nodeStatusMaxImages() < -1) {
            problems.add("nodeStatusMaxImages (--node-status-max-images) must be -1 or greater");
        }
        if (configuration.nodeLeaseDuration().isNegative()) {
            problems.add("nodeLeaseDurationSeconds must be greater than 0");
        }
        positive("nodeStatusUpdateFrequency", configuration.nodeStatusUpdateFrequency());
        positive("nodeStatusReportFrequency", configuration.nodeStatusReportFrequency());
        notNegative("kubeAPIBurst (--kube-api-burst)", configuration.kubeApiBurst());
        ranges(configuration.podCidr());
        taints(configuration.registerWithTaints());
        shutdown(configuration);
    }

    private void ranges(String texts) {
        List<String> ranges = texts.isEmpty() ? List.of() : List.of(texts.split(",", -1));
        for (String range : ranges) {
            if (IpPrefix.parse(range.strip()) == null) {
                problems.add("podCIDR (--pod-cidr): \"" + range + "\" is no range of addresses, such as 10.88.0.0/16");
            }
        }
        if (ranges.size() > 2) {
            problems.add("podCIDR (--pod-cidr): at most one range of each family");
        }
    }

    private void taints(List<Taint> taints) {
        Set<String> known = new HashSet<>();
        for (Taint taint : taints) {
            String key = OrEmpty.of(taint.getKey());
            if (key.isEmpty()) {
                problems.add("registerWithTaints: a taint has no key");
            }
            if (!TaintText.EFFECTS.contains(OrEmpty.of(taint.getEffect()))) {
                problems.add("registerWithTaints: " + key + ": invalid taint effect: " + taint.getEffect());
            }
            if (!known.add(key + ':' + taint.getEffect())) {
                problems.add("registerWithTaints: duplicated taints with the same key and effect: " + key);
            }
        }
    }

    private void shutdown(KubeletConfiguration configuration) {
        Duration all = configuration.shutdownGracePeriod();
        Duration critical = configuration.shutdownGracePeriodCriticalPods();
        if (critical.compareTo(all) > 0) {
            problems.add("shutdownGracePeriodCriticalPods " + GoDuration.text(critical)
                    + " must be <= shutdownGracePeriod " + GoDuration.text(all));
        }
        isNothingOrASecond("shutdownGracePeriod", all);
        isNothingOrASecond("shutdownGracePeriodCriticalPods", critical);
        var byPriority = configuration.shutdownGracePeriodByPodPriority();
        if (!byPriority.isEmpty() && (!all.isZero() || !critical.isZero())) {
            problems.add("Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same"
                    + " time");
        }
        if (byPriority.stream().anyMatch(phase -> phase.graceSeconds() < 0)) {
            problems.add("shutdownGracePeriodByPodPriority: shutdownGracePeriodSeconds must not be negative");
        }
    }

    private void isNothingOrASecond(String field, Duration value) {
        if (value.isNegative() || (!value.isZero() && value.compareTo(Duration.ofSeconds(1)) < 0)) {
            problems.add(field + ' ' + GoDuration.text(value) + " must be either zero or otherwise >= 1 sec");
        }
    }

    private void within(String field, int value, int least, int most) {
        if (value < least || value > most) {
            problems.add(field + ' ' + value + " must be between " + least + " and " + most + ", inclusive");
        }
    }

    private void notNegative(String field, int value) {
        if (value < 0) {
            problems.add(field + ' ' + value + " must not be a negative number");
        }
    }

    private void notNegative(String field, Duration value) {
        if (value.isNegative()) {
            problems.add(field + ' ' + GoDuration.text(value) + " must not be negative");
        }
    }

    private void positive(String field, Duration value) {
        if (value.isZero() || value.isNegative()) {
            problems.add(field + ' ' + GoDuration.text(value) + " must be greater than 0");
        }
    }

    private void address(String field, String text) {
        if (IpAddress.parse(text) == null) {
            problems.add(field + ": \"" + text + "\" is no IP address");
        }
    }

    private void quantity(String field, String text) {
        try {
            if (Milli.of(new Quantity(text)) < 0) {
                problems.add(field + ": " + text + " must not be negative");
            }
        } catch (IllegalArgumentException e) {
            problems.add(field + ": \"" + text + "\" is no quantity, such as 100Mi");
        }
    }
}
