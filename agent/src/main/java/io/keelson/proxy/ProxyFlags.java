package io.keelson.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.proxy.config.ProxyConfiguration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that say what a configuration file says as well. */
final class ProxyFlags {
    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API. Default: as a pod of the cluster does, or by KUBECONFIG")
    private @Nullable String kubeconfig;

    @Option(names = "--kube-api-qps", paramLabel = "N", description = "How many calls to the API a second. Default: 5")
    private @Nullable Double kubeApiQps;

    @Option(
            names = "--kube-api-burst",
            paramLabel = "N",
            description = "How many calls may be made at once after a pause. Default: 10")
    private @Nullable Integer kubeApiBurst;

    @Option(
            names = "--kube-api-content-type",
            paramLabel = "TYPE",
            description = "Kept in the configuration; JSON is spoken with the API.")
    private @Nullable String kubeApiContentType;

    @Option(
            names = "--bind-address",
            paramLabel = "IP",
            description = "By which address this node is known, if not by that of its Node. Nothing is bound to it. "
                    + "Default: 0.0.0.0, for that of the Node")
    private @Nullable String bindAddress;

    @Option(
            names = "--bind-address-hard-fail",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Whether the process ends if it cannot listen at a port; otherwise that is tried again. "
                    + "Default: false")
    private @Nullable Boolean bindAddressHardFail;

    @Option(
            names = "--healthz-bind-address",
            paramLabel = "IP:PORT",
            description = "Where the health is asked for. Default: 0.0.0.0:10256")
    private @Nullable String healthzBindAddress;

    @Option(
            names = "--metrics-bind-address",
            paramLabel = "IP:PORT",
            description = "Where figures are served. Default: 127.0.0.1:10249")
    private @Nullable String metricsBindAddress;

    @Option(
            names = "--proxy-mode",
            paramLabel = "MODE",
            description = "nftables, or iptables or ipvs: rules of nftables are written in any case, and what "
                    + "differs is the default of --nodeport-addresses. Default: as iptables")
    private @Nullable String proxyMode;

    @Option(
            names = "--iptables-masquerade-bit",
            paramLabel = "BIT",
            description = "The bit of a packet's mark that says that it is to get this node's address as its "
                    + "source, 0 to 31. Default: 14")
    private @Nullable Integer iptablesMasqueradeBit;

