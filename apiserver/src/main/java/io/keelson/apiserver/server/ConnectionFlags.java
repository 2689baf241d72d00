package io.keelson.apiserver.server;

import io.keelson.apiserver.aggregation.AggregationSettings;
import io.keelson.apiserver.proxy.KubeletSettings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of {@link ConnectionSettings}. */
final class ConnectionFlags {
    @Option(
            names = "--kubelet-preferred-address-types",
            split = ",",
            defaultValue = "Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP",
            paramLabel = "TYPE",
            description = "Which of a node's addresses its agent is reached at, the best first. Default:"
                    + " Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP")
    private List<String> kubeletAddressTypes = List.of();

    @Option(
            names = "--kubelet-client-certificate",
            paramLabel = "FILE",
            description = "The certificate to show to the agents of nodes. Default: one that is made")
    private @Nullable Path kubeletClientCertificate;

    @Option(names = "--kubelet-client-key", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path kubeletClientKey;

    @Option(
            names = "--kubelet-certificate-authority",
            paramLabel = "FILE",
            description = "Whose certificates the agents of nodes may show. Default: anybody's")
    private @Nullable Path kubeletCertificateAuthority;

    @Option(
            names = "--kubelet-timeout",
            defaultValue = "5s",
            paramLabel = "DURATION",
            description = "How long it may take to connect to the agent of a node. Default: 5s")
    private String kubeletTimeout = "";

    @Option(
            names = "--max-connection-bytes-per-sec",
            defaultValue = "0",
            paramLabel = "BYTES",
            description =
                    "How many bytes a second go through a connection for exec, attach, port-forward or an upgraded"
                            + " proxy, in each direction; 0 for no bound. Default: 0")
    private long bytesPerSecondMax;

    @Option(
            names = "--proxy-client-cert-file",
            paramLabel = "FILE",
            description = "The certificate to show to aggregated API servers. Default: one that is made")
    private @Nullable Path proxyClientCertificate;

    @Option(names = "--proxy-client-key-file", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path proxyClientKey;

    @Option(
            names = "--enable-aggregator-routing",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description =
                    "Whether aggregated API servers and webhooks that are Services are reached at endpoints that are"
                            + " ready, and not at the cluster address. Default: false")
    private boolean aggregatorRouting;

    @Option(
            names = "--egress-selector-config-file",
            paramLabel = "FILE",
            description = "Through which proxies nodes, webhooks, aggregated API servers and the store are reached: an"
                    + " EgressSelectorConfiguration.")
    private @Nullable Path egressConfig;

    @Mixin
    private ServingFlags serving = new ServingFlags();

    @Mixin
    private Http2Flags http2 = new Http2Flags();

    ConnectionSettings settings() {
        return new ConnectionSettings(
                serving.settings(),
                http2.settings(),
                new KubeletSettings(
                        kubeletAddressTypes,
                        kubeletClientCertificate,
                        kubeletClientKey,
                        kubeletCertificateAuthority,
                        DurationText.of("--kubelet-timeout", kubeletTimeout),
                        bytesPerSecondMax),
                new AggregationSettings(proxyClientCertificate, proxyClientKey),
                aggregatorRouting,
                egressConfig);
    }
}
