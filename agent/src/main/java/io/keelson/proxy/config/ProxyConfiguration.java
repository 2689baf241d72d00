package io.keelson.proxy.config;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code KubeProxyConfiguration} of {@code kubeproxy.config.k8s.io/v1alpha1}, as {@link ConfigurationFile} makes it: fields that
 * are missing come in as null and have their defaults afterwards, sections are there. Those that are about other ways to forward
 * packets are kept, and mean nothing here.
 */
@JsonPropertyOrder({"apiVersion", "kind"})
public record ProxyConfiguration(
        String apiVersion,
        String kind,
        ClientConnection clientConnection,
        String hostnameOverride,
        String bindAddress,
        String healthzBindAddress,
        String metricsBindAddress,
        boolean bindAddressHardFail,
        boolean enableProfiling,
        String showHiddenMetricsForVersion,
        String mode,
        IpTables iptables,
        @Nullable JsonNode ipvs,
        NfTables nftables,
        @Nullable JsonNode winkernel,
        String detectLocalMode,
        DetectLocal detectLocal,
        String clusterCIDR,
        @Nullable List<String> nodePortAddresses,
        Integer oomScoreAdj,
        Conntrack conntrack,
        Duration configSyncPeriod,
        String portRange,
        boolean windowsRunAsService,
        Map<String, Boolean> featureGates,
        @Nullable JsonNode logging) {
    /** The group and version of the file. */
    public static final String API_VERSION = "kubeproxy.config.k8s.io/v1alpha1";

    /** The kind of the file. */
    public static final String KIND = "KubeProxyConfiguration";

    private static final int OOM_SCORE = -999;
    private static final Duration SYNC_PERIOD = Duration.ofSeconds(30);
    private static final Duration MIN_SYNC_PERIOD = Duration.ofSeconds(1);
    private static final int MASQUERADE_BIT = 14;

    public ProxyConfiguration {
        apiVersion = OrEmpty.of(apiVersion).isEmpty() ? API_VERSION : apiVersion;
        kind = OrEmpty.of(kind).isEmpty() ? KIND : kind;
        hostnameOverride = OrEmpty.of(hostnameOverride);
        bindAddress = OrEmpty.of(bindAddress).isEmpty() ? "0.0.0.0" : bindAddress;
        boolean isV6 = bindAddress.indexOf(':') >= 0;
        healthzBindAddress = healthzBindAddress == null || healthzBindAddress.isEmpty()
                ? (isV6 ? "[::]:10256" : "0.0.0.0:10256")
                : withPort(healthzBindAddress, 10256);
        metricsBindAddress = metricsBindAddress == null || metricsBindAddress.isEmpty()
                ? (isV6 ? "[::1]:10249" : "127.0.0.1:10249")
                : withPort(metricsBindAddress, 10249);
        showHiddenMetricsForVersion = OrEmpty.of(showHiddenMetricsForVersion);
        mode = OrEmpty.of(mode);
        detectLocalMode = OrEmpty.of(detectLocalMode).isEmpty() ? "ClusterCIDR" : detectLocalMode;
        clusterCIDR = OrEmpty.of(clusterCIDR);
        nodePortAddresses = nodePortAddresses == null ? null : List.copyOf(nodePortAddresses);
        oomScoreAdj = oomScoreAdj == null ? Integer.valueOf(OOM_SCORE) : oomScoreAdj;
        configSyncPeriod =
                configSyncPeriod == null || configSyncPeriod.isZero() ? Duration.ofMinutes(15) : configSyncPeriod;
        portRange = OrEmpty.of(portRange);
        featureGates = Map.copyOf(OrEmpty.of(featureGates));
    }

    private static String withPort(String address, int port) {
        boolean isV6 = address.indexOf(':') != address.lastIndexOf(':');
        if (isV6) {
            if (address.endsWith("]")) {
                return address + ":" + port;
            }
            return address.startsWith("[") ? address : "[" + address + "]:" + port;
        }
        return address.indexOf(':') < 0 ? address + ":" + port : address;
    }

    /** All defaults. */
    public static ProxyConfiguration defaults() {
        return ConfigurationFile.parse("{apiVersion: " + API_VERSION + ", kind: " + KIND + "}");
    }

    /** How the API is reached. */
    public record ClientConnection(
            String kubeconfig, String acceptContentTypes, String contentType, double qps, int burst) {
        public ClientConnection {
            kubeconfig = OrEmpty.of(kubeconfig);
            acceptContentTypes = OrEmpty.of(acceptContentTypes);
            contentType = OrEmpty.of(contentType).isEmpty() ? "application/vnd.kubernetes.protobuf" : contentType;
            qps = qps == 0 ? 5 : qps;
            burst = burst == 0 ? 10 : burst;
        }
    }

    /** What the original's mode iptables has; here rules are written the same way in that mode. */
    public record IpTables(
            Integer masqueradeBit,
            boolean masqueradeAll,
            Boolean localhostNodePorts,
            Duration syncPeriod,
            Duration minSyncPeriod) {
        public IpTables {
            masqueradeBit = masqueradeBit == null ? Integer.valueOf(MASQUERADE_BIT) : masqueradeBit;
            localhostNodePorts = localhostNodePorts == null ? Boolean.TRUE : localhostNodePorts;
            syncPeriod = syncPeriod == null || syncPeriod.isZero() ? SYNC_PERIOD : syncPeriod;
            minSyncPeriod = minSyncPeriod == null ? MIN_SYNC_PERIOD : minSyncPeriod;
        }
    }

    /** What the mode nftables has. */
    public record NfTables(Integer masqueradeBit, boolean masqueradeAll, Duration syncPeriod, Duration minSyncPeriod) {
        public NfTables {
            masqueradeBit = masqueradeBit == null ? Integer.valueOf(MASQUERADE_BIT) : masqueradeBit;
            syncPeriod = syncPeriod == null || syncPeriod.isZero() ? SYNC_PERIOD : syncPeriod;
            minSyncPeriod = minSyncPeriod == null ? MIN_SYNC_PERIOD : minSyncPeriod;
        }
    }

    /** By what packets of pods are known. */
    public record DetectLocal(String bridgeInterface, String interfaceNamePrefix) {
        public DetectLocal {
            bridgeInterface = OrEmpty.of(bridgeInterface);
            interfaceNamePrefix = OrEmpty.of(interfaceNamePrefix);
        }
    }

    /** How many connections are tracked, and for how long. */
    public record Conntrack(
            Integer maxPerCore,
            Integer min,
            Duration tcpEstablishedTimeout,
            Duration tcpCloseWaitTimeout,
            boolean tcpBeLiberal,
            Duration udpTimeout,
            Duration udpStreamTimeout) {
        public Conntrack {
            maxPerCore = maxPerCore == null ? Integer.valueOf(32 * 1024) : maxPerCore;
            min = min == null ? Integer.valueOf(128 * 1024) : min;
            tcpEstablishedTimeout = tcpEstablishedTimeout == null ? Duration.ofHours(24) : tcpEstablishedTimeout;
            tcpCloseWaitTimeout = tcpCloseWaitTimeout == null ? Duration.ofHours(1) : tcpCloseWaitTimeout;
            udpTimeout = udpTimeout == null ? Duration.ZERO : udpTimeout;
            udpStreamTimeout = udpStreamTimeout == null ? Duration.ZERO : udpStreamTimeout;
        }
    }
}