    @Option(
            names = "--masquerade-all",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Whether all that is sent to cluster IPs gets it. Default: false")
    private @Nullable Boolean masqueradeAll;

    @Option(
            names = "--iptables-localhost-nodeports",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Whether node ports are served at 127.0.0.1, too, if --nodeport-addresses has that. "
                    + "Default: true")
    private @Nullable Boolean iptablesLocalhostNodeports;

    @Option(
            names = "--iptables-sync-period",
            paramLabel = "DURATION",
            description = "How often is looked whether somebody changed rules, besides being told. Default: 30s")
    private @Nullable String iptablesSyncPeriod;

    @Option(
            names = "--cluster-cidr",
            paramLabel = "CIDR",
            description = "The range of the cluster's pods: one, or one of each family. With --detect-local- "
                    + "mode=ClusterCIDR, what comes from there comes from pods.")
    private @Nullable String clusterCidr;

    @Option(
            names = "--detect-local-mode",
            paramLabel = "MODE",
            description = "By what packets of pods are known: ClusterCIDR, NodeCIDR, BridgeInterface or "
                    + "InterfaceNamePrefix. Default: ClusterCIDR")
    private @Nullable String detectLocalMode;

    @Option(
            names = "--pod-bridge-interface",
            paramLabel = "NAME",
            description = "With BridgeInterface: the bridge of the pods.")
    private @Nullable String podBridgeInterface;

    @Option(
            names = "--pod-interface-name-prefix",
            paramLabel = "PREFIX",
            description = "With InterfaceNamePrefix: how their interfaces' names begin.")
    private @Nullable String podInterfaceNamePrefix;

    @Option(
            names = "--nodeport-addresses",
            split = ",",
            paramLabel = "CIDR",
            description = "At which addresses of this node its ports are served: those in these ranges, or primary "
                    + "for those of its Node. Default: all; with --proxy-mode=nftables, primary")
    private @Nullable List<String> nodeportAddresses;

    @Option(
            names = "--oom-score-adj",
            paramLabel = "N",
            description = "How soon the kernel ends this process for want of memory, -1000 to 1000. Default: -999")
    private @Nullable Integer oomScoreAdj;

    @Option(
            names = "--conntrack-max-per-core",
            paramLabel = "N",
            description = "How many connections are tracked for each processor; 0 leaves the limit. Default: 32768")
    private @Nullable Integer conntrackMaxPerCore;

    @Option(names = "--conntrack-min", paramLabel = "N", description = "How many at least in all. Default: 131072")
    private @Nullable Integer conntrackMin;

    @Option(
            names = "--conntrack-tcp-timeout-established",
            paramLabel = "DURATION",
            description = "How long an idle TCP connection is tracked; 0 leaves that. Default: 24h")
    private @Nullable String conntrackTcpTimeoutEstablished;

    @Option(
            names = "--conntrack-tcp-timeout-close-wait",
            paramLabel = "DURATION",
            description = "How long one is in the state CLOSE_WAIT. Default: 1h")
    private @Nullable String conntrackTcpTimeoutCloseWait;

    @Option(
            names = "--conntrack-tcp-be-liberal",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Whether TCP packets out of their window are tracked, too. Default: false")
    private @Nullable Boolean conntrackTcpBeLiberal;

    @Option(
            names = "--conntrack-udp-timeout",
            paramLabel = "DURATION",
            description = "How long UDP packets without an answer are tracked; 0 leaves that. Default: 0")
    private @Nullable String conntrackUdpTimeout;

    @Option(
            names = "--conntrack-udp-timeout-stream",
            paramLabel = "DURATION",
            description = "How long UDP packets with answers are tracked; 0 leaves that. Default: 0")
    private @Nullable String conntrackUdpTimeoutStream;

    /** Writes those that are given into a configuration. */
    void write(ObjectNode tree) {
        tree.put("apiVersion", ProxyConfiguration.API_VERSION).put("kind", ProxyConfiguration.KIND);
        if (kubeconfig != null) {
            tree.withObject("/clientConnection").put("kubeconfig", kubeconfig);
        }
        if (kubeApiQps != null) {
            tree.withObject("/clientConnection").put("qps", kubeApiQps);
        }
        if (kubeApiBurst != null) {
            tree.withObject("/clientConnection").put("burst", kubeApiBurst);
        }
        if (kubeApiContentType != null) {
            tree.withObject("/clientConnection").put("contentType", kubeApiContentType);
        }
        if (bindAddress != null) {
            tree.put("bindAddress", bindAddress);
        }
        if (bindAddressHardFail != null) {
            tree.put("bindAddressHardFail", bindAddressHardFail);
        }
        if (healthzBindAddress != null) {
            tree.put("healthzBindAddress", healthzBindAddress);
        }
        if (metricsBindAddress != null) {
            tree.put("metricsBindAddress", metricsBindAddress);
        }
        if (proxyMode != null) {
            tree.put("mode", proxyMode);
        }
        if (iptablesMasqueradeBit != null) {
            tree.withObject("/iptables").put("masqueradeBit", iptablesMasqueradeBit);
        }
        if (masqueradeAll != null) {
            tree.withObject("/iptables").put("masqueradeAll", masqueradeAll);
        }
        if (iptablesLocalhostNodeports != null) {
            tree.withObject("/iptables").put("localhostNodePorts", iptablesLocalhostNodeports);
        }
        if (iptablesSyncPeriod != null) {
            tree.withObject("/iptables").put("syncPeriod", iptablesSyncPeriod);
        }
        if (clusterCidr != null) {
            tree.put("clusterCIDR", clusterCidr);
        }
        if (detectLocalMode != null) {
            tree.put("detectLocalMode", detectLocalMode);
        }
        if (podBridgeInterface != null) {
            tree.withObject("/detectLocal").put("bridgeInterface", podBridgeInterface);
        }
        if (podInterfaceNamePrefix != null) {
            tree.withObject("/detectLocal").put("interfaceNamePrefix", podInterfaceNamePrefix);
        }
        if (nodeportAddresses != null) {
            nodeportAddresses.forEach(tree.putArray("nodePortAddresses")::add);
        }
        if (oomScoreAdj != null) {
            tree.put("oomScoreAdj", oomScoreAdj);
        }
        if (conntrackMaxPerCore != null) {
            tree.withObject("/conntrack").put("maxPerCore", conntrackMaxPerCore);
        }
        if (conntrackMin != null) {
            tree.withObject("/conntrack").put("min", conntrackMin);
        }
        if (conntrackTcpTimeoutEstablished != null) {
            tree.withObject("/conntrack").put("tcpEstablishedTimeout", conntrackTcpTimeoutEstablished);
        }
        if (conntrackTcpTimeoutCloseWait != null) {
            tree.withObject("/conntrack").put("tcpCloseWaitTimeout", conntrackTcpTimeoutCloseWait);
        }
        if (conntrackTcpBeLiberal != null) {
            tree.withObject("/conntrack").put("tcpBeLiberal", conntrackTcpBeLiberal);
        }
        if (conntrackUdpTimeout != null) {
            tree.withObject("/conntrack").put("udpTimeout", conntrackUdpTimeout);
        }
        if (conntrackUdpTimeoutStream != null) {
            tree.withObject("/conntrack").put("udpStreamTimeout", conntrackUdpTimeoutStream);
        }
    }
}
